"""`anogen run`: a chapter with the reader's own parameters, or its numbers and pictures."""

import io
import json
import os
import re
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from anogen.errors import InputError
from anogen.outputs import printable, write_output
from companion.commands.options import complete_chapter, jobs_option, scale_option

MAX_CSV_VALUES = 100_000  # of an array that is exported
# Meanings of parameters that several chapters share; a comment in the notebook's cell takes precedence.
MEANINGS = {
    "classes": "classes of the data set",
    "data": "data set, or your own array file",
    "dataset": "data set, or your own array file",
    "detector": "a detector of the catalogue, name or name:option=value",
    "detectors": "detectors of the catalogue, name or name:option=value",
    "digit": "the normal class",
    "generations": "generations of the evolutionary search",
    "iterations": "training iterations",
    "k": "share of fixed pixels, 0 to 1",
    "normal": "the normal class",
    "pairs": "pairs of images and masks with fixed pixels",
    "population": "population size of the evolutionary search",
    "scale": "quick, laptop or paper",
    "seed": "seed of all random numbers",
    "starts": "independent runs of the search",
    "stops": "generations at which images are kept",
    "trainings": "detectors trained with different seeds",
}


@click.command(add_help_option=False)
@click.argument("chapter", required=False, shell_complete=complete_chapter)
@click.option("-p", "pairs", metavar="NAME=VALUE", multiple=True, help="A parameter of the chapter; may be repeated.")
@scale_option
@jobs_option
@click.option("--restart", is_flag=True, help="Discard the state of interrupted computations.")
@click.option("--html", is_flag=True, help="Also write a page next to the notebook.")
@click.option("-o", "output", type=Path, metavar="PATH", help="Notebook or folder to write (default: CHAPTER.ipynb).")
@click.option(
    "--format", "format_", type=click.Choice(["csv", "svg", "pdf"]),
    help="Write the numbers (csv) or the figures (svg, pdf) into the folder PATH instead of a notebook.",
)  # fmt: skip
@click.option("--help", "show_help", is_flag=True, help="Show this message, or the parameters of CHAPTER.")
@click.pass_context
def run(
    ctx: click.Context, chapter: str | None, pairs: tuple[str, ...], scale: str, jobs: int, restart: bool, html: bool,
    output: Path | None, format_: str | None, show_help: bool,
) -> None:  # fmt: skip
    """Execute a chapter with your own parameters; without CHAPTER list the chapters."""
    from companion.chapters import chapters

    if chapter is None:
        click.echo(ctx.get_help() if show_help else "\n".join(f"{n:20} {c.title}" for n, c in chapters().items()))
        return
    if show_help:
        click.echo("\n".join(_describe_parameters(chapter)))
        return
    from anogen.progress import Bar
    from companion import records
    from companion.chapters import chapter_experiments
    from companion.site.execute import execute
    from companion.site.parameters import check
    from companion.site.standalone import page

    sys.path.insert(0, str(Path.cwd()))  # a detector of the user's own, here and in the notebook's kernel
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))
    parameters = check(chapter, _assignments(pairs), scale)
    experiments = chapter_experiments(chapter, **parameters)
    target = _target(chapter, output, html, format_)
    # Records are computed here, where a terminal shows the progress; the notebook then finds all of them.
    with Bar() as bar:
        computed = {role: records.get(e, jobs=jobs, restart=restart, report=bar) for role, e in experiments.items()}
    if not format_:
        click.echo(or_exit(execute, chapter, parameters, target))
        if html:
            click.echo(or_exit(page, target))
        return
    if format_ == "csv":
        _write_csv(computed, target.parent)
    else:
        with TemporaryDirectory(prefix="anogen-run-") as folder:
            os.environ["ANOGEN_EXPORT"] = f"{format_}:{folder}"  # read by companion.notebook
            try:
                or_exit(execute, chapter, parameters, Path(folder) / target.name)
            finally:
                del os.environ["ANOGEN_EXPORT"]
            for figure in sorted(Path(folder).glob(f"*.{format_}")):
                write_output(target.parent / figure.name, figure.read_bytes())
    click.echo(target.parent)


def _assignments(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the values of -p NAME=VALUE by name."""
    given: dict[str, str] = {}
    for pair in pairs:
        name, assigned, value = pair.partition("=")
        if not assigned:
            raise InputError(f"-p {pair} is not an assignment: write -p name=value")
        if name.strip() in given:
            raise InputError(f"-p {name.strip()} is given twice: give it once")
        given[name.strip()] = value
    return given


def _target(chapter: str, output: Path | None, html: bool, format_: str | None) -> Path:
    """Return the notebook to write; raise `InputError` if it, its page or its folder cannot be written."""
    from companion.site.execute import make_folder, writable

    target = output or Path()
    if format_ or target.is_dir():
        target = target / f"{chapter}.ipynb"
    if format_:
        make_folder(target.parent)
        return target
    writable(target)
    if html and target.suffix == ".html":
        raise InputError(f"-o {target} would be the notebook and the page: give a name that ends in .ipynb")
    if html:
        writable(target.with_suffix(".html"))
    return target


def _describe_parameters(chapter: str) -> Iterator[str]:
    """Yield a line for each parameter of a chapter: its name, default, type and meaning."""
    from companion.chapters import chapter as find_chapter
    from companion.site.parameters import parameters

    found = find_chapter(chapter)
    cell = re.search(r'tags=\["parameters"\]\n(.*?)(?=\n# %%|\Z)', found.notebook.read_text("utf8"), re.DOTALL)
    meanings = MEANINGS | (_comments(cell[1]) if cell else {})
    yield f"Usage: anogen run {chapter} [-p NAME=VALUE]...\n\n{found.title}\n"
    for name, default in parameters(chapter).items():
        item = (default or [""])[0] if isinstance(default, list) else default
        kind = f"{'list of ' * isinstance(default, list)}{type(item).__name__}"
        yield f"  {name:14} {kind:12} {meanings.get(name, '')}".rstrip()
        yield f"  {'':14} default: {json.dumps(default)}"


def _comments(source: str) -> dict[str, str]:
    """Return the comment at the end of each assignment `name = literal`, by name."""
    found, name = {}, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.start[1] == 0:
            name = token.string
        if token.type == tokenize.COMMENT and token.start[1] > 0 and not token.string.startswith("# fmt:"):
            found[name] = token.string.lstrip("# ")
    return found


def _write_csv(records: Mapping[str, Any], folder: Path) -> None:
    """Write each array of at most two dimensions and `MAX_CSV_VALUES` values as ROLE-ARRAY.csv."""
    import numpy as np

    for role, record in records.items():
        for key, array in record.arrays.items():
            if array.ndim <= 2 and array.size <= MAX_CSV_VALUES:
                form = {"f": "%.17g", "U": "%s"}.get(array.dtype.kind, "%d")
                text = io.StringIO()
                np.savetxt(text, np.atleast_1d(array), form, delimiter=",")
                write_output(folder / f"{role}-{key}.csv".replace("/", "-"), text.getvalue().encode())


def or_exit(make: Callable[..., Path], *arguments: Any, **options: Any) -> Path:
    """Make a page; if a cell or the site fails, exit with its message instead of a traceback."""
    try:
        return make(*arguments, **options)
    except RuntimeError as error:
        raise SystemExit(f"anogen: {printable(str(error))}") from None

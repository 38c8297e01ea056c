"""The commands on the book, which `anogen` takes over in a clone: run, build, records, status, where."""

import io
import json
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from anogen.errors import InputError
from anogen.outputs import printable, write_output
from anogen.paths import require_checkout

FINDINGS = 1
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

scale_option = click.option("--scale", default="laptop", show_default=True, help="quick, laptop or paper.")


def _positive(_ctx: click.Context, _parameter: click.Parameter, value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is not a number of processes: give 1 or more")
    return int(value)


jobs_option = click.option(
    "--jobs", default="1", metavar="N", callback=_positive, help="Number of processes; the results are the same."
)


def _complete_chapter(_ctx: click.Context, _parameter: click.Parameter, start: str) -> list[str]:
    from companion.chapters import chapters

    return [name for name in chapters() if name.startswith(start)]


@click.command(add_help_option=False)
@click.argument("chapter", required=False, shell_complete=_complete_chapter)
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
        click.echo(_or_exit(execute, chapter, parameters, target))
        if html:
            click.echo(_or_exit(page, target))
        return
    if format_ == "csv":
        _write_csv(computed, target.parent)
    else:
        with TemporaryDirectory(prefix="anogen-run-") as folder:
            os.environ["ANOGEN_EXPORT"] = f"{format_}:{folder}"  # read by companion.notebook
            try:
                _or_exit(execute, chapter, parameters, Path(folder) / target.name)
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


def _or_exit(make: Callable[..., Path], *arguments: Any, **options: Any) -> Path:
    """Make a page; if a cell or the site fails, exit with its message instead of a traceback."""
    try:
        return make(*arguments, **options)
    except RuntimeError as error:
        raise SystemExit(f"anogen: {printable(str(error))}") from None


@click.command()
@click.argument("names", nargs=-1, metavar="[CHAPTER]...", shell_complete=_complete_chapter)
@scale_option
@click.option(
    "--sphinx", type=Path, metavar="PYTHON", help="Build with this environment's Sphinx, without jupyter-book."
)
def build(names: tuple[str, ...], scale: str, sphinx: Path | None) -> None:
    """Execute the chapters that have changed, of all or of the given ones, and build the book."""
    from companion.site.build import build as build_site

    click.echo(f"open {_or_exit(build_site, scale, names, sphinx=sphinx, report=click.echo)}")


@click.group()
def records() -> None:
    """List, compute or verify the book's records."""


@records.command("list")
def list_records() -> int:
    """List the book's records and the state of each; exit status 1 if one is not ok."""
    from companion.records import verify

    rows = list(verify.rows(verify.book()))
    for row in rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
        click.echo(f"{row.state:8} {row.scale:7} {seconds:>8} {row.size / 1e3:7.0f} kB  {row.id}  {row.why}".rstrip())
    bad = sum(row.state != "ok" for row in rows)
    click.echo(f"{len(rows)} records, {bad} of them not ok, {sum(row.size for row in rows) / 1e6:.1f} MB")
    return FINDINGS if bad else 0


@records.command("compute")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--chapter", help="Only the records of this chapter.")
@click.option("--restart", is_flag=True, help="Discard the state of interrupted computations.")
@click.option("--dry-run", is_flag=True, help="Only print the predicted minutes of each.")
@jobs_option
@click.option("--dask", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler.")
def compute_records(
    names: tuple[str, ...], chapter: str | None, restart: bool, dry_run: bool, jobs: int, dask: str | None
) -> None:
    """Compute missing and stale records (NAME: a record or an experiment); interrupted computations resume."""
    from anogen.progress import Bar
    from companion.records import compute, store, verify
    from companion.records import workers as executors

    if dask and jobs > 1:
        raise click.UsageError("--jobs and --dask exclude each other: choose one")
    known = verify.select(list(names), chapter)
    todo = {row.id: known[row.id] for row in verify.rows(known) if row.state != "ok" or restart}
    if dry_run:
        for id_, experiment in todo.items():
            click.echo(f"{verify.predicted_seconds(experiment) / 60:7.1f} min  {id_}")
        return
    with nullcontext() if dask is None else executors.connect(dask) as workers, Bar() as bar:
        if workers and not workers.n_connected:
            click.echo("anogen: the cluster has no worker yet: waiting for one", err=True)
        options: dict[str, Any] = {"jobs": jobs, "workers": workers, "restart": restart, "report": bar}
        for experiment in todo.values():
            compute(experiment, folder=store.committed_folder(), **options)
    click.echo(f"{len(todo)} records computed, {len(known) - len(todo)} were there")


@records.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--witnesses", is_flag=True, help="Recompute the small witnesses instead of the records.")
@click.option("--restamp", is_flag=True, help="Accept today's code for records whose witness agrees.")
@click.option("--random", "pick", is_flag=True, help="Only one record, at random from those of under a minute.")
def verify_records(names: tuple[str, ...], witnesses: bool, restamp: bool, pick: bool) -> int:
    """Recompute records (NAME: a record or an experiment) and compare; exit status 1 if one differs or is missing."""
    from companion.records import machine, store, verify

    if (witnesses or restamp) and not machine.has_fixed_instructions():
        given = {"--witnesses": witnesses, "--restamp": restamp, "--random": pick}
        options = [name for name, value in given.items() if value]
        command = [sys.executable, "-m", "anogen", "records", "verify", *names, *options]
        return subprocess.run(command, env=os.environ | machine.FIXED_INSTRUCTIONS, check=False).returncode
    chosen = verify.select(list(names))
    if pick:
        chosen = verify.draw(chosen)
    check = verify.restamp if restamp else verify.check_witness if witnesses else verify.check_record
    missing, differ = 0, 0
    for number, experiment in enumerate(chosen.values(), start=1):
        if store.find_committed(experiment):
            result = check(experiment)
            differ += not result.agrees
            line = f"{'agrees ' if result.agrees else 'DIFFERS'} {result.id} ({result.how})"
        else:
            missing += 1
            line = f"MISSING {experiment.id}"
        click.echo(f"[{number}/{len(chosen)}] {line}")
    click.echo(f"{len(chosen) - missing} checked, {differ} differ, {missing} are missing")
    return FINDINGS if differ or missing else 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show the status of every figure, table and claim."""
    from companion.site.status import built_figures
    from companion.site.status import status as status_of

    pages = require_checkout() / "_build" / "html"
    states = status_of(built_figures(pages))
    if as_json:
        click.echo(json.dumps(states, indent=1))
        return
    if not pages.is_dir():
        click.echo("the book is not built, so no figure counts as done: make book")
    for kind in ("figures", "tables"):
        done = [row["id"] for row in states[kind] if row["state"] == "done"]
        click.echo(f"{kind}: {len(done)} of {len(states[kind])} done: {', '.join(done)}")
    for verdict in ("reproduced", "contradicted", "undecided", "untested", None):
        ids = [row["id"] for row in states["claims"] if row["verdict"] == verdict]
        click.echo(f"claims {verdict or 'without a verdict'}: {len(ids)}" + (f": {', '.join(ids)}" if verdict else ""))


@click.command()
@click.argument("id_", metavar="ID")
def where(id_: str) -> None:
    """Print the files and lines behind a figure, table or claim, such as thesis-fig-6.17."""
    from companion.site.where import locate

    for kind, name, path, line in locate(id_):
        click.echo(f"{kind:10} {path}:{line}  {name}")


def available_data() -> list[Any]:
    """Return further lines of `anogen data list`."""
    from companion.datasets import adbench

    return [adbench.available()]


def fetch_data(name: str) -> Any:
    """Fetch a data set that only the book uses; None for another name."""
    from companion.datasets import adbench

    return adbench.dataset_info(name) if name.partition("/")[0] == adbench.NAME else None


def searches(score: Any, scorer: Any) -> Any:
    """Return the searches of other libraries for `anogen bench`."""
    from companion.benchmark import libraries

    return libraries.searches(score, scorer)


def write_benchmark(result: dict[str, Any]) -> Path:
    """Write the times of `anogen bench --record`, and return the file."""
    from companion.benchmark import files

    return files.write(result)


COMMANDS = {"run": run, "build": build, "records": records, "status": status, "where": where}

"""The commands on the book, which `anogen` takes over in a clone: run, build, records, status, where."""

import json
from pathlib import Path
from typing import Any

import click

from anogen.paths import require_checkout
from companion.commands.options import complete_chapter, scale_option
from companion.commands.records import records
from companion.commands.run import or_exit, run


@click.command()
@click.argument("names", nargs=-1, metavar="[CHAPTER]...", shell_complete=complete_chapter)
@scale_option
@click.option(
    "--sphinx", type=Path, metavar="PYTHON", help="Build with this environment's Sphinx, without jupyter-book."
)
def build(names: tuple[str, ...], scale: str, sphinx: Path | None) -> None:
    """Execute the chapters that have changed, of all or of the given ones, and build the book."""
    from companion.site.build import build as build_site

    click.echo(f"open {or_exit(build_site, scale, names, sphinx=sphinx, report=click.echo)}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show the status of every figure, table and claim."""
    from companion.claims.decision import OWN_VERDICTS, VERDICTS
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
        shown = [row["id"] for row in states[kind] if row["state"] != "missing"]
        partial = [row["id"] for row in states[kind] if row["state"] == "partial"]
        note = f" ({len(partial)} of them in part: {', '.join(partial)})" if partial else ""
        click.echo(f"{kind}: {len(shown)} of {len(states[kind])} done{note}: {', '.join(shown)}")
    for kind, verdicts in (("claims", VERDICTS), ("own_claims", OWN_VERDICTS)):
        for verdict in (*verdicts, None):
            ids = [row["id"] for row in states[kind] if row["verdict"] == verdict]
            words = f"{kind.replace('_', ' ')} {verdict or 'without a verdict'}: {len(ids)}"
            click.echo(words + (f": {', '.join(ids)}" if verdict else ""))


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

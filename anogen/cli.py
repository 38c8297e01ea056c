"""The `anogen` command: audits, data sets and benchmarks; in a clone of the project also the commands on the book."""

import importlib
import importlib.util
import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click

import anogen
from anogen import paths
from anogen.errors import InputError, require
from anogen.outputs import check_output, printable, write_output

FINDINGS, BAD_INPUT, INTERRUPTED = 1, 2, 130  # exit statuses; 0 if all is well
SEARCH_SECONDS = 30.0  # default with --html
MAX_SECONDS = 1_000_000  # about two weeks
BOOK_COMMANDS = {
    "run": "Execute a chapter with your own parameters.",
    "build": "Execute all chapters and build the book.",
    "records": "List, compute or verify the book's records.",
    "status": "Show the status of every figure, table and claim.",
    "where": "Print the files and lines behind a figure, table or claim.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status: 0 success, 1 findings or failure, 2 bad input, 130 interrupted."""
    try:
        return cli.main(arguments, prog_name="anogen", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message)
        return 0
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "anogen"
        return _fail(f"{error.format_message().rstrip('.')}; see {path} --help")
    except InputError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "anogen").partition(".")[0] in {"anogen", "companion", "notebooks"}:
            raise
        return _fail(f"this command needs the package {error.name}: in a clone, pip install -e '.[book]'")
    except (KeyboardInterrupt, click.Abort):  # the latter is a RuntimeError
        return _fail("interrupted; finished work is kept: the same command resumes it", INTERRUPTED)
    except (OSError, MemoryError) as error:
        return _fail(f"{str(error) or type(error).__name__}; nothing that was finished is lost", FINDINGS)
    except RuntimeError as error:
        if "allocate memory" not in str(error):  # PyTorch's way to say that the memory is full
            raise
        return _fail("the memory is full: give smaller numbers; nothing that was finished is lost", FINDINGS)


def _fail(message: str, status: int = BAD_INPUT) -> int:
    click.echo(f"anogen: {printable(message)}", err=True)
    return status


def book() -> ModuleType | None:
    """Import the commands on the book; None without a clone of the project."""
    if paths.checkout() is None or importlib.util.find_spec("companion") is None:
        return None
    return importlib.import_module("companion.cli")


class _Commands(click.Group):
    """The library's commands, and the book's, which exist without a clone only to say that they need one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *BOOK_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in BOOK_COMMANDS:
            return super().get_command(ctx, cmd_name)
        commands = book()
        if commands is not None:
            return commands.COMMANDS[cmd_name]

        def refuse(_words: tuple[str, ...]) -> None:
            raise InputError(paths.NEEDS_CLONE)

        words = click.Argument(["_words"], nargs=-1, type=click.UNPROCESSED)
        settings = {"ignore_unknown_options": True}
        return click.Command(cmd_name, settings, refuse, [words], help=f"{BOOK_COMMANDS[cmd_name]} Needs a clone.")


@click.group(cls=_Commands, help=(anogen.__doc__ or "").partition("\n")[0])
@click.version_option(anogen.__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Group the commands."""


cli.epilog = 'Shell completion: eval "$(_ANOGEN_COMPLETE=bash_source anogen)", or zsh_source, fish_source.'


@cli.command()
@click.option(
    "--detector", required=True, metavar="MODULE:NAME", help="A class, a factory, a function or a fitted detector."
)
@click.option("--data", required=True, type=Path, metavar="FILE", help="Rows as .npz, .npy, .csv or .parquet.")
@click.option("--label", metavar="COLUMN", help="Column or array of labels (default: y, label, class or target).")
@click.option("--normal", metavar="LABEL", help="Label of the normal rows; without it all rows are normal.")
@click.option("--shape", default="auto", metavar="HxW", help="Image shape, such as 28x28; none for a table.")
@click.option(
    "--orientation", metavar="WORD", help="Rows with larger scores: anomalous or normal (default: by library)."
)
@click.option(
    "--seconds",
    default=60.0,
    metavar="S",
    show_default=True,
    help="Time limit, without that of --draw. The audit is ended 30 s later at the latest.",
)
@click.option("--draw", type=float, metavar="S", help="Seconds of generating rows (default: 0; with --html 30).")
@click.option("--seed", default=0, metavar="N", help="Seed of everything random.", show_default=True)
@click.option("--html", type=Path, metavar="PATH", help="Write a page with pictures.")
@click.option("--sarif", type=Path, metavar="PATH", help="Write the faults as SARIF, for CI services.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def audit(
    detector: str, data: Path, label: str | None, normal: str | None, shape: str, orientation: Any, seconds: float,
    draw: float | None, seed: int, html: Path | None, sarif: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Check a detector for six faults.

    It is checked whether the detector is untrained, constant, random, batch-dependent, blind to constant features, or
    prefers noise. MODULE is imported in a process of its own, which runs its code; no other part of the path is
    evaluated. --html and --sarif replace only files that anogen wrote. Exit status: 0 passed, 1 findings, 2 bad input
    or no result.
    """
    from anogen.auditing.process import audit_in_process
    from anogen.progress import Bar

    draw = draw if draw is not None else SEARCH_SECONDS if html else 0.0
    for option, value in (("--seconds", seconds), ("--draw", draw)):
        require(0 <= value <= MAX_SECONDS, f"{option} {value} is not a time limit: give 0 to {MAX_SECONDS:,} seconds")
    for target in filter(None, (html, sarif)):
        check_output(target)
    words = ["anogen", "audit", "--detector", detector, "--data", data.name]
    for option, text in (("--label", label), ("--normal", normal)):
        words += [option, text] if text is not None else []
    with Bar() as bar:
        report = audit_in_process(
            detector, data, label, shlex.join(words) if html else None, seconds + draw, bar, normal_label=normal,
            image_shape=_shape(shape), orientation=orientation, max_seconds=seconds, search_seconds=draw,
            random_state=seed,
        )  # fmt: skip
    click.echo(report["json"] if as_json else report["text"])
    for path, content in ((html, report["html"]), (sarif, report["sarif"])):
        if path:
            click.echo(write_output(path, content.encode()), err=True)
    return 0 if report["passed"] else FINDINGS


def _shape(text: str) -> tuple[int, ...] | str | None:
    """Return the shape that is written HxW, "auto" or None."""
    if text in ("auto", "none"):
        return "auto" if text == "auto" else None
    parts = text.lower().split("x")
    valid = all(part.isdecimal() and int(part) > 0 for part in parts)
    require(valid, f"shape {text!r} is not of the form HxW: write it like 28x28 or 32x32x3, or none for a table")
    return tuple(map(int, parts))


@cli.group()
def data() -> None:
    """List the data sets, or fetch one into the cache."""


@data.command("list")
def list_data() -> None:
    """List the data sets and their sources."""
    from anogen import datasets

    commands = book()
    rows = [*datasets.available(), *(commands.available_data() if commands else [])]
    widths = [max(len(str(row[i])) for row in rows) for i in range(3)]
    for row in rows:
        click.echo("  ".join([*(str(row[i]).ljust(widths[i]) for i in range(3)), row[3]]))


@data.command()
@click.argument("name")
def fetch(name: str) -> None:
    """Download a data set into the cache and verify its checksum."""
    from anogen import datasets

    commands = book()
    fetched = (commands.fetch_data(name) if commands else None) or datasets.fetch(name)
    click.echo(fetched.provenance)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quick", is_flag=True, help="Measure on small data, within a minute.")
@click.option("--record", is_flag=True, help="Keep the result for the book's page; needs a clone.")
def bench(as_json: bool, quick: bool, record: bool) -> None:
    """Time scorers and search on this computer; in a clone, compared with other libraries."""
    from anogen.bench.benchmark import FULL, QUICK, benchmark
    from anogen.bench.report import tables
    from anogen.progress import Bar

    commands = book()
    require(not record or commands is not None, paths.NEEDS_CLONE)
    require(not (record and quick), "--quick measures data that the book does not show: leave it out with --record")
    with Bar() as bar:
        result = benchmark(QUICK if quick else FULL, bar, commands.searches if commands else None)
    click.echo(json.dumps(result, indent=1, ensure_ascii=False) if as_json else tables(result))
    if record and commands:
        click.echo(commands.write_benchmark(result), err=as_json)

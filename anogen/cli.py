"""The `anogen` command: audits, data sets and benchmarks; in a clone of the project also the commands on the book."""

import importlib
import importlib.util
import json
from collections.abc import Sequence
from types import ModuleType

import click

import anogen
from anogen import paths
from anogen.audit_command import audit
from anogen.errors import InputError, require
from anogen.outputs import printable

FINDINGS, BAD_INPUT, INTERRUPTED = 1, 2, 130  # exit statuses; 0 if all is well
BOOK_COMMANDS = {
    "run": "Execute a chapter with your own parameters.",
    "build": "Execute all chapters and build the book.",
    "records": "List, compute or verify the book's records.",
    "status": "Show the status of every figure, table and claim.",
    "where": "Print the files and lines behind a figure, table or claim.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status.

    It is 0 for success, 1 for findings or a failure, 2 for bad input, 3 for an audit that is not sufficient, and 130
    if interrupted.
    """
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


cli.add_command(audit)


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

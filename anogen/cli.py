"""The `anogen` command: a thin layer over the package."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn

import anogen
from anogen.auditing import command as cli_audit
from anogen.errors import InputError

FINDINGS = 1
BAD_INPUT = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status: 0 fine, 1 findings or failure, 2 bad input, 130 interrupted."""
    try:
        given = _parser().parse_args(arguments)
        return given.command(given)
    except InputError as error:
        print(f"anogen: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nanogen: interrupted; what was computed is kept: the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


class _Parser(argparse.ArgumentParser):
    """Answers a wrong call as any other bad input: in one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="anogen", description=anogen.__doc__)
    parser.add_argument("--version", action="version", version=f"anogen {anogen.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    data = commands.add_parser("data", help="list the data sets, or fetch one into the cache")
    of_data = data.add_subparsers(required=True, metavar="list|fetch")
    of_data.add_parser("list", help="list the data sets and where each would come from").set_defaults(
        command=_data_list
    )
    fetch = of_data.add_parser("fetch", help="put a data set into the cache, verified by checksum")
    fetch.add_argument("name")
    fetch.set_defaults(command=_data_fetch)

    run = commands.add_parser("run", help="execute a chapter with your own parameters")
    run.add_argument("chapter")
    pairs = run.add_argument("-p", dest="parameters", metavar="NAME=VALUE", action="append", default=[])
    pairs.help = "a parameter of the chapter; may be repeated"
    _add_scale(run)
    _add_jobs(run)
    run.add_argument("--html", action="store_true", help="write a page beside the notebook")
    run.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="PATH",
        help="the notebook to write, or a folder (default: CHAPTER.ipynb)",
    )
    run.set_defaults(command=_run)

    build = commands.add_parser("build", help="execute all chapters and build the book")
    _add_scale(build)
    build.set_defaults(command=_build)

    cli_audit.add(commands)

    records = commands.add_parser("records", help="list, compute or verify the book's records")
    of_records = records.add_subparsers(required=True, metavar="list|compute|verify")
    listing = of_records.add_parser("list", help="list the book's records and the state of each")
    listing.set_defaults(command=_records_list)
    compute = of_records.add_parser(
        "compute", help="compute what is missing or stale; an interrupted computation goes on"
    )
    compute.add_argument("names", nargs="*", metavar="NAME", help="records or experiments (default: all of the book)")
    compute.add_argument("--chapter", help="only the records of this chapter")
    compute.add_argument("--restart", action="store_true", help="discard what an interrupted computation has left")
    compute.add_argument("--dry-run", action="store_true", help="only print the predicted minutes of each")
    who = compute.add_mutually_exclusive_group()
    _add_jobs(who)
    who.add_argument("--dask", metavar="ADDRESS", help="compute on the Dask cluster whose scheduler is there")
    compute.set_defaults(command=_records_compute)
    verify = of_records.add_parser("verify", help="recompute records and compare")
    verify.add_argument("names", nargs="*", metavar="NAME", help="records or experiments (default: all of the book)")
    verify.add_argument("--witnesses", action="store_true", help="recompute the small witnesses instead of the records")
    verify.add_argument("--restamp", action="store_true", help="accept today's code where the witness agrees")
    verify.add_argument("--random", action="store_true", help="only one record, drawn from those of under a minute")
    verify.set_defaults(command=_records_verify)

    bench = commands.add_parser("bench", help="time scorers and engine on this machine, beside what others would use")
    bench.add_argument("--json", action="store_true", help="as JSON")
    bench.add_argument("--quick", action="store_true", help="within a minute, on small data")
    bench.add_argument("--record", action="store_true", help="keep the result for the book's page")
    bench.set_defaults(command=_bench)

    status = commands.add_parser("status", help="say of every figure, table and claim of the sources what became of it")
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(command=_status)
    return parser


def _add_scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scale", default="laptop", help="quick, laptop (default) or paper")


def _add_jobs(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="number of processes; the results are the same"
    )


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give 1 or more")
    return int(text)


def _data_list(_given: argparse.Namespace) -> int:
    from anogen import datasets
    from companion.datasets import adbench

    rows = [*datasets.available(), datasets.Available(*adbench.available())]
    widths = [max(len(str(row[i])) for row in rows) for i in range(3)]
    for row in rows:
        print("  ".join([*(str(row[i]).ljust(widths[i]) for i in range(3)), row[3]]))
    return 0


def _data_fetch(given: argparse.Namespace) -> int:
    from anogen import datasets
    from companion.datasets import adbench

    name, *_ = given.name.split("/")
    print((adbench.stated(given.name) if name == adbench.NAME else datasets.fetch(given.name)).provenance)
    return 0


def _run(given: argparse.Namespace) -> int:
    from anogen.paths import require_checkout
    from anogen.progress import Bar
    from companion import records
    from companion.chapters import chapter_experiments
    from companion.site.build import page
    from companion.site.execute import check, execute, writable

    require_checkout()
    parameters = check(given.chapter, _assignments(given.parameters), given.scale)
    wanted = chapter_experiments(given.chapter, **parameters)
    target = given.output or Path()
    target = target / f"{given.chapter}.ipynb" if target.is_dir() else target
    writable(target)
    # Computed here, where there is a terminal to show progress; the notebook then finds every record.
    with Bar() as bar:
        for experiment in wanted.values():
            records.get(experiment, jobs=given.jobs, report=bar)
    written = _made(execute, given.chapter, parameters, target)
    print(written)
    if given.html:
        print(_made(page, written))
    return 0


def _assignments(texts: Sequence[str]) -> dict[str, object]:
    """Split each `name=value`."""
    for text in texts:
        if "=" not in text:
            raise InputError(f"-p {text} is no parameter: write -p name=value")
    return {name.strip(): value for name, _, value in (text.partition("=") for text in texts)}


def _made(make: Callable[..., Path], *arguments: Any, **options: Any) -> Path:
    """Make a page; that a cell or the site failed is told in its own words, without the way through this program."""
    try:
        return make(*arguments, **options)
    except RuntimeError as error:
        raise SystemExit(f"anogen: {error}") from None


def _build(given: argparse.Namespace) -> int:
    from companion.site.build import build

    print(f"open {_made(build, given.scale, report=_say)}")
    return 0


def _records_list(_given: argparse.Namespace) -> int:
    from anogen.paths import require_checkout
    from companion.records import verify

    require_checkout()
    rows = list(verify.rows(verify.book()))
    for row in rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
        print(f"{row.state:8} {row.scale:7} {seconds:>8} {row.size / 1e3:7.0f} kB  {row.id}  {row.why}".rstrip())
    total = sum(row.size for row in rows)
    bad = [row for row in rows if row.state != "ok"]
    print(f"{len(rows)} records, {len(bad)} of them not ok, {total / 1e6:.1f} MB")
    return FINDINGS if bad else 0


def _records_compute(given: argparse.Namespace) -> int:
    from anogen.paths import require_checkout
    from anogen.progress import Bar
    from companion import records
    from companion.records import cluster, store, verify

    require_checkout()
    known = verify.select(given.names, given.chapter)
    todo = {row.id: known[row.id] for row in verify.rows(known) if row.state != "ok" or given.restart}
    if given.dry_run:
        for id_, experiment in todo.items():
            print(f"{verify.predicted_seconds(experiment) / 60:7.1f} min  {id_}")
        return 0
    folder = store.committed_folder()
    with nullcontext() if given.dask is None else cluster.connect(given.dask) as workers, Bar() as bar:
        if workers and not workers.there:
            print("anogen: the cluster has no worker yet: waiting for one", file=sys.stderr)
        for experiment in todo.values():
            records.compute(
                experiment, folder=folder, jobs=given.jobs, workers=workers, restart=given.restart, report=bar
            )
    print(f"{len(todo)} records computed, {len(known) - len(todo)} were there")
    return 0


def _records_verify(given: argparse.Namespace) -> int:
    from anogen.paths import require_checkout
    from companion.records import store, verify

    require_checkout()
    chosen = verify.select(given.names)
    if given.random:
        chosen = verify.draw(chosen)
    check: Callable[[Any], verify.Check] = verify.check_record
    if given.restamp:
        check = verify.restamp
    elif given.witnesses:
        check = verify.check_witness
    missing, results = 0, []
    for experiment in chosen.values():
        if not store.find_committed(experiment):
            missing += 1
            _say(f"MISSING {experiment.id}")
            continue
        results.append(check(experiment))
        _say(f"{'agrees ' if results[-1].agrees else 'DIFFERS'} {results[-1].id} ({results[-1].how})")
    differ = sum(not result.agrees for result in results)
    print(f"{len(results)} checked, {differ} differ, {missing} are missing")
    return FINDINGS if differ or missing else 0


def _bench(given: argparse.Namespace) -> int:
    from anogen.bench.command import answer
    from anogen.progress import Bar

    with Bar() as bar:
        print(answer(as_json=given.json, quick=given.quick, keep=given.record, report=bar))
    return 0


def _status(given: argparse.Namespace) -> int:
    from anogen.paths import require_checkout
    from companion.claims.status import status
    from companion.site.site_parser import built_figures

    pages = require_checkout() / "_build" / "html"
    found = status(built_figures(pages) if pages.is_dir() else {})
    if given.json:
        print(json.dumps(found, indent=1))
        return 0
    if not pages.is_dir():
        print("the book is not built, so no figure counts as done: make book")
    for kind in ("figures", "tables"):
        done = [row["id"] for row in found[kind] if row["state"] == "done"]
        print(f"{kind}: {len(done)} of {len(found[kind])} done: {', '.join(done)}")
    for verdict in ("reproduced", "contradicted", "undecided", "untested", None):
        ids = [row["id"] for row in found["claims"] if row["verdict"] == verdict]
        print(f"claims {verdict or 'without a verdict'}: {len(ids)}" + (f": {', '.join(ids)}" if verdict else ""))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)

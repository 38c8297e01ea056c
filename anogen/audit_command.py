"""The command `anogen audit`, with `audit probes` and `audit scores`; its options may be in pyproject.toml."""

import json
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from anogen.errors import InputError, require
from anogen.outputs import check_output, write_output

STATUS = {"sound": 0, "findings": 1, "insufficient": 3}
SEARCH_SECONDS = 30.0  # default with --html
MAX_SECONDS = 1_000_000  # about two weeks
FORMATS = ("html", "sarif", "junit", "markdown")  # files that are written
CONFIG = "pyproject.toml"

Options = dict[str, Any]


def _configured(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Take the options that are not given from the table tool.anogen.audit of pyproject.toml."""
    if path is None and not Path(CONFIG).is_file():
        return
    try:
        table = tomllib.loads((path or Path(CONFIG)).read_text(encoding="utf8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path or CONFIG} cannot be read ({str(error).splitlines()[0]}): fix it") from None
    given = table.get("tool", {}).get("anogen", {}).get("audit", {})
    names = {name: p.name for command in (audit, *audit.commands.values()) for name, p in _options_of(command)}
    for key in given:
        require(key in names, f"{path or CONFIG}: tool.anogen.audit has no option {key!r}: it has {', '.join(names)}")
    own = {p.name for _, p in _options_of(ctx.command)}
    ctx.default_map = {names[key]: value for key, value in given.items() if names[key] in own}


def _options_of(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Yield the options that pyproject.toml may set, by name."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.expose_value:
            yield parameter.opts[0].removeprefix("--"), parameter


def _options(*first: Callable[[Any], Any], rest: tuple[Callable[[Any], Any], ...] = ()) -> Callable[[Any], Any]:
    """Add the `first` options, those that all commands have, and the `rest`."""
    shared = (
        click.option("--data", type=Path, metavar="FILE", help="Rows as .npz, .npy, .csv or .parquet."),
        click.option("--label", metavar="COLUMN", help="Column or array of labels (y, label, class or target)."),
        click.option("--normal", metavar="LABEL", help="Label of the normal rows; without it all rows are normal."),
        click.option(
            "--shape", default="auto", metavar="HxW",
            help="Image shape, such as 28x28; none for a table, signal for windows of a signal.",
        ),
        click.option("--window", type=int, metavar="W", help="Cut the data, one signal, into windows of W points."),
        click.option("--seed", default=0, metavar="N", help="Seed of everything random.", show_default=True),
        click.option(
            "--config", type=Path, metavar="FILE", is_eager=True, expose_value=False, callback=_configured,
            help="File whose table [tool.anogen.audit] has these options (default: pyproject.toml).",
        ),
    )  # fmt: skip

    def decorate(command: Any) -> Any:
        for option in reversed((*first, *shared, *rest)):
            command = option(command)
        return command

    return decorate


REPORTING = (
    click.option("--orientation", metavar="WORD", help="What larger scores mean: anomaly or normality (by library)."),
    click.option("--html", type=Path, metavar="PATH", help="Write a page with pictures."),
    click.option("--sarif", type=Path, metavar="PATH", help="Write the faults as SARIF, for code hosts."),
    click.option("--junit", type=Path, metavar="PATH", help="Write the findings as JUnit XML, for CI services."),
    click.option("--markdown", type=Path, metavar="PATH", help="Write a summary, for pull requests."),
    click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON."),
    click.option(
        "--fail-on", default="note", show_default=True, type=click.Choice(["note", "warning", "error", "never"]),
        help="Least severity of a finding for status 1; never: status 0 unless the input is bad.",
    ),
    click.option("--ignore", multiple=True, metavar="FINDING", help="Accept a finding, found or undecided."),
    click.option("--baseline", type=Path, metavar="FILE", help="Accept the findings in the JSON of an earlier audit."),
)  # fmt: skip


@click.group("audit", invoke_without_command=True, subcommand_metavar="[probes|scores]")
@_options(
    click.option("--detector", metavar="MODULE:NAME", help="Class, factory, function, fitted detector; or .onnx file."),
    rest=(
        click.option(
            "--seconds", default=60.0, metavar="S", show_default=True,
            help="Time limit, without that of --draw. The audit is ended 30 s later at the latest.",
        ),
        click.option("--draw", type=float, metavar="S", help="Seconds of generating rows (0; with --html 30)."),
        *REPORTING,
    ),
)  # fmt: skip
@click.pass_context
def audit(ctx: click.Context, /, **options: Any) -> int | None:
    """Check a detector for faults.

    The faults are those of a score: whether it is untrained, constant, random, upside down, dependent on the batch,
    fooled by noise, and others. The detector may be of PyOD, scikit-learn, river, aeon, DeepOD or PyTorch, a function,
    or an ONNX file; for any other language, write rows with "audit probes", score them, and run "audit scores".

    MODULE is imported in a process of its own, which runs its code; no other part of the path is evaluated. No file
    is unpickled. Reports replace only files that anogen wrote.

    Exit status: 0 sound, 1 findings, 2 bad input or no result, 3 insufficient: a serious fault could not be excluded.
    """
    if ctx.invoked_subcommand:
        return None
    from anogen.auditing.process import audit_in_process
    from anogen.progress import Bar

    _need(options, "detector", "data")
    draw = options["draw"] if options["draw"] is not None else SEARCH_SECONDS if options["html"] else 0.0
    for option, value in (("--seconds", options["seconds"]), ("--draw", draw)):
        require(0 <= value <= MAX_SECONDS, f"{option} {value} is not a time limit: give 0 to {MAX_SECONDS:,} seconds")
    rule = _rule(options)
    with Bar() as bar:
        report = audit_in_process(
            options["detector"], options["data"], options["label"], options["seconds"] + draw, bar,
            rule=rule, formats=[name for name in FORMATS if options[name]], window=options["window"],
            normal_label=options["normal"], image_shape=_shape(options), orientation=options["orientation"],
            max_seconds=options["seconds"], search_seconds=draw, random_state=options["seed"],
        )  # fmt: skip
    return _write(report, options)


@audit.command()
@click.argument("out", type=Path)
@_options()
def probes(out: Path, **options: Any) -> None:
    """Write the rows to score elsewhere, to OUT, a .csv or .npz file.

    The first column, or the array "row", names the rows; the others are those of the data. Score every row by itself,
    and write a file with columns "row" and "score" for "audit scores", with the same --data and --seed.
    """
    _need(options, "data")
    check_output(out)
    from anogen.auditing.scores import make_probes

    X, y = _read(options)
    made = make_probes(X, y, normal_label=options["normal"], image_shape=_shape(options), random_state=options["seed"])
    click.echo(f"{write_output(out, made.to_bytes(out.suffix.lower()))}: {len(made.names):,} rows to score")


@audit.command()
@click.argument("scores", type=Path)
@_options(click.option("--name", default="scores", metavar="NAME", help="Name of the detector."), rest=REPORTING)
def scores(scores: Path, name: str, **options: Any) -> int:
    """Audit the scores of the rows of "audit probes", in a .csv, .npz or .npy file.

    The file has a column (or array) "score" and, unless its rows are in the order of the probes, "row". What cannot be
    decided from scores of single rows is undecided: status 3, unless it is accepted with --ignore or --baseline.
    """
    _need(options, "data", "orientation")
    rule = _rule(options)
    from anogen.auditing.process import rendered
    from anogen.auditing.scores import audit_scores, read_scores

    X, y = _read(options)
    report = audit_scores(
        read_scores(scores), X, y, normal_label=options["normal"], image_shape=_shape(options), name=name,
        orientation=options["orientation"], random_state=options["seed"],
    )  # fmt: skip
    return _write(rendered(report.judge(**rule), [name for name in FORMATS if options[name]]), options)


def _need(options: Options, *names: str) -> None:
    missing = [f"--{name}" for name in names if options[name] is None]
    require(
        not missing, f"{' and '.join(missing)} missing: give it, or write it into {CONFIG}; see anogen audit --help"
    )


def _read(options: Options) -> tuple[Any, Any]:
    """Return the rows and labels of the data, cut into windows if asked."""
    from anogen.auditing.process import read_rows

    return read_rows(options["data"], options["label"], options["window"])


def _rule(options: Options) -> Options:
    """Check the outputs, and return the rule of the verdict, as the arguments of `AuditReport.judge`."""
    for name in FORMATS:
        if options[name]:
            check_output(options[name])
    accepted = dict.fromkeys(options["ignore"], "ignored")
    if baseline := options["baseline"]:
        try:
            known = json.loads(baseline.read_text(encoding="utf8"))["findings"]
            accepted |= {name: "in the baseline" for name, finding in known.items() if finding["passed"] is not True}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{baseline} is no baseline: save the output of an audit with --json") from None
    return {"fail_on": options["fail_on"], "accepted": accepted, "command": _command(click.get_current_context())}


def _command(ctx: click.Context) -> str:
    """Return the command line with the options that are not the defaults, and without the folders of files."""
    words = ["anogen", *ctx.command_path.split()[1:]]
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if value in (None, False, (), parameter.default) or parameter.name in FORMATS:
            continue
        for item in value if isinstance(value, tuple) else (value,):
            text = item.name if isinstance(item, Path) else str(item)
            words += [text] if isinstance(parameter, click.Argument) else [parameter.opts[0], text]
            words = words[:-1] if item is True else words
    return shlex.join(words)


def _write(report: Options, options: Options) -> int:
    """Print the findings and write the reports; return the exit status."""
    click.echo(report["json"] if options["as_json"] else report["text"])
    for name in FORMATS:
        if options[name]:
            click.echo(write_output(options[name], report[name].encode()), err=True)
    return 0 if options["fail_on"] == "never" else STATUS[report["verdict"]]


def _shape(options: Options) -> tuple[int, ...] | str | None:
    """Return the shape that is written HxW, "auto", "signal" or None."""
    text = "signal" if options["window"] else options["shape"]
    if text in ("auto", "signal", "none"):
        return None if text == "none" else text
    parts = text.lower().split("x")
    valid = all(part.isdecimal() and int(part) > 0 for part in parts)
    hint = "write it like 28x28 or 32x32x3, none for a table, or signal"
    require(valid, f"shape {text!r} is not of the form HxW: {hint}")
    return tuple(map(int, parts))

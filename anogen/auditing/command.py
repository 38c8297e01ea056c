"""The command `anogen audit`: a detector by its import path, data from a file, findings as text, JSON or a page."""

import argparse
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from anogen.errors import InputError

DRAWN = 30.0  # seconds of drawing for a page

ABOUT = """Find out whether a detector is untrained, constant, random, batch-dependent, blind to constant features, or
prefers noise. MODULE is imported, which runs its code; nothing else of the path is evaluated. Exit status: 0 sound,
1 findings, 2 bad input."""


def add(commands: Any) -> None:
    """Add the command to the others, with its options."""
    parser = commands.add_parser("audit", help="find out what is wrong with a detector of your own", description=ABOUT)
    parser.set_defaults(command=run)
    option = parser.add_argument
    option(
        "--detector",
        required=True,
        metavar="MODULE:NAME",
        help="a class, a factory of a fitted detector, or a fitted object",
    )
    option("--data", required=True, type=Path, metavar="FILE", help="rows as .npz, .npy, .csv or .parquet")
    option("--normal", metavar="LABEL", help="the label of the normal rows, if the file has labels")
    option(
        "--shape",
        default="auto",
        metavar="HxW",
        help="of an image, such as 28x28 or 32x32x3; none: a table (default: a guess)",
    )
    option(
        "--seconds",
        type=float,
        default=30.0,
        metavar="S",
        help="that telling whether it is untrained may take (default: 30)",
    )
    option(
        "--draw",
        type=float,
        metavar="S",
        help="seconds of drawing what it believes is normal (default: 0, with --html 30)",
    )
    option("--seed", type=int, default=0, metavar="N", help="of everything random (default: 0)")
    option("--html", type=Path, metavar="PATH", help="write a page with pictures")
    option("--json", action="store_true", help="print the findings as JSON")


def run(given: argparse.Namespace) -> int:
    """Audit, print, and return the exit status: 0 sound, 1 findings."""
    from anogen.auditing import audit, files, subject
    from anogen.progress import Bar

    shape = _shape(given.shape)
    if given.html is not None:
        from anogen.paths import require_checkout
        from companion.site.execute import writable

        require_checkout()
        writable(given.html.absolute())
    draw = given.draw if given.draw is not None else DRAWN if given.html is not None else 0.0
    held = files.read(given.data)
    # Whatever a detector prints must not be mixed with the findings.
    with redirect_stdout(sys.stderr), subject.here(), Bar() as bar:
        found = audit(
            subject.named(given.detector), held.X, held.y, normal=given.normal, shape=shape,
            seconds=given.seconds, draw=draw, seed=given.seed, name=given.detector, report=bar,
        )  # fmt: skip
    print(found.json() if given.json else found.text())
    if given.html is not None:
        from companion.site.report import report

        words = ["anogen", "audit", "--detector", given.detector, "--data", given.data.name]
        words += ["--normal", given.normal] if given.normal is not None else []
        print(report(found, given.html, shlex.join(words)), file=sys.stderr)
    return 0 if found.sound else 1


def _shape(text: str) -> tuple[int, ...] | str | None:
    """Return the shape that is written HxW, "auto" or None."""
    if text in ("auto", "none"):
        return "auto" if text == "auto" else None
    parts = text.lower().split("x")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise InputError(f"shape {text!r} is none: write it like 28x28 or 32x32x3, or none for a table")
    return tuple(map(int, parts))

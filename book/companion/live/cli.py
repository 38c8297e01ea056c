"""`python -m companion.live`: export detectors, verify published runs, measure their speed, build the kernel."""

import argparse
import sys
from pathlib import Path

from anogen.errors import InputError
from anogen.paths import require_checkout
from companion.benchmark import files
from companion.live import FOLDER, data, kernel, speed, verify


def main() -> int:
    """Run a command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m companion.live", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write the scripts of all detectors to a folder")
    export.add_argument("folder", type=Path, nargs="?", default=require_checkout() / FOLDER)
    check = commands.add_parser("verify", help="recompute published runs in node, and compare them with the records")
    check.add_argument("keys", nargs="*", help="such as cblof-mnist-4; all detectors by default")
    check.add_argument("--runs", type=int, default=1, help="of each record")
    timing = commands.add_parser("speed", help="measure the engine in Chromium, for the benchmark page")
    timing.add_argument("--generations", type=int, help="of the published run; all by default, which keeps the times")
    commands.add_parser("kernel", help="build kernel.js from kernel.c; needs the package ziglang")
    options = parser.parse_args()
    try:
        return _run(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    static = require_checkout() / "book" / "_static" / "live"
    if options.command == "export":
        for path in data.write_all(options.folder):
            print(f"{path.stat().st_size:>9,} {path.name}")
    elif options.command == "kernel":
        (static / "kernel.js").write_text(kernel.build(static / "kernel.c"), encoding="utf8")
    elif options.command == "speed":
        result = speed.measure(options.generations)
        if not options.generations:
            files.write(result, files.PAGE)
        for name, value in result.items():
            print(f"{name}: {value}")
    else:
        equal = True
        for line, same in verify.verify(static, options.keys, options.runs):
            print(line, flush=True)
            equal &= same
        return 0 if equal else 1
    return 0

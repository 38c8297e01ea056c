"""`python -m companion.live`: export the detectors of the live figures, verify published runs, build the kernel."""

import argparse
from pathlib import Path

from anogen.paths import require_checkout
from companion.live import FOLDER, data, kernel, verify


def main() -> int:
    """Run a command; return its exit status."""
    static = require_checkout() / "book" / "_static" / "live"
    parser = argparse.ArgumentParser(prog="python -m companion.live", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write the scripts of all detectors to a folder")
    export.add_argument("folder", type=Path, nargs="?", default=require_checkout() / FOLDER)
    check = commands.add_parser("verify", help="recompute published runs in node, and compare them with the records")
    check.add_argument("keys", nargs="*", help="such as cblof-mnist-4; all exact detectors by default")
    check.add_argument("--runs", type=int, default=1, help="of each record")
    commands.add_parser("kernel", help="build kernel.js from kernel.c; needs the package ziglang")
    options = parser.parse_args()
    if options.command == "export":
        for path in data.write_all(options.folder):
            print(f"{path.stat().st_size:>9,} {path.name}")
    elif options.command == "kernel":
        (static / "kernel.js").write_text(kernel.build(static / "kernel.c"), encoding="utf8")
    else:
        equal = True
        for line, same in verify.verify(static, options.keys, options.runs):
            print(line)
            equal &= same
        return 0 if equal else 1
    return 0

"""Compare two built sites byte for byte: `python -m companion.site.compare FOLDER FOLDER`, or `make compare-builds`."""

import sys
from pathlib import Path

CONTEXT = 40  # bytes around the first difference that are printed


def differences(first: Path, second: Path) -> list[str]:
    """Return a line for each file that only one folder has, or whose bytes differ, with the first difference."""
    files = [
        {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()} for folder in (first, second)
    ]
    lines = [f"{name}: only in {first if name in files[0] else second}" for name in files[0].keys() ^ files[1].keys()]
    for name in files[0].keys() & files[1].keys():
        a, b = files[0][name].read_bytes(), files[1][name].read_bytes()
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            parts = (repr(content[max(0, at - CONTEXT) : at + CONTEXT])[1:] for content in (a, b))
            lines.append(f"{name}: byte {at:,}: {' and '.join(parts)}")
    return sorted(lines)


def main() -> int:
    """Print the differences; return 1 if there are any, or no files to compare."""
    first, second = map(Path, sys.argv[1:])
    count = sum(path.is_file() for path in first.rglob("*"))
    lines = differences(first, second)
    sys.stdout.write("\n".join([*lines, f"{count:,} files, {len(lines)} differences"]) + "\n")
    return int(bool(lines) or not count)


if __name__ == "__main__":
    sys.exit(main())

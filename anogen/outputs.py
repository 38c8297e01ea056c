"""Files and lines that commands write: no file of the user is overwritten, no control character printed."""

import os
import re
import secrets
import stat
from pathlib import Path

from anogen.errors import InputError, require

# What anogen writes into its pages, notebooks, reports and figures: such files may be replaced.
MARK = re.compile(
    rb'<meta name="generator" content="anogen">|"anogen": \{\s+"chapter"|"driver": \{\s+"name": "anogen"'
    rb'|"generator": "anogen"|<testsuites name="anogen audit"|<!-- anogen audit -->'
    rb"|<dc:title>anogen</dc:title>|/Creator \(anogen\)"
)
MARK_RANGE = 65_536  # bytes at the start and at the end of a file that are searched for the mark


def check_output(path: Path, content: bytes | None = None) -> None:
    """Raise `InputError` unless `path` is a new file in a writable folder, or a file that anogen may replace.

    It may replace regular files that it wrote itself, or that have the same `content` already.
    """
    try:
        writable = path.parent.is_dir() and os.access(path.parent, os.W_OK)
        require(writable, f"cannot write {path}: choose a file in a folder that exists and is writable")
        try:
            regular = stat.S_ISREG(path.lstat().st_mode)
        except FileNotFoundError:
            return
        require(regular, f"cannot write {path}: it is a link, a folder or a device; choose another name")
        with path.open("rb") as file:
            start = file.read(MARK_RANGE)
            size = path.stat().st_size
            file.seek(max(0, size - MARK_RANGE))
            own = MARK.search(start) or MARK.search(file.read())
        same = content is not None and size == len(content) and path.read_bytes() == content
        require(own or same, f"{path} exists and anogen did not write it: choose another name, or remove it")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; choose another name") from None


def write_output(path: Path, content: bytes) -> Path:
    """Write a file atomically; raises `InputError` as `check_output` does, or if the disk is full."""
    check_output(path, content)
    partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with partial.open("xb") as file:
            file.write(content)
        return partial.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; choose another name") from None
    finally:
        partial.unlink(missing_ok=True)


def printable(text: str, keep: str = "") -> str:
    """Return text for a terminal or a page: control characters are escaped, except those to keep."""
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)

"""The page of an audit: its notebook, executed like any chapter, as one HTML file."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from anogen.auditing import Audit
from anogen.machine import fingerprint
from companion.records import digest, store
from companion.site.execute import check, execute
from companion.site.standalone import html

NOTEBOOK = "audit-report"
FOLDER = "audits"  # in the user's cache, beside the records


def report(audit: Audit, target: Path, command: str) -> Path:
    """Write the page of an audit.

    The audit is kept in the user's cache, where the notebook reads it and the page's captions find where it comes from.

    Parameters
    ----------
    command
        What was typed, for the page to say.
    """
    name = hashlib.sha256(f"{command} {audit.json()}".encode()).hexdigest()[:12]
    audit.save(path_of(name))
    store.write_meta(path_of(name), _meta(audit))
    with TemporaryDirectory(prefix="anogen-audit-") as folder:
        given = check(NOTEBOOK, {"audit": name})
        notebook = execute(NOTEBOOK, given, Path(folder) / f"{NOTEBOOK}.ipynb", said=command)
        partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        partial.write_text(html(notebook), encoding="utf8")
    return partial.replace(target)


def path_of(name: str) -> Path:
    """Return where an audit of that name is kept."""
    return store.cached_folder() / FOLDER / f"{name}.npz"


class Kept:
    """An audit as a caption names it: like a record."""

    def __init__(self, name: str, audit: Audit) -> None:
        self.id, self.meta = f"{FOLDER}/{name}", {"scale": "your data", "seed": audit.seed}


def _meta(audit: Audit) -> dict[str, object]:
    """Return what the page says about where its figures come from."""
    return {
        "parameters": {"detector": audit.detector["name"], **{key: str(value) for key, value in audit.data.items()}},
        "scale": "your data",
        "seed": audit.seed,
        "seconds": audit.seconds,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": digest.of_code("anogen.auditing"),
        "platform": fingerprint(),
    }

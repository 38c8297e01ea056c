"""Make the scripts of `book/_static/live/data` when what they are made from has changed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from companion import digest
from companion.datasets.info import dataset_info
from companion.live.data import DATASET
from companion.records.machine import FIXED_INSTRUCTIONS

FOLDER = Path("book/_static/live/data")  # in the checkout


def update(root: Path, packages: Iterable[str]) -> bool:
    """Write the scripts unless they are up to date with these `packages`; return whether they were written.

    Detectors are fitted in a process with the instruction set of the records, so that they have the same bits.
    """
    folder, stamp = root / FOLDER, root / "_build" / "live" / "stamp"
    if not (folder.parent / "engine.js").is_file():
        return False  # a checkout without live figures
    current = _stamp(root, packages)
    if folder.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf8") == current:
        return False
    stamp.unlink(missing_ok=True)
    command = [sys.executable, "-m", "companion.live", "export", str(folder)]
    paths = os.pathsep.join([str(root), str(root / "book"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | FIXED_INSTRUCTIONS | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the detectors of the live figures could not be exported:\n{done.stderr[-2000:]}")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current, encoding="utf8")
    return True


def _stamp(root: Path, packages: Iterable[str]) -> str:
    """Return the digest of the code, the records, the data and the packages that the scripts are made from."""
    records = [path.read_bytes() for path in sorted((root / "book/records").glob("guided/*.json"))]
    records += [path.read_bytes() for path in sorted((root / "book/records").glob("retraining/*.json"))]
    parts = [digest.of_code("companion.live.data"), dataset_info(DATASET).sha256, *packages]
    return hashlib.sha256("\n".join(parts).encode() + b"".join(records)).hexdigest()

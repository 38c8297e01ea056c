"""Make the committed scripts of `book/_static/live/data` again when what they are made from has changed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from companion import digest
from companion.datasets.info import dataset_info
from companion.live import FOLDER
from companion.live.data import DATASET
from companion.live.runs import PLAYED, SETTINGS

TRAININGS = ("autoencoder-training", PLAYED, f"{PLAYED}-quality")  # records that decide on the autoencoders
INVALID = 2  # the exit status after an `InputError`
STAMP = "stamp.txt"  # in that folder: the digest of what the scripts were made from


def update(root: Path) -> str:
    """Write the scripts unless they are up to date; return what was done, or why it could not be.

    The scripts stay as they are where a detector would not be that of its records: without the complete data set, or on
    a processor that trains another network from the same seed.
    """
    folder = root / FOLDER
    if not (folder.parent / "engine.js").is_file() or is_current(root):
        return ""  # a checkout without live figures, or nothing to do
    if dataset_info(DATASET).name != DATASET:
        return f"the detectors of the live figures are those of older code: {DATASET} is unavailable"
    command = [sys.executable, "-m", "companion.live", "export", str(folder)]
    paths = os.pathsep.join([str(root), str(root / "book"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == INVALID:
        return f"the detectors of the live figures are those of older code: {done.stderr.strip()}"
    if done.returncode:
        raise RuntimeError(f"the detectors of the live figures could not be exported:\n{done.stderr[-2000:]}")
    (folder / STAMP).write_text(_stamp(root) + "\n", encoding="utf8")
    return "exported the detectors of the live figures"


def is_current(root: Path) -> bool:
    """Return whether the scripts were made from today's code and records."""
    stamp = root / FOLDER / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf8").strip() == _stamp(root)


def _stamp(root: Path) -> str:
    """Return the digest of the code and of the records' arrays that the scripts are made from."""
    folders = [root / "book/records" / name for name in (*TRAININGS, *SETTINGS)]
    paths = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    arrays = [(path.name, json.loads(path.read_text(encoding="utf8"))["arrays"]) for path in paths]
    modules = ("companion.live.data", "notebooks.thesis.autoencoder.played")
    parts = [*map(digest.of_code, modules), json.dumps(arrays, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

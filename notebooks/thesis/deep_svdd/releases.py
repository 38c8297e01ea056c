"""Deep SVDD under PyOD's releases: whether the weights move, and the ROC AUC (thesis 6.2)."""

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
import pyod

from anogen import datasets
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs
from companion.figures.tables import Table

INSTALLED = "installed"
EPOCHS = (1, 10)
COLUMNS = ("releases", "framework", "change", "auc")
# The SHA-256 of the releases that are compared: before and after the changes of the training in `deep_svdd.py`, the
# newest one when the thesis was written (2.0.3), and the newest one of all.
CHECKSUMS = {
    "1.0.0": "7b3875c91dc6bc629c297f8ec2b59200fa8b1cbca986dfe4abd21e75560818af",
    "1.0.5": "592f83e172710d582ce214a5457932e103f1ae62ca375fff60729063fac72f5d",
    "1.0.7": "4f3875bbd2ea07584459f54a23469246137db79da844f83210d12050f7cc5694",
    "2.0.0": "d4557eea6dda6e15f536345531448e345086a3a8d8ca5989095e89c89a8e77d3",
    "2.0.1": "8fc23333d3d5161d59aa7ed4ba02fd9f25d21adc96f72a9017ae931bd76b04b2",
    "2.0.2": "e05b7a457ac9bd8b0cc41754fdafe3aefcc1f61270f33d38f43112676d9db2b8",
    "2.0.3": "68bb7333061ecb04113e39180efc75918a077f86b349a5e927dede0d5bb4473a",
    "3.6.2": "029e1558d7120df4aab457cbf9acadbd7de95ed3fa9b14d43c5e45ca53530561",
    "3.6.3": "d29ab765c42cef704c27bb2745d3fdf4c12fb39f94fb089e660e54b9cdc08bf7",
    "3.6.4": "94b019fd43326c861935e585f524623eed841dbd5bd900ba6c8fe81663f7432e",
    "3.6.7": "4c9dc840c83e8579c3f23b4a2e8f4c8a65cebadecf4b1d2a2a40ed71b4398b24",
}
# Runs in a process of its own, in which the release's folder comes first. Its last line is the result.
FIT = """
import inspect, json, sys
import numpy as np
import torch
from pyod.models.deep_svdd import DeepSVDD
data, (seed, *epochs) = np.load(sys.argv[1]), map(int, sys.argv[2:])
width = {"n_features": data["train"].shape[1]} if "n_features" in inspect.signature(DeepSVDD).parameters else {}
result = {"scores": [], "weights": []}
for count in epochs:
    torch.manual_seed(seed)
    detector = DeepSVDD(**width, epochs=count, random_state=seed, verbose=0).fit(data["train"])
    result["scores"].append(detector.decision_function(data["test"]).tolist())
    result["weights"].append(np.concatenate([w.detach().ravel() for w in detector.model_.parameters()]).tolist())
print(json.dumps(result))
"""


@dataclass(frozen=True, kw_only=True)
class Releases(Experiment):
    """Fit Deep SVDD of each release of PyOD to real digits for 1 and for 10 epochs, from the same initial weights.

    A release is downloaded with pip, verified, and unpacked; nothing of it is installed. The older ones are built with
    TensorFlow and are not fitted. Arrays, for V releases: `releases` (V,), their numbers; `framework` (V,), what the
    network is built with; `change` (V,), the distance between the weights after 1 and after 10 epochs, in norms of the
    former: 0 if nothing is trained; `auc` (V, 2), the ROC AUC after either, the digit against all others; else NaN.
    """

    name = "pyod-releases"
    quick: ClassVar = {"releases": (INSTALLED,)}
    axes: ClassVar[tuple[str, ...]] = ("releases",)
    listed: ClassVar = {"releases": "releases"}
    detectors: ClassVar = ()

    dataset: str = "mnist-5k"  # embedded: of each digit 400 real images for training, 100 for testing
    normal: int = 4
    releases: tuple[str, ...] = tuple(CHECKSUMS)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit one release."""
        data = datasets.load(self.dataset).one_class(self.normal)
        with TemporaryDirectory() as name:
            folder = Path(name)
            package = Path(pyod.__file__).parents[1] if cell[0] == INSTALLED else unpack(cell[0], folder)
            code = (package / "pyod" / "models" / "deep_svdd.py").read_text(encoding="utf-8")
            if "tensorflow" in code:
                return {"framework": np.array("TensorFlow"), "change": np.array(np.nan), "auc": np.full(2, np.nan)}
            np.savez(folder / "rows.npz", train=data.X_train, test=data.X_test)
            first = f"import sys; sys.path[:0] = [{str(package)!r}]"
            arguments = [str(folder / "rows.npz"), str(self.seed), *map(str, EPOCHS)]
            result = json.loads(_output([sys.executable, "-c", first + FIT, *arguments]).splitlines()[-1])
        few, many = map(np.array, result["weights"])
        return {
            "framework": np.array("PyTorch"),
            "change": np.array(np.linalg.norm(many - few) / np.linalg.norm(few)),
            "auc": np.array([roc_auc(scores, data.y_test) for scores in result["scores"]]),
        }


def unpack(release: str, folder: Path) -> Path:
    """Download a release of PyOD into a folder, verify its checksum, and return where its package is."""
    _output([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), f"pyod=={release}"])
    (archive,) = folder.glob(f"pyod-{release}*")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != CHECKSUMS[release]:
        raise InputError(f"{archive.name} has the checksum {digest} instead of {CHECKSUMS[release]}")
    if archive.suffix == ".whl":
        zipfile.ZipFile(archive).extractall(folder / "package")
        return folder / "package"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / f"pyod-{release}"


def _output(command: list[str]) -> str:
    """Run a command and return its standard output; a failure shows its errors."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{command[1:4]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def table_releases(record: Arrays) -> Table:
    """List the releases: the change of the weights from 1 to 10 epochs, and the ROC AUC after either."""
    rows = []
    for release, framework, change, auc in zip(*(record[key] for key in COLUMNS), strict=True):
        fitted = bool(np.isfinite(change))
        state = ("trained" if change else "not trained") if fitted else "not fitted here"
        numbers = [f"{change:.2f}", *(f"{value:.3f}" for value in auc)] if fitted else ["", "", ""]
        rows.append([str(release), str(framework), state, *numbers])
    heads = [f"ROC AUC, {n} epoch{'s' * (n > 1)}" for n in EPOCHS]
    return Table(("PyOD", "built with", "Deep SVDD is", "change of the weights", *heads), rows)

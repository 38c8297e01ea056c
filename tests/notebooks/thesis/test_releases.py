"""Deep SVDD under PyOD's releases: whether the weights move is measured, and a download is verified."""

import numpy as np
import pytest

from anogen.errors import InputError
from notebooks.thesis.deep_svdd import releases
from notebooks.thesis.deep_svdd.releases import INSTALLED, Releases, table_releases

DETECTOR = """
import torch
class DeepSVDD:
    def __init__(self, n_features, epochs, random_state, verbose):
        self.epochs = epochs
        self.model_ = torch.nn.Linear(n_features, 2)
    def fit(self, X):
        print("Epoch 1")
        {step}
        return self
    def decision_function(self, X):
        return (X**2).sum(axis=1)
"""
TRAIN = "self.model_.weight.data += self.epochs"


def package(folder, code):
    models = folder / "pyod" / "models"
    models.mkdir(parents=True)
    for name in (folder / "pyod" / "__init__.py", models / "__init__.py"):
        name.write_text("")
    (models / "deep_svdd.py").write_text(code)
    return folder


@pytest.mark.parametrize(("step", "moves"), [("pass", False), (TRAIN, True)])
def test_weights_that_move_are_told_from_those_that_do_not(monkeypatch, tmp_path, step, moves):
    monkeypatch.setattr(releases, "unpack", lambda *_: package(tmp_path, DETECTOR.format(step=step)))
    record = Releases(releases=("2.0.3",)).run()
    assert (record["framework"].tolist(), bool(record["change"][0] > 0)) == (["PyTorch"], moves)
    assert record["auc"].shape == (1, 2) and record["auc"][0, 0] == record["auc"][0, 1]
    _, rows = table_releases(record)
    assert rows[0][:3] == ["2.0.3", "PyTorch", "trained" if moves else "not trained"]


def test_a_release_with_tensorflow_is_not_fitted(monkeypatch, tmp_path):
    monkeypatch.setattr(releases, "unpack", lambda *_: package(tmp_path, "import tensorflow"))
    record = Releases(releases=("1.0.0",)).run()
    assert np.isnan(record["auc"]).all()
    assert table_releases(record).rows == [["1.0.0", "TensorFlow", "not fitted here", "", "", ""]]


def test_the_installed_release_is_trained():
    record = Releases.at("quick").run()
    assert record["releases"].tolist() == [INSTALLED]
    assert record["change"][0] > 0.01 and (record["auc"] > 0.6).all()


def test_another_file_than_the_release_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(releases, "_output", lambda _: (tmp_path / "pyod-2.0.3.tar.gz").write_bytes(b"other"))
    with pytest.raises(InputError, match="has the checksum"):
        releases.unpack("2.0.3", tmp_path)


def test_a_failure_shows_its_reason():
    with pytest.raises(InputError, match="no such thing"):
        releases._output([releases.sys.executable, "-c", "raise SystemExit('no such thing')"])

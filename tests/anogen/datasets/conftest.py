import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anogen.datasets import lookup
from anogen.datasets import registry as catalogue
from anogen.datasets import sources as ways
from anogen.datasets.registry import Form

sys.path.insert(0, str(Path(__file__).parent))  # where the tests find `published`


def refuse(*args, **kwargs):
    raise OSError("no network in tests")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An empty cache, no folder of data, no network, nothing remembered; returns the folder of cached copies."""
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ANOGEN_DATA", raising=False)
    monkeypatch.delenv("ANOGEN_OFFLINE", raising=False)
    monkeypatch.setattr(ways, "_run", refuse)
    monkeypatch.setattr(ways.pooch, "retrieve", refuse)
    monkeypatch.setattr(ways, "installed_debian", lambda: tmp_path / "not-installed")
    lookup._load.cache_clear()
    yield tmp_path / "cache" / "data"
    lookup._load.cache_clear()


def arrays(train, test, shape):
    rng = np.random.default_rng(7)
    draw = {"x_train": (train, *shape), "y_train": train, "x_test": (test, *shape), "y_test": test}
    return {part: rng.integers(0, 256 if part[0] == "x" else 10, size, dtype=np.uint8) for part, size in draw.items()}


@pytest.fixture
def small(monkeypatch):
    """Small stand-ins for the four arrays of a source, whose checksums the catalogue is made to hold."""

    def install(name, train=20, test=10):
        source = catalogue.SOURCES[name]
        content = arrays(train, test, source.shape)
        digests = source.forms[0].digests
        forms = [Form(train, test, "All of it.", digests(content), digests)]
        if len(source.forms) > 1:
            part = {**content, "x_train": content["x_train"][: train // 2], "y_train": content["y_train"][: train // 2]}
            forms.append(Form(train // 2, test, "The first half.", catalogue.array_digests(part)))
        monkeypatch.setitem(catalogue.SOURCES, name, replace(source, forms=tuple(forms)))
        return content

    return install

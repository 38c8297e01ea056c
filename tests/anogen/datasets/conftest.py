import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anogen.datasets import loading, registry
from anogen.datasets.registry import Variant

sys.path.insert(0, str(Path(__file__).parent))  # where the tests find `published`


def refuse(*args, **kwargs):
    raise OSError("no network in tests")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Set up an empty cache, no ANOGEN_DATA and no network; return the folder of cached copies."""
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ANOGEN_DATA", raising=False)
    monkeypatch.delenv("ANOGEN_OFFLINE", raising=False)
    monkeypatch.setattr(loading.pooch, "retrieve", refuse)
    loading._load.cache_clear()
    yield tmp_path / "cache" / "data"
    loading._load.cache_clear()


def arrays(train, test, shape):
    rng = np.random.default_rng(7)
    draw = {"x_train": (train, *shape), "y_train": train, "x_test": (test, *shape), "y_test": test}
    return {part: rng.integers(0, 256 if part[0] == "x" else 10, size, dtype=np.uint8) for part, size in draw.items()}


@pytest.fixture
def small(monkeypatch):
    """Return a function that registers small arrays, with their checksums, in place of a data set."""

    def install(name, train=20, test=10):
        info = registry.DATASETS[name]
        content = arrays(train, test, info.shape)
        expected = registry.digests(content, info.variants[0].sha256)
        variants = [Variant(train, test, "All of it.", expected)]
        if len(info.variants) > 1:
            part = {**content, "x_train": content["x_train"][: train // 2], "y_train": content["y_train"][: train // 2]}
            variants.append(Variant(train // 2, test, "The first half.", registry.digests(part, ())))
        monkeypatch.setitem(registry.DATASETS, name, replace(info, variants=tuple(variants)))
        return content

    return install

"""Networks for tables: they learn, repeat themselves, and an FT-Transformer is as large as its table allows."""

import numpy as np
import pytest

from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from notebooks.anorand.anorand_benchmark import own_data as ad_tabular
from notebooks.anorand.anorand_benchmark import supervised as ad_supervised
from notebooks.anorand.anorand_benchmark.data import rows, split
from notebooks.anorand.anorand_benchmark.own_data import FTTransformer, ResNet

NETWORKS = {"resnet": ResNet, "ft-transformer": FTTransformer}


def scored(kind, x, y, seed=0, asked=None):
    with seeded(seed):
        return kind().fit(x, y).decision_function(x if asked is None else asked)


@pytest.fixture
def ring():
    """Anomalies around normal rows: no plane separates them."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 129)
    far = np.arange(129) % 3 == 0
    return np.where(far, 2.0, 0.5)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), far.astype(np.uint8)


@pytest.mark.parametrize(("kind", "epochs"), [(ResNet, 20), (FTTransformer, 60)])
def test_a_network_learns(kind, epochs, ring, monkeypatch):
    monkeypatch.setattr(ad_tabular, "EPOCHS", epochs)
    assert roc_auc(scored(kind, *ring), ring[1]) > 0.95


@pytest.mark.parametrize("kind", NETWORKS.values())
def test_a_network_repeats_itself_and_scores_a_row_the_same_in_any_company(kind, ring, monkeypatch):
    monkeypatch.setattr(ad_tabular, "EPOCHS", 2)
    x, y = ring  # 129 rows: the last batch has one
    found = scored(kind, x, y)
    assert found.shape == (129,) and found.dtype == np.float64
    assert np.array_equal(found, scored(kind, x, y)) and not np.array_equal(found, scored(kind, x, y, seed=1))
    assert np.allclose(found[:7], scored(kind, x, y, asked=x[:7]), atol=1e-5)


def test_labels_decide_what_is_learned(ring, monkeypatch):
    monkeypatch.setattr(ad_tabular, "EPOCHS", 20)
    x, y = ring
    assert roc_auc(scored(ResNet, x, 1 - y), y) < 0.1


def test_a_wide_table_gets_one_block_and_few_epochs():
    blocks = {d: len(FTTransformer().made(d).backbone.blocks) for d in (ad_tabular.NARROW, ad_tabular.NARROW + 1)}
    assert list(blocks.values()) == [3, 1]
    assert [FTTransformer().epochs(n) for n in (10, 200_000, 10**9)] == [100, 50, 1]
    assert ResNet().epochs(10**9) == 100


@pytest.mark.parametrize("method", NETWORKS)
def test_the_benchmark_scores_with_them(method, monkeypatch):
    monkeypatch.setattr(ad_tabular, "EPOCHS", 3)
    part = split(*rows("wine-cultivars"), 0)
    found = ad_supervised.scores(method, part, 1)
    assert found.shape == part.test_labels.shape and len(set(found.tolist())) > 1


@pytest.mark.parametrize(
    ("method", "said"), [("resnet", "anogen[supervised]"), ("repen", "--no-deps deepod"), ("xgbod", "needs xgboost")]
)
def test_a_method_without_its_package_says_what_to_install(method, said, monkeypatch):
    monkeypatch.setattr(ad_supervised, "find_spec", lambda name: None)
    with pytest.raises(InputError) as error:
        ad_supervised.kind(method)
    assert said in str(error.value)

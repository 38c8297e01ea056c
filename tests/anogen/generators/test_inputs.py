"""Starting populations and fixed pixels."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from anogen.errors import InputError
from anogen.generators import noise, normal_seeded_population, random_mask


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_noise_follows_its_law():
    uniform = noise((200, 200), seeded())
    assert uniform.dtype == torch.float32
    assert chisquare(torch.histc(uniform, 20, 0, 1)).pvalue > 1e-3
    normal = noise((200, 200), seeded(), "normal")
    assert normal.min() == 0 and normal.max() == 1
    inside = normal[(normal > 0) & (normal < 1)]
    assert 1 - len(inside) / normal.numel() == pytest.approx(0.0455, abs=0.005)  # beyond two standard deviations
    assert normal.mean().item() == pytest.approx(0.5, abs=0.005)


@given(d=st.integers(1, 50), k=st.floats(0, 1), seed=st.integers(0, 999))
def test_a_mask_fixes_the_share_k(d, k, seed):
    mask = random_mask(d, k, seeded(seed))
    assert mask.shape == (d,)
    assert int(mask.sum()) == round(k * d)
    assert torch.equal(mask, random_mask(d, k, seeded(seed)))


def test_every_pixel_is_as_likely_to_be_fixed_as_any_other():
    generator = seeded()
    counts = sum(random_mask(20, 0.3, generator).int() for _ in range(2000))
    assert chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize(
    ("k", "hint"),
    [
        (30, "did you mean 0.3"),
        (2, "did you mean 0.02"),
        (-0.1, "from 0 to 1"),
        (101, "from 0 to 1"),
        (float("nan"), "k = nan"),
    ],
)
def test_k_outside_the_range_is_answered_with_what_was_meant(k, hint):
    with pytest.raises(InputError, match=hint):
        random_mask(784, k, seeded())


def test_half_of_a_population_becomes_normal_images_without_repetition():
    population, normal = torch.zeros(7, 3), torch.arange(1.0, 31.0).reshape(10, 3)
    mixed = normal_seeded_population(population, normal, seeded())
    assert torch.equal(mixed[3:], population[3:])
    rows = {tuple(row.tolist()) for row in mixed[:3]}
    assert len(rows) == 3 and rows <= {tuple(row.tolist()) for row in normal}
    assert not population.any()  # not written into
    others = {tuple(normal_seeded_population(population, normal, seeded(s))[0].tolist()) for s in range(20)}
    assert len(others) > 3


def test_images_that_are_too_few_or_of_another_shape_are_named():
    with pytest.raises(InputError, match="2 normal images are too few for half a population of 7: give 3"):
        normal_seeded_population(torch.zeros(7, 3), torch.zeros(2, 3), seeded())
    with pytest.raises(InputError, match=r"\(5,\).*\(3,\)"):
        normal_seeded_population(torch.zeros(7, 3), torch.zeros(4, 5), seeded())

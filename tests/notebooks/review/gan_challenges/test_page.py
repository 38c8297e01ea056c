"""The page of chapter `gan-challenges` states a conclusion only if its records show it."""

import numpy as np
import pytest

from notebooks.review.gan_challenges import figures
from notebooks.review.gan_challenges.toys import METHODS


def test_modes(show_page, make_record):
    covered, near = np.full((len(METHODS), 2), 8), np.full((len(METHODS), 2), 0.6)
    aim, behind = "It does not aim well either", "WGAN-GP, with a penalty of 10"
    page = show_page("gan-challenges", {"modes": modes(make_record, covered, near)}, undrawn=figures)
    assert "covers all eight modes" in page.prose and aim not in page.prose and behind not in page.prose
    near[METHODS.index("gan")] = 0.3
    covered[METHODS.index("wgan-gp")] = 1
    page = show_page("gan-challenges", {"modes": modes(make_record, covered, near)}, undrawn=figures)
    assert aim in page.prose and behind in page.prose
    covered[METHODS.index("gan")] = 1
    page = show_page("gan-challenges", {"modes": modes(make_record, covered, near)}, undrawn=figures)
    assert not any(text in page.prose for text in ("covers all eight modes", aim, behind))


def test_the_settings_of_the_authors_are_shown(show_page, make_record):
    arrays = {"covered": np.array([[7, 5], [8, 8]]), "near": np.array([[0.3, 0.5], [0.9, 0.9]])}
    record = make_record(arrays, iterations=4_000, methods=["gan", "wgan-gp"])
    page = show_page("gan-challenges", {"modes-authors": record}, undrawn=figures)
    assert "after 4,000 iterations" in page.prose


def modes(make_record, covered, near):
    return make_record({"covered": covered, "near": near}, iterations=10)


@pytest.mark.parametrize(("last", "stated"), [(0.71, True), (0.6, False), (5.0, False)])
def test_the_error_rises_little(show_page, make_record, last, stated):
    entropy = 0.7 + 0.05 * np.tile([-1.0, 1.0], (2, 15))
    entropy[:, 27:] += last - 0.7
    record = make_record({"entropy": entropy}, seeds=2)
    page = show_page("gan-challenges", {"discriminator": record}, undrawn=figures)
    assert ("It rises, but by less than" in page.prose) == stated


@pytest.mark.parametrize(("copied", "stated"), [((1, 9), True), ((2, 3), False)])
def test_classes_that_are_copied_well(show_page, make_record, copied, stated):
    classes = np.repeat(np.arange(10), 4)
    errors = np.where(np.isin(classes, (4, *copied)), 1.0, 9.0)[None]
    arrays = {"classes": classes, "errors": errors, "sharpness": np.ones((1, 2)), "patched": np.ones((1, 2, 3))}
    record = make_record(arrays | {"auc": [0.9]}, labels=[4])
    page = show_page("gan-challenges", {"copies": record}, undrawn=figures)
    assert ("A nine is close to a four" in page.prose) == stated
    assert all(f"100% of the {c}s" in page.prose for c in copied)

"""What the pages on real data say of the committed records: every detector is shown, words follow the numbers."""

import numpy as np
import pytest

from companion.chapters import chapter_experiments
from companion.records import store
from notebooks.beyond.applications.figures import (
    audited,
    described,
    explained,
    lessons,
    panels,
    roughness,
    titles,
    unusual,
    values,
)


@pytest.fixture(scope="module")
def thyroid():
    return store.load(chapter_experiments("thyroid")["application"])


def test_every_detector_has_a_panel_a_line_and_a_word(thyroid):
    shown = [ax for ax in panels(thyroid).axes if ax.get_visible()]
    assert len(shown) == 1 + len(titles(thyroid)) and all(len(ax.lines) == 4 for ax in shown)
    assert [row[0] for row in audited(thyroid)[1]] == titles(thyroid)
    assert f"each of {len(titles(thyroid))} detectors" in described(thyroid)["alt"]
    assert "3,000 generations" in explained(thyroid)
    said = " ".join(lessons(thyroid))
    assert all(title in said for title in titles(thyroid))
    head, rows = values(thyroid)
    assert len(rows) == 6 and all(len(row) == len(head.split(" | ")) for row in rows)


def test_rare_values_are_counted_by_column(thyroid):
    real = thyroid["real"]
    middle, far = np.median(real, axis=0), real.max(axis=0) + 1
    drawn = np.stack([middle, np.where(np.arange(6) < 3, far, middle)])[None]
    assert unusual({"real": real, "drawn": drawn}).tolist() == [[0, 0.5]]


def test_what_did_not_arrive_is_said_to_be_the_search(thyroid):
    changed = dict(thyroid.arrays) | {"score_rank": np.ones_like(thyroid["score_rank"])}
    kind = type("Changed", (), {"__getitem__": lambda _, key: changed[key], "parameter": thyroid.parameter})
    said = lessons(kind())
    assert "The search did not arrive" in said[0] and not any("One most normal row" in one for one in said)


def test_what_ended_away_from_the_known_optimum_is_said_to_be_the_search_too(thyroid):
    changed = dict(thyroid.arrays) | {"gap": np.where(np.isnan(thyroid["gap"]), np.nan, 9.0)}
    known = [t for t, gap in zip(titles(thyroid), changed["gap"], strict=True) if not np.isnan(gap).any()]
    kind = type("Changed", (), {"__getitem__": lambda _, key: changed[key], "parameter": thyroid.parameter})
    (said,) = [one for one in lessons(kind()) if "ended away from the known optimum" in one]
    assert known and all(title in said for title in known)
    assert sum(t in said for t in titles(thyroid)) == len(known) < len(titles(thyroid))


def test_a_jagged_series_is_rough_and_a_flat_one_is_not():
    real = np.sin(np.linspace(0, 6, 100)) + np.zeros((5, 1))
    drawn = np.stack([np.zeros((2, 100)), np.tile([0.0, 1.0], (2, 50))])
    flat, jagged = roughness({"real": real, "drawn": drawn})
    assert flat == 0 and jagged > 10

"""Figures, tables and sentences of the chapters on real data, on the committed records."""

import numpy as np
import pytest

from companion.chapters import chapter_experiments
from companion.records import store
from notebooks.beyond.common.figures_tabular import (
    audit_table,
    caption_and_alt,
    fig_rows,
    lessons,
    roughness,
    summary,
    titles,
    value_table,
)


@pytest.fixture(scope="module")
def thyroid():
    return store.load(chapter_experiments("thyroid")["application"])


def test_every_detector_is_in_figure_tables_and_lessons(thyroid):
    shown = [ax for ax in fig_rows(thyroid).axes if ax.get_visible()]
    assert len(shown) == 1 + len(titles(thyroid)) and all(len(ax.lines) == 4 for ax in shown)
    assert [row[0] for row in audit_table(thyroid)[1]] == titles(thyroid)
    assert all(title in caption_and_alt(thyroid)["alt"] for title in titles(thyroid))
    said = " ".join(detectors for _, detectors in lessons(thyroid).rows)
    assert all(title in said for title in titles(thyroid))
    assert summary(thyroid)["generations"] == "3,000" and summary(None)["best"] == "–"
    head, rows = value_table(thyroid)
    assert len(rows) == 6 and all(len(row) == len(head) for row in rows)


def test_rare_values_are_bold(thyroid):
    low, high = np.quantile(thyroid["real"].astype(float), [0.05, 0.95], axis=0)
    for column, (_, _, *cells) in enumerate(value_table(thyroid).rows):
        values = thyroid["drawn"][:, 0, column].astype(float)
        rare = (values < low[column]) | (values > high[column])
        assert [cell.startswith("**") for cell in cells] == rare.tolist()


def test_lessons_name_searches_that_did_not_arrive(thyroid):
    changed = dict(thyroid.arrays) | {"score_rank": np.ones_like(thyroid["score_rank"])}
    kind = type("Changed", (), {"__getitem__": lambda _, key: changed[key], "parameter": thyroid.parameter})
    said = [statement for statement, _ in lessons(kind()).rows]
    assert "The search did not arrive" in said[0] and not any("One row" in one for one in said)


def test_lessons_name_searches_away_from_the_optimum(thyroid):
    changed = dict(thyroid.arrays) | {"gap": np.where(np.isnan(thyroid["gap"]), np.nan, 9.0)}
    known = [t for t, gap in zip(titles(thyroid), changed["gap"], strict=True) if not np.isnan(gap).any()]
    kind = type("Changed", (), {"__getitem__": lambda _, key: changed[key], "parameter": thyroid.parameter})
    (said,) = [names for statement, names in lessons(kind()).rows if "ended away from the known optimum" in statement]
    assert known and all(title in said for title in known)
    assert sum(t in said for t in titles(thyroid)) == len(known) < len(titles(thyroid))


def test_roughness_of_flat_and_jagged_series():
    real = np.sin(np.linspace(0, 6, 100)) + np.zeros((5, 1))
    drawn = np.stack([np.zeros((2, 100)), np.tile([0.0, 1.0], (2, 50))])
    flat, jagged = roughness({"real": real, "drawn": drawn})
    assert flat == 0 and jagged > 10

"""Figures, tables and sentences of the chapters on real data, on the committed records."""

import numpy as np
import pytest

from anogen.auditing import FAULTS, FINDINGS
from companion.chapters import chapter_experiments
from companion.records import store
from notebooks.beyond.common.columns import CAMPAIGN, Category, with_columns
from notebooks.beyond.common.figures_tabular import (
    audit_table,
    caption_and_alt,
    columns_apart,
    fig_rows,
    findings_text,
    lessons,
    lowest,
    roughness,
    summary,
    titles,
    value_table,
)
from notebooks.beyond.common.tabular import CODES, EVIDENCE, PHRASES


@pytest.fixture(scope="module")
def thyroid():
    return store.load(chapter_experiments("thyroid")["application"])


def test_every_detector_is_in_figure_tables_and_lessons(thyroid):
    shown = [ax for ax in fig_rows(thyroid).axes if ax.get_visible()]
    assert len(shown) == 1 + len(titles(thyroid)) and [len(ax.lines) for ax in shown] == [4, 5, 5, 5, 5, 5]
    assert [row[0] for row in audit_table(thyroid)[1]] == titles(thyroid)
    assert all(title in caption_and_alt(thyroid)["alt"] for title in titles(thyroid))
    said = " ".join(detectors for _, detectors in lessons(thyroid).rows)
    assert all(title in said for title in titles(thyroid))
    assert summary(thyroid)["generations"] == "3,000" and summary(None)["best"] == "–"
    head, rows = value_table(thyroid)
    assert len(rows) == 6 + 1 and all(len(row) == len(head) for row in rows) and rows[1][0] == "2. TSH"


def test_rare_values_are_bold_and_real_ones_in_parentheses(thyroid):
    low, high = np.quantile(thyroid["real"].astype(float), [0.05, 0.95], axis=0)
    best = np.arange(len(titles(thyroid))), lowest(thyroid)
    for column, (_, _, *cells) in enumerate(value_table(thyroid).rows[:-1]):
        values, near = (thyroid[key][best][:, column].astype(float) for key in ("drawn", "near"))
        rare = (values < low[column]) | (values > high[column])
        assert [cell.startswith("**") for cell in cells] == rare.tolist()
        assert [cell.rpartition("(")[2] for cell in cells] == [f"{round(value, 3):.10g})" for value in near]


class Changed:
    """A record with other arrays."""

    def __init__(self, record, **arrays):
        self.arrays, self.parameter = dict(record.arrays) | arrays, record.parameter

    def __getitem__(self, key):
        return self.arrays[key]


def test_every_finding_has_a_phrase_with_its_evidence(thyroid):
    assert set(PHRASES) == set(FINDINGS)
    codes = np.full_like(thyroid["findings"], CODES[True])
    assert findings_text(Changed(thyroid, findings=codes)) == "No detector has a finding."
    evidence = np.full((len(codes), len(EVIDENCE)), 0.25)
    codes[1] = CODES[False]
    codes[2, 0] = CODES[None]
    *lines, undecided = findings_text(Changed(thyroid, findings=codes, evidence=evidence)).splitlines()
    assert len(lines) == len(FINDINGS) and "untrained" in undecided
    for line, name in zip(lines, FINDINGS, strict=True):
        assert FAULTS[name].advice in line and "*HBOS*: " in line and "*GMM*" not in line
        assert "nan" not in line.partition("*HBOS*")[2].partition("**What")[0]


def test_texts_are_valid_and_distinct_ones_apart(thyroid):
    texts = np.array([["", ""]] * 5 + [["no", "yes"]])
    near = thyroid["near"].copy()
    near[..., 5], drawn = 0, near.copy()
    drawn[..., 5] = 1
    drawn[..., 0] += 0.2 * (thyroid["high"][0] - thyroid["low"][0])
    record = Changed(thyroid, texts=texts, near=near, drawn=drawn, real=np.round(thyroid["real"]) * 0)
    assert columns_apart(record).tolist() == [2] * 5
    assert value_table(record).rows[5][1:3] == ["no (100%)", "**yes** (no)"]


def test_customers_get_back_their_units_and_texts():
    rows = np.zeros((2, 62))
    for column in CAMPAIGN.values():
        if isinstance(column, Category):
            rows[0, column.first] = 1
            rows[1, column.first + column.n_columns - 1] = len(column.texts) == column.n_columns
        else:
            rows[1, column.column] = 1
    table = with_columns("adbench/campaign", rows)
    texts = [name for name, column in CAMPAIGN.items() if isinstance(column, Category)]
    assert table[texts].to_numpy().tolist() == [[CAMPAIGN[name].texts[end] for name in texts] for end in (0, -1)]
    assert table.loc[1, ["age", "duration", "nr.employed"]].tolist() == [98, 4918, 5228.1]
    assert sum(c.n_columns if isinstance(c, Category) else 1 for c in CAMPAIGN.values()) == rows.shape[1]


def test_lessons_name_searches_that_did_not_arrive(thyroid):
    changed = Changed(thyroid, score_rank=np.ones_like(thyroid["score_rank"]))
    said = [statement for statement, _ in lessons(changed).rows]
    assert "The search did not arrive" in said[0] and not any("One row" in one for one in said)


def test_lessons_name_searches_away_from_the_optimum(thyroid):
    changed = Changed(thyroid, gap=np.where(np.isnan(thyroid["gap"]), np.nan, 9.0))
    known = [t for t, gap in zip(titles(thyroid), changed["gap"], strict=True) if not np.isnan(gap).any()]
    (said,) = [names for statement, names in lessons(changed).rows if "ended away from the known optimum" in statement]
    assert known and all(title in said for title in known)
    assert sum(t in said for t in titles(thyroid)) == len(known) < len(titles(thyroid))


def test_roughness_of_flat_and_jagged_series():
    real = np.sin(np.linspace(0, 6, 100)) + np.zeros((5, 1))
    drawn = np.stack([np.zeros((2, 100)), np.tile([0.0, 1.0], (2, 50))])
    flat, jagged = roughness({"real": real, "drawn": drawn})
    assert flat == 0 and jagged > 10

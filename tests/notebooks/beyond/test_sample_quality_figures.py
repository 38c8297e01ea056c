"""Figures and tables of chapter `sample-quality`."""

from types import SimpleNamespace

import numpy as np
import pytest

from notebooks.beyond.sample_quality.figures import covering, fig_coverage, table_distances, table_sets

VALUES = {"found": 0.3, "real": 0.5, "noise": 0.0, "optimum": 0.2}


class Fake(SimpleNamespace):
    """A record of `Fidelity` with the same value in every measure of a set, but half of it by the untrained judge."""

    def __getitem__(self, name):
        return self.arrays[name]

    def parameter(self, name):
        return {"starts": self.starts}[name]


def record(starts=16, *, optimum=True, kid=False) -> Fake:
    arrays = {}
    for of, value in VALUES.items():
        if of == "optimum" and not optimum:
            continue
        both = np.outer([value, value / 2], np.ones(20))
        arrays |= {f"{of}_{key}": both for key in ("precision", "recall", "density", "coverage")}
        arrays[f"{of}_vendi"] = 1 + both
        arrays[f"{of}_p_values"] = np.full((starts, 2), value)
        if kid:
            arrays[f"{of}_kid"] = np.array([[1 - value, 0.1, 2]] * 2)
    return Fake(arrays=arrays, starts=starts)


def test_table_sets_ends_with_ceiling_and_floor():
    head, rows = table_sets({"A": record(), "B": record(4, optimum=False)})
    ends = [f"**{size} {name}**" for size in (16, 4) for name in ("real images", "uniform noise")]
    assert [row[0] for row in rows] == ["A", "A, optimum", "B", *ends]
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][1:] == ["0.30", "0.30", "0.15", f"{1.3 / 1.5:.2f}", "0%"]
    assert rows[-1][-1] == "100%"


def test_covering_asks_for_half_of_the_ceiling():
    low = record()
    low.arrays["found_coverage"] = low.arrays["found_coverage"] / 2
    assert covering({"A": record(), "B": low}) == ["A"]


def test_table_distances_needs_enough_images():
    assert table_distances({"A": record()}) is None
    _, rows = table_distances({"A": record(), "B": record(64, kid=True)})
    assert [row[0] for row in rows] == ["B", "B, optimum", "**real images**", "**uniform noise**"]
    assert rows[0][1:] == ["0.7", "0.1 to 2.0"]


def test_fig_coverage_rows_and_marks():
    ax = fig_coverage({"A": record(), "B": record(optimum=False)}).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "B"]
    assert len(ax.lines) == 2 * (3 + 2)
    assert ax.lines[-1].get_xdata()[0] == pytest.approx(0.3)

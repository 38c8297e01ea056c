"""Chapter `counterfactuals`: the search on scores whose answer is known, the columns of the bank, the claims."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from small_pages import arrays

from anogen.errors import InputError
from companion.datasets import adbench
from notebooks.beyond.common.columns import CAMPAIGN, Category, campaign_features, campaign_table
from notebooks.beyond.counterfactuals import claims
from notebooks.beyond.counterfactuals.edits import Columns, line, nearest_normal, sparse
from notebooks.beyond.counterfactuals.experiments import BANK, Counterfactuals, chapter_experiments
from notebooks.beyond.counterfactuals.figures import fig_counterfactuals, table_measures

WEIGHTS = np.array([5.0, 1.0, 3.0, 0.1])


def linear(rows):
    return np.abs(rows) @ WEIGHTS


@pytest.fixture
def columns():
    train = np.concatenate([np.linspace(-0.2, 0.2, 21)[:, None].repeat(4, axis=1), np.eye(4)[:2]])
    return Columns.fit(train, list(np.arange(4)[:, None]))


def test_the_fewest_columns_are_changed_and_no_more_than_needed(columns):
    row = np.ones(4)
    found = sparse(linear, row, 1.5, columns, np.zeros(4))
    assert columns.changed(row, found).tolist() == [0, 2]  # the two largest weights, and neither alone
    assert 1.3 < linear(found[None])[0] <= 1.5  # as far from 0 as the limit and the values allow
    assert columns.changed(row, sparse(linear, row, 99, columns, np.zeros(4))).size == 0


def test_where_no_single_edit_helps_the_search_starts_from_a_normal_row(columns):
    def equal_or_bad(rows):  # a normal row has two equal values: one edit alone does not lower the score
        return (rows[:, 0] != rows[:, 1]) + 1.0 * (np.abs(rows[:, :2]) > 0.5).any(axis=1)

    found = sparse(equal_or_bad, np.ones(4), 0.5, columns, np.zeros(4))
    assert equal_or_bad(found[None])[0] <= 0.5
    assert columns.changed(np.ones(4), found).tolist() == [0, 1]


def test_categories_change_as_a_whole():
    train = np.concatenate([np.eye(3)[[0, 1, 1]], np.zeros((3, 1))], axis=1)
    columns = Columns.fit(train, [np.arange(3), np.array([3])])
    found = sparse(lambda x: x[:, 2] + 0.1 * x[:, 0], np.array([0, 0, 1, 0.0]), 0.05, columns, train[0])
    assert found.tolist() == [0, 1, 0, 0]
    assert columns.valid(np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0.5, 0.5, 0, 0], [1, 0, 0, 1]])).tolist() == [
        True, False, False, False,
    ]  # fmt: skip


def test_the_line_ends_where_the_score_is_first_normal():
    row, train = np.array([1.0, 0, 0, 0]), np.array([[0, 0, 0, 0.0], [0, 0.6, 0, 0], [1, 1, 0, 0]])
    end = line(linear, row, 2.5, nearest_normal(linear, row, 2.5, train))
    assert end[1:].tolist() == [0, 0, 0]
    assert 0.49 < end[0] <= 0.5


def test_texts_of_the_bank_fit_the_file():
    try:
        x = adbench.load("campaign").x
    except InputError:
        pytest.skip("the data are unavailable")
    for column, own in zip(CAMPAIGN.values(), campaign_features(), strict=True):
        if isinstance(column, Category) and len(column.texts) == len(own):
            assert (x[:, own].sum(axis=1) == 1).all(), column
    table = campaign_table(x.astype(float))
    # counts of the UCI repository
    assert (table["job"] == "student").sum() == 875
    assert (table["month"] == "sep").sum() == 570
    assert (table["poutcome"] == "success").sum() == 1373


def test_the_table_is_read_as_numbers_whose_columns_are_known(monkeypatch):
    places = campaign_features()
    assert np.concatenate(places).tolist() == list(range(62))
    x = np.random.default_rng(0).random((60, 62)).round()
    monkeypatch.setattr(adbench, "load", lambda _: SimpleNamespace(x=x, y=np.arange(60) % 3 == 0))
    data = Counterfactuals(train=20).data()
    assert data.train.shape == (20, 62) and data.held_out.shape == (20, 62) and data.anomalies.shape == (20, 62)
    assert [own.tolist() for own in data.features] == [own.tolist() for own in places]


def test_bank_and_images_are_different_experiments():
    assert [one.dataset for one in chapter_experiments().values()] == [BANK, "mnist"]


def test_figure_and_table_have_a_row_for_each_method():
    experiment = Counterfactuals.at("quick", digit=7)
    record = dataclasses.make_dataclass("Record", ["arrays"], namespace={
        "__getitem__": lambda self, key: self.arrays[key],
        "parameter": lambda self, name: experiment.parameters[name],
    })(arrays(experiment))  # fmt: skip
    assert len(fig_counterfactuals(record).axes) >= 2 * 5
    assert [row[0] for row in table_measures(record).rows] == ["HBOS, sparse", "HBOS, line", "KNN, sparse", "KNN, line"]
    assert record["agree"][[0, 1], :, :, [0, 1]].all()  # every search ends at a row that is normal to its detector
    assert (record["ranks"] <= 0.9 + 1e-9).all()


@pytest.mark.parametrize("good", [True, False])
def test_claims_are_decided_by_their_criteria(good):
    agree = np.zeros((4, 2, 20, 4), bool)
    agree[0, 0, :, 1:] = not good
    record = {
        "changed": np.full((4, 2, 20), 4 if good else 5),
        "agree": agree,
        "judged": np.full((4, 2, 20), not good),
    }
    assert claims.few_changes_suffice(record, record).holds is good
    assert claims.other_detectors_disagree(record, record).holds is good
    assert claims.they_do_not_look_normal(record).holds is good

"""`anogen status --json`: its shape, and when a figure counts as done."""

import json

import pytest

from companion.claims import base, inventory
from companion.claims.base import Verdict
from companion.site import status
from companion.site.status import Built


@pytest.fixture(autouse=True)
def _verdicts(monkeypatch):
    """Judge by hand, so that the test does not depend on the records at hand."""
    by_hand = {
        "thesis-c-01": Verdict("thesis-c-01", "inconclusive", {}, "", "unstated choice", ("a/x", "b/y"), "background"),
        "thesis-c-02": Verdict("thesis-c-02", "reproduced", {}, "", "", ("roc-curve/default",), "background"),
    }
    monkeypatch.setattr(status, "verdict", lambda id_: by_hand.get(id_, Verdict(id_, None, {}, "", "", (), None)))


def by_id(rows):
    return {row["id"]: row for row in rows}


def test_every_id_is_listed_once_in_the_documented_shape():
    state = status.status({})
    assert list(state) == ["figures", "tables", "claims", "own_claims"]
    for kind, entries in (
        ("figures", inventory.figures()),
        ("tables", inventory.tables()),
        ("claims", inventory.claims()),
        ("own_claims", inventory.own_claims()),
    ):
        assert [row["id"] for row in state[kind]] == [entry.id for entry in entries]
    assert {tuple(row) for kind in ("figures", "tables") for row in state[kind]} == {
        ("id", "state", "missing", "page", "record", "scale")
    }
    assert {tuple(row) for row in (*state["claims"], *state["own_claims"])} == {
        ("id", "verdict", "cause", "page", "record")
    }
    assert json.loads(json.dumps(state)) == state


def test_nothing_is_done_without_a_built_site():
    state = status.status({})
    assert {row["state"] for kind in ("figures", "tables") for row in state[kind]} == {"missing"}
    assert {row["page"] for row in state["figures"]} == {None}


def test_a_figure_is_done_where_it_stands_with_its_record():
    built = {
        "thesis-fig-2.2": Built("background", ("roc-curve/default",), "laptop"),
        "thesis-fig-6.18": Built("other-detectors", ("retraining/default", "retraining/seed-1"), "laptop"),
        "thesis-fig-5.3": Built("methods", (), None),  # a concept diagram
        "thesis-fig-6.1": Built("autoencoder", (), "laptop"),  # a result without its record
    }
    figures = by_id(status.status(built)["figures"])
    assert figures["thesis-fig-2.2"] == {
        "id": "thesis-fig-2.2", "state": "done", "missing": None, "page": "background", "record": "roc-curve/default",
        "scale": "laptop",
    }  # fmt: skip
    assert figures["thesis-fig-6.18"]["record"] == "retraining/default"
    assert figures["thesis-fig-5.3"] == {
        "id": "thesis-fig-5.3", "state": "done", "missing": None, "page": "methods", "record": None, "scale": None,
    }  # fmt: skip
    assert figures["thesis-fig-6.1"]["state"] == "missing"
    assert sum(row["state"] == "done" for row in figures.values()) == 3


def test_a_figure_that_lacks_panels_is_partial_and_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(status, "missing_parts", lambda: {"thesis-fig-2.2": "one curve", "thesis-fig-6.1": "a panel"})
    built = {"thesis-fig-2.2": Built("background", ("roc-curve/default",), "laptop")}
    figures = by_id(status.status(built)["figures"])
    assert (figures["thesis-fig-2.2"]["state"], figures["thesis-fig-2.2"]["missing"]) == ("partial", "one curve")
    assert (figures["thesis-fig-6.1"]["state"], figures["thesis-fig-6.1"]["missing"]) == ("missing", None)


def test_claims_carry_their_verdicts():
    claims = by_id(status.status({})["claims"])
    assert claims["thesis-c-01"] == {
        "id": "thesis-c-01", "verdict": "inconclusive", "cause": "unstated choice", "page": "background",
        "record": "a/x",
    }  # fmt: skip
    assert claims["thesis-c-02"]["cause"] is None
    assert claims["anorand-c-01"] == {
        "id": "anorand-c-01", "verdict": None, "cause": None, "page": None, "record": None,
    }  # fmt: skip
    assert {row["verdict"] for row in claims.values()} <= {*base.VERDICTS, None}


def test_a_claims_page_is_the_sites_page_once_there_is_one():
    built = {"thesis-fig-2.2": Built("book/chapters/background.html", ("roc-curve/default",), "laptop")}
    assert by_id(status.status(built)["claims"])["thesis-c-02"]["page"] == "book/chapters/background.html"

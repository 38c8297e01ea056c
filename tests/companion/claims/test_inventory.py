"""The inventory is complete, its ids are unique and refer to each other."""

import dataclasses
from datetime import date

import pytest

from anogen.errors import InputError
from companion.chapters import chapters
from companion.claims import inventory
from companion.figures.registry import function_of

KINDS = {
    "figures": inventory.figures,
    "tables": inventory.tables,
    "equations": inventory.equations,
    "claims": inventory.claims,
    "inconsistencies": inventory.inconsistencies,
}
EVERYTHING = [entry for read in (*KINDS.values(), inventory.own_claims) for entry in read()]


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_entries_as_the_inventory_says(kind):
    counts = inventory.raw()["meta"]["counts"][kind]
    entries = KINDS[kind]()
    assert len(entries) == counts["total"]
    for source in ("thesis", "tailored", "review", "anorand"):
        assert sum(entry.source == source for entry in entries) == counts[source]


def test_every_id_is_unique_and_found():
    assert len({entry.id for entry in EVERYTHING}) == len(EVERYTHING)
    assert all(inventory.by_id(entry.id) is entry for entry in EVERYTHING)


def test_every_reference_leads_somewhere():
    known = {entry.id for entry in EVERYTHING} | set(inventory.raw()["extra_experiments"])
    assert {ref for claim in inventory.claims() for ref in claim.experiment} <= known
    for claim in inventory.own_claims():
        assert all(function_of(ref) for ref in claim.experiment), claim.id
    assert {ref for figure in inventory.figures() for ref in figure.depends_on} <= known


def test_own_claims_are_apart_from_the_sources():
    for claim in inventory.own_claims():
        assert claim.id.startswith("anogen-c-") and claim.source == inventory.OWN, claim.id
        assert claim.section in chapters() and isinstance(claim.extra["fixed"], date), claim.id


def test_entries_are_typed_and_cannot_be_changed():
    figure = inventory.by_id("thesis-fig-5.1")
    assert isinstance(figure, inventory.Figure)
    assert figure.drawn
    assert not inventory.by_id("thesis-fig-2.2").drawn
    with pytest.raises(dataclasses.FrozenInstanceError):
        figure.shows = "something else"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("thesis-fig-6.188", "thesis-fig-6.18"),
        ("thesis-c-2", "thesis-c-02"),
        ("inc-thesis-1", "inc-thesis-01"),
        ("Thesis-Fig-6.17", "thesis-fig-6.17"),
        ("thesis-fig6.4", "thesis-fig-6.4"),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest(typed, meant):
    with pytest.raises(InputError) as caught:
        inventory.by_id(typed)
    assert str(caught.value) == f"no entry {typed!r} in the inventory: did you mean {meant!r}?"


def test_a_figure_is_not_taken_for_a_claim():
    with pytest.raises(InputError, match=r"'thesis-fig-2\.2' is not a claim but a figure"):
        inventory.claim("thesis-fig-2.2")


def test_an_unknown_key_in_the_inventory_is_not_dropped():
    with pytest.raises(ValueError, match=r"x-1.*surprise"):
        inventory.Inconsistency.read({"id": "x-1", "source": "thesis", "surprise": 1})


def test_the_metrics_of_the_criteria_are_defined():
    definitions = {one["id"]: one["definition"] for one in inventory.raw()["metric_definitions"]}
    for name in ("p_cls", "nn_ratio", "morans_i", "normal_looking", "noise_like"):
        assert definitions[name]


def test_sources_and_their_parameters_are_found_by_key():
    assert inventory.source("thesis")["bibtex"] == "ernst2025evaluating"
    assert inventory.raw()["hyperparameters"]["thesis"]["evolutionary_generator"]["stated"]["population"] == 150
    with pytest.raises(InputError, match="no source 'book': choose one of thesis, tailored, review, anorand"):
        inventory.source("book")

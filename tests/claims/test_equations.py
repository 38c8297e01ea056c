"""Every formula of the sources is accounted for: by a function that exists, or as still to come."""

import inspect

import pytest

from anogen.claims import equations, inventory

IDS = [one.id for one in inventory.equations()]


def test_no_formula_is_missing_and_none_is_invented():
    assert list(equations.IMPLEMENTATIONS) == IDS
    assert len(IDS) == inventory.meta()["counts"]["equations"]["total"]


@pytest.mark.parametrize("id_", [id_ for id_ in IDS if equations.IMPLEMENTATIONS[id_]])
def test_what_implements_a_formula_is_there_documented_and_public(id_):
    found = equations.implementation(id_)
    assert callable(found)
    assert inspect.getdoc(found)
    name = equations.named(id_)
    assert name == f"{found.__module__}.{found.__qualname__}"  # where the reference has it, not where it is inherited
    assert not any(part.startswith("_") for part in name.split("."))
    assert id_ in [one.id for one in equations.implemented_by()[name]]


def test_a_formula_that_is_still_to_come_has_no_name():
    missing = [id_ for id_ in IDS if equations.IMPLEMENTATIONS[id_] is None]
    assert all(equations.named(id_) is None and equations.implementation(id_) is None for id_ in missing)
    assert {inventory.by_id(id_).source for id_ in missing} <= equations.AREAS.keys()

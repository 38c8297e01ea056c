"""Every formula of the sources is implemented by a function that exists."""

import inspect
from pkgutil import resolve_name

import pytest

from companion.claims import equations, inventory

IDS = [one.id for one in inventory.equations()]


def test_no_formula_is_missing_and_none_is_invented():
    assert sorted(equations.IMPLEMENTATIONS) == sorted(IDS)
    assert len(IDS) == inventory.raw()["meta"]["counts"]["equations"]["total"]


@pytest.mark.parametrize("id_", IDS)
def test_what_implements_a_formula_is_there_documented_and_public(id_):
    found = resolve_name(equations.IMPLEMENTATIONS[id_])
    assert callable(found)
    assert inspect.getdoc(found)
    name = equations.IMPLEMENTATIONS[id_].replace(":", ".")
    assert name == f"{found.__module__}.{found.__qualname__}"  # where the reference has it, not where it is inherited
    assert not any(part.startswith("_") for part in name.split("."))

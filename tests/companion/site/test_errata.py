"""The errata list the figures and formulas that they concern, and the modules that name them."""

import pytest

from companion.claims import inventory
from companion.site.errata import ID, concerned
from companion.site.where import mentions


@pytest.mark.parametrize(
    ("id_", "about"),
    [
        ("inc-thesis-01", ["thesis-eq-2.2"]),
        ("inc-thesis-09", ["thesis-fig-6.17"]),
        ("inc-anorand-08", ["anorand-eq-6", "anorand-eq-7", "anorand-eq-8"]),
        ("inc-tailored-04", ["tailored-eq-5", "tailored-eq-9"]),
        ("inc-tailored-10", ["tailored-table-11", "tailored-table-5"]),
        ("inc-tailored-01", ["tailored-eq-1"]),
        ("inc-thesis-02", []),
    ],
)
def test_an_inconsistency_leads_to_what_it_is_about(id_: str, about: list[str]) -> None:
    one = inventory.by_id(id_)
    assert isinstance(one, inventory.Inconsistency)
    assert concerned(one) == about


def test_modules_name_only_inconsistencies_that_exist() -> None:
    assert mentions(ID).keys() <= {one.id for one in inventory.inconsistencies()}

"""Every figure, table and claim leads to its function, its experiments and its claim checks."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from anogen.errors import InputError
from companion.claims import inventory
from companion.claims.base import claim_checks
from companion.figures.registry import function_of
from companion.site.where import Location, locate, mentions

FIGURES = [*inventory.figures(), *inventory.tables()]


def name_of(id_: str) -> str:
    """Return the name of the function that implements an id: `fig_6_17` for ``thesis-fig-6.17``."""
    return id_.partition("-")[2].replace("-", "_").replace(".", "_").lower()


def names_of(names: list[str]) -> set[str]:
    """Return the names that a function of one or several ids may have: `tables_1_2`, `tables_3_to_10`."""
    kind, numbers = names[0].partition("_")[0], [name.partition("_")[2] for name in names]
    return {*names} if len(names) == 1 else {f"{kind}s_{'_'.join(numbers)}", f"{kind}s_{numbers[0]}_to_{numbers[-1]}"}


@cache
def all_functions() -> dict[str, Any]:
    return {item.id: function_of(item.id) for item in FIGURES}


def definition(root: Path, location: Location) -> str:
    return (root / location.path).read_text(encoding="utf8").splitlines()[location.line - 1]


@pytest.mark.parametrize("item", FIGURES, ids=lambda item: item.id)
def test_figures_and_tables_lead_to_their_function_and_experiments(
    item: inventory.Figure | inventory.Table, root: Path
) -> None:
    locations = locate(item.id)
    kind = "figure" if isinstance(item, inventory.Figure) else "table"
    functions = [location for location in locations if location.kind == kind]
    assert len(functions) == 1, f"no function implements {item.id}"
    shared = [name_of(id_) for id_, function in all_functions().items() if function is all_functions()[item.id]]
    assert functions[0].name in names_of(shared)
    assert re.match(rf"\s*def {functions[0].name}\(", definition(root, functions[0]))
    experiments = [location for location in locations if location.kind == "experiment"]
    assert experiments or item.drawn
    for location in experiments:
        assert re.match(rf"\s*class {location.name}\(", definition(root, location))


def test_claims_lead_to_their_checks(root: Path) -> None:
    for claim in inventory.all_claims():
        checks = [location for location in locate(claim.id) if location.kind == "claim"]
        assert len(checks) == 1, claim.id
        line, untested = definition(root, checks[0]), claim_checks()[claim.id].function is None
        assert f'"{claim.id}"' in line if untested else re.match(rf"\s*def {checks[0].name}\(", line), claim.id
        assert re.match(r"notebooks/\w+/\w+(/|\.py)", checks[0].path), claim.id


def test_records_name_the_experiments() -> None:
    found = [location for location in locate("thesis-fig-2.1", ["roc-curve/default"]) if location.kind == "experiment"]
    assert [location.name for location in found] == ["RocCurve"]
    assert found[0].path == "notebooks/thesis/background/experiments.py"


def test_formulas_lead_to_their_function() -> None:
    (location,) = locate("thesis-eq-2.4")
    assert (location.kind, location.name) == ("formula", "anogen.metrics.detection.roc_curve")


def test_an_unknown_id_is_rejected() -> None:
    with pytest.raises(InputError, match=r"did you mean 'thesis-fig-6\.1"):
        locate("thesis-fig-6.1x")


def test_mentions_give_the_first_line_in_each_module(root: Path) -> None:
    found = mentions(re.compile(r"inc-[a-z]+-\d\d"))
    assert found.keys() <= {one.id for one in inventory.inconsistencies()}
    for id_, locations in found.items():
        assert all(id_ in definition(root, location) for location in locations)
        assert len({location.path for location in locations}) == len(locations)

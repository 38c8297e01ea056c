"""What the claims of the review's chapters share."""

from collections.abc import Iterable

from companion.claims.base import Case, Comparison


def trainings(criteria: Iterable[tuple[Comparison, ...]], setting: str = "", *, admissible: bool = True) -> list[Case]:
    """Return a case for each training, from the parts of its criterion."""
    return [Case(parts, setting, i, admissible) for i, parts in enumerate(criteria)]

"""DEAN as the book trains it (thesis 6.3): how many submodels, and for which k."""

KS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


def named(submodels: int) -> str:
    """Return DEAN with a number of submodels, as the catalogue reads it."""
    return f"dean:n_submodels={submodels}"

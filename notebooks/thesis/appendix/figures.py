"""Figures and tables of chapter `appendix` (thesis, appendix A): masks and images by the share of fixed pixels."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.tables import Table
from companion.records import Record
from notebooks.thesis.appendix.claims import area, rank_correlation
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.common.image_figures import against_k, guided, real_below


@implements(*(f"thesis-fig-A.{number}" for number in range(1, 9)), "anogen-fig-appendix-*")
def figs_a_1_to_a_8(search: Record, levels: Sequence[float], unguided: int) -> Figure:
    """Draw pairs of mask and image for some k, after `unguided` images from noise (Figs. A.1 to A.8).

    Above each image is the percentage of real images that score lower.
    """
    return guided(search, chosen=levels, unguided=unguided, relate=real_below)


@implements("anogen-fig-appendix-quality")
def fig_quality_by_k(qualities: Mapping[str, Record]) -> Figure:
    """Plot the mean quality of the images by k, one line a detector."""
    return against_k(qualities, "guided_quality", "quality")


def normal_from(by: Drawn) -> str:
    """Return the smallest k from which on at least half of the images look normal, as a text."""
    ks = (0.0, *by.ks)
    steady = [k for k in ks if all(by.share(above) >= 0.5 for above in ks if above >= k)]
    return f"{steady[0]:.0%}" if steady else "none"


def table_areas(by: Mapping[str, Drawn]) -> Table:
    """Compare the areas under the curves of quality over k, the largest first, and the errors of the free pixels."""
    head = (
        "detector", "half look normal from k =", "area under the curve", "of the optima", "rank correlation with k",
        "error of free pixels",
    )  # fmt: skip
    rows = []
    for name in sorted(by, key=lambda name: area(by[name]), reverse=True):
        drawn, best = by[name], by[name].optima_or_images()
        optima = f"{area(best):.2f}" if best.perfect else "not known"
        errors = " to ".join(f"{drawn.free(k):.2f}" for k in (0, drawn.ks[-1]))
        numbers = f"{area(drawn):.2f}", optima, f"{rank_correlation(drawn):.2f}"
        rows.append([name, normal_from(drawn), *numbers, errors])
    return Table(head, rows)

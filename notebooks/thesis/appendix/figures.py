"""Figures and tables of chapter `appendix` (thesis, appendix A): masks and images by the share of fixed pixels."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.tables import Table
from companion.records import Record
from notebooks.thesis.appendix.claims import area, rank_correlation
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.common.image_figures import against_k, guided


@implements(*(f"thesis-fig-A.{number}" for number in range(1, 9)), "anogen-fig-appendix-*")
def figs_a_1_to_a_8(search: Record, levels: Sequence[float], unguided: int) -> Figure:
    """Draw pairs of mask and image for some k, after `unguided` images from noise (Figs. A.1 to A.8)."""
    return guided(search, chosen=levels, unguided=unguided)


@implements("anogen-fig-appendix-quality")
def fig_quality_by_k(qualities: Mapping[str, Record]) -> Figure:
    """Plot the mean quality of the images by k, one line a detector."""
    return against_k(qualities, "guided_quality", "quality")


def table_areas(by: Mapping[str, Drawn], pairs: Mapping[str, int]) -> Table:
    """Compare the areas under the curves of quality over k, the largest first; `pairs` are numbers of masks."""
    head = ("detector", "area under the curve", "of the optima", "rank correlation with k", "pairs")
    rows = []
    for name in sorted(by, key=lambda name: area(by[name]), reverse=True):
        best = by[name].optima_or_images()
        optima = f"{area(best):.2f}" if best.perfect else "not known"
        rows.append([name, f"{area(by[name]):.2f}", optima, f"{rank_correlation(by[name]):.2f}", str(pairs[name])])
    return Table(head, rows)

"""What the pages of this source show alike: a GAN's training, and the scores of its critic and of detectors."""

from collections.abc import Mapping

from companion import records
from companion.notebook import figure, table
from companion.records import Record
from notebooks.tailored.common.claims import learned, premise_needs
from notebooks.tailored.common.figures import fig_12, fig_losses, figs_7_11, tables_3_to_10
from notebooks.tailored.common.omniglot import BothWays, distributed


def show_losses(record: Record, id_: str, gan: str) -> None:
    """Show the losses of the training of `gan`."""
    advantage = "the critic's advantage $R - F$, its gradient penalty, and the classifier's cross-entropy on the fakes"
    alt = "Three panels with noisy lines over the iterations."
    figure(fig_losses(record), id=id_, caption=f"The training: {advantage}; {gan}.", alt=alt, records=[record])


def show_premise(page: str) -> None:
    """Show the numbers that say whether the generator of a page has learned, and what is required of them."""
    loaded = [records.load(experiment) for experiment in premise_needs(page)]
    rows = [
        [bar.quantity, f"{bar.value:.3g}", f"{'at least' if bar.sign == '>=' else 'at most'} {bar.threshold:g}",
         "met" if bar.met() else "missed"]
        for bar in learned(page, *loaded).values()
    ]  # fmt: skip
    table(["measure of the generator", "here", "required", ""], rows)


def both_ways(record: Mapping[str, Record], role: str) -> BothWays | Record | None:
    """Return the record of a role with Omniglot both ways round; None if one of the two records is missing."""
    if role not in record:
        return None
    if distributed(role) in record:
        return BothWays(record[role], record[distributed(role)])
    return None if "omniglot" in record[role]["names"].tolist() else record[role]


def sources(record: BothWays | Record) -> list[Record]:
    """Return the records behind one that may be joined."""
    return [record.record, record.as_distributed] if isinstance(record, BothWays) else [record]


def show_table(record: BothWays | Record, number: int, who: str, how: str) -> None:
    """Show one of Tables 3 to 10."""
    bold = "mean and deviation in bold" if len(record["auroc"]) > 1 else "measured in bold"
    caption = f"{who}, in percent: {bold}, then reported and the difference; {how}."
    table(*tables_3_to_10(record, number), id=f"tailored-table-{number}", caption=caption, records=sources(record))


def show_scores(record: BothWays | Record, id_: str, caption: str, sets: str) -> None:
    """Show ROC curves and scores of every set of anomalies."""
    alt = f"Left, curves of {sets} of anomalies. Right, a row of boxes, the real images on top."
    figure(figs_7_11(record), id=id_, caption=caption, alt=alt, records=sources(record))


def show_norms(record: Record, id_: str, detector: str) -> None:
    """Show the classifier's confidence and a detector's score over the norm."""
    what = "The classifier's confidence and the detector's score over the norm of the seed"
    caption = f"{what}, one line a class; dotted: $r_A$. {detector}."
    alt = "Two panels with ten lines each over the norm of the seed, from 0 to 15, and a dotted vertical line at 5."
    figure(fig_12(record), id=id_, caption=caption, alt=alt, records=[record])

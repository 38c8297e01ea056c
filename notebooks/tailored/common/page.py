"""What the pages of this source show alike: a GAN's training, and the scores of its critic and of detectors."""

from companion.notebook import figure, table
from companion.records import Record
from notebooks.tailored.common.figures import fig_12, fig_losses, figs_7_11, tables_3_to_10


def show_losses(record: Record, id_: str, gan: str) -> None:
    """Show the losses of the training of `gan`."""
    advantage = "the critic's advantage $R - F$, its gradient penalty, and the classifier's cross-entropy on the fakes"
    alt = "Three panels with noisy lines over the iterations."
    figure(fig_losses(record), id=id_, caption=f"The training: {advantage}; {gan}.", alt=alt, records=[record])


def show_table(record: Record, number: int, who: str, how: str) -> None:
    """Show one of Tables 3 to 10."""
    bold = "mean and deviation in bold" if len(record["auroc"]) > 1 else "measured in bold"
    caption = f"{who}, in percent: {bold}, then reported and the difference; {how}."
    table(*tables_3_to_10(record, number), id=f"tailored-table-{number}", caption=caption, records=[record])


def show_scores(record: Record, id_: str, caption: str, sets: str) -> None:
    """Show ROC curves and scores of every set of anomalies."""
    alt = f"Left, curves of {sets} of anomalies. Right, a row of boxes, the real images on top."
    figure(figs_7_11(record), id=id_, caption=caption, alt=alt, records=[record])


def show_norms(record: Record, id_: str, detector: str) -> None:
    """Show the classifier's confidence and a detector's score over the norm."""
    what = "The classifier's confidence and the detector's score over the norm of the seed"
    caption = f"{what}, one line a class; dotted: $r_A$. {detector}."
    alt = "Two panels with ten lines each over the norm of the seed, from 0 to 15, and a dotted vertical line at 5."
    figure(fig_12(record), id=id_, caption=caption, alt=alt, records=[record])

"""What the pages of this source show alike: a GAN's training, and the scores of its critic and of detectors."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from companion import records
from companion.claims.base import Comparison, claim_checks, verdict
from companion.claims.decision import decide
from companion.notebook import figure, fold, table
from companion.records import Record
from notebooks.tailored.common.claims import CIFAR, PREMISES, learned, premise, premise_needs
from notebooks.tailored.common.figures import SECOND, TITLES, fig_12, fig_losses, figs_7_11, tables_3_to_10
from notebooks.tailored.common.omniglot import BothWays, distributed

LOSSES = {"advantage": "critic.gap", "penalty": "critic.penalty", "cross-entropy": "generator.classified"}


def show_losses(record: Record, id_: str, gan: str) -> None:
    """Show the losses of the training of `gan`."""
    parts = "the critic's advantage $R - F$, its gradient penalty, and the classifier's cross-entropy on the fakes"
    ends = {name: float(record[f"losses.{key}"][-50:].mean()) for name, key in LOSSES.items()}
    means = ", ".join(f"{end:.2f} ({name})" for name, end in ends.items())
    alt = f"Three panels with noisy lines over the iterations; at the end the means are {means}."
    figure(
        fig_losses(record),
        id=id_,
        caption=f"The last {len(record['losses.critic.gap']):,} iterations of the training: {parts}; {gan}.",
        alt=alt,
        records=[record],
    )


def premise_bars(page: str) -> Mapping[str, Comparison]:
    """Return how far the generator of a page has learned, from its records: see `learned`."""
    return learned(page, *(records.load(experiment) for experiment in premise_needs(page)))


def show_premise(page: str) -> None:
    """Show these measures and the bars that they have to reach."""
    words = {True: "met", False: "missed", None: ""}
    rows = [[bar.quantity, f"{bar.value:.3g}", bar.criterion, words[bar.met()]] for bar in premise_bars(page).values()]
    table(["measure of the generator", "here", "required", ""], rows)


def premise_numbers(page: str) -> dict[str, str]:
    """Return the share of fakes with their class and the AUROC against real images, each with its bar."""
    bars = premise_bars(page)
    label, apart = bars["label"], bars["auroc"]
    return {
        "labelled": f"{label.value:.1f}%",
        "labelled_bar": f"{label.threshold:g}%",
        "told_apart": f"{apart.value:.1f}",
        "told_apart_bar": f"{apart.threshold:g}",
    }


def waiting_numbers(page: str) -> dict[str, int]:
    """Return how many statements of a page wait for its generator alone, and what their numbers alone would decide.

    Statements on both data sets, one of which has another generator, are left out.
    """
    lacking = premise(page, *(records.load(experiment) for experiment in premise_needs(page)))
    words: Counter[str] = Counter()
    for id_, check in claim_checks().items():
        finding = verdict(id_).finding if check.page == page else None
        if finding and lacking and finding.limits.startswith(lacking) and PREMISES[CIFAR].data not in finding.limits:
            own = finding.limits.removeprefix(lacking).removeprefix("; ")
            words[decide(replace(finding, limits=own))] += 1
    named = {"would_hold": "reproduced", "would_hold_partly": "reproduced in part", "would_fail": "not reproduced"}
    return {"waiting": words.total()} | {key: words[word] for key, word in named.items()}


def scale_numbers(gan: Any, paper: Any) -> dict[str, str]:
    """Return the scale of a GAN's training: filters, batch, iterations, and its share of the images of the paper's."""
    return {
        "filters": f"{gan.width}",
        "batch": f"{gan.batch}",
        "iterations": f"{gan.done:,}",
        "share": f"{100 * gan.done * gan.batch / paper.iterations / paper.batch:.2g}%",
    }


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
    """Show one of Tables 3 to 10: area and accuracy, and folded the other two measures."""
    spread = ", mean (standard deviation)" if len(record["auroc"]) > 1 else ""
    caption = f"{who}, in percent{spread}; {how}."
    table(*tables_3_to_10(record, number), id=f"tailored-table-{number}", caption=caption, records=sources(record))
    title = f"Table {number}: false positive rate, and accuracy at the 99% threshold"
    fold(title, tables_3_to_10(record, number, SECOND))


def show_scores(record: BothWays | Record, id_: str, caption: str) -> None:
    """Show ROC curves and scores of every set of anomalies."""
    areas = dict(zip(map(TITLES.get, record["names"].tolist()), record["auroc"].mean(axis=0), strict=True))
    low, high = min(areas, key=areas.__getitem__), max(areas, key=areas.__getitem__)
    ends = " to ".join(f"{areas[name]:.2f} ({name})" for name in (low, high))
    alt = f"Left, ROC curves of {len(areas)} sets: areas from {ends}. Right, the scores of each set below real images'."
    figure(figs_7_11(record), id=id_, caption=caption, alt=alt, records=sources(record))


def show_norms(record: Record, id_: str, detector: str) -> None:
    """Show the classifier's confidence and a detector's score over the norm."""
    what = "(a) The classifier's confidence and (b) the detector's score over the norm of the seed"
    caption = f"{what}, one line a class; dotted: $r_A$. {detector}."
    ends = record["confidence_curve"].mean(axis=0)[[0, -1]], record["curve"].mean(axis=(0, 1))[[0, -1]]
    sure, score = ("{:.2f} to {:.2f}".format(*pair) for pair in ends)
    alt = f"Two panels of ten lines. From norm 0 to 15, mean confidence goes from {sure}, the mean score from {score}."
    figure(fig_12(record), id=id_, caption=caption, alt=alt, records=[record])

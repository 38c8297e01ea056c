"""Measurements of each detector from the records of other chapters, and the rules of the recommendations.

Rules and thresholds were fixed before the columns were put together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from anogen.auditing import FINDINGS
from companion.records import Record
from notebooks.beyond.audit_bench.experiments import FAILED, FOUND
from notebooks.beyond.typical_set import figures as typical_set
from notebooks.beyond.typical_set.experiments import KINDS
from notebooks.beyond.which_detector.experiments import TABLES, same_class

MIN_AUC_IMAGES = 0.9  # mean over digits and trainings: detects
MIN_AUC_TABLES = 0.8  # mean over the tables of the case studies
MIN_LOOKS_NORMAL = 0.5  # share of generated images: shows digits
MAX_GAP = 1.0  # median, in interquartile ranges of real images' scores: the search arrived
MIN_CLEAN = 0.8  # share of tables without a finding
NEAR = 2.0  # median distance of generated rows to the nearest real row, in units of real rows' own


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The measurements of one detector; None where there is no record.

    On images: `findings` of the audit; `auc`, `looks_normal` (share of found images) and `gap` (median), over digits
    and trainings, `gap` NaN if no optimum is known; `status` of the optimum on one digit, and `optimum_looks_normal`;
    `samples_look_normal`, the share of samples that score as real images do, NaN if no chain arrives there.
    On tables: `clean` and `audited`, numbers of tables; `aucs` and `distances` by table.
    """

    findings: tuple[str, ...] | None = None
    auc: float | None = None
    looks_normal: float | None = None
    gap: float | None = None
    status: str | None = None
    optimum_looks_normal: float | None = None
    samples_look_normal: float | None = None
    clean: int | None = None
    audited: int = 0
    aucs: Mapping[str, float] = field(default_factory=dict)
    distances: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether the audit on images found nothing."""
        return self.findings == ()

    @property
    def detects(self) -> bool:
        """Whether the mean ROC AUC on images reaches its threshold."""
        return self.auc is not None and self.auc >= MIN_AUC_IMAGES

    @property
    def shows_digits(self) -> bool:
        """Whether enough of the images found look normal."""
        return self.looks_normal is not None and self.looks_normal >= MIN_LOOKS_NORMAL

    @property
    def arrives(self) -> bool:
        """Whether the optimum is known and the search ends near it."""
        return self.gap is not None and self.gap <= MAX_GAP

    @property
    def has_odd_optimum(self) -> bool:
        """Whether no image of the lowest possible score looks normal."""
        return self.optimum_looks_normal == 0

    @property
    def is_clean_on_tables(self) -> bool:
        """Whether the audit has no finding on enough tables."""
        return self.clean is not None and self.clean >= MIN_CLEAN * self.audited

    @property
    def mean_auc_tables(self) -> float:
        """The mean ROC AUC over the case studies, NaN without any."""
        return float(np.mean(list(self.aucs.values()))) if self.aucs else np.nan

    @property
    def detects_on_tables(self) -> bool:
        """Whether the mean ROC AUC on tables reaches its threshold."""
        return self.mean_auc_tables >= MIN_AUC_TABLES

    @property
    def is_near(self) -> bool:
        """Whether generated rows are near real ones, in the median over the case studies."""
        return bool(self.distances) and float(np.median(list(self.distances.values()))) <= NEAR


def gather(records: Mapping[str, Record], names: Iterable[str]) -> dict[str, Evidence]:
    """Return the evidence of each detector."""
    return {name: Evidence(**on_images(records, name), **on_tables(records, name)) for name in names}


def on_images(records: Mapping[str, Record], name: str) -> dict[str, Any]:
    """Return the measurements on images by name."""
    result: dict[str, Any] = {}
    if "audited" in records:
        audited = records["audited"]
        for path, row in zip(audited.parameter("detectors"), audited["findings"], strict=True):
            if same_class(path, name):
                result["findings"] = tuple(f for f, has in zip(FINDINGS, row, strict=False) if has)
    if digits := records.get(f"digits-{name}"):
        low, _, high = np.moveaxis(digits["real_scores"], -1, 0)
        gaps = (digits["scores"] - digits["optimum"]) / (high - low)
        result |= {"auc": float(digits["auc"].mean()), "gap": float(np.median(gaps))}
    if judgement := records.get(f"judged-digits-{name}"):
        result["looks_normal"] = float(judgement["normal_looking"].mean())
    if certificate := records.get(f"certificate-{name}"):
        result["status"] = str(certificate["kind"])
    if judgement := records.get(f"judged-certificate-{name}"):
        result["optimum_looks_normal"] = float(judgement["optimum_normal_looking"].mean())
    return result | samples_of({role: r for role, r in records.items() if role.startswith("typical-")}, name)


def samples_of(records: Mapping[str, Record], name: str) -> dict[str, Any]:
    """Return the share of samples that look normal, over digits; NaN if the chains do not arrive at their scores."""
    if not records or any(name not in typical_set.names(record) for record in records.values()):
        return {}
    shares = [
        float(record["accepted"][typical_set.names(record).index(name), KINDS.index("typical")])
        for record in records.values()
    ]
    return {"samples_look_normal": float(np.mean(shares)) if name in typical_set.arrived(records) else np.nan}


def on_tables(records: Mapping[str, Record], name: str) -> dict[str, Any]:
    """Return the measurements on tables by name."""
    result: dict[str, Any] = {}
    if library := records.get("library"):
        for path, findings in zip(library.parameter("detectors"), library["findings"], strict=True):
            if path.startswith("pyod.") and same_class(path, name):
                faulty = np.atleast_1d(np.isin(findings, (FOUND, FAILED)).any(axis=1))
                result |= {"clean": int((~faulty).sum()), "audited": len(faulty)}
    aucs, distances = {}, {}
    for table in TABLES:
        if table in records and name in records[table].parameter("detectors"):
            record = records[table]
            i = list(record.parameter("detectors")).index(name)
            aucs[table], distances[table] = float(record["roc_auc"][i]), float(np.median(record["nn_ratio"][i]))
    return result | {"aucs": aucs, "distances": distances}


class Recommendation(NamedTuple):
    """A purpose, the detectors that its rule selects, and the rule in words."""

    purpose: str
    detectors: list[str]
    rule: str


def recommendations(evidence: Mapping[str, Evidence]) -> list[Recommendation]:
    """Return a recommendation for each purpose; of its detectors, the one with the highest ROC AUC is first."""
    by_auc = sorted(evidence, key=lambda name: -(evidence[name].auc or 0))
    by_table = sorted(evidence, key=lambda name: -np.nan_to_num(evidence[name].mean_auc_tables))

    def those(order: list[str], *rules: str) -> list[str]:
        return [name for name in order if all(getattr(evidence[name], rule) for rule in rules)]

    return [
        Recommendation(
            "to score images",
            those(by_auc, "is_sound", "detects"),
            f"no finding, and a ROC AUC of at least {MIN_AUC_IMAGES:g}",
        ),
        Recommendation(
            "to show people what a detector scores as normal",
            those(by_auc, "is_sound", "shows_digits"),
            f"no finding, and at least {MIN_LOOKS_NORMAL:.0%} of the images found look normal",
        ),
        Recommendation(
            "to blame the detector, not the search, for an odd image",
            those(by_auc, "arrives"),
            f"the gap to the known optimum is at most {MAX_GAP:g}",
        ),
        Recommendation(
            "a warning: the most normal image is odd",
            those(by_auc, "has_odd_optimum"),
            "the optimum does not look normal, so no search would find a digit",
        ),
        Recommendation(
            "to score a table as it is, unscaled",
            those(by_table, "is_clean_on_tables", "detects_on_tables"),
            f"no finding on at least {MIN_CLEAN:.0%} of the tables, and a mean ROC AUC of at least {MIN_AUC_TABLES:g}",
        ),
        Recommendation(
            "to trust that rows of a low score are near real ones",
            those(by_table, "is_near"),
            f"generated rows are at most {NEAR:g} times as far from real rows as these are from each other",
        ),
    ]

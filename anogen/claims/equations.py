"""Which function implements each formula of the sources; the notation page and the reference of the package say so."""

import importlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from anogen.claims import inventory

# module:qualified name; None as long as the chapter that needs the formula has not been written
IMPLEMENTATIONS: Mapping[str, str | None] = MappingProxyType(
    {
        "thesis-eq-2.1": "anogen.evaluation.detection:precision_recall_f1",
        "thesis-eq-2.2": "anogen.evaluation.detection:precision_recall_f1",
        "thesis-eq-2.3": "anogen.evaluation.detection:precision_recall_f1",
        "thesis-eq-2.4": "anogen.evaluation.detection:roc_curve",
        "thesis-eq-5.1": "anogen.detectors.autoencoder:ConvAutoencoder.reconstruction_error",
        "thesis-eq-svdd-score": "anogen.scoring.svdd:DeepSVDDScorer",
        "thesis-eq-dean-score": "anogen.detectors.dean:combined",
        "thesis-eq-ea-child": "anogen.generation.evolution:step",
        "tailored-eq-norm": None,
        "tailored-eq-1": None,
        "tailored-eq-2": None,
        "tailored-eq-3": None,
        "tailored-eq-4": None,
        "tailored-eq-5": None,
        "tailored-eq-6": None,
        "tailored-eq-7": None,
        "tailored-eq-8": None,
        "tailored-eq-9": None,
        "tailored-eq-10": None,
        "tailored-eq-gp": None,
        "tailored-eq-11": None,
        "tailored-eq-threshold": None,
        "tailored-eq-tpr-fpr": "anogen.evaluation.detection:roc_curve",
        "review-eq-1": "anogen.datasets.dataset:Dataset.normal",
        "review-eq-2": "anogen.experiments.one_class:Contamination.compute",
        "review-eq-3": "anogen.detectors.adversarial.objectives:criticised",
        "review-eq-4": "anogen.detectors.adversarial.search:residual",
        "review-eq-5": "anogen.detectors.adversarial.search:discrimination",
        "review-eq-6": "anogen.detectors.adversarial.search:feature_matching",
        "review-eq-7": "anogen.detectors.adversarial.search:total",
        "review-eq-8": "anogen.experiments.inference:best_threshold",
        "review-eq-9": "anogen.experiments.gan_measures:weights",
        "review-eq-optimal-d": "anogen.experiments.gan_toys:OptimalDiscriminator",
        "review-eq-annulus": "anogen.experiments.gan_toys:LatentLaw",
        "review-eq-inverse": "anogen.detectors.adversarial.inverse:bidirectional",
        "anorand-eq-1": "anogen.detectors.anorand_training:outputs",
        "anorand-eq-2": "anogen.detectors.anorand_training:reconstruction_loss",
        "anorand-eq-3": "anogen.detectors.anorand_training:detection_loss",
        "anorand-eq-4": "anogen.detectors.anorand_training:loss",
        "anorand-eq-loss-expanded": "anogen.experiments.anorand_variants:PrintedExpansion.loss",
        "anorand-eq-5": "anogen.detectors.anorand_training:Training",
        "anorand-eq-6": "anogen.detectors.anorand:AnoRand.probabilities",
        "anorand-eq-7": "anogen.detectors.anorand:AnoRand.balance",
        "anorand-eq-8": "anogen.detectors.anorand:AnoRand.combined",
    }
)
AREAS = {
    "thesis": "the chapters on the thesis",
    "tailored": "the chapters on GANs tailored for classifiers",
    "review": "the chapters on the review",
    "anorand": "the chapters on AnoRand",
}


def named(id_: str) -> str | None:
    """Return the dotted name of what implements a formula, None if that is still to come."""
    path = IMPLEMENTATIONS[id_]
    return path.replace(":", ".") if path else None


def implementation(id_: str) -> Any:
    """Import and return what implements a formula, None if that is still to come."""
    path = IMPLEMENTATIONS[id_]
    if path is None:
        return None
    module, _, qualified = path.partition(":")
    found: Any = importlib.import_module(module)
    for attribute in qualified.split("."):
        found = getattr(found, attribute)
    return found


@cache
def implemented_by() -> Mapping[str, tuple[inventory.Equation, ...]]:
    """Return the formulas that each function, by its dotted name, implements."""
    found: dict[str, tuple[inventory.Equation, ...]] = {}
    for one in inventory.equations():
        if name := named(one.id):
            found[name] = (*found.get(name, ()), one)
    return MappingProxyType(found)

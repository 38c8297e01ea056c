"""Which function implements each formula of the sources, for the notation page and `anogen where`."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# module:qualified name
IMPLEMENTATIONS: Mapping[str, str] = MappingProxyType(
    {
        "thesis-eq-2.1": "anogen.metrics.detection:precision_recall_f1",
        "thesis-eq-2.2": "anogen.metrics.detection:precision_recall_f1",
        "thesis-eq-2.3": "anogen.metrics.detection:precision_recall_f1",
        "thesis-eq-2.4": "anogen.metrics.detection:roc_curve",
        "thesis-eq-5.1": "anogen.detectors.autoencoder:ConvAutoencoder.reconstruction_error",
        "thesis-eq-svdd-score": "anogen.scorers.deep_svdd:DeepSVDDScorer",
        "thesis-eq-dean-score": "anogen.detectors.dean:combine_outputs",
        "thesis-eq-ea-child": "anogen.generators.evolution:step",
        "tailored-eq-norm": "anogen.detectors.gan.seeds:norm",
        "tailored-eq-1": "anogen.detectors.gan.seeds:density",
        "tailored-eq-2": "anogen.detectors.gan.wgan_gp:generator_loss",
        "tailored-eq-3": "anogen.detectors.gan.wgan_gp:generator_loss",
        "tailored-eq-4": "anogen.detectors.gan.wgan_gp:generator_loss",
        "tailored-eq-5": "anogen.detectors.gan.wgan_gp:generator_loss",
        "tailored-eq-6": "anogen.detectors.gan.wgan_gp:fakes",
        "tailored-eq-7": "anogen.detectors.gan.wgan_gp:critic_loss",
        "tailored-eq-8": "anogen.detectors.gan.wgan_gp:critic_loss",
        "tailored-eq-9": "anogen.detectors.gan.wgan_gp:critic_loss",
        "tailored-eq-10": "anogen.detectors.gan.wgan_gp:fakes",
        "tailored-eq-gp": "anogen.detectors.gan.wgan_gp:gradient_penalty",
        "tailored-eq-11": "anogen.detectors.gan.tailored:TailoredDetector.decision_function",
        "tailored-eq-threshold": "anogen.detectors.gan.tailored:TailoredDetector.fit",
        "tailored-eq-tpr-fpr": "anogen.metrics.detection:roc_curve",
        "review-eq-1": "anogen.datasets.dataset:Dataset.one_class",
        "review-eq-2": "notebooks.review.gan_challenges.one_class:Contamination.compute",
        "review-eq-3": "anogen.detectors.gan.objectives:discriminator_loss",
        "review-eq-4": "anogen.detectors.gan.latent_search:residual",
        "review-eq-5": "anogen.detectors.gan.latent_search:discrimination",
        "review-eq-6": "anogen.detectors.gan.latent_search:feature_matching",
        "review-eq-7": "anogen.detectors.gan.latent_search:total",
        "review-eq-8": "notebooks.review.gan_review.inference:best_threshold",
        "review-eq-9": "notebooks.review.gan_challenges.experiments:weights",
        "review-eq-optimal-d": "notebooks.review.gan_challenges.toys:OptimalDiscriminator",
        "review-eq-annulus": "notebooks.review.gan_challenges.toys:LatentLaw",
        "review-eq-inverse": "anogen.detectors.gan.objectives:bidirectional_steps",
        "anorand-eq-1": "anogen.detectors.anorand:AnoRand.forward",
        "anorand-eq-2": "anogen.detectors.anorand:reconstruction_loss",
        "anorand-eq-3": "anogen.detectors.anorand:detection_loss",
        "anorand-eq-4": "anogen.detectors.anorand:AnoRand.loss",
        "anorand-eq-loss-expanded": "anogen.detectors.anorand:AnoRand.loss",
        "anorand-eq-5": "anogen.detectors.stacked_training:train",
        "anorand-eq-6": "anogen.detectors.anorand:AnoRand.probabilities",
        "anorand-eq-7": "anogen.detectors.anorand:AnoRand.balance",
        "anorand-eq-8": "anogen.detectors.anorand:AnoRand.combine",
    }
)


def named(id_: str) -> str:
    """Return the dotted name of what implements a formula."""
    return IMPLEMENTATIONS[id_].replace(":", ".")


def implementation(id_: str) -> Any:
    """Import and return what implements a formula."""
    module, _, qualified = IMPLEMENTATIONS[id_].partition(":")
    found: Any = importlib.import_module(module)
    for attribute in qualified.split("."):
        found = getattr(found, attribute)
    return found

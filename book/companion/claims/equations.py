"""Which function implements each formula of the sources, for the notation page and `anogen where`."""

from collections.abc import Mapping

_FORMULAS = {
    "anogen.metrics.detection:precision_recall_f1": "thesis-eq-2.1 thesis-eq-2.2 thesis-eq-2.3",
    "anogen.metrics.detection:roc_curve": "thesis-eq-2.4 tailored-eq-tpr-fpr",
    "anogen.detectors.autoencoder:ConvAutoencoder.reconstruction_error": "thesis-eq-5.1",
    "anogen.scorers.deep_svdd:DeepSVDDScorer": "thesis-eq-svdd-score",
    "anogen.detectors.dean:combine_outputs": "thesis-eq-dean-score",
    "anogen.generators.evolution:step": "thesis-eq-ea-child",
    "anogen.detectors.gan.seeds:norm": "tailored-eq-norm",
    "anogen.detectors.gan.seeds:density": "tailored-eq-1",
    "anogen.detectors.gan.wgan_gp:generator_loss": "tailored-eq-2 tailored-eq-3 tailored-eq-4 tailored-eq-5",
    "anogen.detectors.gan.wgan_gp:fakes": "tailored-eq-6 tailored-eq-10",
    "anogen.detectors.gan.wgan_gp:critic_loss": "tailored-eq-7 tailored-eq-8 tailored-eq-9",
    "anogen.detectors.gan.wgan_gp:gradient_penalty": "tailored-eq-gp",
    "anogen.detectors.gan.tailored:TailoredDetector.decision_function": "tailored-eq-11",
    "anogen.detectors.gan.tailored:TailoredDetector.fit": "tailored-eq-threshold",
    "anogen.datasets.dataset:Dataset.one_class": "review-eq-1",
    "notebooks.review.gan_challenges.one_class:Contamination.compute": "review-eq-2",
    "anogen.detectors.gan.objectives:discriminator_loss": "review-eq-3",
    "anogen.detectors.gan.latent_search:residual": "review-eq-4",
    "anogen.detectors.gan.latent_search:discrimination": "review-eq-5",
    "anogen.detectors.gan.latent_search:feature_matching": "review-eq-6",
    "anogen.detectors.gan.latent_search:total": "review-eq-7",
    "notebooks.review.gan_review.inference:best_threshold": "review-eq-8",
    "notebooks.review.gan_challenges.experiments:weights": "review-eq-9",
    "notebooks.review.gan_challenges.toys:OptimalDiscriminator": "review-eq-optimal-d",
    "notebooks.review.gan_challenges.toys:LatentLaw": "review-eq-annulus",
    "anogen.detectors.gan.objectives:bidirectional_steps": "review-eq-inverse",
    "anogen.detectors.anorand:AnoRand.forward": "anorand-eq-1",
    "anogen.detectors.anorand:reconstruction_loss": "anorand-eq-2",
    "anogen.detectors.anorand:detection_loss": "anorand-eq-3",
    "anogen.detectors.anorand:AnoRand.loss": "anorand-eq-4 anorand-eq-loss-expanded",
    "anogen.detectors.stacked_training:train": "anorand-eq-5",
    "anogen.detectors.anorand:AnoRand.probabilities": "anorand-eq-6",
    "anogen.detectors.anorand:AnoRand.balance": "anorand-eq-7",
    "anogen.detectors.anorand:AnoRand.combine": "anorand-eq-8",
}
# Formula -> module:qualified name, as `pkgutil.resolve_name` reads it.
IMPLEMENTATIONS: Mapping[str, str] = {id_: path for path, ids in _FORMULAS.items() for id_ in ids.split()}

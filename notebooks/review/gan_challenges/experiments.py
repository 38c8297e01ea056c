"""Chapter `gan-challenges`: the five challenges of the review, each as experiments."""

from companion.experiment import Experiment
from notebooks.review.common.one_class import Contamination, Copies, Likelihoods
from notebooks.review.gan_challenges.measures import Imbalance, Subsequences, WeightGrid
from notebooks.review.gan_challenges.toys import LatentLaw, ModeCoverage, OptimalDiscriminator


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    seeds: int = ModeCoverage.seeds,
    iterations: int = ModeCoverage.iterations,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    explicit = {"seeds": seeds, "iterations": iterations}
    given = {key: value for key, value in explicit.items() if value != getattr(ModeCoverage, key)}
    colour = {} if scale == "quick" else {"copies-colour": Copies.at(scale, dataset="cifar10", seed=seed)}
    return {
        "modes": ModeCoverage.at(scale, **given, seed=seed),
        "discriminator": OptimalDiscriminator.at(scale, seed=seed),
        "law": LatentLaw.at(scale, seed=seed),
        "copies": Copies.at(scale, seed=seed),
        **colour,
        "contamination": Contamination.at(scale, normal=normal, seed=seed),
        "likelihoods": Likelihoods.at(scale, seed=seed),
        "imbalance": Imbalance.at(scale, seed=seed),
        "grid": WeightGrid.at(scale, seed=seed),
        "subsequences": Subsequences.at(scale, seed=seed),
    }

"""Chapter `tailored-gan` (Secs. 2, 3 and 4.1-4.2 of the tailored paper): norms of seeds, what a GAN makes of them."""

from companion.experiment import Experiment, digits
from notebooks.tailored.common.samples import Samples
from notebooks.tailored.common.wgan import Tailored
from notebooks.tailored.tailored_gan.alpha import AlphaSweep
from notebooks.tailored.tailored_gan.architecture import Architecture
from notebooks.tailored.tailored_gan.seed_norms import Binormal, NormCost, SeedNorms


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 8,
    path_digit: int = 1,
    width: int = Tailored.width,
    iterations: int = Tailored.iterations,
    stage: int = 1,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    digits(digit, path_digit)
    explicit = {"width": width, "iterations": iterations}
    given = {key: value for key, value in explicit.items() if value != getattr(Tailored, key)}
    samples = Samples.at(scale, **given, digit=digit, path_digit=path_digit, stage=stage, seed=seed)
    return {
        "norms": SeedNorms.at(scale, seed=seed),
        "cost": NormCost.at(scale, seed=seed),
        "binormal": Binormal.at(scale, seed=seed),
        "architecture": Architecture.at(scale),
        "classifier": samples.classifier(),
        "gan": samples.training(),
        "samples": samples,
        "alpha": AlphaSweep.at(scale, **given, stage=stage, seed=seed),
    }

"""Chapter `gan-review`: GANs for anomaly detection, a latent plane, and what a search costs beside an encoder."""

from companion.experiment import Experiment
from notebooks.review.gan_review.inference import InferenceTimes
from notebooks.review.gan_review.latent_plane import LatentPlane


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    iterations: int = LatentPlane.iterations,
    searched: int = LatentPlane.searched,
    starts: int = LatentPlane.starts,
    tested: int = InferenceTimes.tested,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter: `plane` (Figs. 3 and 4) and `times` (Table 1)."""
    explicit = {"iterations": iterations, "searched": searched, "starts": starts}
    given = {key: value for key, value in explicit.items() if value != getattr(LatentPlane, key)}
    beats = {"tested": tested} if tested != InferenceTimes.tested else {}
    return {
        "plane": LatentPlane.at(scale, normal=normal, **given, seed=seed),
        "times": InferenceTimes.at(scale, **beats, seed=seed),
    }

"""Chapter `search-settings` (thesis 5.3 and 6.1.2): how the evolutionary search is set, and what it costs."""

from collections.abc import Sequence
from typing import Any

from companion.experiment import Experiment
from notebooks.thesis.autoencoder_cifar.experiments import DIGIT_LATENTS, spec
from notebooks.thesis.common.descent import Cost, Descents
from notebooks.thesis.common.ea_sensitivity import SearchSetting, SearchSettingQuality
from notebooks.thesis.search_settings.rastrigin import Toy

POPULATIONS = (10, 25, 50, 100, 150, 300)
RATES = (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
SIGMAS = (0.001, 0.003, 0.01, 0.03, 0.1)
THESIS = {"population": 150, "mutation_rate": 0.5, "sigma": 0.01}
FACTORS = (1, 2, 3, 4, 5, 10, 20, 30)  # of a fifth of the generations: where images are kept; the last for one run only
DESCENTS = 8  # starts of the descents on each width
QUICK = {"generations": 50, "populations": [10, 25], "rates": [0.1, 0.9], "sigmas": [0.03, 0.1], "trainings": 2}


def stops(generations: int, *, long: bool = False) -> tuple[int, ...]:
    """Return the generations whose images are kept: fifths, and multiples of the whole if the run is a long one."""
    return tuple(sorted({max(1, generations * i // 5) for i in FACTORS if long or i <= 5}))


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detector: str = "autoencoder",
    populations: Sequence[int] = POPULATIONS,
    rates: Sequence[float] = RATES,
    sigmas: Sequence[float] = SIGMAS,
    generations: int = 5_000,
    trainings: int = 5,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook.

    Roles are `population-10`, `mutation_rate-0.1`, `sigma-0.03`, ... for every setting but the thesis's own, which is
    `setting`, run six times as long, with its `quality`; `descent-2`, ... for each latent width; `cost`; `toy`.
    """
    given: dict[str, Any] = {"normal": digit, "detector": detector, "trainings": trainings, "seed": seed}
    long = given | {"stops": stops(generations, long=True)}
    roles: dict[str, Experiment] = {
        "setting": SearchSetting.at(scale, **long),
        "quality": SearchSettingQuality.at(scale, **long),
    }
    for key, values in {"population": populations, "mutation_rate": rates, "sigma": sigmas}.items():
        for value in values:
            if value != THESIS[key]:
                chosen = given | {key: value, "stops": stops(generations)}
                roles[f"{key}-{value:g}"] = SearchSetting.at(scale, **chosen)
    quick = scale == "quick"
    for latent in (DIGIT_LATENTS[1],) if quick else DIGIT_LATENTS:
        fewer = {} if quick else {"starts": DESCENTS}
        roles[f"descent-{latent}"] = Descents.at(scale, detector=spec(latent), normal=digit, seed=seed, **fewer)
    return roles | {"cost": Cost.at(scale, normal=digit, seed=seed), "toy": Toy.at(scale, seed=seed)}

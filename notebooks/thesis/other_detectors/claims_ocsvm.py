"""Claims of thesis 6.4 on OCSVM's images, and on the variety of the images of OCSVM, CBLOF and the autoencoder."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, claim, over_sweep, over_trainings
from notebooks.thesis.autoencoder.experiments import LATENT, WIDTHS
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.other_detectors.claims_grid import PAGE, QUALITY, each_training, needs, needs_trainings

VARIED = ("cblof", "ocsvm", "autoencoder")
ocsvm = needs(QUALITY, of=("ocsvm",))


def _retrained() -> list[Any]:
    """Return the experiments on OCSVM trained twice: its images, and their measures."""
    roles = chapter_experiments(PAGE)
    return [roles["retraining-ocsvm"], roles["retraining-ocsvm-quality"]]


@claim("thesis-c-62", page=PAGE, needs=ocsvm)
def ocsvm_draws_from_noise(quality: Arrays) -> Finding:
    """Every image from noise has p_cls >= 0.9 and morans_i of at least the real images' median."""
    p, smooth, real = float(quality["p_cls"].min()), float(quality["morans_i"].min()), float(quality["real_morans_i"])
    best = float(quality["optimum_p_cls"].min()) >= 0.9 and float(quality["optimum_morans_i"].min()) >= real
    measured: dict[str, float | str] = {
        "smallest p_cls": p,
        "smallest Moran's I": smooth,
        "median Moran's I of real images": real,
        "the optimum meets it": str(best),
    }
    return Finding(p >= 0.9 and smooth >= real, measured, cause="optimiser" if best else "detector")


@claim("thesis-c-65", page=PAGE, needs=ocsvm)
def ocsvm_draws_a_blur(quality: Arrays) -> Finding:
    """The images' Laplacian is below 60% of real images' median, their distance to the class mean below half of it."""

    def ratio(key: str, prefix: str = "") -> float:
        return float(quality[f"{prefix}{key}"].max() / quality[f"real_{key}"])

    sharp, far = ratio("laplacian"), ratio("mean_distance")
    best_sharp, best_far = ratio("laplacian", "optimum_"), ratio("mean_distance", "optimum_")
    measured = {
        "Laplacian, of real images' median": sharp,
        "distance to the mean, of real images' median": far,
        "Laplacian of the optimum": best_sharp,
        "distance of the optimum": best_far,
    }
    cause = "optimiser" if best_sharp < 0.6 and best_far < 0.5 else "detector"
    return Finding(sharp < 0.6 and far < 0.5, measured, cause=cause)


@claim("thesis-c-66", page=PAGE, needs=_retrained)
def ocsvm_draws_the_same_again(search: Arrays, quality: Arrays) -> Finding:
    """Images of two trainings are less than 5% of the real distance apart."""
    images = search["images"].astype(float)
    ratios = np.linalg.norm(images[0][:, None] - images[1][None], axis=-1) / float(quality["pairwise"])
    same = np.array_equal(search["optimum_points"][0], search["optimum_points"][1])
    measured = {"largest ratio": ratios.max(), "smallest ratio": ratios.min(), "equal optima": str(same)}
    return Finding(ratios.max() < 0.05, measured, cause="optimiser" if same else "detector")


def _variety() -> list[Any]:
    """Return the measures of evolved autoencoders of every width, then of the three detectors in every training."""
    evolved = chapter_experiments("autoencoder")
    roles = [f"evolution-4{'' if w == LATENT else f'-latent-{w}'}-quality" for w in WIDTHS]
    return [*(evolved[role] for role in roles), *needs_trainings(VARIED)()]


@claim("thesis-c-67", page=PAGE, needs=_variety)
def only_the_autoencoder_is_diverse(*records: Arrays) -> Finding:
    """div_ratio >= 0.5 for the autoencoder, for every width; < 0.1 for CBLOF and OCSVM."""
    evolved, grid = records[: len(WIDTHS)], records[len(WIDTHS) :]
    by_width = {f"of width {w}": float(np.mean(a["div_ratio"])) for w, a in zip(WIDTHS, evolved, strict=True)}

    def check(by: Mapping[str, Drawn]) -> Finding:
        ratio = {name: float(drawn.quality["div_ratio"]) for name, drawn in by.items()}
        diverse = {"of the grid": ratio.pop("autoencoder")} | by_width
        met = {name: value >= 0.5 and max(ratio.values()) < 0.1 for name, value in diverse.items()}
        measured = {f"div_ratio of {n}": v for n, v in ratio.items()}
        measured |= {f"div_ratio of the autoencoder {n}": v for n, v in diverse.items()}
        return over_sweep(met, measured, cause="detector")

    return over_trainings([check(by) for by in each_training(grid, VARIED)])

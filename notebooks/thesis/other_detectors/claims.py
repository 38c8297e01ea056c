"""Claims of thesis 6.4 on CBLOF and OCSVM: their images, re-trained, and the variety of images."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from anogen.metrics.images import mean_pairwise
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, claim, over_sweep, over_trainings
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality
from notebooks.thesis.autoencoder.experiments import LATENT, WIDTHS
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.other_detectors.claims_grid import PAGE, each_training, needs, needs_trainings, over_settings

SETTINGS: dict[str, dict[str, Any]] = {"as the figure": {}, **UNSTATED}
VARIED = ("cblof", "ocsvm", "autoencoder")


def every_choice() -> list[Any]:
    """Return the search on re-trained CBLOFs and its measures, for every unstated choice."""
    return [kind(**choice) for choice in SETTINGS.values() for kind in (Retraining, RetrainingQuality)]


def claim_on_cblof(id_: str) -> Callable[[Callable[[Arrays, Arrays], Finding]], Callable[..., Finding]]:
    """Register a claim on a search and its measures, checked for every unstated choice."""

    def register(check: Callable[[Arrays, Arrays], Finding]) -> Callable[..., Finding]:
        @wraps(check)  # so that links lead to the check
        def over_choices(*records: Arrays) -> Finding:
            choices = zip(SETTINGS, records[::2], records[1::2], strict=True)
            return over_settings({name: check(search, quality) for name, search, quality in choices})

        return claim(id_, page=PAGE, needs=every_choice)(over_choices)

    return register


@claim_on_cblof("thesis-c-61")
def cblof_draws_normal_images(search: Arrays, quality: Arrays) -> Finding:
    """At least 80% of the images are normal looking, for every unstated choice."""
    looks = quality["normal_looking"]
    measured = {
        "share normal looking": looks.mean(),
        "smallest share of a training": looks.mean(axis=1).min(),
        "smallest p_cls": quality["p_cls"].min(),
        "largest nn_ratio": quality["nn_ratio"].max(),
        "smallest Moran's I": quality["morans_i"].min(),
        "Moran's I that 99% of real images reach": quality["morans_i_p01"],
        "images": looks.size,
    }
    return Finding(looks.mean() >= 0.8, measured, cause="detector")


@claim_on_cblof("thesis-c-63")
def every_start_gives_one_image(search: Arrays, quality: Arrays) -> Finding:
    """Images from 8 starts (2 in the sweep) lie within 5% of the real distance, for every training and choice."""
    ratios = np.array([mean_pairwise(images[:8].astype(float)) for images in search["images"]]) / quality["pairwise"]
    measured = {"smallest ratio": ratios.min(), "largest ratio": ratios.max(), **_ends(search)}
    return Finding(bool((ratios < 0.05).all()), measured, cause=_cause(search))


@claim_on_cblof("thesis-c-64")
def retraining_changes_the_image(search: Arrays, quality: Arrays) -> Finding:
    """Every training's div_ratio < 0.05, and two lie 3 times as far apart as the starts of one, for every choice."""
    within, images = quality["mean_pairwise"], search["images"].astype(float)
    between = np.array(
        [cdist(images[a], images[b]).mean() / max(within[a], within[b]) for a in range(len(images)) for b in range(a)]
    )
    one_image = bool((quality["div_ratio"] < 0.05).all())
    measured = {
        "largest div_ratio of a training": quality["div_ratio"].max(),
        "largest distance between trainings, in distances within": between.max(),
        **_ends(search),
    }
    return Finding(one_image and between.max() > 3, measured, cause="detector" if one_image else _cause(search))


def _ends(search: Arrays) -> dict[str, Any]:
    """Measure the distances of the images from their centres, and count the centres that they reach."""
    points, images = search["optimum_points"].astype(float), search["images"].astype(float)
    nearest = np.nanargmin(np.linalg.norm(images[:, :, None] - points[:, None], axis=-1), axis=-1)
    return {
        "most centres reached by one training": max(len(np.unique(row)) for row in nearest),
        "largest distance to a centre": search["gap"].max(),
    }


def _cause(search: Arrays) -> str:
    """Name the cause of a failure: several centres are the detector's, noise around one is the optimiser's."""
    return "detector" if _ends(search)["most centres reached by one training"] > 1 else "optimiser"


@claim("thesis-c-62", page=PAGE, needs=needs("guided-ocsvm-quality"))
def ocsvm_draws_from_noise(quality: Arrays) -> Finding:
    """Every image from noise has p_cls >= 0.9 and morans_i of at least the real images' median."""
    p, smooth, real = float(quality["p_cls"].min()), float(quality["morans_i"].min()), float(quality["real_morans_i"])
    best = float(quality["optimum_p_cls"].min()) >= 0.9 and float(quality["optimum_morans_i"].min()) >= real
    measured: dict[str, float | str] = {
        "smallest p_cls": p, "smallest Moran's I": smooth,
        "median Moran's I of real images": real, "the optimum meets it": str(best),
    }  # fmt: skip
    return Finding(p >= 0.9 and smooth >= real, measured, cause="optimiser" if best else "detector")


@claim("thesis-c-65", page=PAGE, needs=needs("guided-ocsvm-quality"))
def ocsvm_draws_a_blur(quality: Arrays) -> Finding:
    """The images' Laplacian is below 60% of real images' median, their distance to the class mean below half of it."""
    (sharp, far), (best_sharp, best_far) = (
        [float(quality[prefix + key].max() / quality[f"real_{key}"]) for key in ("laplacian", "mean_distance")]
        for prefix in ("", "optimum_")
    )
    measured = {
        "Laplacian, of real images' median": sharp, "distance to the mean, of real images' median": far,
        "Laplacian of the optimum": best_sharp, "distance of the optimum": best_far,
    }  # fmt: skip
    cause = "optimiser" if best_sharp < 0.6 and best_far < 0.5 else "detector"
    return Finding(sharp < 0.6 and far < 0.5, measured, cause=cause)


@claim("thesis-c-66", page=PAGE, needs=needs("retraining-ocsvm", "retraining-ocsvm-quality"))
def ocsvm_draws_the_same_again(search: Arrays, quality: Arrays) -> Finding:
    """Images of two trainings are less than 5% of the real distance apart."""
    ratios = cdist(*search["images"].astype(float)) / float(quality["pairwise"])
    same = np.array_equal(*search["optimum_points"])
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

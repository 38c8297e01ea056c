"""Claims of thesis 6.4 on CBLOF and OCSVM: their images, re-trained, and the variety of images."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from anogen.metrics.images import mean_pairwise
from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Finding,
    above,
    all_of,
    at_least,
    below,
    claim,
    over_settings,
    over_trainings,
)
from companion.studies.judged import judged
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality
from notebooks.thesis.autoencoder.experiments import LATENT, WIDTHS
from notebooks.thesis.other_detectors.claims_grid import EXPERIMENTS, PAGE, each_training, needs, needs_trainings

SETTINGS: dict[str, dict[str, Any]] = {"clipped, selection by rank": {}, **UNSTATED}
VOTES = 3  # of the four classifiers of the ensemble
VARIED = ("cblof", "ocsvm", "autoencoder")


def judged_choices() -> list[Any]:
    """Return the ensemble's judgements of the images of re-trained CBLOFs, for every unstated choice."""
    return [judged(Retraining(**choice)) for choice in SETTINGS.values()]


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


@claim("thesis-c-61", page=PAGE, needs=judged_choices)
def cblof_draws_normal_images(*judgements: Arrays) -> Finding:
    """At least 80% of the images are normal looking by the ensemble, for every unstated choice."""

    def check(judgement: Arrays) -> Finding:
        measured = {"smallest probability of a 4": judgement["probability"].astype(float).min()}
        shares = judgement["normal_looking"].mean(axis=1)
        return over_trainings([all_of(at_least("share normal looking", s, 0.8), measured=measured) for s in shares])

    return over_settings({name: check(judgement) for name, judgement in zip(SETTINGS, judgements, strict=True)})


@claim_on_cblof("thesis-c-63")
def every_start_gives_one_image(search: Arrays, quality: Arrays) -> Finding:
    """Images from 8 starts (2 in the sweep) lie within 5% of the real distance, for every training and choice."""
    real = float(quality["pairwise"])
    ratios = [mean_pairwise(images[:8].astype(float)) / real for images in search["images"]]
    quantity = "mean distance of the images, of that of real ones"
    measured, cause = _ends(search), _cause(search)
    return over_trainings([all_of(below(quantity, r, 0.05), measured=measured, cause=cause) for r in ratios])


@claim_on_cblof("thesis-c-64")
def retraining_changes_the_image(search: Arrays, quality: Arrays) -> Finding:
    """Every training's div_ratio < 0.05, and two lie 3 times as far apart as the starts of one, for every choice.

    The criterion is itself about five trainings.
    """
    within, images = quality["mean_pairwise"], search["images"].astype(float)
    between = np.array(
        [cdist(images[a], images[b]).mean() / max(within[a], within[b]) for a in range(len(images)) for b in range(a)]
    )
    one_image = below("largest div_ratio of a training", quality["div_ratio"].max(), 0.05)
    return all_of(
        above("largest distance between trainings, in distances within", between.max(), 3),
        one_image,
        measured=_ends(search),
        cause="detector" if one_image.met() else _cause(search),
        random=False,
    )


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


def _judged_ocsvm() -> list[Any]:
    """Return the measures of OCSVM's images, and the ensemble's judgement of them."""
    search, quality = (EXPERIMENTS[role] for role in ("guided-ocsvm", "guided-ocsvm-quality"))
    return [quality, judged(search)]


@claim("thesis-c-62", page=PAGE, needs=_judged_ocsvm)
def ocsvm_draws_from_noise(quality: Arrays, judgement: Arrays) -> Finding:
    """Every image from noise is recognised by three of four classifiers, and as smooth as the median real image."""
    real = float(quality["real_morans_i"])
    smooth = float(quality["optimum_morans_i"].min()) >= real
    best = bool((judgement["optimum_votes"] >= VOTES).all()) and smooth
    return all_of(
        at_least("fewest classifiers, of 4, that recognise an image", judgement["votes"].min(), VOTES),
        at_least("smallest Moran's I", quality["morans_i"].min(), real),
        measured={"smallest p_cls of the single network": float(quality["p_cls"].min())},
        cause="optimiser" if best else "detector",
        random=False,
    )


@claim("thesis-c-65", page=PAGE, needs=needs("guided-ocsvm-quality"))
def ocsvm_draws_a_blur(quality: Arrays) -> Finding:
    """The images' Laplacian is below 60% of real images' median, their distance to the class mean below half of it."""
    (sharp, far), (best_sharp, best_far) = (
        [float(quality[prefix + key].max() / quality[f"real_{key}"]) for key in ("laplacian", "mean_distance")]
        for prefix in ("", "optimum_")
    )
    return all_of(
        below("largest Laplacian, of real images' median", sharp, 0.6),
        below("largest distance to the mean, of real images' median", far, 0.5),
        measured={"Laplacian of the optimum": best_sharp, "distance of the optimum": best_far},
        cause="optimiser" if best_sharp < 0.6 and best_far < 0.5 else "detector",
        random=False,
    )


@claim("thesis-c-66", page=PAGE, needs=needs("retraining-ocsvm", "retraining-ocsvm-quality"))
def ocsvm_draws_the_same_again(search: Arrays, quality: Arrays) -> Finding:
    """Images of two trainings are less than 5% of the real distance apart."""
    ratios = cdist(*search["images"].astype(float)) / float(quality["pairwise"])
    same = np.array_equal(*search["optimum_points"])
    part = below("largest distance, of that of real images", ratios.max(), 0.05)
    measured, cause = {"equal optima": str(same)}, "optimiser" if same else "detector"
    return all_of(part, measured=measured, cause=cause, random=False)


def _variety() -> list[Any]:
    """Return the measures of evolved autoencoders of every width, then of the three detectors in every training."""
    evolved = chapter_experiments("autoencoder")
    roles = [f"evolution-4{'' if w == LATENT else f'-latent-{w}'}-quality" for w in WIDTHS]
    return [*(evolved[role] for role in roles), *needs_trainings(VARIED)()]


@claim("thesis-c-67", page=PAGE, needs=_variety)
def only_the_autoencoder_is_diverse(*records: Arrays) -> Finding:
    """div_ratio >= 0.5 for the autoencoder; < 0.1 for CBLOF and OCSVM.

    Five trainings of the autoencoder of Fig. 6.17 decide; of other widths, with one training each, it is reported.
    """
    evolved, grid = records[: len(WIDTHS)], records[len(WIDTHS) :]
    by_width = {
        f"div_ratio of the autoencoder of width {w}, longer evolved": float(np.mean(record["div_ratio"]))
        for w, record in zip(WIDTHS, evolved, strict=True)
    }
    findings = []
    for by in each_training(grid, VARIED):
        ratio = {name: float(drawn.quality["div_ratio"]) for name, drawn in by.items()}
        alike = [below(f"div_ratio of {name}", ratio[name], 0.1) for name in ("cblof", "ocsvm")]
        autoencoder = at_least("div_ratio of the autoencoder", ratio["autoencoder"], 0.5)
        findings.append(all_of(autoencoder, *alike, measured=by_width))
    return over_trainings(findings)

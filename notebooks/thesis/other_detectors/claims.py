"""Claims of thesis 6.4 on the images of CBLOF."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from anogen.metrics.quality import mean_pairwise
from companion.claims.base import Arrays, Finding, claim, over_sweep, yes_or_no
from companion.studies.retraining import UNSTATED, Retraining, RetrainingQuality

SETTINGS: dict[str, dict[str, Any]] = {"as the figure": {}, **UNSTATED}


def needs() -> list[Any]:
    """Return the experiments of these claims: the search and its measures, for every unstated choice."""
    return [kind(**choice) for choice in SETTINGS.values() for kind in (Retraining, RetrainingQuality)]


def _over_choices(check: Callable[[Arrays, Arrays], Finding], records: tuple[Arrays, ...]) -> Finding:
    """Decide every setting on its own; report the measures of the figure's and the settings that meet the criterion."""
    findings = [check(search, quality) for search, quality in zip(records[::2], records[1::2], strict=True)]
    met = {name: bool(finding.holds) for name, finding in zip(SETTINGS, findings, strict=True)}
    failed = next((finding for finding in findings if not finding.holds), findings[0])
    measured = {**findings[0].measured, **{f"met {name}": yes_or_no(holds) for name, holds in met.items()}}
    return over_sweep(met, measured, cause=failed.cause)


@claim("thesis-c-61", page="other-detectors", needs=needs)
def cblof_draws_normal_images(*records: Arrays) -> Finding:
    """At least 80% of the images are normal looking, for every unstated choice."""
    return _over_choices(_draws_normal_images, records)


def _draws_normal_images(search: Arrays, quality: Arrays) -> Finding:
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


@claim("thesis-c-63", page="other-detectors", needs=needs)
def every_start_gives_one_image(*records: Arrays) -> Finding:
    """Images from 8 starts (2 in the sweep) lie within 5% of the real distance, for every training and choice."""
    return _over_choices(_one_image, records)


def _one_image(search: Arrays, quality: Arrays) -> Finding:
    ratios = np.array([mean_pairwise(images[:8].astype(float)) for images in search["images"]]) / quality["pairwise"]
    measured = {"smallest ratio": ratios.min(), "largest ratio": ratios.max(), **_ends(search)}
    return Finding(bool((ratios < 0.05).all()), measured, cause=_cause(search))


@claim("thesis-c-64", page="other-detectors", needs=needs)
def retraining_changes_the_image(*records: Arrays) -> Finding:
    """Every training's div_ratio < 0.05, and two lie 3 times as far apart as the starts of one, for every choice."""
    return _over_choices(_changes_the_image, records)


def _changes_the_image(search: Arrays, quality: Arrays) -> Finding:
    within = quality["mean_pairwise"]
    images = search["images"].astype(float)
    between = np.array(
        [cdist(images[a], images[b]).mean() / max(within[a], within[b]) for a in range(len(images)) for b in range(a)]
    )
    one_image, another = bool((quality["div_ratio"] < 0.05).all()), bool((between > 3).any())
    measured = {
        "largest div_ratio of a training": quality["div_ratio"].max(),
        "largest distance between trainings, in distances within": between.max(),
        **_ends(search),
    }
    return Finding(one_image and another, measured, cause="detector" if one_image else _cause(search))


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

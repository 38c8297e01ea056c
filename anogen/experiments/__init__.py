"""One module per chapter: parameters in, arrays out."""

import difflib
import importlib
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple

from anogen.errors import InputError
from anogen.experiments.base import SCALES, Arrays, Experiment, Slice

__all__ = ["CHAPTERS", "SCALES", "Arrays", "Chapter", "Experiment", "Slice", "chapter", "wanted"]


class Chapter(NamedTuple):
    """A chapter of the book: its notebook is `notebooks/<name>.py`, its experiments are in `module`."""

    name: str
    title: str
    module: str | None  # None: a chapter that only draws
    given: Mapping[str, Any] = {}  # parameters of the module, where several chapters share it

    def load(self) -> ModuleType | None:
        """Import the module with the chapter's experiments."""
        return importlib.import_module(f"anogen.experiments.{self.module}") if self.module else None


CHAPTERS = {
    c.name: c
    for c in (
        Chapter("background", "Anomalies and how detectors are judged", "background"),
        Chapter("methods", "Detectors, generators, measures", None),
        Chapter("autoencoder", "What an autoencoder believes is normal", "autoencoder"),
        Chapter("autoencoder-cifar", "An autoencoder of colour images", "autoencoder_cifar"),
        Chapter("search-settings", "How the search is set", "search_settings"),
        Chapter("deep-svdd", "Three things called Deep SVDD", "deep_svdd"),
        Chapter("dean", "DEAN: many networks, each with a bag of pixels", "dean"),
        Chapter("other-detectors", "Other detectors", "other_detectors"),
        Chapter("trainings", "Would another training change it?", "trainings"),
        Chapter("sample-quality", "Sets of images beside sets of real ones", "sample_quality"),
        Chapter("cblof", "Why CBLOF draws one image", "retraining"),
        Chapter("appendix", "Six detectors, every share of fixed pixels", "appendix"),
        Chapter("certificates", "The most normal points", "certificates"),
        Chapter("audit", "Which detectors are sound", "audit"),
        Chapter("campaign", "A bank's calls", "applications", given={"data": "adbench/campaign"}),
        Chapter("thyroid", "Six numbers of the thyroid", "applications", given={"data": "adbench/thyroid"}),
        Chapter("cardio", "Heart rates before birth", "applications", given={"data": "adbench/cardio"}),
        Chapter("heartbeats", "Single heartbeats", "applications", given={"data": "heartbeats"}),
        Chapter("correlation", "Do better detectors draw better?", "correlation"),
        Chapter("passing", "A detector that passes", "passing"),
        Chapter("playground", "A playground of two pixels", "playground"),
        Chapter("gan-review", "GANs that detect: a search, or a way back", "gan_review"),
        Chapter("gan-challenges", "Five challenges of GANs that detect", "gan_challenges"),
        Chapter("gan-scores", "What a GAN's score is made of", "gan_scores"),
        Chapter("anorand", "AnoRand: anomalies made of noise", "anorand"),
        Chapter("anorand-benchmark", "AnoRand beside twenty other detectors", "anorand_benchmark"),
        Chapter("tailored-gan", "A GAN and the norm of its seeds", "tailored_gan"),
        Chapter("tailored-mnist", "A detector tailored to a classifier", "tailored_mnist"),
        Chapter("tailored-cifar", "The tailored detector in colour", "tailored_cifar"),
    )
}


def chapter(name: str) -> Chapter:
    """Return a chapter by its name.

    Raises
    ------
    InputError
        If there is none of that name; the message names the nearest.
    """
    if name not in CHAPTERS:
        near = difflib.get_close_matches(name, CHAPTERS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(CHAPTERS)}"
        raise InputError(f"unknown chapter {name!r}: {hint}")
    return CHAPTERS[name]


def wanted(name: str, scale: str = "laptop", **parameters: Any) -> dict[str, Experiment]:
    """Return the experiments of a chapter by their role, for the given parameters.

    Parameters are those of the chapter's notebook; one that its experiments do not know is refused.
    """
    module = chapter(name).load()
    if module is None:
        return {}
    known = inspect.signature(module.wanted).parameters.keys() - {"scale"}
    for unknown in sorted(parameters.keys() - known):
        raise InputError(f"chapter {name} has no parameter {unknown!r}: choose from {', '.join(sorted(known))}")
    return module.wanted(scale=scale, **{**chapter(name).given, **parameters})

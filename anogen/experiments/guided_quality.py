"""How good the images of a search are: the measures that the claims' criteria name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.evaluation import quality
from anogen.experiments.base import Arrays, Experiment, Inputs, Slice
from anogen.experiments.drawing import Drawing
from anogen.experiments.guided import Guided, HalfNormal, masks
from anogen.experiments.quality import Classifier, measured, weights_of


class Measured(Experiment):
    """Measures the images of a search with the same parameters: put it before that one as a base class."""

    search: ClassVar[type[Drawing]]
    dataset: str
    normal: int | str

    def requires(self) -> dict[str, Experiment]:
        """Need the images and the classifier of the data set."""
        judge = Classifier.at(self.scale) if self.scale == "quick" else Classifier(dataset=self.dataset)
        return {"search": self.search(**self.parameters), "classifier": judge}

    def cells(self) -> Sequence[tuple]:
        """All at once."""
        return [()]

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Return the only part."""
        (part,) = parts
        return part

    def work(self) -> float:
        """Count nothing: measuring takes seconds whatever the search took."""
        return 1.0

    def measured(self, images: np.ndarray, inputs: Inputs) -> Arrays:
        """Measure groups of images (..., n, d): see `quality.measured`."""
        label = datasets.load(self.dataset).label(self.normal)
        return measured(images, self.dataset, label, weights_of(inputs["classifier"]), self.seed)


@dataclass(frozen=True, kw_only=True)
class GuidedQuality(Measured, Guided):
    """The measures of the images of `Guided`.

    Arrays: those of `quality.measured` for `images` (S,); for the guided ones the same as `guided_*` (K, P), and
    `free_err`, `free_err_rel` (K, P) over the free pixels; `score_rank` (S,) and `guided_score_rank` (K, P).
    """

    name = "guided-quality"
    search = Guided

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        drawn = inputs["search"]
        real = drawn["test_normal_scores"]
        arrays = self.measured(drawn["images"], inputs) | {"score_rank": quality.score_rank(drawn["scores"], real)}
        if self.pairs:
            guided = drawn["guided_images"].astype(float)
            arrays |= {f"guided_{key}": value for key, value in self.measured(guided, inputs).items()}
            arrays["guided_score_rank"] = quality.score_rank(drawn["guided_scores"], real)
            for name, measure in (("free_err", quality.free_err), ("free_err_rel", quality.free_err_rel)):
                at_k = [measure(x, drawn["references"], masks(drawn, k)) for x, k in zip(guided, self.ks, strict=True)]
                arrays[name] = np.stack(at_k)
        yield arrays


@dataclass(frozen=True, kw_only=True)
class HalfNormalQuality(Measured, HalfNormal):
    """The measures of the images of `HalfNormal`, (R, T), and `score_rank` (R, T)."""

    name = "half-normal-quality"
    search = HalfNormal

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        drawn = inputs["search"]
        ranks = quality.score_rank(drawn["scores"], drawn["test_normal_scores"])
        yield self.measured(drawn["images"], inputs) | {"score_rank": ranks}

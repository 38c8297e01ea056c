"""One coordinate of a seed against all of them: which change of equal size makes the greater anomaly (claim c-06)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen import datasets
from anogen.detectors.gan import seeds
from anogen.detectors.gan.training import source
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.tailored.common.detector import Detecting, needs, told, trained
from notebooks.tailored.common.samples import CLASSES, generated
from notebooks.tailored.common.scores import group, scores
from notebooks.tailored.common.wgan import images

SIZE = 6.0  # of the coordinate that is changed
CHANGES = ("one coordinate", "all, same L2", "all, same L1")


def changed(n: Tensor) -> list[Tensor]:
    """Seeds (b, N) with one coordinate set to 6; and with all shifted equally, outwards, by the same L2 or L1 size."""
    one = n.clone()
    one[:, 0] = torch.where(n[:, 0] < 0, -SIZE, SIZE)
    size = (one - n).abs()[:, :1]
    outward = torch.where(n < 0, -1.0, 1.0)
    length = n.shape[1]
    return [one, n + outward * size / length**0.5, n + outward * size / length]


@dataclass(frozen=True, kw_only=True)
class OneCoordinate(Detecting):
    """Accept or refuse images of changed seeds.

    Arrays, for T detectors: `accepted` (T, 3), the share accepted at the 95% threshold, by `CHANGES`; `untouched` (T,).
    """

    name = "tailored-geometry"
    quick: ClassVar = {**Detecting.quick, "count": 40}

    count: int = 500

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(2, count=self.count)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and the detectors."""
        return needs(self)

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.count * 4)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Change the seeds, and ask every detector."""
        judge, (make, _) = self.judge(inputs), self.made(inputs)
        n = seeds.sample_natural(self.count, self.plan.seed, source(self.seed, 8))
        labels = torch.arange(self.count) % CLASSES
        made = [group(generated(make, one, labels), judge) for one in (n, *changed(n))]
        x = datasets.load(self.dataset).x_train
        real = group(images(x[self.rng(4).permutation(len(x))[:1_000]]).float() / 255, judge)
        shares = []
        for t in range(self.trainings):
            ask = told(self, trained(self, inputs["detector"], t))
            threshold = np.quantile(scores(ask, real), 0.05)
            shares.append([(scores(ask, one) > threshold).mean() for one in made])
        both = np.array(shares)
        return {"untouched": both[:, 0], "accepted": both[:, 1:]}

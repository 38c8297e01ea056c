"""What the tailored detector draws when its score is minimised: the thesis's question, put to this paper's detector."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen import datasets
from anogen.detectors.gan.classifiers import Classifier, confidence
from anogen.generators import EvolutionConfig, descend, evolve, noise
from anogen.generators.gradient import GradientConfig
from anogen.scorers.tailored import TailoredScorer
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.tailored.common.detector import Detecting, needs, trained
from notebooks.tailored.common.samples import BATCH, CLASSES
from notebooks.tailored.common.wgan import images


@dataclass(frozen=True, kw_only=True)
class TailoredDrawing(Detecting):
    """Minimise the score of the first detector, and ask the others about what comes out.

    By gradient, one image a class, -D(x, y) with the class held fixed; by evolution, S images of -D(x, Ĉ(x)). Arrays,
    for the 10 + S `drawn` images (10 + S, d), uint8, in this order, and T detectors: `scores` (10 + S,), before they
    were rounded; `start_scores` (10 + S,), of the noise; `decided` and `confidence` (10 + S,), by the classifier;
    `outdone` (T, 10 + S), the share of real test images of the decided class that each detector holds to be less
    normal, the first being the one that was searched; `nearest` (10 + S,), distance to the nearest training image;
    `best_real` (10, d), uint8, each class's test image of the lowest score, `best_scores` (10,); `real_nearest` (10,),
    the median distance of a class's test images to the nearest training image.
    """

    name = "tailored-drawn"
    quick: ClassVar = {
        **Detecting.quick,
        "iterations_down": 2,
        "generations": 2,
        "population": 4,
        "starts": 1,
        "count": 60,
    }

    iterations_down: int = 300  # of the gradient
    generations: int = 500
    population: int = 50
    starts: int = 2  # S
    count: int = 1_000  # test images, and five times as many training images

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, iterations_down=self.iterations_down, generations=self.generations, starts=self.starts)
        at_least(2, population=self.population, count=self.count)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN, which shows what the detectors were fed, and the detectors."""
        return needs(self)

    def work(self) -> float:
        """Count images."""
        return float(CLASSES * self.iterations_down + self.starts * self.generations * self.population)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Search, and look at the ends."""
        judge = self.judge(inputs)
        nets = [trained(self, inputs["detector"], t) for t in range(self.trainings)]
        scorers = [TailoredScorer(net, judge.predicted) for net in nets]
        ends, scores, starts = zip(*self.descents(scorers[0]), *self.evolutions(scorers[0]), strict=True)
        rows = (torch.stack(ends) * 255).round() / 255
        data, order = datasets.load(self.dataset), self.rng(15)
        test, train = (
            images(x[order.permutation(len(x))[:many]]).float().div(255).movedim(1, -1).flatten(1)
            for x, many in ((data.x_test, self.count), (data.x_train, 5 * self.count))
        )
        decided, sure = seen(judge, rows, self.plan.shape)
        of_test = seen(judge, test, self.plan.shape)[0]
        real = [scored(one, test) for one in scorers]
        apart = torch.cdist(test, train).amin(dim=1).numpy()
        best = [_lowest(real[0], of_test == y) for y in range(CLASSES)]
        return {
            "drawn": (rows * 255).to(torch.uint8).numpy(),
            "scores": np.array(scores),
            "start_scores": np.array(starts),
            "decided": decided,
            "confidence": sure,
            "outdone": np.stack(
                [
                    [(known[_some(of_test == y)] > value).mean() for y, value in zip(decided, values, strict=True)]
                    for known, values in ((r, scored(one, rows)) for r, one in zip(real, scorers, strict=True))
                ]
            ),
            "nearest": torch.cdist(rows, train).amin(dim=1).numpy(),
            "best_real": (test[best] * 255).round().to(torch.uint8).numpy(),
            "best_scores": real[0][best],
            "real_nearest": np.array([np.median(apart[_some(of_test == y)]) for y in range(CLASSES)]),
        }

    def descents(self, score: TailoredScorer) -> list[tuple[Tensor, float, float]]:
        """Return for each class the image (d,) that the gradient ends at, its score, and that of the noise."""
        found = []
        for y in range(CLASSES):
            told = TailoredScorer(score.detector, lambda x, y=y: torch.full((len(x),), y))  # type: ignore[misc]
            start = noise(
                (1, score.n_features_in_), torch.Generator().manual_seed(int(self.rng(16, y).integers(2**31)))
            )
            for now, _ in descend(told, start, n_iterations=self.iterations_down, config=GradientConfig(0.02, "adam")):
                state = now
            found.append((state.images[0], told(state.images).item(), told(start).item()))
        return found

    def evolutions(self, score: TailoredScorer) -> list[tuple[Tensor, float, float]]:
        """Return the same of the evolutions, whose class the classifier decides on."""
        found = []
        for start in range(self.starts):
            seed = int(self.rng(17, start).integers(2**31))
            bests = []
            with torch.inference_mode():
                for now, info in evolve(
                    score, [seed], n_generations=self.generations, config=EvolutionConfig(self.population)
                ):
                    state = now
                    bests.append(info.best.item())
                found.append((state.current_best()[0].clone(), bests[-1], bests[0]))
        return found


def seen(judge: Classifier, rows: Tensor, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the classifier's decision on rows (n, d), (n,), and its largest probability, (n,)."""
    x = rows.unflatten(1, (*shape[1:], shape[0])).movedim(-1, 1)
    with torch.no_grad():
        logits = torch.cat([judge(part) for part in x.split(BATCH)])
    return logits.argmax(dim=1).numpy(), confidence(logits).numpy()


def scored(score: TailoredScorer, rows: Tensor) -> np.ndarray:
    """Return the scores of rows (n, d), (n,)."""
    with torch.no_grad():
        return torch.cat([score(part) for part in rows.split(BATCH)]).numpy()


def _some(chosen: np.ndarray) -> np.ndarray:
    """Return the chosen places, or all if there are none: a classifier hardly trained may see no image of a class."""
    return chosen if chosen.any() else np.ones_like(chosen)


def _lowest(scores: np.ndarray, chosen: np.ndarray) -> int:
    return int(np.where(_some(chosen), scores, np.inf).argmin())

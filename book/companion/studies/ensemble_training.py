"""Training of the ensemble of classifiers, and its validation on images whose class is known by construction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from companion.experiment import Arrays, Experiment, Inputs, Slice
from companion.studies import classifier, ensemble
from companion.studies import known_images as known
from companion.studies.known_images import NONE, Images, Labels
from companion.studies.quality import Classifier, weights_of

TRAIN, HELD_OUT, VALIDATION = 1, 2, 3  # keys of the seeds

# The acceptance bars, fixed before the validation was computed. Digits are accepted if `normal_looking` as their own
# class; an image without a digit counts as accepted if it is normal looking as any digit at all.
AT_LEAST = {"digits": 0.98, "blurred": 0.90, "specked": 0.90, "averaged": 0.90}
AT_MOST = {
    "other class": 0.05, "mixed": 0.05, "halves": 0.05, "discs": 0.05, "noise discs": 0.05, "noise": 0.05,
    "shuffled": 0.05, "fashion": 0.05,
    "omniglot": 0.20, "notmnist": 0.20,  # sets never trained on; some letters are shaped like digits
}  # fmt: skip
CALIBRATION = 0.03  # the largest expected calibration error, on undegraded digits and over all kinds of known class
BLURS, SPECKS = (0.5, 1.0, 1.5), (5, 10, 20)  # widths in pixels; numbers of pixels


@dataclass(frozen=True, kw_only=True)
class Ensemble(Experiment):
    """The ensemble of classifiers of digits: see `ensemble.EnsembleJudge`.

    The images are MNIST's training images; a sixth of them is held out for the temperatures. Arrays: those that
    `ensemble.fit` returns, from which `judge` makes the ensemble.
    """

    name = "ensemble"
    quick: ClassVar = {
        "dataset": "mnist-5k", "epochs": 1, "digits": 2_000, "altered": 500, "references": 1_000, "others": (),
    }  # fmt: skip
    least: ClassVar = {"epochs": 1}

    dataset: str = "mnist"
    epochs: int = 3
    digits: int = 40_000  # undegraded images in training
    altered: int = 15_000  # as many degraded ones, and as many without a digit
    references: int = 12_000  # training images that are neighbours and support vectors
    others: tuple[str, ...] = ("fashion",)  # data sets without digits

    def datasets(self) -> tuple[str, ...]:
        """Return the data sets of the digits and of the class of none."""
        return (self.dataset, *(("fashion_mnist",) if "fashion" in self.others else ()))

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train the CNN, then fit the others."""
        data = datasets.load(self.dataset)
        order = self.rng(0).permutation(len(data.x_train))
        held_out, train = np.split(order, [len(order) // 6])
        x, y = data.x_train / np.float32(255), data.y_train.astype(int)
        images, labels = self.examples(x[train], y[train], self.digits, self.altered, TRAIN)
        *_, network = classifier.training(np.rint(255 * images).astype(np.uint8), labels, self.seed, self.epochs)
        assert isinstance(network, dict)
        n = len(held_out)
        held, held_labels = self.examples(x[held_out], y[held_out], n, n // 2, HELD_OUT)
        yield ensemble.fit(
            network,
            rows(x[train[: self.digits]]),
            (rows(images), labels),
            (rows(held), held_labels),
            data.image_shape,
            self.references,
            self.seed,
        )

    def examples(self, x: Images, y: Labels, digits: int, altered: int, part: int) -> tuple[Images, Labels]:
        """Return images of eleven classes in random order: digits, degraded digits, and images without a digit."""
        rng = self.rng(part)
        clean, worse, none = (rng.permutation(len(x))[:n] for n in (digits, altered, altered))
        sets = known.other_sets(self.others, altered // 6, x.shape[1], self.seed + part, "train")
        images = np.concatenate(
            [x[clean], known.degrade(x[worse], y[worse], rng), known.without_digit(x[none], y[none], rng), sets],
            dtype=np.float32,
            casting="same_kind",
        )
        labels = np.concatenate([y[clean], y[worse], np.full(len(none) + len(sets), NONE)])
        order = rng.permutation(len(images))
        return images[order], labels[order]


@dataclass(frozen=True, kw_only=True)
class EnsembleValidation(Experiment):
    """The ensemble's and the single network's judgements of images of a class that is known by construction.

    The digits are MNIST's test images. Arrays, for K kinds of n images: `kinds` (K,), their names; `group` (K,), the
    names in `AT_LEAST` and `AT_MOST`; `truth` (K, n), the class, 10 for none; `intended` (K, n), the digit that images
    are judged as: their own, or a random other one; by name, those of `EnsembleJudge.predict` (K, n[, 4]) except
    `votes`; `confidence` (K, n), of the decision; `as_any_digit` (K, n), whether normal looking as the most probable
    digit; `p_cls` (K, n), the single network's probability of the intended class.
    """

    name = "ensemble-validation"
    quick: ClassVar = {"dataset": "mnist-5k", "count": 60, "others": ()}
    least: ClassVar = {"count": 20}

    dataset: str = "mnist"
    count: int = 1_000
    others: tuple[str, ...] = ("fashion", "omniglot", "notmnist")

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble, and the single network whose opinion it replaces."""
        return required(self.scale)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Judge all kinds."""
        judge, data = ensemble.EnsembleJudge(inputs["ensemble"]), datasets.load(self.dataset)
        weights, rng, parts = weights_of(inputs["classifier"]), self.rng(VALIDATION, 1), []
        for name, (images, truth) in self.kinds().items():
            other = (truth + rng.integers(1, 10, len(truth))) % 10
            flat, intended = rows(images), np.where((truth == NONE) | (name == "other class"), other, truth)
            result = judge.predict(flat, intended)
            ensemble_p = judge.probabilities(judge.member_probabilities(flat))
            single = classifier.predict(weights, flat, data.image_shape)
            confidence = ensemble_p.max(axis=1)
            any_digit = (result["decision"] < NONE) & (confidence >= ensemble.THRESHOLD) & ~result["noise_like"]
            parts.append(
                {"truth": truth, "intended": intended}
                | {key: value for key, value in result.items() if key != "votes"}
                | {"confidence": confidence, "as_any_digit": any_digit}
                | {"p_cls": single[np.arange(len(truth)), intended]}
            )
        stacked = {key: small(np.stack([part[key] for part in parts])) for key in parts[0]}
        names = list(self.kinds())
        return stacked | {"kinds": np.array(names), "group": np.array([name.partition(",")[0] for name in names])}

    def kinds(self) -> Mapping[str, tuple[Images, Labels]]:
        """Return the images (n, h, w) of each kind, and their classes (n,)."""
        data, rng, n = datasets.load(self.dataset), self.rng(VALIDATION), self.count
        order, side = rng.permutation(len(data.x_test))[:n], data.image_shape[0]
        x, y = data.x_test[order] / np.float32(255), data.y_test[order].astype(int)
        others = x[known.partners(y, rng)]
        digits: dict[str, Images] = {"digits": x, "other class": x}
        digits |= {f"blurred, {width} px": known.blur(x, width) for width in BLURS}
        digits |= {f"specked, {count} px": known.add_specks(x, count, rng) for count in SPECKS}
        digits["averaged"] = known.average(x, y, 4)
        none: dict[str, Images] = {
            "mixed": known.mix(x, others),
            "halves": known.join_halves(x, others, rng),
            "discs": known.discs(n, side, rng),
            "noise discs": known.noise_discs(n, side, rng),
            "noise": known.noise(n, side, rng),
            "shuffled": known.shuffle_patches(x, 7, rng),
        }
        none |= {name: known.other_sets([name], n, side, self.seed, "test") for name in self.others}
        return {k: (v, y) for k, v in digits.items()} | {k: (v, np.full(n, NONE)) for k, v in none.items()}


def required(scale: str) -> dict[str, Experiment]:
    """Return the ensemble and the single network that judge digits."""
    at = "quick" if scale == "quick" else "laptop"
    return {"ensemble": Ensemble.at(at), "classifier": Classifier.at(at)}


def rows(images: Images) -> Images:
    """Return images (n, h, w) as rows (n, d)."""
    return images.reshape(len(images), -1)


def small(array: np.ndarray) -> np.ndarray:
    """Return an array in a small type: float32 for floats, uint8 for integers."""
    return array.astype({"f": np.float32, "i": np.uint8}.get(array.dtype.kind, array.dtype))

"""The trainings and descents of Figs. 6.1 and 6.2, for the page's own engine."""

import numpy as np
import torch

from anogen.datasets import OneClass
from anogen.detectors import Detector
from anogen.scorers import Scorer
from companion.records import Record, store
from companion.studies.evaluation_data import DetectorExperiment, score_rows
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, NETWORKS, Architecture, ArchitectureQuality, spec
from notebooks.thesis.autoencoder.choice import OTHERS, choose
from notebooks.thesis.autoencoder.figures_architectures import find_median

FIGURES = {3: "thesis-fig-6.1", 4: "thesis-fig-6.2"}


class Played:
    """The network of a digit's figure, with the interface of a `DetectorExperiment`, and its descents.

    Attributes
    ----------
    figure, search
        The figure's id, and the experiment whose record has its images.
    place
        Digit, training and way of the figure's images in the arrays of that record.
    trained, training
        What trains the network, and the number of the training.
    config, seed
        How the descents go, and the seed of the noise that they start from, an image a row.
    """

    def __init__(self, digit: int) -> None:
        others = [ArchitectureQuality(network=network, normals=OTHERS, trainings=1) for network in NETWORKS]
        choice = choose({experiment.network: store.load(experiment).arrays for experiment in others})
        self.figure, self.search = FIGURES[digit], Architecture(network=choice.network)
        self.place = find_median(store.load(ArchitectureQuality(network=choice.network)), digit, choice.way)
        self.training, self.config = self.place[1], ADMISSIBLE[choice.way]
        self.seed = int(self.search.rng(digit, self.training).integers(2**31))
        self.trained = DetectorExperiment(detector=spec(choice.network, self.search.epochs), normal=digit)

    @property
    def data(self) -> OneClass:
        """The images."""
        return self.trained.data

    def fitted_detector(self) -> Detector:
        """Return the detector."""
        return self.trained.fitted_detector(self.training)

    def scorer(self) -> Scorer:
        """Return its scorer."""
        return self.trained.scorer(self.training)

    def reproduces(self, record: Record, tolerance: float) -> bool:
        """Return whether held-out images have the median score that is recorded."""
        scores = score_rows(self.scorer(), torch.from_numpy(self.data.test_normal))
        return bool(np.isclose(np.median(scores), record["error"][self.place[:2]], rtol=tolerance, atol=0))

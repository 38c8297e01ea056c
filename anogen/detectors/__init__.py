"""Detectors with PyOD's protocol: `fit(X)`, `decision_function(X) -> (n,)`, larger is more anomalous."""

from anogen.detectors.catalogue import (
    CATALOGUE,
    Detector,
    Entry,
    create,
    detector_class,
    entry,
    fit,
    fit_spec,
    parse_spec,
)

__all__ = ["CATALOGUE", "Detector", "Entry", "create", "detector_class", "entry", "fit", "fit_spec", "parse_spec"]

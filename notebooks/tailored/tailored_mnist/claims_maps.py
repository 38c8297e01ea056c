"""Claims of the tailored paper on the classifier's features of anomalies, and on any classifier."""

import numpy as np

from companion.claims.base import Arrays, Finding, Number, claim
from notebooks.tailored.tailored_mnist.claims import PAGE, needs
from notebooks.tailored.tailored_mnist.other_classifiers import KINDS, PLANS

MOST = 8  # of the 10 nearest training features


def on_clusters(record: Arrays) -> dict[str, float]:
    """Return for each set the share of images, in percent, whose nearest training features mostly share one class."""
    shares = 100 * (record["majority"] >= MOST).mean(axis=1)
    return dict(zip(record["names"].tolist(), shares.tolist(), strict=True))


@claim("tailored-c-48", page=PAGE, needs=needs("map"))
def anomalies_lie_on_clusters(record: Arrays) -> Finding:
    """Of every set, more than half has 10 nearest training features of which at least 8 are of one class."""
    shares = on_clusters(record)
    measured: dict[str, Number] = dict(shares)
    return Finding(all(shares[name] > 50 for name in shares if name != "real"), measured, cause="detector")


@claim("tailored-c-51", page=PAGE, needs=needs("any"))
def any_classifier_will_do(record: Arrays) -> Finding:
    """Scores are a function of the image and the decision alone, and a row passes once through either, for all six."""
    once = (record["classified"] == 1) & (record["judged"] == 1)
    told = record["as_told"] == 1
    measured: dict[str, Number] = {
        "classifiers": len(KINDS), "types of data": len(PLANS), "combinations that hold": int((once & told).sum()),
        "lowest AUROC against noise": float(np.min(record["auroc"])),
    }  # fmt: skip
    return Finding(bool((once & told).all()), measured, cause="implementation")

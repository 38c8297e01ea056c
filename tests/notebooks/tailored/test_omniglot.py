"""Records with Omniglot both ways round are joined set by set."""

import numpy as np

from notebooks.tailored.common.omniglot import INVERTED, BothWays


def scores(names, start):
    """Return arrays of two detectors, numbered from `start`."""
    count = len(names)
    return {
        "names": np.array(names),
        "auroc": start + np.arange(2 * count).reshape(2, count),
        "accuracy": start + np.arange(4 * count).reshape(2, count, 2),
        "roc": start + np.arange(count)[:, None].repeat(3, 1),
        "scores": start + np.arange(count + 1)[:, None].repeat(3, 1),  # first of real images
        "accepted": np.full((2, 2), start),
    }


def test_omniglot_as_distributed_comes_first_and_the_other_sets_keep_their_values():
    record, distributed = scores(("fashion", "omniglot", "near"), 0), scores(("omniglot-black-on-white", "near"), 100)
    joined = BothWays(record, distributed)
    assert joined["names"].tolist() == ["omniglot", "fashion", INVERTED, "near"]
    assert joined["auroc"].tolist() == [[100, 0, 1, 2], [102, 3, 4, 5]]
    assert joined["accuracy"][:, 0].tolist() == distributed["accuracy"][:, 0].tolist()
    assert joined["roc"][:, 0].tolist() == [100, 0, 1, 2]
    assert joined["scores"][:, 0].tolist() == [0, 101, 1, 2, 3]
    assert joined["accepted"] is record["accepted"]

"""Claims of AnoRand 1 and 7 on methods with labels (Table 2)."""

from functools import partial

from companion.claims.base import Arrays, Case, Finding, at_least, at_most, claim
from notebooks.anorand.anorand_benchmark.claims import PAGE, Numbers, groups
from notebooks.anorand.anorand_benchmark.experiments import SUPERVISED_ROLES
from notebooks.anorand.anorand_benchmark.results import column_of, combine

LABELS = "anorand-labels"
DEEP = ("deepsad", "repen", "devnet", "prenet", "feawad", "mlp", "resnet", "ft-transformer")  # of nine in Table 2
labelled_with = partial(groups, "supervised-", SUPERVISED_ROLES)
labelled = labelled_with("anorand-labels", "classical")


@claim("anorand-c-24", page=PAGE, needs=labelled)
def best_with_labels(*records: Arrays) -> Finding:
    """Best mean rank among the supervised methods, as in the printed table."""
    results = combine(records)
    means = results.mean_ranks
    best = min(means, key=means.__getitem__)
    measured: Numbers = {"data sets": len(results.sets), "methods": len(means), "mean rank": means[LABELS]}
    measured["first places"] = int((results.ranks[:, results.methods.index(LABELS)] == 1).sum())
    measured |= {"best": column_of(best), "its rank": means[best]}
    part = at_most("mean rank, less the smallest", means[LABELS] - means[best], 0.0)
    return Finding(
        cases=(Case((part,)),), measured=measured, random=False, cause="scale",
        limits="one weight w of 0.2, and the training is as printed: 200 epochs at a learning rate of 1e-4",
        flip="the weight, the epochs and the learning rate varied with labels",
    )  # fmt: skip


@claim("anorand-c-25", page=PAGE, needs=labelled_with("classical", "boosted", "semi-supervised"))
def classical_better_than_deep(*records: Arrays) -> Finding:
    """Mean rank of SVM, CatBoost and LightGBM each below that of at least 7 of the 9 deep baselines."""
    means = combine(records).mean_ranks
    deep = [name for name in DEEP if name in means]
    parts = []
    for name in ("svm", "catboost", "lightgbm"):
        beaten = sum(means[name] < means[other] for other in deep)
        bounds = (beaten, beaten + 9 - len(deep))
        parts.append(at_least(f"deep methods of 9 below {column_of(name)}", beaten, 7, bounds, "those not computed"))
    return Finding(
        cases=(Case(tuple(parts)),), measured={"deep methods computed": len(deep)}, random=False, cause="scale",
        limits="six of the deep methods were trained once, on at most 1,000 rows; the three have all rows",
        flip="the same rows and repetitions for all methods",
    )  # fmt: skip

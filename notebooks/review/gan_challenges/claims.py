"""Claims of the review on training, contamination, likelihoods and measures."""

import numpy as np
from scipy.stats import spearmanr

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep, untested
from notebooks.review.gan_challenges.experiments import ALARMS, MODELS, Imbalance, Subsequences, WeightGrid
from notebooks.review.gan_challenges.one_class import JUDGED, PATCHES, Contamination, Copies, Likelihoods
from notebooks.review.gan_challenges.toys import METHODS, LatentLaw, ModeCoverage, OptimalDiscriminator

PAGE = "gan-challenges"
NORMAL, ALIKE = 4, 9  # the class that the criteria name, and the one that they hold to be close to it


@claim("review-c-09", page=PAGE, needs=lambda: [ModeCoverage()])
def wgan_gp_covers_more(record: Arrays) -> Finding:
    """More modes by WGAN-GP than by the original GAN, on the mean over the seeds."""
    plain, penalised = (record["covered"][METHODS.index(name)] for name in ("gan", "wgan-gp"))
    covered = zip(METHODS, record["covered"], strict=True)
    measured: dict[str, Number] = {f"modes covered, {name}": f"{c.mean():.1f} of 8" for name, c in covered}
    measured["seeds in which WGAN-GP covers more"] = int((penalised > plain).sum())
    return Finding(penalised.mean() > plain.mean(), measured, "detector")


@claim("review-c-35", page=PAGE, needs=lambda: [ModeCoverage()])
def autoencoders_cover_no_less(record: Arrays) -> Finding:
    """The adversarial autoencoder covers at least as many modes as the original GAN, in every seed."""
    plain, adversarial = (record["covered"][METHODS.index(name)] for name in ("gan", "adversarial vae"))
    measured = {"seeds": len(plain), "seeds in which it covers no fewer": int((adversarial >= plain).sum())}
    return Finding(bool((adversarial >= plain).all()), measured, "detector")


@claim("review-c-17", page=PAGE, needs=lambda: [OptimalDiscriminator()])
def the_discriminator_ends_undecided(record: Arrays) -> Finding:
    """Mean |D - 1/2| below 0.05 on real and on made numbers in the end, on the mean over the seeds."""
    real, made = record["apart"][:, -1].mean(axis=0)
    return Finding(max(real, made) < 0.05, {"mean |D - 1/2|, real": real, "made": made}, "optimiser")


@claim("review-c-18", page=PAGE, needs=lambda: [OptimalDiscriminator()])
def the_error_of_normal_data_rises(record: Arrays) -> Finding:
    """The cross-entropy of held-out real numbers is larger in the last tenth of the training than in the first."""
    marks = max(1, len(record["marks"]) // 10)
    early, late = record["entropy"][:, :marks].mean(axis=1), record["entropy"][:, -marks:].mean(axis=1)
    measured = {"early": early.mean(), "late": late.mean(), "seeds in which it rises": int((late > early).sum())}
    return Finding(late.mean() > early.mean(), measured, "detector")


@claim("review-c-19", page=PAGE, needs=lambda: [LatentLaw()])
def normal_vectors_lie_in_a_ring(record: Arrays) -> Finding:
    """For d = 64: the mean norm within 1% of sqrt(d), its deviation below 1, hardly anything below half of it."""
    row = int(np.flatnonzero(record["dimensions"] == 64)[0])
    norms = record["norms"][row].astype(float)
    ratio, inner = norms.mean() / 8, float(record["inner"][row])
    measured = {"mean norm / sqrt(d)": ratio, "deviation": norms.std(), "P(norm < sqrt(d) / 2)": inner}
    return Finding(abs(ratio - 1) < 0.01 and norms.std() < 1 and inner < 1e-6, measured, "source error")


@claim("review-c-20", page=PAGE, needs=lambda: [LatentLaw()])
def the_origin_is_likely_and_never_drawn(record: Arrays) -> Finding:
    """For d = 784: every sample is less likely than the origin, whose norm, 0, is below all of theirs."""
    row = int(np.flatnonzero(record["dimensions"] == 784)[0])
    share, least = float(record["below_origin"][row]), float(record["norms"][row].min())
    return Finding(share == 1 and least > 0, {"samples less likely": share, "least norm of a sample": least}, "data")


@claim("review-c-02", page=PAGE, needs=lambda: [Copies()])
def errors_point_at_the_patch(record: Arrays) -> Finding:
    """Mean pixel AUROC above 0.85, for a white patch and for one of noise, which the criterion leaves open."""
    mean = record["patched"].mean(axis=(0, 2))
    measured = {f"pixel AUROC, {kind}": value for kind, value in zip(PATCHES, mean, strict=True)}
    return over_sweep((mean > 0.85).tolist(), measured, cause="detector")


@claim("review-c-13", page=PAGE, needs=lambda: [Copies()])
def close_classes_are_copied_too_well(record: Arrays) -> Finding:
    """Among fours: more than 5% of the anomalies below the 95th percentile of normal errors, most of them nines."""
    errors, classes = record["errors"][NORMAL].astype(float), record["classes"]
    limit = np.percentile(errors[classes == NORMAL], 95)
    missed = errors <= limit
    shares = {c: missed[classes == c].mean() for c in range(10) if c != NORMAL}
    most = max(shares, key=lambda c: shares[c])
    total = missed[classes != NORMAL].mean()
    measured = {"share missed": total, "class missed most": most, f"share of {ALIKE} missed": shares[ALIKE]}
    return Finding(total > 0.05 and most == ALIKE, measured, "detector")


@claim("review-c-38", page=PAGE, needs=lambda: [Copies()])
def copies_are_blurred(record: Arrays) -> Finding:
    """The copies' mean |Laplacian| below 0.8 times that of the real images."""
    real, copy = record["sharpness"].mean(axis=0)
    measured = {"mean |Laplacian|, real": real, "copies": copy, "ratio": copy / real}
    return Finding(copy < 0.8 * real, measured, "detector")


@claim("review-c-14", page=PAGE, needs=lambda: [Copies(), Copies(dataset="cifar10")])
def colour_images_are_harder(digits: Arrays, colour: Arrays) -> Finding:
    """The mean one-class AUC on CIFAR-10 is lower than on MNIST by more than 0.15."""
    first, second = (float(record["auc"].mean()) for record in (digits, colour))
    return Finding(first - second > 0.15, {"mean AUC, MNIST": first, "CIFAR-10": second}, "detector")


@claim("review-c-16", page=PAGE, needs=lambda: [Contamination()])
def few_anomalies_harm(record: Arrays) -> Finding:
    """By detector, which the source leaves open: AUC falls with 0, 1, 5, 10%, by more than 0.02 in all."""
    judged = np.isin(record["shares"].round(4), (0, 0.01, 0.05, 0.1))
    auc, shares = record["auc"].mean(axis=2)[:, judged], record["shares"][judged]
    measured, met = dict[str, Number](), []
    for name, row in zip(JUDGED, auc, strict=True):
        fall, drop = float(spearmanr(shares, row).statistic), row[0] - row[-1]
        measured[f"{name}: rank correlation, drop"] = f"{fall:.2f}, {drop:.3f}"
        met.append(fall <= -0.9 and drop > 0.02)
    return over_sweep(met, measured, cause="detector")


@claim("review-c-21", page=PAGE, needs=lambda: [Likelihoods()])
def other_data_are_as_likely(record: Arrays) -> Finding:
    """The mean bound of MNIST under a VAE of Fashion-MNIST is at least that of Fashion-MNIST."""
    own, other = (float(record[key].mean()) for key in ("own", "other"))
    return Finding(other >= own, {"bits a pixel, own": own, "other": other}, "detector")


@claim("review-c-36", page=PAGE, needs=lambda: [WeightGrid()])
def more_parts_cost_more(record: Arrays) -> Finding:
    """The grid has C(9 + k, k - 1) points, and trying them takes ever longer."""
    seconds = np.median(record["processor_seconds"], axis=0)
    holds = (record["counts"] == record["expected"]).all() and (np.diff(seconds) > 0).all()
    measured = {"points for 1 to k parts": ", ".join(map(str, record["counts"])), "seconds, most parts": seconds[-1]}
    return Finding(bool(holds), measured, "implementation")


@claim("review-c-37", page=PAGE, needs=lambda: [Imbalance()])
def f1_flatters_alarms_without_end(record: Arrays) -> Finding:
    """Alarms for everything among 95% anomalies: F1 = 0.974 and phi = 0."""
    row, column = ALARMS.index("always"), int(np.argmin(abs(record["shares"] - 0.95)))
    f1, phi = float(record["f1"][row, column]), float(record["phi"][row, column])
    return Finding(abs(f1 - 0.974) < 5e-4 and phi == 0, {"F1": f1, "phi": phi}, "source error")


@claim("review-c-39", page=PAGE, needs=lambda: [Subsequences()])
def longer_subsequences_raise_false_alarms(record: Arrays) -> Finding:
    """By model, which the source leaves open: the mean false positive rate rises with every doubling of the length."""
    rates, (first, *_, last) = record["rates"].mean(axis=2), record["lengths"]
    named = zip(MODELS, rates, strict=True)
    measured = {f"{name}: rate at {first}, at {last}": f"{row[0]:.3f}, {row[-1]:.3f}" for name, row in named}
    return over_sweep((np.diff(rates, axis=1) > 0).all(axis=1).tolist(), measured, cause="detector")


untested("review-c-41", page=PAGE, why="it is how the source is divided, and this chapter is divided likewise")

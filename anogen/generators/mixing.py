"""Do Markov chains agree? Rank-normalised split R-hat and effective sample sizes.

Source: Vehtari, Gelman, Simpson, Carpenter and Bürkner, Rank-normalization, folding, and localization: an improved
R-hat for assessing convergence of MCMC (Bayesian Analysis 2021), whose equation numbers are quoted.
"""

from math import log10, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from anogen.errors import require

MAX_R_HAT, MIN_ESS = 1.01, 100  # the paper's section 4; the second for each chain
Status = Literal["mixed", "not mixed", "one chain"]


class Diagnostics(NamedTuple):
    """Convergence of the chains of `anogen.generate(method="sample")`, after the warm-up.

    Attributes
    ----------
    status : {"mixed", "not mixed", "one chain"}
        "mixed" if R-hat is below 1.01 and both effective sample sizes are at least 100 for each chain. A single chain
        cannot show it.
    r_hat : float
        The largest rank-normalised split R-hat of the score and of all features; NaN if one of them never changes.
    ess_bulk, ess_tail : float
        The smallest effective sample sizes of the score and of all features, of all chains together.
    acceptance : list of float
        The mean acceptance probability of each chain, of its replica at temperature T.
    exchange : list of float
        The mean probability of an exchange between neighbouring temperatures, coldest first.
    mean_score : float
        The mean score of all draws.
    target_score : float or None
        The mean score of the held-out rows, for which the temperature was solved.
    """

    status: Status
    r_hat: float
    ess_bulk: float
    ess_tail: float
    acceptance: list[float]
    exchange: list[float]
    mean_score: float
    target_score: float | None = None


def diagnose(series: ArrayLike) -> tuple[Status, float, float, float]:
    """Compare the chains of several quantities.

    Parameters
    ----------
    series : array of shape (n, S) or (n, S, q)
        S draws of q quantities from each of n chains.

    Returns
    -------
    status : {"mixed", "not mixed", "one chain"}
        See `Diagnostics`.
    r_hat, ess_bulk, ess_tail : float
        The largest R-hat and the smallest effective sample sizes of the quantities.

    Raises
    ------
    InputError
        For fewer than 8 draws, or another number of dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from anogen.generators import diagnose
    >>> chains = np.random.default_rng(0).normal(size=(4, 500))
    >>> diagnose(chains)[0]
    'mixed'
    >>> diagnose(chains + [[0], [0], [0], [1]])[0]
    'not mixed'
    """
    x = np.asarray(series, dtype=np.float64)
    require(x.ndim in {2, 3}, f"draws of shape {x.shape} are not chains: give (n, S) or (n, S, q)")
    require(x.shape[1] >= 8, f"{x.shape[1]} draws of each chain are too few: give 8 or more")
    measures = np.array([_measure(x[..., i]) for i in range(x.shape[2])] if x.ndim == 3 else [_measure(x)])
    r_hat, bulk, tail = measures[:, 0].max(), measures[:, 1].min(), measures[:, 2].min()
    converged = r_hat < MAX_R_HAT and min(bulk, tail) >= MIN_ESS * len(x)
    status: Status = "one chain" if len(x) == 1 else "mixed" if converged else "not mixed"
    return status, float(r_hat), float(bulk), float(tail)


def _measure(x: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return R-hat, and the effective sample sizes of the bulk and of the tails, of chains (n, S); NaN if constant."""
    half = x.shape[1] // 2
    halves = np.concatenate([x[:, :half], x[:, -half:]])
    if np.ptp(halves) == 0:
        return np.nan, np.nan, np.nan
    bulk, folded = _rank_normalise(halves), _rank_normalise(np.abs(halves - np.median(halves)))
    tails = [_ess((halves <= q).astype(np.float64)) for q in np.quantile(x, [0.05, 0.95])]
    return max(_r_hat(bulk), _r_hat(folded)), _ess(bulk), min(tails)


def _rank_normalise(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal scores of all values' ranks, Eq. 14."""
    return norm.ppf((rankdata(x).reshape(x.shape) - 3 / 8) / (x.size + 1 / 4))


def _r_hat(x: NDArray[np.float64]) -> float:
    """Return R-hat of chains (n, S), Eq. 4: infinite if no chain moves."""
    within, between = x.var(axis=1, ddof=1).mean(), x.mean(axis=1).var(ddof=1)
    return sqrt((x.shape[1] - 1) / x.shape[1] + between / within) if within > 0 else np.inf


def _ess(x: NDArray[np.float64]) -> float:
    """Return the effective sample size of chains (n, S), Eq. 10, by Geyer's initial monotone sequence (Eq. 11-13)."""
    n, s = x.shape
    spectrum = np.fft.rfft(x - x.mean(axis=1, keepdims=True), 2 * s)
    covariance = np.fft.irfft(spectrum * spectrum.conj(), 2 * s)[:, :s].mean(axis=0) / s
    within = covariance[0] * s / (s - 1)
    total = covariance[0] + x.mean(axis=1).var(ddof=1)
    if total == 0:
        return np.nan
    rho = 1 - (within - covariance) / total
    rho[0] = 1
    pairs = rho[: s // 2 * 2].reshape(-1, 2).sum(axis=1)
    end = max(int(np.argmax(np.append(pairs, -1) < 0)), 1)
    remainder = max(rho[2 * end], 0) if 2 * end < s else 0  # of the first pair that is left out, as in Stan
    tau = 2 * np.minimum.accumulate(pairs[:end]).sum() - 1 + remainder
    return float(n * s / max(tau, 1 / log10(n * s)))

"""Figures of the review's five challenges."""

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, PALETTE, VERMILION, image_grid, new_figure, styled
from notebooks.review.gan_challenges.experiments import ALARMS, MODELS
from notebooks.review.gan_challenges.one_class import JUDGED
from notebooks.review.gan_challenges.toys import CENTRE, METHODS, SPREAD, centres

TITLES = {
    "gan": "GAN", "wgan": "WGAN", "wgan-gp": "WGAN-GP", "spectral norm": "spectral norm",
    "adversarial vae": "adversarial VAE", "knn": "KNN", "ocsvm": "OCSVM",
    "vae with a discriminator": "VAE with discriminator",
}  # fmt: skip
DATA = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}


@implements("anogen-fig-gan-modes")
def fig_modes(record: Arrays) -> Figure:
    """Draw the samples of the first seed by each method, with the number of modes of every seed."""
    figure, axes = new_figure(len(METHODS), width=7.4, height=2.1)
    with styled():
        for ax, name, samples, covered in zip(axes[0], METHODS, record["samples"], record["covered"], strict=True):
            ax.scatter(*centres().numpy().T, s=60, facecolor="none", edgecolor=VERMILION, linewidth=1)
            ax.scatter(*samples[0].astype(float).T, s=2, color=BLUE)
            ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[], yticks=[])
            ax.set_xlabel(f"{TITLES[name]}\n{', '.join(map(str, covered))}", fontsize=10)
    return figure


@implements("anogen-fig-gan-discriminator")
def fig_discriminator(record: Arrays) -> Figure:
    """Draw how far D is from 1/2 (left), the error of held-out real numbers (middle), and D in the end (right)."""
    figure, [(left, middle, right)] = new_figure(3, width=7.4, height=2.6)
    with styled():
        for side, (name, colour) in enumerate((("real", BLUE), ("made", VERMILION))):
            left.plot(record["marks"], record["apart"][:, :, side].mean(axis=0), color=colour, label=name)
        left.axhline(0.05, color=GREY, linestyle=":")
        left.set(xlabel="iteration", ylabel="mean $|D - 1/2|$", ylim=(0, None))
        left.legend()
        for curve in record["entropy"]:
            middle.plot(record["marks"], curve, color=BLUE, linewidth=1)
        middle.axhline(np.log(2), color=GREY, linestyle=":")
        middle.set(xlabel="iteration", ylabel="cross-entropy")
        density = stats.norm.pdf(record["axis"], CENTRE, SPREAD)
        right.fill_between(record["axis"], density / density.max(), color=GREY, alpha=0.3)
        for judged in record["judged"]:
            right.plot(record["axis"], judged, color=BLUE, linewidth=1)
        right.set(xlabel="$x$", ylabel="$D(x)$", ylim=(0, 1.02))
    return figure


@implements("anogen-fig-latent-law")
def fig_latent_norms(record: Arrays) -> Figure:
    """Draw the distribution of the norm, divided by sqrt(d), in each dimension, with samples."""
    figure, [[ax]] = new_figure(width=5.4, height=3.0)
    ratio = np.linspace(0.01, 2, 400)
    with styled():
        for d, norms, colour in zip(record["dimensions"], record["norms"], PALETTE, strict=False):
            root = np.sqrt(float(d))
            ax.hist(norms / root, bins=60, density=True, color=colour, alpha=0.3)
            ax.plot(ratio, stats.chi.pdf(ratio * root, int(d)) * root, color=colour, label=f"$d_z = {d}$")
        ax.set(xlabel="$\\|z\\|_2 / \\sqrt{d_z}$", ylabel="density", xlim=(0, 2), yscale="log", ylim=(1e-2, 50))
        ax.legend()
    return figure


@implements("anogen-fig-contamination")
def fig_contamination(record: Arrays) -> Figure:
    """Draw AUC over the share of anomalies in the training set: a thin line a seed, a thick one the mean."""
    figure, [[ax]] = new_figure(width=5.2, height=3.2)
    with styled():
        for name, auc, colour in zip(JUDGED, record["auc"], PALETTE, strict=False):
            ax.plot(record["shares"], auc, color=colour, linewidth=0.7, alpha=0.6)
            ax.plot(record["shares"], auc.mean(axis=1), color=colour, marker="o", label=TITLES[name])
        ax.set(xlabel="share of anomalies in the training set, $\\Lambda$", ylabel="ROC AUC")
        ax.legend()
    return figure


@implements("anogen-fig-vae-copies")
def fig_copies(record: Arrays, side: int = 28, row: int = -1) -> Figure:
    """Draw real normal images above their reconstructions."""
    shown = record["shown"][row]
    return image_grid(shown.reshape(2, -1, side, side), row_labels=["real", "reconstruction"])


@implements("anogen-fig-vae-likelihoods")
def fig_likelihoods(record: Arrays, names: tuple[str, str]) -> Figure:
    """Draw the bounds in bits a pixel of test images of the model's own data, and of others."""
    figure, [[ax]] = new_figure(width=5.4, height=2.9)
    with styled():
        low = min(record[key].min() for key in ("own", "other"))
        bins = np.linspace(low, 0, 60)
        for key, name, colour in zip(("own", "other"), names, (BLUE, VERMILION), strict=True):
            ax.hist(record[key], bins=bins, density=True, color=colour, alpha=0.55, label=name)
        ax.set(xlabel="bound on the log-likelihood, bits per pixel", ylabel="density")
        ax.legend()
    return figure


@implements("anogen-fig-imbalance")
def fig_imbalance(record: Arrays) -> Figure:
    """Draw F1 (left) and phi (right) over the share of anomalies."""
    figure, axes = new_figure(2, width=7.0, height=2.8)
    with styled():
        for ax, key, name in zip(axes[0], ("f1", "phi"), ("$F_1$", "phi coefficient"), strict=True):
            for alarm, values, colour in zip(ALARMS, record[key], PALETTE, strict=False):
                label = f"alarms {alarm}" if alarm != ALARMS[2] else alarm
                ax.plot(record["shares"], values, color=colour, marker="o", label=label)
            ax.set(xlabel="share of anomalies", ylabel=name, ylim=(-0.05, 1.05))
        axes[0, 0].legend(fontsize=9)
    return figure


@implements("anogen-fig-subsequences")
def fig_subsequences(record: Arrays) -> Figure:
    """Draw a synthetic series (left), and the rate of false alarms over the length of a subsequence (right)."""
    figure, [(left, right)] = new_figure(2, width=7.2, height=2.8)
    with styled():
        left.plot(record["example"], color=BLUE, linewidth=1.2)
        left.set(xlabel="sample", ylabel="value")
        for name, rates, colour in zip(MODELS, record["rates"], PALETTE, strict=False):
            mean, deviation = rates.mean(axis=1), rates.std(axis=1)
            right.errorbar(record["lengths"], mean, deviation, color=colour, marker="o", capsize=3, label=name)
        right.axhline(0.05, color=GREY, linestyle=":")
        right.set(xlabel="length", ylabel="false positive rate", xscale="log", ylim=(0, 1.4))
        right.set_xticks(record["lengths"], [str(n) for n in record["lengths"]])
        right.minorticks_off()
        right.legend(fontsize=9, loc="upper left")  # above all lines: a rate is at most 1
    return figure

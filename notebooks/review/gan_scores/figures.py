"""Figures and tables of the parts of a GAN's score, and of the budget of its search."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from scipy import stats

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLUE, FIELD_COLOURS, GREY, VERMILION, image_grid, new_figure, styled
from companion.figures.tables import Table
from notebooks.review.gan_scores.experiments import METHODS
from notebooks.review.gan_scores.measures import TRUNCATIONS
from notebooks.review.gan_scores.score_parts import LAMBDAS, LATENT, SETS, WAYS
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS


@implements("anogen-fig-gan-weights")
def fig_weights(record: Arrays, classes: tuple[int, ...]) -> Figure:
    """Draw AUC on validation rows over λ, a line for each mark of the training, a dot at its best λ."""
    figure, axes = new_figure(len(classes), 2, width=6.8, height=4.6, sharex=True)
    curves = record["validated"].mean(axis=1)  # (C, M, 2, L)
    colours = colormaps[FIELD_COLOURS](np.linspace(0.85, 0.0, curves.shape[1]))
    with styled():
        for j, name in enumerate(("cross-entropy", "feature matching")):
            for c, label in enumerate(classes):
                ax = axes[j, c]
                for mark, curve, colour in zip(record["marks"], curves[c, :, j], colours, strict=True):
                    ax.plot(LAMBDAS, curve, color=colour, linewidth=1.4, label=f"{mark:,} iterations")
                    ax.plot(LAMBDAS[curve.argmax()], curve.max(), "o", color=colour, markersize=5)
                ax.set(xlabel=f"$\\lambda$, class {label}" if j else "", ylabel=f"AUC\n{name}" if c == 0 else "")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    return figure


@implements("anogen-fig-gan-norms")
def fig_norms(record: Arrays, latent: int) -> Figure:
    """Draw the norms of the searched latent vectors of normal rows and of anomalies, and the prior's."""
    figure, [[ax]] = new_figure(width=5.4, height=2.9)
    found = record["norms"].astype(float)
    normal, other = (found[..., kind::2].ravel() for kind in (0, 1))
    bins = np.linspace(0, float(max(found.max(), stats.chi.ppf(0.999, latent))), 60)
    with styled():
        for values, name, colour in ((normal, "normal rows", BLUE), (other, "anomalies", VERMILION)):
            ax.hist(values, bins=bins, density=True, color=colour, alpha=0.5, label=name)
        ax.plot(bins, stats.chi.pdf(bins, latent), color=GREY, label="distribution of $\\|z\\|_2$")
        ax.set(xlabel="$\\|z_\\Gamma\\|_2$", ylabel="density")
        ax.legend()
    return figure


@implements("anogen-fig-gan-copies")
def fig_copies(record: Arrays, row: int = 0, side: int = 28) -> Figure:
    """Draw test rows, normal ones and others in turn, above their reconstructions by the search and by each encoder."""
    shown = record["shown"][row]
    return image_grid(shown.reshape(*shown.shape[:2], side, side), row_labels=["real", "AnoGAN", *WAYS])


@implements("anogen-fig-gan-budget")
def fig_budgets(digits: Arrays, beats: Arrays) -> Figure:
    """Draw AUC by tolerance and limit of the search, for digits (left) and heartbeats (right)."""
    figure, axes = new_figure(2, width=7.4, height=3.3)
    with styled():
        for ax, record, name in zip(axes[0], (digits, beats), ("digits", "heartbeats"), strict=True):
            auc = record["auc"].mean(axis=0)
            drawn = ax.imshow(auc, cmap=FIELD_COLOURS, origin="lower", aspect="auto")
            middle = (auc.min() + auc.max()) / 2
            for (e, n), value in np.ndenumerate(auc):
                colour = "white" if value < middle else "black"
                ax.text(n, e, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
            ax.set_xticks(range(auc.shape[1]), [str(limit) for limit in LIMITS[: auc.shape[1]]])
            ax.set_yticks(range(auc.shape[0]), [f"{epsilon:g}" for epsilon in EPSILONS[: auc.shape[0]]])
            ax.set(xlabel=f"$n_{{max}}$, {name}", ylabel="$\\epsilon$" if name == "digits" else "")
            figure.colorbar(drawn, ax=ax, label="ROC AUC" if name == "heartbeats" else "")
    return figure


@implements("anogen-fig-gan-sizes")
def fig_latent_sizes(record: Arrays) -> Figure:
    """Draw reconstruction error (left) and AUC (right) over the dimension of the latent space, a thin line a seed."""
    figure, axes = new_figure(2, width=7.0, height=2.8)
    with styled():
        for ax, key, name in zip(axes[0], ("error", "auc"), ("mean squared error", "ROC AUC"), strict=True):
            ax.plot(record["dimensions"], record[key].T, color=BLUE, linewidth=0.8, alpha=0.6)
            ax.plot(record["dimensions"], record[key].mean(axis=0), color=BLUE, marker="o")
            ax.set(xlabel="$d_z$", ylabel=name, xscale="log")
            ax.set_xticks(record["dimensions"], [str(d) for d in record["dimensions"]])
            ax.minorticks_off()
    return figure


def table_compositions(record: Arrays) -> Table:
    """Return the test AUC of each set of parts: by weights, by the best weights, by a support vector machine."""
    columns = [record[key].mean(axis=(0, 1)) for key in ("linear", "best", "machine")]
    rows = [[" + ".join(names), *(f"{values[k]:.3f}" for values in columns)] for k, names in enumerate(SETS)]
    return Table(("parts", "weights from validation", "best weights", "SVM"), rows)


def table_truncations(record: Arrays) -> Table:
    """Return the table of variety and distance from real images by the bound of truncation."""
    variety, distance = (record[key].mean(axis=(0, 1)) for key in ("div_ratio", "nn_ratio"))
    bounds = ["none" if np.isinf(bound) else f"{bound:g}" for bound in TRUNCATIONS]
    rows = [[bound, f"{v:.2f}", f"{d:.2f}"] for bound, v, d in zip(bounds, variety, distance, strict=True)]
    return Table(("bound of every $z_i$", "variety", "distance from real images"), rows)


def table_encoders(record: Arrays) -> Table:
    """Return the table of the encoders: AUC of scores, of distances of images and codes, and relative errors."""
    full, image, code, errors = (record[key].mean(axis=(0, 1)) for key in ("full", "image", "code", "inversion"))
    rows = [["AnoGAN's search", f"{full[0]:.3f}", "", "", "", "", ""]]
    for w, way in enumerate(WAYS):
        numbers = (full[1 + w], image[w], *code[w], *errors[w])
        rows.append([way, *(f"{value:.3f}" for value in numbers)])
    codes = [f"AUC, code {name.replace('copy', 'reconstruction')}" for name in LATENT]
    head = ("method", "AUC, score", "AUC, image", *codes, "error of $E(G(z))$", "error of $G(E(x))$")
    return Table(head, rows)


def table_implementations(record: Arrays) -> Table:
    """Return the table of PyOD's detectors and ours: AUC, how reconstructions vary, how two calls differ."""
    auc, varied, unlike = (record[key].mean(axis=0) for key in ("auc", "varied", "unlike"))
    apart = [f"{share:.1%}" if share else "0" for share in unlike]
    rows = [[name, f"{auc[m]:.3f}", f"{varied[m]:.2f}", apart[m]] for m, name in enumerate(METHODS)]
    return Table(("detector", "AUC", "variation of reconstructions", "two calls differ by"), rows)

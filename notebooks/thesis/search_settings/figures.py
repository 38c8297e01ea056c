"""Figures of chapter `search-settings` (thesis 5.3 and 6.1.2)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLUE, FIELD_COLOURS, GREEN, PALETTE, VERMILION, image_grid, new_figure, pictures
from companion.records import Record
from notebooks.thesis.autoencoder_cifar.figures import WAY_NAMES
from notebooks.thesis.common.image_figures import by_generation


@implements("anogen-fig-population", "anogen-fig-mutation-rate", "anogen-fig-deviation")
def fig_population(by_value: Mapping[float, Record], generations: int, label: str) -> Figure:
    """Plot the fall of the score, as a share of noise's: one line a value of the setting, the median of the seeds."""
    figure, [[ax]] = new_figure(1, 1, height=3.4)
    shades = colormaps[FIELD_COLOURS](np.linspace(0, 0.85, len(by_value)))  # from dark to light, in order
    for colour, (value, record) in zip(shades, by_value.items(), strict=True):
        kept = record["history_generations"] <= generations
        relative = record["history"][:, kept] / record["noise_scores"][:, None]
        ax.plot(record["history_generations"][kept], np.median(relative, axis=0), color=colour, label=f"{value:g}")
    ax.set(xlabel="generation", ylabel="score / score of noise", yscale="log")
    figure.legend(loc="outside right upper", frameon=False, title=label)
    return figure


@implements("anogen-fig-population-targets")
def fig_population_targets(by_value: Mapping[float, Sequence[float]], targets: Sequence[float], label: str) -> Figure:
    """Plot the generations to each target score against a setting; a target that was not reached has no dot."""
    figure, [[ax]] = new_figure(1, 1, height=2.9)
    every = np.array(list(by_value.values()), dtype=float)  # (values, targets)
    every[np.isinf(every)] = np.nan
    for i, (target, times) in enumerate(zip(targets, every.T, strict=True)):
        ax.plot(list(by_value), times, "so^"[i % 3] + "-", color=PALETTE[i], label=f"to {target:.0%} of noise")
    ax.set(xscale="log", yscale="linear" if np.isnan(every).all() else "log")
    ax.set_xticks(list(by_value), [f"{value:g}" for value in by_value], minor=False)
    ax.xaxis.minorticks_off()
    ax.set(xlabel=label, ylabel="generations")
    figure.legend(loc="outside right upper", frameon=False)
    return figure


@implements("anogen-fig-final-scores")
def fig_final_scores(rates: Mapping[float, np.ndarray], sigmas: Mapping[float, np.ndarray]) -> Figure:
    """Plot the final scores (S,) by mutation rate and by size of the noise: a dot a seed, a line through the means."""
    figure, axes = new_figure(2, 1, height=2.9, sharey=True)
    for ax, scores, label in zip(
        axes[0], (rates, sigmas), ("mutation rate", "standard deviation of mutations"), strict=True
    ):
        for value, each in scores.items():
            ax.scatter(np.full(len(each), value), each, s=14, color=BLUE, linewidth=0)
        ax.plot(list(scores), [each.mean() for each in scores.values()], color=BLUE, linewidth=1.2)
        ax.set(xlabel=label, yscale="log")
    axes[0, 1].set(xscale="log")
    axes[0, 1].set_xticks(list(sigmas), [f"{value:g}" for value in sigmas], fontsize=10)
    axes[0, 1].xaxis.minorticks_off()
    axes[0, 0].set(ylabel="final score")
    return figure


@implements("anogen-fig-images-*")
def fig_images(by_value: Mapping[float, Record], stop: int, seeds: int = 5) -> Figure:
    """Draw the images of the n-th kept generation: one row a value of the setting, a seed in each column."""
    images = np.stack([record["images"][:seeds, stop] for record in by_value.values()])
    scores = np.stack([of_noise(record, record["scores"][:seeds])[:, stop] for record in by_value.values()])
    return image_grid(pictures(images), scores, [f"{value:g}" for value in by_value])


def of_noise(record: Record, scores: np.ndarray) -> np.ndarray:
    """Return the scores (S, T) of seeds in percent of what uniform noise scores, rounded to hundredths."""
    return np.round(100 * scores / record["noise_scores"][: len(scores), None], 2)


@implements("anogen-fig-generations")
def fig_generations(record: Record) -> Figure:
    """Draw the images of every seed (rows) after each of the kept numbers of generations (columns)."""
    return by_generation(record, relate=of_noise)


@implements("anogen-fig-generations-quality")
def fig_generations_quality(stops: Sequence[int], scores: np.ndarray, quality: np.ndarray) -> Figure:
    """Plot score (S, T) and quality (T, S) against the number of generations: thin lines are seeds."""
    figure, axes = new_figure(2, 1, height=2.9)
    for ax, each, label in zip(axes[0], (scores.T, quality), ("score", "quality"), strict=True):
        ax.plot(stops, each, color=BLUE, linewidth=0.8, alpha=0.5)
        ax.plot(stops, each.mean(axis=1), "o-", color=BLUE)
        ax.set(xlabel="generations", ylabel=label, xscale="log")
    axes[0, 0].set(yscale="log")
    axes[0, 1].set(ylim=(-0.03, 1.03))
    return figure


@implements("anogen-fig-descents")
def fig_descents(by_width: Mapping[int, Record]) -> Figure:
    """Plot the fall of the score in every way to descend: a panel a way, a line a width, the median of the starts."""
    figure, axes = new_figure(len(WAY_NAMES), 1, height=2.7, sharey=True)
    step = next(iter(by_width.values())).parameter("stops")[0]
    for way, ax in enumerate(axes[0]):
        for colour, (width, record) in zip(PALETTE, by_width.items(), strict=False):
            label = f"{width}" if way == 0 else None
            ax.plot(record["history_steps"], np.median(record["history"][way], axis=0), color=colour, label=label)
        ax.axvline(step, color="black", linewidth=0.8, linestyle=":")
        last = ax.get_xlim()[1]
        ax.set_xticks([0, step], ["0", f"{step}"])
        ax.set_xlim(0, last)
        ax.set(xlabel=WAY_NAMES[way], yscale="log")
    axes[0, 0].set(ylabel="score")
    figure.legend(loc="outside right upper", frameon=False, title="width")
    return figure


@implements("anogen-fig-rastrigin")
def fig_rastrigin(record: Record) -> Figure:
    """Plot the success rates on Rastrigin's function: a group of bars for each dimension and place of the optimum."""
    figure, [[ax]] = new_figure(1, 1, height=2.8)
    kinds = {"evolved": "evolution", "best_descended": "best of all descents", "descended": "one descent"}
    names = [f"{d}-D,\n{place}" for d in record["dimensions"] for place in ("middle", "random")]
    for k, ((key, label), colour) in enumerate(zip(kinds.items(), (BLUE, GREEN, VERMILION), strict=True)):
        rates = record[key].reshape(len(names), -1).mean(axis=1)
        ax.bar(np.arange(len(names)) + 0.27 * (k - 1), rates, 0.25, color=colour, label=label)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="success rate", ylim=(0, 1.05))
    figure.legend(loc="outside right upper", frameon=False)
    return figure

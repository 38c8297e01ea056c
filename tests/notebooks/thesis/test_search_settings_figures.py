"""Figures of colour images and of the search's settings, from fabricated records: they are legible and show them."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from notebooks.thesis.autoencoder.figures import fig_6_5
from notebooks.thesis.autoencoder_cifar import figures as autoencoder_cifar
from notebooks.thesis.common.descent import WAYS
from notebooks.thesis.search_settings import figures as search_settings

RNG = np.random.default_rng(0)
STOPS = (1_000, 5_000, 30_000)


class Record:
    """Arrays and parameters, as a record has them."""

    def __init__(self, arrays, **parameters):
        self.arrays, self.parameters = arrays, parameters

    def __getitem__(self, name):
        return self.arrays[name]

    def parameter(self, name):
        return self.parameters[name]


def search(seeds=3):
    marks = np.arange(10, 5_001, 10)
    return Record(
        {
            "images": RNG.random((seeds, len(STOPS), 784)).astype(np.float16),
            "scores": RNG.random((seeds, len(STOPS))),
            "history": np.tile(np.exp(-marks / 1_000), (seeds, 1)),
            "history_generations": marks,
            "noise_scores": np.ones(seeds),
        },
        stops=STOPS,
    )


def descended(pixels=3072):
    return Record(
        {
            "images": RNG.random((len(WAYS), 16, pixels)).astype(np.float16),
            "scores": RNG.random((len(WAYS), 16, 2)),
            "test_normal_scores": RNG.random(9),
            "history": RNG.random((len(WAYS), 16, 11)),
            "history_steps": np.linspace(0, 2_000, 11),
        },
        stops=(500, 2_000),
    )


def evolved(count=16):
    return Record({"images": RNG.random((count, 3072)), "scores": RNG.random(count)})


def rastrigin():
    return Record(
        {
            "dimensions": np.array([2, 16]),
            "evolved": RNG.random((2, 2, 8)) < 0.5,
            "best_descended": RNG.random((2, 2, 8)) < 0.5,
            "descended": RNG.random((2, 2, 8, 5)) < 0.5,
        }
    )


SIZES = {size: search() for size in (10, 25, 50, 100, 150, 300)}
SIGMAS = {sigma: np.full(3, sigma) for sigma in (0.001, 0.003, 0.01, 0.03, 0.1)}
RATES = {rate: np.full(3, rate) for rate in (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)}
FIGURES = {
    "gradient": lambda: autoencoder_cifar.figs_6_3_6_4(descended()),
    "ways": lambda: autoencoder_cifar.fig_ways(descended()),
    "evolution": lambda: autoencoder_cifar.fig_6_6({"frog": evolved(), "plane": evolved()}, {"frog": 1, "plane": 2}),
    "tints": lambda: autoencoder_cifar.fig_tints({
        f"{name},\n{kind}": RNG.random((9, 3072))
        for name in ("frog", "airplane")
        for kind in ("real mean", "descent", "evolution")
    }),
    "structure": lambda: autoencoder_cifar.fig_structure(
        {f"descent,\n{name}": [RNG.random(16)] * 2 for name in autoencoder_cifar.WAY_NAMES}, "Moran's I"
    ),
    "falling": lambda: search_settings.fig_population(SIZES, 5_000, "population"),
    "reaching": lambda: search_settings.fig_population_targets(
        {size: [3e4 / size, np.inf, 9e4 / size] for size in SIZES}, (0.3, 0.1, 0.03), "population"
    ),
    "ending": lambda: search_settings.fig_final_scores(RATES, SIGMAS),
    "images": lambda: search_settings.fig_images(SIZES, 1),
    "lasting": lambda: search_settings.fig_generations_quality(STOPS, RNG.random((5, 3)) + 0.01, RNG.random((3, 5))),
    "descents": lambda: search_settings.fig_descents({width: descended() for width in (2, 4, 8, 16)}),
    "toy": lambda: search_settings.fig_rastrigin(rastrigin()),
}  # fmt: skip


def texts(figure):
    """Return the texts that are drawn; a tick outside the view has a label, but nobody sees it."""
    unseen = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low * (1 - 1e-9) <= tick.get_loc() <= high * (1 + 1e-9):
                unseen |= {id(tick.label1), id(tick.label2)}
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and id(t) not in unseen]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_legible(name):
    figure = FIGURES[name]()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = np.asarray(canvas.buffer_rgba())
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert not any(axes.get_title() for axes in figure.axes)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for (one, a), (other, b) in combinations(boxes, 2):
        shared = mpl.transforms.Bbox.intersection(a, b)
        assert shared is None or shared.width * shared.height < 12, (one, other)
    for text, box in boxes:
        assert figure.bbox.x0 - 1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text


def test_image_rows():
    record = evolved(16)
    figure = fig_6_5({"frog": record}, {"frog": 10.0})
    assert len(figure.axes) == 16
    assert np.allclose(figure.axes[9].get_images()[0].get_array(), record["images"][9].reshape(32, 32, 3))
    assert figure.axes[9].texts[0].get_text() == f"{round(100 * record['scores'][9], 1):.3g}"
    assert (figure.axes[0].get_ylabel(), figure.axes[8].get_ylabel()) == ("frog", "")


def test_stretched_images_fill_the_grey_scale():
    image = np.linspace(0.4, 0.5, 3072)[None]
    stretched = autoencoder_cifar.stretch(image)
    assert (stretched.min(), stretched.max()) == (0, 1)
    assert np.all(np.diff(stretched) >= 0) and np.isfinite(autoencoder_cifar.stretch(np.full((1, 3072), 0.5))).all()


def test_unreached_target_has_no_dot():
    figure = search_settings.fig_population_targets({10: [np.inf], 20: [7.0]}, (0.1,), "population")
    line = figure.axes[0].get_lines()[0]
    assert np.isnan(line.get_ydata()[0]) and line.get_ydata()[1] == 7


def test_scores_are_relative_to_noise():
    record = search()
    record.arrays["noise_scores"] = np.full(3, 4.0)
    line = search_settings.fig_population({150: record}, 100, "population").axes[0].get_lines()[0]
    assert line.get_xdata()[-1] == 100
    assert line.get_ydata() == pytest.approx(np.exp(-np.arange(10, 101, 10) / 1_000) / 4)


def test_bars_are_success_rates():
    record = rastrigin()
    bars = [bar.get_height() for bar in search_settings.fig_rastrigin(record).axes[0].patches]
    expected = [
        record[key][i, j].mean() for key in ("evolved", "best_descended", "descended") for i in (0, 1) for j in (0, 1)
    ]
    assert bars == pytest.approx(expected)

"""Figures carry labels and no titles, stand on white, do not touch pyplot and do not overlap."""

from itertools import combinations

import jupytext
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from companion import notebook as publishing
from companion.chapters import chapters
from companion.figures import style
from companion.records import store
from notebooks.thesis.background import figures as background
from notebooks.thesis.background.experiments import QUICK, Anomalies2D, RocCurve
from notebooks.thesis.methods import figures as methods


@pytest.fixture(scope="module")
def figures():
    plane, roc = Anomalies2D.at("quick").run(), RocCurve.at("quick").run()
    return {
        "2.1": background.fig_2_1(plane),
        "2.2": background.fig_2_2(roc),
        "5.1": methods.fig_5_1(),
        "5.2": methods.fig_5_2(),
        "5.3": methods.fig_5_3(),
    }


ALL = ["2.1", "2.2", "5.1", "5.2", "5.3"]


def pixels(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def texts(figure: Figure) -> list[Text]:
    """Return the texts that are drawn; a tick outside the view has a label, but nobody sees it."""
    unseen = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not axis.axes.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                unseen |= {id(tick.label1), id(tick.label2)}
    found = figure.findobj(Text)
    return [text for text in found if text.get_visible() and text.get_text().strip() and id(text) not in unseen]


@pytest.mark.parametrize("name", ALL)
def test_figures_are_opaque_and_white(figures, name):
    image = pixels(figures[name])
    assert (image[..., 3] == 255).all()
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1], :3] == 255).all()
    assert image[..., :3].std() > 5  # and something is drawn


@pytest.mark.parametrize("name", ALL)
def test_figures_have_no_titles(figures, name):
    figure = figures[name]
    assert not figure.get_suptitle()
    assert not any(axes.get_title(loc) for axes in figure.axes for loc in ("left", "center", "right"))


@pytest.mark.parametrize("name", ["2.1", "2.2"])
def test_axes_are_labelled_in_lower_case(figures, name):
    for axes in figures[name].axes:
        labels = [axes.get_xlabel(), axes.get_ylabel()]
        assert any(labels)
        assert not any(label[:1].isupper() for label in labels if not label.startswith("LOF"))


@pytest.mark.parametrize("name", ALL)
def test_no_two_texts_overlap_and_none_leaves_the_figure(figures, name):
    figure = figures[name]
    pixels(figure)
    shown = texts(figure)
    boxes = {id(text): text.get_window_extent() for text in shown}
    frame = figure.bbox
    for text in shown:
        box = boxes[id(text)]
        inside = frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1 and frame.y0 - 1 <= box.y0 and box.y1 <= frame.y1 + 1
        assert inside, text.get_text()
    for one, other in combinations(shown, 2):
        overlap = mpl.transforms.Bbox.intersection(boxes[id(one)], boxes[id(other)])
        area = overlap.width * overlap.height if overlap else 0
        assert area < 12, (one.get_text(), other.get_text(), area)


@pytest.mark.parametrize("name", ALL)
def test_text_is_readable_at_600_pixels(figures, name):
    figure = figures[name]
    shrunk = min(1.0, 600 / (figure.get_figwidth() * 100))  # a point is 100/72 pixels at the screen's 100 dpi
    sizes = [text.get_fontsize() for text in texts(figure)]
    assert min(sizes) * shrunk * 100 / 72 >= 11


def test_roc_figure_draws_the_recorded_curves():
    record = RocCurve.at("quick").run()
    lines = {line.get_label(): line for line in background.fig_2_2(record).axes[0].get_lines()}
    good = next(line for label, line in lines.items() if label.startswith("good"))
    assert np.array_equal(good.get_xdata(), record["good_fpr"])
    assert f"{float(record['good_auc']):.3f}" in good.get_label()
    assert {line.get_linewidth() for line in lines.values()} == {2.0}


def test_the_evolution_chart_names_every_operator_of_the_thesis():
    texts = " ".join(text.get_text() for text in methods.fig_5_3().findobj(Text))
    for word in ("selection", "crossover", "recombination", "mutation", "fitness", "150", "0.5", "0.01"):
        assert word in texts


def test_drawing_changes_no_global_state():
    before = dict(mpl.rcParams)
    methods.fig_5_1()
    style.image_grid(np.zeros((1, 2, 4, 4)))
    assert dict(mpl.rcParams) == before
    import sys

    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint8])
@pytest.mark.parametrize("colour", [(), (3,)])
def test_image_grid_shows_pixel_values(dtype, colour):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 3, 5, 5, *colour)).astype(np.uint8)
    given = images if dtype == np.uint8 else (images / 255).astype(dtype)
    figure = style.image_grid(given, np.arange(6.0).reshape(2, 3), ["digit 3", "digit 4"], ["a", "b", "c"])
    assert len(figure.axes) == 6
    shown = figure.axes[4].get_images()[0]  # second row, second column
    assert np.allclose(shown.get_array(), images[1, 1] / 255, atol=1e-3)
    assert shown.get_clim() == (0, 1)  # a dark image stays dark
    assert [text.get_text() for text in figure.axes[4].texts] == ["4"]
    assert figure.axes[3].get_ylabel() == "digit 4"
    assert figure.axes[4].get_xlabel() == "b"
    pixels(figure)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (0.394612, "0.395"), (12345.6, "12346"), (-2346.6, "-2347"), (0.00012, "0.00012"),
        (1.2e-6, r"$1.2\cdot10^{-6}$"), (1e18, r"$1\cdot10^{18}$"), (float("inf"), "inf"), (999.6, "1000"),
    ],
)  # fmt: skip
def test_scores_are_written_short(number, text):
    assert style.short(number) == text


@pytest.mark.parametrize(("chapter", "ids"), [("background", ["2.1", "2.2"]), ("methods", ["5.1", "5.2", "5.3"])])
def test_notebook_shows_its_figures_with_captions(chapter, ids, monkeypatch, tmp_path):
    monkeypatch.setenv("ANOGEN_CACHE", str(tmp_path))
    monkeypatch.setattr(store, "committed_folder", lambda: None)  # computed here, not loaded
    shown, said = [], []
    monkeypatch.setattr(publishing, "figure", lambda figure, **words: shown.append((figure, words)))
    monkeypatch.setattr(publishing, "markdown", said.append)
    cells = jupytext.read(chapters()[chapter].notebook).cells
    parameters = {"scale": "quick", **QUICK}
    names: dict = {}
    for cell in cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(parameters)
    assert [words["id"] for _, words in shown] == [f"thesis-fig-{number}" for number in ids]
    for figure, words in shown:
        assert isinstance(figure, Figure)
        assert len(words["alt"]) > 100
        assert words["caption"].endswith(".")
        assert words["alt"] != words["caption"]
    assert said
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown") + "\n".join(said)
    assert all(f"{{numref}}`thesis-fig-{number}`" in prose for number in ids)
    assert "nan" not in "\n".join(said)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0369, "-0.0369"),
        (32152.4, "32152"),
        (-0.00269, "-2.7e-3"),
        (2.17e-14, "2.2e-14"),
        (1e18, "1e18"),
    ],
)
def test_scores_above_small_images_are_written_briefly(number, text):
    assert style.brief(number) == text
    assert len(text) <= 7

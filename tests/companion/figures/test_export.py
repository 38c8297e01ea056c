"""Figures as files: SVG for lines, PNG for pixels and for many points, the same bytes each time."""

import io
import json
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from companion.figures import export, slices, style

NOISE = np.random.default_rng(0).random((28, 28))


def lines(points: int = 10, **options: object) -> Figure:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot(np.sin(np.arange(points) ** 2), **options)
    axes.set_ylabel("score")
    return figure


def pixels(**options: object) -> Figure:
    figure = Figure(figsize=(3, 2))
    figure.subplots().imshow(NOISE, **options)
    return figure


def test_a_line_plot_is_svg_with_a_small_png_and_the_same_bytes_each_time() -> None:
    (first, width), (second, _) = export.mime_bundle(lines()), export.mime_bundle(lines())
    assert first == second
    text = first["image/svg+xml"]
    assert isinstance(text, str)
    assert "<text" not in text and "DejaVu" in text  # letters are paths
    assert not any(word in text for word in ("Matplotlib", "dc:date", "metadata", "<!--"))
    assert 200 < width <= 3.2 * export.ON_PAGE
    assert len(first["image/png"]) < 30_000


@pytest.mark.parametrize("figure", [pixels(), lines(20_000, marker="."), lines(rasterized=True)])
def test_pixels_and_many_points_are_png_with_two_pixels_for_each_of_the_page(figure: Figure) -> None:
    found, width = export.mime_bundle(figure)
    assert found.keys() == {"image/png"}
    image = Image.open(io.BytesIO(bytes(found["image/png"])))  # type: ignore[arg-type]
    assert image.width == pytest.approx(2 * width)


def test_a_grey_figure_has_one_channel_and_a_coloured_one_three() -> None:
    grey, coloured = (Image.open(io.BytesIO(export.png(pixels(cmap=name)))) for name in ("gray", "viridis"))
    assert (grey.mode, coloured.mode) == ("L", "RGB")
    plain = io.BytesIO()
    pixels(cmap="gray").savefig(plain, dpi=export.DPI, bbox_inches="tight")
    np.testing.assert_array_equal(np.asarray(grey), np.asarray(Image.open(plain).convert("L")))


def test_a_thumbnail_of_noise_is_light(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "png")
    path = tmp_path / "new" / "x.webp"
    assert export.write_thumbnail(b64encode(buffer.getvalue()).decode(), path) == (360, 270)
    assert path.stat().st_size < 30_000


def cuts(figure: Figure) -> list[int]:
    image = Image.open(io.BytesIO(export.png(figure)))
    return json.loads(image.info.get(slices.KEY, "[]"))


def test_a_grid_of_images_states_where_it_can_be_cut() -> None:
    figure = style.image_grid(np.tile(NOISE, (2, 8, 1, 1)), row_labels=["first", "second"])
    label, *borders = cuts(figure)
    assert borders[0] == 0 and len(borders) == 9 and 0 < label < borders[1]
    (first, *others) = slices.slices([label, *borders], 0.5)
    assert first == [(0, borders[4])] and others == [[(0, label), (borders[4], borders[8])]]
    assert slices.slices([0, 0, 100, 200], 0.5) == [[(0, 200)]]  # fits as it is


def test_nothing_is_cut_through() -> None:
    figure = style.image_grid(np.tile(NOISE, (1, 4, 1, 1)))
    figure.text(0.25, 0.98, "over the first two columns", ha="center")
    assert len(cuts(figure)) == 5  # of 6
    figure.suptitle("over all columns, and so long that no border between two columns stays white")
    assert cuts(figure) == [] == cuts(pixels())
    with_labels = style.new_figure(3)[0]
    for axes in with_labels.axes:
        axes.imshow(NOISE)
    with_labels.axes[1].set_yticks([])
    assert cuts(with_labels)[0] == 0 and len(cuts(with_labels)) == 4  # before the third, which has its own labels

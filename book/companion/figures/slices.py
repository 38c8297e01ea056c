"""Wide grids of images on phones: where a picture can be cut, and the same file shown as slices below each other.

A PNG states in itself where it can be cut, so that the last pass over the pages needs nothing but the file.
"""

import json
import re
from itertools import pairwise
from math import ceil
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

KEY = "cuts"  # of the text in a PNG
PHONE = 350  # CSS pixels of the width of a figure on a phone
MIN_SCALE = 0.6  # of a slice on a phone, relative to the page: letters of 12 pt are then 11 pixels high
MIN_COLUMN = 44  # CSS pixels of the width of a column on a phone
WIDTH = re.compile(r'(?<=style=")width: (\d+)px;')  # of an image, in its attributes


def cuts(figure: Figure, pixels: np.ndarray, *, cropped: bool) -> list[int]:
    """Return where a grid of axes can be cut, in the `pixels` (h, w, 3) of the saved figure.

    The first number is the width of the labels at the left, which belong to all columns; it is 0 if there are none, or
    if columns have labels of their own, which then begin a slice. The others are the borders of the columns, from 0 to
    w. A border is white from top to bottom; columns without such a border between them are one.
    """
    box = figure.get_tightbbox().padded(mpl.rcParams["savefig.pad_inches"]) if cropped else figure.bbox_inches
    scale = pixels.shape[1] / box.width

    def saved(x: float) -> int:
        return round((x / figure.dpi - box.x0) * scale)

    free = (pixels == 255).all(axis=(0, 2))
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text():  # no cut between two letters
            extent = text.get_window_extent()
            free[max(0, saved(extent.x0)) : max(0, saved(extent.x1))] = False
    white = np.flatnonzero(free)
    boxes = [(saved(start), saved(end), labelled) for start, end, labelled in _columns(figure)]
    if len(boxes) < 2:
        return []
    starts = [box for box in boxes[1:] if box[2]] or boxes[1:]
    gaps = [(max(end for _, end, _ in boxes if end <= start), start) for start, _, _ in starts]
    borders = [border for gap in gaps if (border := _middle(white, *gap))]
    label = 0 if any(box[2] for box in boxes[1:]) else _middle(white, 0, boxes[0][0], last=True)
    return [label, 0, *borders, pixels.shape[1]] if borders else []


def _columns(figure: Figure) -> list[tuple[float, float, bool]]:
    """Return the left and the right of each column of axes, and whether it has labels at its left."""
    found: list[tuple[float, float, bool]] = []
    for axes in sorted(figure.axes, key=lambda axes: axes.bbox.x0):
        labels = axes.yaxis.get_tightbbox(None) if axes.axison else None
        labelled = labels is not None and labels.x0 < axes.bbox.x0 - 2
        start, end = axes.bbox.x0, axes.bbox.x1
        if found and start < found[-1][1]:  # the same column, or one that spans several
            before = found.pop()
            start, end, labelled = before[0], max(before[1], end), before[2] or labelled
        found.append((start, end, labelled))
    return found


def _middle(white: np.ndarray, start: int, end: int, *, last: bool = False) -> int:
    """Return the middle of the widest, or the last, run of white columns of pixels from `start` to `end`, or 0."""
    inside = white[(white >= start) & (white < end)]
    runs = [run for run in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(run) > 1]
    if not runs or (last and len(runs) == 1 and runs[0][0] == start):  # nothing but white
        return 0
    run = runs[-1] if last else max(runs, key=len)
    return int(run[len(run) // 2])


def sliced(attributes: str, path: Path) -> tuple[str, str]:
    """Return the attributes of an image of `path` as its first slice on a phone, and the HTML of its other slices.

    Where the whole picture can be read on a phone, or cannot be cut, these are the same attributes and nothing.
    """
    natural, source = WIDTH.search(attributes), re.search(r'\bsrc="[^"]*"', attributes)
    if not natural or not source or path.suffix != ".png":
        return attributes, ""
    with Image.open(path) as image:
        width, height = image.size
        first, *others = slices(json.loads(image.info.get(KEY, "[0]")), int(natural[1]) / width)
    widest = max(sum(end - start for start, end in pieces) for pieces in (first, *others))

    def style(start: int, end: int) -> str:
        at = start / (width - end + start) if others else 0
        return f"--part: {(end - start) / widest:.4%}; --ratio: {(end - start) / height:.5f}; --at: {at:.4%};"

    image_of = (
        f'<img class="dark-light" alt="" {source[0]} width="{width}" height="{height}" loading="lazy" decoding="async"'
    )
    shown = ("".join(f'{image_of} style="{style(*piece)}" />' for piece in pieces) for pieces in others)
    rest = "".join(f'<span class="slice" aria-hidden="true">{images}</span>' for images in shown)
    return WIDTH.sub(rf"\g<0> {style(*first[0])}", attributes) if others else attributes, rest


def slices(cuts_: list[int], scale: float) -> list[list[tuple[int, int]]]:
    """Return the fewest slices that can be read on a phone: the pieces of each, its labels, if any, and its columns.

    `scale` is the size of a pixel on the page; pieces go from one column of pixels to another. What cannot be read in
    any number of slices is one.
    """
    label, *borders = cuts_
    for number in range(1, len(borders)):
        each = ceil((len(borders) - 1) / number)
        first, *others = pairwise([*borders[:-1:each], borders[-1]])
        parts = [[first], *([(0, label), part] if label else [part] for part in others)]
        shown = PHONE / max(sum(end - start for start, end in pieces) for pieces in parts)
        if shown >= MIN_SCALE * scale and np.median(np.diff([label, *borders[1:]])) * shown >= MIN_COLUMN:
            return parts
    return [[(0, borders[-1] if borders else 1)]]

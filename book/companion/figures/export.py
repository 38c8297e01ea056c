"""Matplotlib figures as files of the site: line plots as SVG, figures with images or many points as PNG."""

import io
import json
import re
from base64 import b64decode
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, BboxImage, FigureImage
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from companion.figures import slices

ON_PAGE = 110  # CSS pixels that an inch of the figure takes on the page: its text is then as large as the page's
DPI = 2 * ON_PAGE  # two pixels of a PNG for each pixel of the page
THUMBNAIL_DPI = 56
THUMBNAIL = (360, 288)  # pixels at most
MAX_SVG = 150_000  # bytes; a figure with more points is smaller as a PNG
SVG_STYLE = {"svg.fonttype": "path", "svg.hashsalt": "anogen"}  # letters look the same without the font; fixed ids
UNDATED = {"Creator": None, "Date": None, "Format": None, "Type": None}
COORDINATES = re.compile(r'(?<= d=")[^"]+')
UNNEEDED = re.compile(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*|<!DOCTYPE[^>]*>\s*", re.DOTALL)
DECIMALS = re.compile(r"(\.\d\d)\d+")


def mime_bundle(figure: Figure, *, cropped: bool = True) -> tuple[dict[str, bytes | str], float]:
    """Return the figure by media type, and its width on the page in CSS pixels.

    A figure without images is SVG, if that is small enough, with a small PNG for the index of figures; any other one
    is PNG.
    """
    if not figure.findobj(_has_pixels):
        text = svg(figure, cropped=cropped)
        if len(text) <= MAX_SVG:
            points = re.search(r'<svg [^>]*width="([\d.]+)pt"', text)
            assert points, "matplotlib states the width"
            small = png(figure, dpi=THUMBNAIL_DPI, cropped=cropped)
            return {"image/svg+xml": text, "image/png": small}, float(points[1]) / 72 * ON_PAGE
    image = png(figure, cropped=cropped)
    return {"image/png": image}, int.from_bytes(image[16:20]) / DPI * ON_PAGE  # the header states the pixels


def _has_pixels(artist: Artist) -> bool:
    return isinstance(artist, AxesImage | BboxImage | FigureImage) or bool(artist.get_rasterized())


def png(figure: Figure, *, dpi: int = DPI, cropped: bool = True) -> bytes:
    """Return `figure` as PNG: opaque, without the date and the drawing library's version, grey if it has no colour.

    One for a page states where it can be cut.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight" if cropped else None, facecolor="white")
    image = Image.open(buffer).convert("RGB")
    red, green, blue = (channel.tobytes() for channel in image.split())
    stated = PngInfo()
    if dpi == DPI and (found := slices.cuts(figure, np.asarray(image), cropped=cropped)):
        stated.add_text(slices.KEY, json.dumps(found))
    smallest = io.BytesIO()
    (image.convert("L") if red == green == blue else image).save(smallest, "png", optimize=True, pnginfo=stated)
    return smallest.getvalue()


def svg(figure: Figure, *, cropped: bool = True) -> str:
    """Return `figure` as SVG: letters as paths, no date, coordinates rounded to a hundredth of a point."""
    buffer = io.StringIO()
    box = "tight" if cropped else None
    with mpl.rc_context(SVG_STYLE):  # type: ignore[arg-type]
        figure.savefig(buffer, format="svg", bbox_inches=box, facecolor="white", metadata=UNDATED)
    plain = UNNEEDED.sub("", buffer.getvalue())
    return COORDINATES.sub(lambda path: DECIMALS.sub(r"\1", path[0]), plain)


def write_thumbnail(image: str, path: Path) -> tuple[int, int]:
    """Write a small copy of a PNG, given in base64, as WebP, and return its width and height."""
    small = Image.open(io.BytesIO(b64decode(image))).convert("RGB")
    small.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    small.save(path, "webp", quality=60, method=6)
    return small.size

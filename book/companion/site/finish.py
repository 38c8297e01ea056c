"""The last pass over the written pages: lazy images, icons without a script, names of controls, only scripts in use."""

import html
import re
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

from sphinx.application import Sphinx

from companion.figures.export import ON_PAGE
from companion.figures.slices import sliced
from companion.site.pages import is_site
from companion.site.tables import stacked

IMAGE = re.compile(r"<img\b(?![^>]*\bloading=)([^>]*?)\s*/?>")
SOURCE = re.compile(r'\bsrc="([^"]+)"')
POINTS = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
ICON = re.compile(r'<(i|span)\b([^>]*?)class="([^"]*\bfa-[^"]*)"([^>]*)>\s*</\1>')
DRAWING = re.compile(r'[{,]"?([a-z][a-z0-9-]*)"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]*)"\]')
FOLDED = r'class="(?:[^"]* )?(?:toggle|admonition [^"]*dropdown|dropdown admonition)[ "]'
# Scripts and styles of the theme and of the extensions, and what a page must contain to need them.
USED_BY = {
    r'<script[^>]*src="[^"]*/fontawesome\.js[^>]*></script>': r"$^",
    r'<script[^>]*type="text/x-thebe-config".*?</script>\s*<script>kernelName.*?</script>': r"$^",
    r'<link[^>]*href="[^"]*/sphinx-thebe\.css[^>]*>': r"$^",
    r'<script[^>]*src="[^"]*/playground[\w-]*\.js[^>]*></script>': r'class="playground',
    r'<script[^>]*src="[^"]*/live/loader\.js[^>]*></script>': r'class="live-figure',
    r'<script[^>]*src="[^"]*/figures\.js[^>]*></script>': "<figure",
    r'<script[^>]*src="[^"]*/(clipboard\.min|copybutton)\.js[^>]*></script>': r'<div class="highlight',
    r'<link[^>]*href="[^"]*/copybutton\.css[^>]*>': r'<div class="highlight',
    r'<script[^>]*src="[^"]*/togglebutton\.js[^>]*></script>': FOLDED,
    r"<script>(let toggle\w+|var togglebuttonSelector)\b.*?</script>": FOLDED,
    r'<link[^>]*href="[^"]*/togglebutton\.css[^>]*>': FOLDED,
    r'<script[^>]*src="[^"]*/design-tabs\.js[^>]*></script>': r'class="sd-tab',
    r'<link[^>]*href="[^"]*/sphinx-design\.min\.css[^>]*>': r'class="[^"]*\bsd-',
    r'<script[^>]*src="[^"]*/?(searchtools|language_data|searchindex)\.js[^>]*></script>': r'id="search-results"',
}
# Controls of the theme, without a name or with one that differs from their text, and what Sphinx writes for citations.
NAMES = {
    r'>([^<]*)(</a><details[^>]*><summary)>(?=<span class="toctree-toggle")': r'>\1\2 aria-label="Pages below \1">',
    r'<summary aria-label="Toggle hidden content">': "<summary>",
    r'(<button [^>]*search-button-field[^>]*?) aria-label="Search"': r"\1",
    r'(<div id="pst-primary-sidebar" class="[^"]*")>': r'\1 role="complementary" aria-label="Contents of the book">',
    r'role="doc-biblioentry"': 'role="listitem"',
    r"<th\b([^>]*)>\s*(<p>\s*</p>)?\s*</th>": r"<td\1></td>",
}  # fmt: skip
# The number in the source and the number in this book, in front of the caption of a figure or a table.
NUMBERS = (
    re.compile(r'<span class="caption-number">([^<]*?) </span>(<span class="caption-text">)<strong>([^<]*)</strong>'),
    r'<span class="caption-number">\3 · here \1 </span>\2',
)
# Ids of the inventory in running text, which must not break at their hyphens; scripts and code keep theirs as they are.
VERBATIM = re.compile(r"(<(script|style|title|textarea|option|pre|svg|math)\b.*?</\2>)", re.DOTALL)
ID = re.compile(
    r'(?<!<span class="id">)(?<=>)([^<>]*?)'
    r"\b((?:inc-)?(?:thesis|tailored|review|anorand|anogen)-(?:(?:c|fig|table|eq)-)?[A-Z]?\d[\d.]*\b)"
)
UNNEEDED = ("**/*.map", "scripts/fontawesome.js", "locales")  # below _static: no page loads them


def finish_site(app: Sphinx, exception: Exception | None) -> None:
    """Finish every page that was written, for Sphinx's event `build-finished`; a finished page stays as it is."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for path in sorted(folder.rglob("*.html")):
        if "_static" not in path.relative_to(folder).parts:
            text = path.read_text(encoding="utf8")
            lazy, wrap = app.builder.name != "singlehtml", is_site(app)
            if (finished := finish(text, path.parent, lazy=lazy, wrap=wrap)) != text:
                path.write_text(finished, encoding="utf8")
    for pattern in UNNEEDED:
        for path in sorted((folder / "_static").glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def finish(text: str, folder: Path, *, lazy: bool = True, wrap: bool = True) -> str:
    """Return the page `text`, of which images are relative to `folder`, as readers get it.

    If `lazy`, images but the first wait to be scrolled to; in a book to print they must not. If `wrap`, wide grids of
    images are slices on a phone; a standalone page would have each picture several times.
    """
    for part, needed in USED_BY.items():
        if not re.search(needed, text):
            text = re.sub(part, "", text, flags=re.DOTALL)
    for pattern, replacement in NAMES.items():
        text = re.sub(pattern, replacement, text)
    text = stacked(NUMBERS[0].sub(NUMBERS[1], text))
    text = ICON.sub(_icon, _keep_ids_together(text))
    first = True

    def image(match: re.Match[str]) -> str:
        nonlocal first
        loading, first = "eager" if first or not lazy else "lazy", False
        return _image(match[1], folder, loading, wrap=wrap)

    return IMAGE.sub(image, text)


def _keep_ids_together(text: str) -> str:
    """Return a page on which every id of the inventory is an element that does not break."""
    parts = VERBATIM.split(text)  # texts, with a verbatim element and its name after each
    for i in range(0, len(parts), 3):
        while (marked := ID.sub(r'\1<span class="id">\2</span>', parts[i])) != parts[i]:
            parts[i] = marked
    return "".join(part for i, part in enumerate(parts) if i % 3 != 2)


def _image(attributes: str, folder: Path, loading: str, *, wrap: bool) -> str:
    """Return an image that keeps its place while it loads, from the attributes that it has so far."""
    source, slices = SOURCE.search(attributes), ""
    path = folder / unquote(source[1]) if source else folder
    size = _size(path)
    if wrap and size:
        attributes, slices = sliced(attributes, path)
    attributes = re.sub(r'style="width: (\d+px);?"', r'style="width: \1; --natural: \1;"', attributes)
    stated = f' width="{size[0]}" height="{size[1]}"' if size and "width=" not in attributes else ""
    return f'<img{attributes}{stated} loading="{loading}" decoding="async" />{slices}'


@cache
def _size(path: Path) -> tuple[int, int] | None:
    """Return the width and height of a PNG in its pixels, of an SVG in those of the page."""
    if path.suffix == ".png" and path.is_file():
        header = path.read_bytes()[:24]
        return int.from_bytes(header[16:20]), int.from_bytes(header[20:24])
    if path.suffix == ".svg" and path.is_file() and (found := POINTS.search(path.read_text(encoding="utf8"))):
        return round(float(found[1]) / 72 * ON_PAGE), round(float(found[2]) / 72 * ON_PAGE)
    return None


def _icon(match: re.Match[str]) -> str:
    """Return an icon of the theme as SVG; an unknown one stays as it is."""
    words = match[3].split()
    name = next((word[3:] for word in words if word[3:] in _drawings() and word.startswith("fa-")), None)
    if name is None:
        return match[0]
    width, height, path = _drawings()[name]
    others = " ".join(re.sub(r'title="[^"]*"', "", match[2] + match[4]).split())
    look = " ".join(words)
    return (
        f'<svg{" " + others if others else ""} class="icon {look}" aria-hidden="true" viewBox="0 0 {width} {height}">'
        f'<path fill="currentColor" d="{html.escape(path)}"></path></svg>'
    )


@cache
def _drawings() -> dict[str, tuple[str, str, str]]:
    """Return width, height and path of each icon of the theme by name; the solid ones come last in its file."""
    theme = find_spec("pydata_sphinx_theme")
    if theme is None or theme.origin is None:
        return {}
    script = Path(theme.origin).parent / "theme/pydata_sphinx_theme/static/scripts/fontawesome.js"
    return {found[1]: (found[2], found[3], found[4]) for found in DRAWING.finditer(script.read_text(encoding="utf8"))}

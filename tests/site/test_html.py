"""The site keeps its promises on every page: figures with all that belongs to them, nothing remote, nothing broken."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from companion.claims import inventory
from companion.claims.amendments import missing_parts
from companion.site.status import built_figures

pytestmark = pytest.mark.book

Read = dict[Path, Any]  # pages by their path, see conftest.py
FIRST = {"thesis-fig-2.1", "thesis-fig-2.2", "thesis-fig-5.1", "thesis-fig-5.3"}
MAX_PAGE = 2_000_000  # the heaviest shows 128 images of noise, 64 of them in colour, which no format makes smaller
MAX_SITE = 100_000_000  # records and executed notebooks, which can be downloaded, are half of it, live detectors 4 MB
MAX_IMAGE = 900_000  # the largest is a table of a thousand numbers, 47 data sets by 21 detectors
LOADING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}
LOADED_LINKS = {
    "stylesheet",
    "icon",
    "shortcut",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
    "manifest",
}


def remote(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https", "ftp") or address.startswith("//")


def test_every_image_says_what_it_shows(read: Read) -> None:
    images = [(page.path.name, image.attributes) for page in read.values() for image in page.all("img")]
    assert len(images) >= len(FIRST)
    for name, attributes in images:
        if "--part" in attributes.get("style", "") and not attributes["alt"]:  # a slice of the image before it
            continue
        alt = attributes.get("alt", "").strip()
        assert len(alt) > 10, (name, attributes)
        assert alt != attributes["src"], name
        assert Path(attributes["src"]).stem not in alt, name


def test_the_slices_of_a_picture_on_a_phone_cover_it_without_gap_or_overlap(read: Read) -> None:
    numbers = re.compile(r"--ratio: ([\d.]+); --at: ([\d.]+)%")
    pictures: list[tuple[int, list[tuple[int, int]]]] = []  # the width of each, and its slices but the labels again
    for page in read.values():
        for image in page.all("img"):
            if found := numbers.search(image.attributes.get("style", "")):
                width, height = (int(image.attributes[name]) for name in ("width", "height"))
                part = round(float(found[1]) * height)
                start = round(float(found[2]) / 100 * (width - part))
                if image.attributes["alt"]:
                    pictures.append((width, []))
                if image.attributes["alt"] or start:
                    pictures[-1][1].append((start, start + part))
    assert len(pictures) > 40
    for width, slices in pictures:
        assert len(slices) > 1
        assert [start for start, _ in slices] == [0, *(end for _, end in slices[:-1])]
        assert slices[-1][1] == width


def test_every_image_is_there(read: Read) -> None:
    for page in read.values():
        for image in page.all("img"):
            source = image.attributes["src"]
            assert source.startswith("data:") or (page.path.parent / unquote(source)).is_file(), (page.path, source)


def test_every_figure_has_an_id_a_number_and_a_caption(read: Read, site: Path) -> None:
    figures = [(page, figure) for page in read.values() for figure in page.all("figure")]
    captions = [caption for page in read.values() for caption in page.all("figcaption")]
    assert len(figures) == len(captions) >= len(FIRST)
    assert all(figure.attributes.get("id") for _, figure in figures)
    numbers = [re.match(r"(?:.+ · here )?Fig\. (\d+\.\d+) \S", caption.words()) for caption in captions]
    assert all(numbers), [caption.words()[:80] for caption in captions]
    assert len({number[1] for number in numbers if number}) == len(figures)


FORMULAS = {"anogen-fig-typical-scores"}  # drawn from exact densities: nothing was computed for a record


def test_every_figure_has_a_provenance_and_data_to_download(read: Read, site: Path) -> None:
    found = built_figures(site)
    shown = {figure.attributes["id"] for page in read.values() for figure in page.all("figure")}
    shown |= {table.attributes.get("id", "id") for page in read.values() for table in page.all("table")}
    assert {id_.lower().replace(".", "-") for id_ in found} == {id_ for id_ in shown if not id_.startswith("id")}
    assert found.keys() >= FIRST
    for id_, place in found.items():
        page = read[site / place.page]
        box = next(one for one in page.elements if one.attributes.get("data-figure") == id_)
        drawn = getattr(next((f for f in inventory.figures() if f.id == id_), None), "drawn", False)
        assert place.records or drawn or id_ in FORMULAS, id_
        for record in place.records:
            assert record in box.words()
        assert re.search(r"Scale \w+(, \w+)*, seed|nothing was computed", box.words()), id_
        if place.records:
            assert "anogen run" in box.words()
    links = [a.attributes["href"] for page in read.values() for a in page.all("a") if "download" in a.attributes]
    assert any(link.endswith(".npz") for link in links)


def test_every_source_figure_and_table_links_to_its_code(read: Read, site: Path) -> None:
    found = built_figures(site)
    for item in (*inventory.figures(), *inventory.tables()):
        page = read[site / found[item.id].page]
        box = page.html.partition(f'data-figure="{item.id}"')[2].partition("</aside>")[0]
        line = re.search(r'<p class="code-links">.*?</p>', box, re.DOTALL)
        assert line, item.id
        kinds = set(re.findall(r"<span>(figure|table|experiment|claim)s? <a", line[0]))
        assert kinds & {"figure", "table"}, item.id
        assert "experiment" in kinds or item.drawn, item.id


def test_nothing_is_loaded_from_elsewhere(read: Read, site: Path) -> None:
    for page in read.values():
        for element in page.elements:
            address = element.attributes.get(LOADING.get(element.tag, ""), "")
            assert not remote(address), (page.path, address)
            assert not remote(element.attributes.get("srcset", "")), page.path
            if element.tag == "link" and set(element.attributes.get("rel", "").split()) & LOADED_LINKS:
                assert not remote(element.attributes["href"]), (page.path, element.attributes)
            for inline in re.findall(r"url\(\s*['\"]?([^)'\"]+)", element.attributes.get("style", "")):
                assert not remote(inline), page.path
        for script in page.all("script"):
            if script.attributes.get("type") == "application/ld+json":  # names in data; nothing is loaded
                continue
            assert not re.search(r"https?://", "".join(script.text)), (page.path, script.words()[:200])
            assert not re.search("mathjax|thebe", script.attributes.get("src", "").lower()), page.path
    for style in site.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf8"), flags=re.DOTALL)
        for address in re.findall(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", text):
            assert not remote("".join(address)), style


def test_no_role_no_dollar_and_no_error_is_left(read: Read) -> None:
    for page in read.values():
        prose = page.prose
        assert not re.search(r"\{(numref|ref|doc|cite:\w+|eq|glue:?\w*|code-cell|provenance|verdicts|math)\}", prose), (
            page.path
        )
        assert not re.search(r"\$[^$\n]{1,200}\$", prose), (page.path, re.search(r".{40}\$[^$\n]{1,200}\$", prose))
        assert not re.search(r"\\(frac|sum|begin|mathrm|nabla|hat|left)\b", prose), page.path
        assert "Traceback (most recent call last)" not in page.html, page.path
        assert "system-message" not in page.html, page.path
        assert "papermill-error" not in page.html, page.path
        assert "[?]" not in prose, page.path


def test_formulas_are_mathml(read: Read) -> None:
    spans = sum(page.html.count('class="math ') for page in read.values())
    formulas = sum(len(page.all("math")) for page in read.values())
    assert formulas == spans > 20


def test_pages_and_images_are_light(read: Read, site: Path) -> None:
    for page in read.values():
        images = {(page.path.parent / unquote(i.attributes["src"])).resolve() for i in page.all("img")}
        if not page.path.name.startswith("figures"):  # the index shows all pictures, and loads them as one scrolls
            assert len(page.html.encode()) + sum(one.stat().st_size for one in images) < MAX_PAGE, page.path
    for image in (site / "_images").iterdir():
        assert image.stat().st_size < MAX_IMAGE, image
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < MAX_SITE


def test_every_figure_stands_in_the_index_and_the_scorecard(read: Read, site: Path) -> None:
    index, scorecard = read[site / "book" / "figures.html"], read[site / "book" / "scorecard.html"]
    found = built_figures(site)
    for id_, place in found.items():
        target = f"{Path(place.page).relative_to('book').as_posix()}#{id_.lower().replace('.', '-')}"
        for page in (index, scorecard):
            assert target in [a.attributes.get("href") for a in page.all("a")], (page.path, id_)
    rows = {row.words().split()[0]: row.words() for row in scorecard.all("tr") if row.words()}
    assert rows.keys() >= {entry.id for entry in (*inventory.figures(), *inventory.tables(), *inventory.all_claims())}
    for figure in inventory.figures():
        state = "partial" if figure.id in missing_parts() else "done"
        assert (state if figure.id in found else "missing") in rows[figure.id].split(), figure.id


def test_internal_links_lead_somewhere(read: Read, site: Path) -> None:
    for page in read.values():
        for anchor in page.all("a"):
            address, fragment = urldefrag(anchor.attributes.get("href", ""))
            if not anchor.attributes.get("href") or urlsplit(address).scheme:
                continue
            target = (page.path.parent / unquote(address)).resolve() if address else page.path
            assert target.is_file(), (page.path, address)
            if fragment and target in read:
                assert unquote(fragment) in read[target].ids, (page.path, anchor.attributes["href"])


def test_ids_are_unique(read: Read) -> None:
    for page in read.values():
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes and "svg" not in e.around]
        twice = {one for one in ids if ids.count(one) > 1 and not one.startswith(("pst-", "__", "search"))}
        assert not twice, (page.path, twice)


def test_no_page_has_a_button_for_a_repository_that_is_not_set(read: Read, root: Path) -> None:
    import yaml

    if yaml.safe_load((root / "_config.yml").read_text())["repository"]["url"]:
        pytest.skip("the repository is set")
    for page in read.values():
        assert not re.search(r"btn-source|launch-|github\.com/executablebooks", page.html), page.path


def test_the_entrance_leads_to_the_book(site: Path) -> None:
    assert 'url=book/index.html"' in (site / "index.html").read_text()
    assert (site / "book" / "index.html").is_file()


def test_no_path_of_this_machine_is_published(read: Read, root: Path) -> None:
    for page in read.values():
        assert str(root) not in page.html, page.path
        assert str(Path.home()) + "/" not in page.html, page.path

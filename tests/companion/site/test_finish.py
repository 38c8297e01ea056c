"""The last pass over a page: lazy images with their size, icons and names of controls, only scripts in use."""

from pathlib import Path

import pytest
from PIL import Image

from companion.site.finish import finish

PAGE = '<head><script src="_static/{script}.js?v=1"></script></head><body>{body}</body>'
CAPTION = (
    '<span class="caption-number">Fig. 7.5 </span><span class="caption-text"><strong>Thesis Fig. 6.14</strong> Lines.'
)


def test_images_keep_their_place_and_all_but_the_first_are_lazy(tmp_path: Path) -> None:
    Image.new("L", (40, 30)).save(tmp_path / "a b.png")
    (tmp_path / "c.svg").write_text('<svg width="72pt" height="36.0pt" viewBox="0 0 72 36">')
    image = '<img alt="x" src="{}" style="width: 20px;" />'
    text = finish(image.format("a%20b.png") + image.format("c.svg") + image.format("data:,"), tmp_path)
    first, second, third = text.split("<img")[1:]
    assert 'width="40" height="30" loading="eager" decoding="async"' in first
    assert 'width="110" height="55" loading="lazy" decoding="async"' in second
    assert "height=" not in third and 'loading="lazy"' in third
    assert first.count("--natural: 20px") == 1
    assert finish(text, tmp_path) == text
    assert "lazy" not in finish(image.format("data:,") * 2, tmp_path, lazy=False)


def test_a_caption_begins_with_both_numbers(tmp_path: Path) -> None:
    assert finish(CAPTION, tmp_path).startswith('<span class="caption-number">Thesis Fig. 6.14 · here Fig. 7.5 </span>')
    own = CAPTION.replace("<strong>Thesis Fig. 6.14</strong> ", "")
    assert finish(own, tmp_path) == own


def test_ids_do_not_break_at_their_hyphens(tmp_path: Path) -> None:
    page = (
        '<title>thesis-c-58</title><body><p id="thesis-c-58">By thesis-c-57, <a href="thesis-c-58.html">'
        "thesis-fig-6.17</a>. inc-thesis-07, anogen-c-12 and thesis-fig-A3; synthesis-c-5</p>"
        "<pre>thesis-c-58</pre></body>"
    )
    text = finish(page, tmp_path)
    marked = "thesis-c-57", "thesis-fig-6.17", "inc-thesis-07", "anogen-c-12", "thesis-fig-A3"
    assert [part.partition("<")[0] for part in text.split('<span class="id">')[1:]] == list(marked)
    assert text.replace('<span class="id">', "").replace("</span>", "") == page and finish(text, tmp_path) == text


def test_icons_are_drawn_into_the_page(tmp_path: Path) -> None:
    text = finish('<i class="theme-switch fa-solid fa-sun  fa-lg" data-mode="light" title="Light"></i>', tmp_path)
    assert text.startswith('<svg data-mode="light" class="icon theme-switch fa-solid fa-sun fa-lg" aria-hidden="true"')
    assert ' d="M' in text and "title" not in text
    unknown = '<i class="fa-solid fa-no-such-icon"></i>'
    assert finish(unknown, tmp_path) == unknown


@pytest.mark.parametrize(
    ("script", "user"),
    [
        ("playground-scores", '<div class="playground">'),
        ("figures", '<figure class="align-default">'),
        ("copybutton", '<div class="highlight"><pre>'),
        ("searchtools", '<div id="search-results">'),
        ("togglebutton", '<div class="tip dropdown admonition">'),
        ("design-tabs", '<div class="sd-tab-set">'),
    ],
)
def test_a_page_has_only_the_scripts_that_it_uses(tmp_path: Path, script: str, user: str) -> None:
    assert f"/{script}.js" in finish(PAGE.format(script=script, body=user), tmp_path)
    assert script not in finish(PAGE.format(script=script, body='<button class="primary-toggle">'), tmp_path)


def test_controls_have_names(tmp_path: Path) -> None:
    entry = '<a href="x.html">The package</a><details><summary><span class="toctree-toggle"></span></summary></details>'
    assert '<summary aria-label="Pages below The package">' in finish(entry, tmp_path)
    action = '<a href="x.html">code</a><details><summary>data</summary></details>'
    assert finish(action, tmp_path) == action
    assert finish('<summary aria-label="Toggle hidden content">Show the code', tmp_path) == "<summary>Show the code"
    assert finish('<th class="head"><p></p></th><th>a</th>', tmp_path) == '<td class="head"></td><th>a</th>'

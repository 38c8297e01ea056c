"""Every page describes itself to search engines and reference managers; each claim has a page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from companion.claims import inventory
from companion.site.status import built_figures

pytestmark = pytest.mark.book

Read = dict[Path, Any]  # pages by their path, see conftest.py


def tags(page: Any) -> dict[str, str]:
    return {
        m.attributes.get("name") or m.attributes.get("property", ""): m.attributes.get("content", "")
        for m in page.all("meta")
    }


def data(page: Any) -> list[dict[str, Any]]:
    return [
        json.loads("".join(one.text))
        for one in page.all("script")
        if one.attributes.get("type") == "application/ld+json"
    ]


def written(read: Read, site: Path) -> list[Any]:
    """Return the pages of the book, without the entrance, redirects and source pages."""
    return [page for path, page in read.items() if path.is_relative_to(site / "book") and "http-equiv" not in page.html]


def test_every_page_has_a_description_and_a_picture(read: Read, site: Path) -> None:
    described: dict[str, str] = {}
    for page in written(read, site):
        found = tags(page)
        assert 20 <= len(found["description"]) <= 200, (page.path, found.get("description"))
        assert found["og:title"] and found["og:description"] == found["description"], page.path
        assert (page.path.parent / found["og:image"]).is_file(), (page.path, found["og:image"])
        described.setdefault(found["description"], str(page.path))
    assert len(described) >= len(written(read, site)) - 3


def test_chapters_can_be_cited(read: Read, site: Path) -> None:
    chapters = [page for path, page in read.items() if path.parent == site / "book" / "chapters"]
    assert chapters
    for page in chapters:
        found = tags(page)
        assert {"citation_title", "citation_author", "citation_publication_date"} <= found.keys(), page.path
        assert found["citation_title"] in page.html.replace("&#39;", "'"), page.path


def test_the_home_page_describes_the_book_and_the_data_page_its_records(read: Read, site: Path) -> None:
    (article,) = data(read[site / "book" / "index.html"])
    assert article["@type"] == "ScholarlyArticle"
    assert len(article["isBasedOn"]) == len(inventory.TITLES)
    page = read[site / "book" / "data.html"]
    (described,) = data(page)
    records = {record for place in built_figures(site).values() for record in place.records}
    assert {one["name"] for one in described["@graph"]} == records
    for one in described["@graph"]:
        assert one["@type"] == "Dataset"
        assert len(one["description"]) >= 50, one
        for file in one["distribution"]:
            assert (page.path.parent / file["contentUrl"]).is_file(), file


def test_every_footer_states_version_date_and_licence(read: Read, site: Path) -> None:
    for page in written(read, site):
        assert re.search(r"Version [\d.]+, \d{4}-\d\d-\d\d · MIT licence", page.prose), page.path


def test_every_claim_has_a_page_with_everything(read: Read, site: Path) -> None:
    for claim in inventory.all_claims():
        page = read[site / "book" / "claims" / f"{claim.id}.html"]
        words = " ".join(page.prose.split())
        assert " ".join(claim.statement.split()).replace("'", "’") in words.replace("'", "’"), claim.id
        links = {a.attributes.get("href") for a in page.all("a")}
        assert {f"../scorecard.html#{claim.id}", "../verdicts.html"} <= links, claim.id
        assert any(link and "../chapters/" in link and link.endswith(f"#on-{claim.id}") for link in links), claim.id


def test_chapters_and_scorecard_link_to_the_claims(read: Read, site: Path) -> None:
    scorecard = read[site / "book" / "scorecard.html"]
    links = {a.attributes.get("href") for a in scorecard.all("a")}
    for claim in inventory.all_claims():
        assert f"claims/{claim.id}.html" in links
        assert claim.id in scorecard.ids  # addresses of old links
    linked = {
        Path(str(a.attributes.get("href"))).stem
        for path, page in read.items() if path.parent == site / "book" / "chapters"
        for a in page.all("a") if "../claims/" in a.attributes.get("href", "")
    }  # fmt: skip
    assert linked == {claim.id for claim in inventory.all_claims()}


def test_an_unknown_address_has_a_page(site: Path) -> None:
    assert "does not exist" in (site / "404.html").read_text(encoding="utf8")

"""What search engines and reference managers read: description, picture, citation, data sets, list of pages."""

import html
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from anogen.paths import require_checkout
from companion.claims import inventory
from companion.records import Record
from companion.site.build import REDIRECTS
from companion.site.pages import is_site, noted, plain

HOME = "book/index"
PICTURE = "_static/teaser.png"  # of pages without a picture of their own
SHORTEST = 40  # characters of a paragraph that describes a page
LONGEST = 200  # characters of a description
NOT_FOUND = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Page not found - anogen</title>
<style>:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}</style></head>
<body><main><h1>Page not found</h1><p>This address does not exist, or the page has moved.</p>
<ul><li><a href="{root}book/index.html">Home page</a></li>
<li><a href="{root}book/figures.html">Find a figure or table</a></li>
<li><a href="{root}search.html">Search</a></li></ul></main></body></html>
"""


@cache
def book() -> dict[str, Any]:
    """Return what ``CITATION.cff`` states about the book: title, authors, version, date, licence, references."""
    return dict(yaml.safe_load((require_checkout() / "CITATION.cff").read_text(encoding="utf8")))


def footer(app: Sphinx, config: Config) -> None:
    """Add version, date and licence to the footer, and the way to report an error if the repository is known."""
    if not config.anogen_downloads:
        return
    said, options = book(), config.html_theme_options
    words = [f"Version {said['version']}, {said['date-released']}", f"{said['license']} licence"]
    if repository := str(options.get("repository_url") or "").rstrip("/"):
        words.append(f'<a href="{html.escape(repository)}/issues/new/choose">Report an error</a>')
    options["extra_footer"] = f"{options.get('extra_footer', '')}<br>{' · '.join(words)}"


def raw_files(config: Config) -> str:
    """Return the address of the files of the repository; empty while it is not known."""
    repository = str(config.html_theme_options.get("repository_url") or "").rstrip("/")
    return f"{repository}/raw/{config.html_theme_options.get('repository_branch') or 'main'}" if repository else ""


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note the description of a page: the stated one, else its box at a glance, else its first paragraph."""
    stated = [meta["content"] for meta in doctree.findall(nodes.meta) if meta.get("name") == "description"]
    known = noted(app.env, app.env.docname, "description")
    if not stated and not known:
        texts = map(plain, doctree.findall(nodes.paragraph))
        stated = [next((text for text in texts if len(text) >= SHORTEST), doctree.astext()[:LONGEST])]
    known[:0] = stated


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text cut at the end of a word."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rpartition(" ")[0].rstrip(" ,;:.") + "…"


def describe(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the tags of a page to its head."""
    if not is_site(app):
        return
    is_document = pagename in app.env.all_docs
    title = app.env.titles[pagename].astext() if is_document else str(context.get("title", pagename))
    if is_document:
        text = " ".join(noted(app.env, pagename, "description")[:1])
    else:
        text = str(context.get("description") or title)
    tags = "".join(_tags(app, pagename, title, shortened(" ".join(text.split())), doctree))
    context["metatags"] = context.get("metatags", "") + tags


def _tags(app: Sphinx, pagename: str, title: str, text: str, doctree: nodes.document | None) -> Iterator[str]:
    said, address = book(), f"{pagename}.html"
    if not any(meta.get("name") == "description" for meta in (doctree.findall(nodes.meta) if doctree else ())):
        yield _tag("name", "description", text)
    yield _tag("property", "og:type", "website" if pagename == HOME else "article")
    yield _tag("property", "og:site_name", str(said["title"]))
    yield _tag("property", "og:title", title)
    yield _tag("property", "og:description", text)
    yield _tag("property", "og:image", absolute(app, _picture(app, doctree), pagename))
    if app.config.html_baseurl:
        yield _tag("property", "og:url", absolute(app, address, pagename))
    if pagename not in app.env.all_docs:
        return
    yield _tag("name", "citation_title", str(said["title"]) if pagename == HOME else title)
    for name in authors(said):
        yield _tag("name", "citation_author", name)
    yield _tag("name", "citation_publication_date", str(said["date-released"]).replace("-", "/"))
    yield _tag("name", "citation_language", "en")
    if pagename != HOME:
        yield _tag("name", "citation_inbook_title", str(said["title"]))
    if "doi" in said:
        yield _tag("name", "citation_doi", str(said["doi"]))
    if app.config.html_baseurl:
        yield _tag("name", "citation_public_url", absolute(app, address, pagename))
    if pagename == HOME:
        yield script({"@context": "https://schema.org", **article(app)})


def _tag(kind: str, name: str, content: str) -> str:
    return f'\n    <meta {kind}="{name}" content="{html.escape(content)}" />'


def _picture(app: Sphinx, doctree: nodes.document | None) -> str:
    """Return the first picture of a page that every reader of OpenGraph shows, below the site's folder."""
    images = doctree.findall(nodes.image) if doctree else ()
    names = (str(image["uri"]).rpartition("_images/")[2] for image in images)  # of those that have been written
    first = next((name for name in names if name.endswith((".png", ".jpg", ".webp"))), None)
    return f"_images/{first}" if first else PICTURE


def absolute(app: Sphinx, path: str, pagename: str) -> str:
    """Return the address of a file of the site, relative to the page while that of the site is not set."""
    base = str(app.config.html_baseurl or "")
    return f"{base.rstrip('/')}/{path}" if base else "../" * pagename.count("/") + path


def authors(said: dict[str, Any]) -> list[str]:
    """Return the names of the authors."""
    return [one.get("name") or f"{one['given-names']} {one['family-names']}" for one in said["authors"]]


def article(app: Sphinx) -> dict[str, Any]:
    """Return the description of the book and of the works that it reproduces."""
    said = book()
    sources = [inventory.source(key) for key in inventory.TITLES]
    return {
        "@type": "ScholarlyArticle",
        "headline": said["title"],
        "abstract": said["abstract"],
        "author": _creators(said),
        "datePublished": str(said["date-released"]),
        "version": str(said["version"]),
        "license": _licence(said),
        "keywords": said["keywords"],
        "isBasedOn": [{"@type": "ScholarlyArticle", "name": source["title"]} for source in sources],
        **({"url": app.config.html_baseurl} if app.config.html_baseurl else {}),
        **({"identifier": f"https://doi.org/{said['doi']}"} if "doi" in said else {}),
    }


def dataset(app: Sphinx, record: Record, addresses: Sequence[str], pagename: str) -> dict[str, Any]:
    """Return the description of a record; its files are `addresses` below the site's folder."""
    said, meta = book(), record.meta
    parameters = "; ".join(f"{name} {value}" for name, value in meta["parameters"].items() if name != "scale")
    return {
        "@type": "Dataset",
        "name": record.id,
        "description": f"Arrays of the experiment {meta['experiment']}, scale {meta['scale']}: {parameters}.",
        "dateCreated": str(meta["created"])[:10],
        "license": _licence(said),
        "creator": _creators(said),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": one.rpartition(".")[2],
                "contentUrl": absolute(app, one, pagename),
            }
            for one in addresses
        ],
    }


def _creators(said: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"@type": "Organization" if "name" in one else "Person", "name": name}
        for one, name in zip(said["authors"], authors(said), strict=True)
    ]


def _licence(said: dict[str, Any]) -> str:
    return f"https://spdx.org/licenses/{said['license']}"


def script(data: dict[str, Any]) -> str:
    """Return an element with data for search engines."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'\n    <script type="application/ld+json">{text}</script>'


def write_lists(app: Sphinx, error: Exception | None) -> None:
    """Write `404.html` and, if the site's address is set, `sitemap.xml` and `robots.txt`."""
    if error is not None or not is_site(app):
        return
    site, base = Path(app.outdir), str(app.config.html_baseurl or "")
    (site / "404.html").write_text(NOT_FOUND.format(root=f"{base.rstrip('/')}/" if base else ""), encoding="utf8")
    if base:
        pages = sorted({path.relative_to(site).as_posix() for path in site.glob("book/**/*.html")} - REDIRECTS.keys())
        date = book()["date-released"]
        rows = "".join(
            f"<url><loc>{html.escape(absolute(app, page, ''))}</loc><lastmod>{date}</lastmod></url>\n" for page in pages
        )
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        (site / "sitemap.xml").write_text(f"{head}{rows}</urlset>\n", encoding="utf8")
        lines = f"User-agent: *\nAllow: /\nSitemap: {absolute(app, 'sitemap.xml', '')}\n"
        (site / "robots.txt").write_text(lines, encoding="utf8")

"""The search finds the right page: its script runs in node on the index of the built site."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from companion.claims import inventory
from companion.site.search import SHORT

pytestmark = [pytest.mark.book, pytest.mark.slow]

FIRST = 3  # results among which the right page must be
# What readers have asked, and the pages of which one is the answer.
QUERIES = {
    "Omniglot": ["chapters/tailored-mnist"],
    "how to cite": ["cite"],
    "number of submodels": ["chapters/dean"],
    "WGAN-GP": ["chapters/tailored-gan"],
    "mode collapse": ["chapters/gan-challenges"],
    "mutation rate": ["chapters/search-settings"],
    "Deep SVDD": ["chapters/deep-svdd"],
    "evolutionary algorithm": ["chapters/methods"],
    "AnoGAN": ["chapters/gan-review", "chapters/gan-scores"],
    "install": ["reproduce"],
    "latent width": ["chapters/autoencoder"],
    "Table 5": ["chapters/tailored-mnist"],
    "most normal image": ["chapters/certificates"],
    "AnoRand": ["chapters/anorand"],
    "OCSVM": ["chapters/other-detectors", "chapters/certificates"],
    "thesis-fig-6.17": ["chapters/other-detectors"],
    "Fig. 6.14": ["chapters/dean"],
    "Fig. 6.17": ["chapters/other-detectors"],
    "6.17": ["chapters/other-detectors"],
    "PyOD bug": ["chapters/deep-svdd", "findings"],
    "autoencodr": ["chapters/autoencoder"],
    "download code": ["reproduce"],
    "copyright license": ["cite"],
}
RUN = """
const fs = require("fs");
const [entriesFile, scriptFile] = process.argv.slice(1);
const ENTRIES = new Function(fs.readFileSync(entriesFile, "utf8") + "; return ENTRIES;")();
const { find } = require(scriptFile);
const queries = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(queries.map((query) => find(query, ENTRIES).slice(0, 3).map((place) => ENTRIES[place]))));
"""


@pytest.fixture(scope="module")
def found(site: Path) -> dict[str, list[list[str]]]:
    """Return the first results for every query of this file."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    static = site / "_static"
    queries = [
        *QUERIES,
        *(query for item in numbered() for query in ways(item)),
        *(one.id for one in inventory.all_claims()),
    ]
    command = [node, "-e", RUN, str(static / "search-entries.js"), str(static / "search.js")]
    done = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, check=True)
    return dict(zip(queries, json.loads(done.stdout), strict=True))


def numbered() -> list[inventory.Figure | inventory.Table]:
    return [*inventory.figures(), *inventory.tables()]


def ways(item: inventory.Figure | inventory.Table) -> list[str]:
    """Return how a reader may ask for a figure or table."""
    number, name = inventory.number(item.id), SHORT[item.source].lower()
    bare = number.split()[1]
    return [number, number.lower().replace(". ", " "), f"{name} {number}", f"{name} {bare}", item.id]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_its_page(found: dict[str, list[list[str]]], query: str) -> None:
    addresses = [entry[4].partition("#")[0] for entry in found[query]]
    assert set(addresses) & {f"book/{page}.html" for page in QUERIES[query]}, addresses


def test_every_figure_and_table_is_found_by_its_number(found: dict[str, list[list[str]]]) -> None:
    for item in numbered():
        name = item.id.lower().replace(".", "-")
        for query in ways(item):
            assert f"#{name}" in [f"#{entry[4].partition('#')[2]}" for entry in found[query]], (query, found[query])
        assert found[item.id][0][4].endswith(f"#{name}"), item.id


def test_every_claim_is_found_by_its_id(found: dict[str, list[list[str]]]) -> None:
    for claim in inventory.all_claims():
        assert found[claim.id][0][4] == f"book/claims/{claim.id}.html"


def test_results_have_a_title_and_a_line(found: dict[str, list[list[str]]]) -> None:
    for query, entries in found.items():
        assert entries, query
        for kind, _number, title, line, *_ in entries:
            assert kind and title and line, (query, title)


def test_every_result_leads_somewhere(site: Path) -> None:
    lines = (site / "_static" / "search-entries.js").read_text(encoding="utf8").splitlines()[1:-1]
    pages: dict[str, str] = {}
    for line in lines:
        address, _, anchor = json.loads(line.rstrip(","))[4].partition("#")
        text = pages.setdefault(address, (site / address).read_text(encoding="utf8"))
        assert not anchor or f'id="{anchor}"' in text, (address, anchor)

"""The two-page summaries: their numbers are those of the verdicts, and they print on two pages."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from companion.claims import inventory
from companion.site.pdf import BROWSERS, PRINT
from companion.site.record_info import verdict
from companion.site.summary import summary, texts

SOURCES = sorted(texts().keys() - {"all"})


def verdicts(source):
    return [verdict(claim.id) for claim in inventory.claims() if claim.source == source]


def test_counts_and_causes_are_those_of_the_verdicts():
    found = verdicts("anorand")
    made = [replace(one, verdict="not reproduced", cause="data") for one in found[:-1]]
    text = summary("anorand", [*made, replace(found[-1], verdict="reproduced", cause="")])
    n = len(found)
    assert f"The verdicts on {n} testable statements: 1 reproduced and {n - 1} not reproduced." in text
    assert f"the cause is: data ({n - 1})." in text
    assert "<h1>[Re] AnoRand" in text and "Zoubeirou A Mayaki and Michel Riveill" in text
    assert text.count("<tr>") > 5


@pytest.mark.parametrize("source", SOURCES)
def test_a_summary_prints_on_two_pages(source, tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no browser is installed")
    page, target = tmp_path / "summary.html", tmp_path / "summary.pdf"
    page.write_text(summary(source, verdicts(source)), encoding="utf8")
    command = [browser, *PRINT, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={target}", page.as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    assert len(re.findall(rb"/Type\s*/Page\b", target.read_bytes())) == 2

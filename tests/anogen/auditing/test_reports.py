"""The reports for programs and people: valid by their schemas, with every text of the user escaped."""

import json
import os
import re
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import pandas as pd
import pytest

import anogen
from anogen.auditing.findings import FAULTS, Finding
from anogen.errors import InputError

EVIL = "<script>alert('1')</script>\"|`*_\n\x1b[31m]]>&"


@pytest.fixture(scope="module")
def report():
    """A report with a fault, undecided ones, and texts of the user that attack every format."""
    X = pd.DataFrame(np.random.default_rng(0).standard_normal((60, 3)), columns=[EVIL, "$a_b", "c"])
    made = anogen.audit(
        lambda X: -np.abs(np.asarray(X)).sum(axis=1), X, orientation="anomaly", name=EVIL, n_generations=2
    )
    findings = dict(made.findings) | {"random": Finding("random", False, EVIL, {"change": 1.0}, {EVIL: np.arange(3.0)})}
    return replace(made, findings=findings).judge(accepted={"upside_down": EVIL}, command=f"anogen {EVIL}")


def validate_json(report):
    schema = json.loads(files("anogen.auditing").joinpath("report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(report.to_json()), schema)


def test_json_is_valid_by_the_published_schema(report):
    validate_json(report)
    validate_json(anogen.audit(lambda X: np.abs(X).sum(axis=1), np.eye(12), orientation="anomaly"))
    with pytest.raises(jsonschema.ValidationError):
        validate_json(replace(report, fail_on="sometimes"))


def test_sarif_has_what_code_hosts_read(report):
    (run,) = json.loads(report.to_sarif())["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(FAULTS)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] and "\x1b" not in result["message"]["text"]
        assert len(result["partialFingerprints"]["anogenFinding/v1"]) == 64
    kinds = {result["ruleId"]: (result.get("kind"), result["level"]) for result in run["results"]}
    assert kinds["random"] == (None, "error") and kinds["untrained"] == ("open", "none")
    (suppressed,) = [result for result in run["results"] if "suppressions" in result]
    assert suppressed["ruleId"] == "upside_down"


@pytest.mark.filterwarnings("ignore")
def test_sarif_is_valid(report):
    """By the models of `sarif-pydantic`, which are made from the specification's schema."""
    Sarif = pytest.importorskip("sarif_pydantic").Sarif
    assert Sarif.model_validate_json(report.to_sarif()).runs[0].tool.driver.name == "anogen"
    with pytest.raises(ValueError, match="validation error"):
        Sarif.model_validate_json(report.to_sarif().replace('"level": "error"', '"level": "bad"'))


def test_sarif_is_valid_by_the_official_schema(report):
    """With the path of sarif-schema-2.1.0.json (repository oasis-tcs/sarif-spec) in `ANOGEN_SARIF_SCHEMA`."""
    if not (path := os.environ.get("ANOGEN_SARIF_SCHEMA")):
        pytest.skip("ANOGEN_SARIF_SCHEMA is not set")
    schema, log = json.loads(Path(path).read_text()), report.to_sarif()
    jsonschema.Draft7Validator(schema).validate(json.loads(log))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(json.loads(log.replace('"level": "error"', '"level": "bad"')))


def test_junit_has_one_test_for_each_finding(report):
    root = ET.fromstring(report.to_junit())
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == list(report.findings) and root.get("tests") == str(len(cases))
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == [name for name in report.findings if name in report.faults and name != "upside_down"]
    assert int(root.get("failures")) == len(failed)
    assert int(root.get("skipped")) == len(list(root.iter("skipped"))) == len(report.undecided) + 1


def test_texts_of_the_user_are_escaped_in_every_format(report):
    texts = report.html(), report.to_markdown(), report.text(), report.to_junit(), report.to_sarif(), report.to_json()
    page, summary, text, _, log, values = texts
    assert all("\x1b" not in text for text in texts) and "<script" not in page
    assert page.count("&lt;script&gt;") > 3 and "$a_b" in page
    table = re.sub(r"(`+) .*? \1", "", summary)  # without the command, which is code
    assert (
        "<script" not in table
        and "\\|" in table
        and all(line.count("|") >= 4 for line in table.splitlines() if line.startswith("|"))
    )
    assert len(text.splitlines()) == 1 + len(report.findings) + len(report.failures) + 1
    json.loads(log), json.loads(values)


def test_what_a_detector_prints_is_one_line_of_every_report(capsys):
    def noisy(rows):
        sys.stdout.write("\n<script>\x1b[31m| " + "x" * 500 + "\n")
        sys.stderr.write("more\n")
        return np.abs(rows).sum(axis=1)

    report = anogen.audit(
        noisy, np.eye(12), orientation="anomaly", progress=lambda reached: sys.stdout.write(f"{reached.done}\n")
    )
    shown = capsys.readouterr()
    assert "script" not in shown.out + shown.err and len(shown.out.split()) > 10
    line = report.printed
    assert line.startswith(f"{3 * report.calls} lines, the first: <script>\x1b[31m| xxx") and len(line) < 130
    assert anogen.audit(lambda rows: rows.sum(axis=1), np.eye(12), orientation="anomaly").printed == ""
    texts = report.text(), report.to_markdown(), report.to_junit(), report.to_sarif(), report.to_json(), report.html()
    assert all("lines, the first" in text and "\x1b" not in text for text in texts)
    assert "<script" not in texts[1] + texts[2] + texts[5]
    validate_json(report)


def test_the_verdict_depends_on_severity_and_on_what_is_accepted(report):
    assert report.verdict == "findings" and "random" in report.failures and "upside_down" not in report.failures
    assert report.judge(fail_on="never").verdict == "findings"  # only the command's status changes
    every = dict.fromkeys(FAULTS, "known")
    assert report.judge(accepted=every).verdict == "sound" and not report.judge(accepted=every).passed
    undecided = {name: why for name, why in every.items() if name not in report.undecided}
    assert report.judge(accepted=undecided).verdict == "insufficient"
    warning = replace(report, findings={"saturated": Finding("saturated", False, "ties")})
    assert warning.judge("error").verdict == "sound" and warning.judge("warning").verdict == "findings"
    for options in ({"fail_on": "sometimes"}, {"accepted": {"nothing": ""}}):
        with pytest.raises(InputError):
            report.judge(**options)


def test_a_saved_report_keeps_rule_and_pictures(report, tmp_path):
    report.save(tmp_path / "audit.npz")
    kept = anogen.AuditReport.load(tmp_path / "audit.npz")
    assert kept.to_json() == report.to_json() and kept.html() == report.html()


def test_the_page_leads_with_the_verdict_and_ends_with_how_to_repeat_it(report):
    page = report.html()
    text = re.sub(r"<[^>]*>", " ", page[page.index("<body>") :])
    assert 0 < text.index("Do not rely on these scores yet") < text.index("Checks") < text.index("Repeat this audit")
    assert page.count("<figure>") == 3 and page.count('alt="') == 3 and FAULTS["random"].advice in text
    assert "The most normal row" in text and f"seed {report.random_state}" in text and "python" in text


def test_the_page_distinguishes_errors_from_warnings(report):
    errors = [name for name in report.faults if FAULTS[name].severity == "error"]
    assert errors and len(errors) < len(report.faults)
    page = report.judge(accepted=dict.fromkeys(errors, "known")).html()
    assert "Use these scores with care" in page and "Do not rely" not in page
    marked = page.count("<small>error</small>") + page.count("<small>warning</small>")
    assert marked == sum(not finding.passed for finding in report.findings.values()) and ": unknown" not in page

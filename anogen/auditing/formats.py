"""Reports of an audit for programs: SARIF 2.1.0, JUnit XML, and a summary in Markdown."""

import hashlib
import html
import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import anogen
from anogen.auditing.findings import FAULTS
from anogen.auditing.report import words
from anogen.outputs import printable

if TYPE_CHECKING:
    from anogen.auditing.report import AuditReport

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MARKDOWN_MARK = "<!-- anogen audit -->"
MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]|~#])")


def sarif(report: "AuditReport") -> str:
    """Return a SARIF 2.1.0 log: a result for each fault found, and of kind "open" for each that is undecided.

    Accepted findings are suppressed results. The location is the file that defines the detector, if it is known.
    """
    rules = [
        {
            "id": key,
            "name": words(key).title().replace(" ", ""),
            "shortDescription": {"text": words(key)},
            "fullDescription": {"text": fault.explanation},
            "help": {"text": fault.advice},
            "defaultConfiguration": {"level": fault.severity},
        }
        for key, fault in FAULTS.items()
    ]
    names, results = list(FAULTS), []
    for key in [*report.faults, *report.undecided]:
        finding = report.findings[key]
        level = {"level": finding.severity} if finding.found else {"kind": "open", "level": "none"}
        digest = hashlib.sha256(f"{report.detector['name']}|{key}".encode()).hexdigest()
        result: dict[str, Any] = {
            "ruleId": key,
            "ruleIndex": names.index(key),
            **level,
            "message": {"text": printable(f"{words(key)}: {finding.detail}. {finding.advice}")},
            "locations": [_location(report)],
            "partialFingerprints": {"anogenFinding/v1": digest},
            "properties": dict(finding.evidence),
        }
        if key in report.accepted:
            result["suppressions"] = [{"kind": "external", "justification": printable(report.accepted[key])}]
        results.append(result)
    driver = {"name": "anogen", "version": anogen.__version__, "rules": rules}
    about = {"verdict": report.verdict, "seed": report.random_state}
    invocation: dict[str, Any] = {"executionSuccessful": True, "properties": about}
    if report.printed:
        text = printable(f"The detector printed {report.printed}")
        invocation["toolExecutionNotifications"] = [{"level": "note", "message": {"text": text}}]
    if report.command:
        invocation["commandLine"] = printable(report.command)
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, allow_nan=False)


def _location(report: "AuditReport") -> dict[str, Any]:
    """Return where the detector is defined, by name and, if known, by file and line."""
    name = printable(report.detector["name"])
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "object"}]}
    if source := report.detector.get("source"):
        region = {"startLine": report.detector.get("line") or 1}
        location["physicalLocation"] = {"artifactLocation": {"uri": source}, "region": region}
    return location


def junit(report: "AuditReport") -> str:
    """Return JUnit XML with one test for each finding; undecided and accepted ones are skipped."""
    failed = [name for name in report.faults if name not in report.accepted]
    skipped = sum(not f.passed for f in report.findings.values()) - len(failed)
    counts = {"tests": str(len(report.findings)), "failures": str(len(failed)), "errors": "0", "skipped": str(skipped)}
    root = ET.Element("testsuites", {"name": "anogen audit", **counts})
    name, time = printable(report.detector["name"]), f"{report.seconds:.3f}"
    suite = ET.SubElement(root, "testsuite", {"name": name, **counts, "time": time, "timestamp": report.created[:19]})
    properties = ET.SubElement(suite, "properties")
    for key, value in {"verdict": report.verdict, "command": report.command, **report.versions}.items():
        ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
    for key, finding in report.findings.items():
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": key, "time": "0"})
        message = {"message": printable(finding.detail)}
        if key in failed:
            failure = ET.SubElement(case, "failure", {**message, "type": finding.severity})
            failure.text = f"{printable(finding.detail)}\n{finding.explanation}\n{finding.advice}"
        elif not finding.passed:
            ET.SubElement(case, "skipped", message)
    if report.printed:
        ET.SubElement(suite, "system-out").text = printable(f"The detector printed {report.printed}")
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def markdown(report: "AuditReport") -> str:
    """Return a summary for a pull request or a job: the verdict, what to do, and a table of findings."""
    size = f"{report.data['rows']:,} rows, {report.data['columns']:,} columns"
    lines = [MARKDOWN_MARK, f"## Audit of {_plain(report.detector['name'])}: {report.verdict}", ""]
    lines += [f"{_plain(report.summary[0].upper() + report.summary[1:])}. {size}, seed {report.random_state}.", ""]
    for key in report.failures:
        lines.append(f"- **{words(key)}** ({report.findings[key].severity}): {report.findings[key].advice}")
    lines += ["", "| finding | | evidence |", "|---|---|---|"]
    lines += [f"| {words(k)} | {report.state(k)} | {_plain(f.detail)} |" for k, f in report.findings.items()]
    if report.printed:
        lines += ["", f"The detector printed {_plain(report.printed)}"]
    versions = ", ".join(f"{key} {value}" for key, value in report.versions.items())
    return "\n".join([*lines, "", f"{_plain(versions)}{f'. {_code(report.command)}' if report.command else ''}", ""])


def _plain(text: str) -> str:
    """Return text of the user for Markdown, in which nothing is markup."""
    return MARKDOWN_SPECIAL.sub(r"\\\1", html.escape(printable(text), quote=False))


def _code(text: str) -> str:
    """Return text as code in a line, also if it has backticks."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {printable(text)} {fence}"

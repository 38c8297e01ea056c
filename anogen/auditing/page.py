"""The HTML report of an audit: the verdict, pictures and what to do, then every number."""

import base64
import html
import io
from collections.abc import Iterable
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from anogen.auditing.plots import plot_strips
from anogen.auditing.report import words
from anogen.outputs import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from anogen.auditing.report import AuditReport

KINDS = {
    "class": "a class, fitted to {rows_fitted:,} of these rows",
    "factory": "a function that returned a fitted detector",
    "function": "a score function",
    "fitted": "a fitted detector",
    "scores": "scores computed elsewhere",
}
HEADLINES = {
    "sound": "No fault found",
    "findings": "Do not rely on these scores yet",
    "insufficient": "Not enough could be checked",
}
MEANING = {
    "sound": "The score does what a score has to do on these data. Whether it separates your anomalies is another "
    "question: only labelled anomalies can tell.",
    "findings": "Each fault below changes what a score means. Fix it, or accept it in writing with --ignore.",
    "insufficient": "No fault was found, but a serious one could not be excluded. Audit the detector itself, with a "
    "way to fit copies of it, or accept this with --ignore.",
}
WARNINGS = "Use these scores with care"  # the headline if no fault is an error
MAX_RANK = 0.5  # share of real rows that score as low as what a successful search found
MAX_FEATURES = 12  # of the table of the most normal row


def page(report: "AuditReport") -> str:
    """Return the report as one HTML page that needs no other file, no script and no network."""
    template = Template(files("anogen.auditing").joinpath("report.html").read_text(encoding="utf8"))
    data, detector = report.data, report.detector
    facts = {
        "Detector": f"{detector['name']}: {KINDS[detector['kind']].format(**data)}",
        "Scores": detector["orientation"],
        "Data": f"{data['rows']:,} normal rows, {data['columns']:,} columns {report.columns}, of which "
        f"{data['constant_columns']:,} are constant; {data['rows_scored']} rows scored",
        "Run": f"{report.created}, seed {report.random_state}, {report.calls} calls, {report.seconds:.1f} s",
        "Rule": f"faults of level {report.fail_on} and above count",
        "Accepted": ", ".join(f"{words(key)} ({why})" for key, why in report.accepted.items()),
        "Printed": report.printed,
        "Versions": ", ".join(f"{key} {value}" for key, value in report.versions.items()),
        "Parameters": ", ".join(f"{key}={value!r}" for key, value in report.parameters.items()),
    }
    headline = "No other fault found" if report.verdict == "sound" and report.faults else HEADLINES[report.verdict]
    if report.failures and all(report.findings[key].severity != "error" for key in report.failures):
        headline = WARNINGS
    actions = [(words(key), report.findings[key].explanation, report.findings[key].advice) for key in report.failures]
    return template.substitute(
        title=_escape(f"Audit of {detector['name']}"),
        name=_escape(detector["name"]),
        state=report.verdict,
        headline=headline,
        summary=_escape(report.summary[0].upper() + report.summary[1:] + "."),
        meaning=MEANING[report.verdict],
        actions="".join(
            f"<li><strong>{_escape(a)}.</strong> {_escape(b)} <em>{_escape(c)}</em></li>" for a, b, c in actions
        ),
        pictures="".join(_pictures(report)),
        findings=_findings(report),
        example=_example(report),
        facts=_rows((key, value) for key, value in facts.items() if value),
        command=_escape(report.command or _call(report)),
        search=_rows((words(key), _number(value)) for key, value in report.generated.items()),
        measures=_rows((words(key), _number(value)) for key, value in report.measures.items()),
    )


def _call(report: "AuditReport") -> str:
    """Return the call in Python that repeats the audit, for one's own `detector` and `X`."""
    given = {key: value for key, value in report.parameters.items() if value is not None}
    return f"anogen.audit({', '.join(['detector', 'X', *(f'{key}={value!r}' for key, value in given.items())])})"


def _pictures(report: "AuditReport") -> Iterable[str]:
    """Yield the three pictures: the ranks of probes, the evidence of the worst finding, and generated rows."""
    rest = "" if "upside_down" in report.faults else " A good score puts them to the right."
    yield _figure(
        report.plot(), "How many real rows score as low as each row",
        f"One dot for each row: noise, and real rows with permuted columns, among real rows.{rest}",
    )  # fmt: skip
    worst = next((key for key in report.faults if report.findings[key].picture), None)
    arrays = report.arrays
    kinds = {"real": arrays["real_scores"], "permuted": arrays["shuffled_scores"], "noise": arrays["noise_scores"]}
    title, text = "The scores themselves", "Larger is more anomalous."
    if worst:
        kinds, title, text = dict(report.findings[worst].picture), words(worst), report.findings[worst].detail + "."
        text = text[0].upper() + text[1:]
    yield _figure(plot_strips(kinds), title.capitalize(), text)
    if report.generated:
        rank = float(np.mean(report.generated["score_rank"]))
        text = f"A search for the lowest score found these; {rank:.0%} of real rows score as low, on average."
        if rank > MAX_RANK:
            text = "The search was too short: most real rows score lower. Give it more time (--draw)."
        kind = "photo" if report.data["image_shape"] else "chart"
        yield _figure(report.plot_generated(), "What it scores as most normal", text, kind)


def _findings(report: "AuditReport") -> str:
    """Return the rows of the table of findings, faults first."""
    order = [*report.faults, *report.undecided, *(k for k, f in report.findings.items() if f.passed)]
    lines = []
    for key in order:
        finding, state = report.findings[key], report.state(key)
        known = ((words(k), v) for k, v in finding.evidence.items() if v is not None)
        numbers = "".join(f"<li>{_escape(k)}: {_number(v)}</li>" for k, v in known)
        severity = "" if finding.passed else f"<small>{finding.severity}</small>"
        advice = f"<em>{_escape(finding.advice)}</em>" if finding.found else ""
        sought = f"{'' if finding.found else 'Looked for: '}{_escape(finding.explanation)}"
        lines.append(
            f'<tr class="{ {"ok": "ok", "FOUND": "found"}.get(state, "open") }"><th scope="row">{_escape(words(key))}'
            f"{severity}</th><td>{_escape(state)}</td><td>{_escape(finding.detail)} {advice}"
            f"<small>{sought}</small></td><td><ul>{numbers}</ul></td></tr>"
        )
    return "\n".join(lines)


def _example(report: "AuditReport") -> str:
    """Return a table of the row that it scores as most normal and the real row nearest to it, in the data's units."""
    if "nearest" not in report.arrays or report.data["image_shape"] or report.data.get("signal"):
        return ""
    arrays, names = report.arrays, report.data.get("column_names")
    low, high = arrays["low"], arrays["high"]
    width = np.where(high > low, high - low, 1.0)
    levels = report.data.get("levels") or {}
    best = int(np.argmin(report.generated["scores"]))
    made, near = arrays["generated"][best], arrays["nearest"][best]
    difference = np.abs(made - near) / width
    for column in map(int, levels):
        difference[column] = made[column] != near[column]
    shown = np.sort(np.argsort(-difference, kind="stable")[:MAX_FEATURES])

    def value(column: int, number: float) -> str:
        texts = levels.get(str(column))
        return str(texts[round(number)]) if texts else f"{number:.4g}"

    rows = [
        (names[j] if names else f"column {j}", value(j, made[j]), value(j, near[j]),
         "" if str(j) in levels else f"{low[j]:.4g} to {high[j]:.4g}")
        for j in map(int, shown)
    ]  # fmt: skip
    scores = ("score", _number(report.generated["scores"][best]), _number(report.generated["nearest_scores"][best]), "")
    head = "".join(f'<th scope="col">{text}</th>' for text in ("", "most normal", "nearest real row", "range"))
    rest = f", the {len(shown)} that differ most" if len(made) > len(shown) else ""
    return (
        f"<h2>The most normal row, and the real row nearest to it</h2><p>In the data's own units{rest}.</p>"
        f'<table class="example"><thead><tr>{head}</tr></thead><tbody>{_rows([*rows, scores])}</tbody></table>'
    )


def _number(value: Any) -> str:
    """Return a measure as text: one number, or one for each generated row."""
    if isinstance(value, list):
        return ", ".join(map(_number, value))
    return "unknown" if value is None else f"{value:.4g}" if isinstance(value, float) else _escape(str(value))


def _rows(rows: Any) -> str:
    """Return the rows of an HTML table, with the first cell as its heading and every text escaped."""
    lines = []
    for head, *cells in rows:
        rest = "".join(f"<td>{_escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{_escape(head)}</th>{rest}</tr>')
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Return text of the user for HTML, without control characters."""
    return html.escape(printable(text))


def _figure(figure: "Figure", title: str, caption: str, kind: str = "chart") -> str:
    """Return a figure as an HTML image that holds its data, with a title and a caption."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", facecolor="white")
    data = base64.b64encode(buffer.getvalue()).decode()
    image = f'<img class="{kind}" alt="{_escape(f"{title}. {caption}")}" src="data:image/png;base64,{data}">'
    return f"<figure><h3>{_escape(title)}</h3>{image}<figcaption>{_escape(caption)}</figcaption></figure>"

"""The report of an audit: as an object, text, JSON, SARIF, pictures, and one HTML page."""

import base64
import html
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

import anogen
from anogen.auditing.findings import FAULTS, FINDINGS, Finding
from anogen.errors import InputError, require
from anogen.outputs import printable, write_output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = {
    "class": "a class, fitted to {rows_fitted:,} of these rows",
    "factory": "a function that returned a fitted detector",
    "function": "a score function",
    "fitted": "a fitted detector",
}
MAX_NAMES = 8  # columns that the text lists
METADATA = "audit"  # the array of a saved report that holds everything except the arrays
STATES = {True: "ok", False: "FOUND", None: "?"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, eq=False)
class AuditReport:
    """The result of `anogen.audit`.

    Attributes
    ----------
    detector : dict
        ``name``, ``kind`` (class, factory, function or fitted) and ``orientation``, how the scores were read.
    data : dict
        Number of ``rows`` and ``columns``, ``column_names`` or None, ``constant_columns``, ``image_shape`` or None, and
        ``shape_guessed``, whether the shape was recognised rather than stated.
    findings : dict of Finding
        For each fault a `Finding`.
    measures : dict of float
        The numbers behind the findings; None for what was not measured.
    generated : dict
        Measures of the rows that the search generated, a list with one number for each; empty without a search.
    calls, seconds, random_state, created
        Number of calls of the score, duration, seed, and date of the audit.
    arrays : dict of ndarray
        Rows and scores behind the pictures.
    """

    detector: Mapping[str, str]
    data: Mapping[str, Any]
    findings: Mapping[str, Finding]
    measures: Mapping[str, float | None]
    generated: Mapping[str, Any]
    calls: int
    seconds: float
    random_state: int
    created: str
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    @property
    def faults(self) -> list[str]:
        """Names of the faults that were found."""
        return [name for name, finding in self.findings.items() if finding.found]

    @property
    def verdict(self) -> str:
        """Return the result in one line."""
        n = sum(finding.passed is not None for finding in self.findings.values())
        return f"{len(self.faults)} of {n} faults found" if self.faults else f"passed: none of {n} faults was found"

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the arrays as values that JSON can represent."""
        values = {key: value for key, value in self.__dict__.items() if key != "arrays"}
        return values | {"findings": {k: finding_values(f) for k, f in self.findings.items()}}

    def to_json(self) -> str:
        """Return everything except the arrays as JSON."""
        return json.dumps({"passed": self.passed, **self.to_dict()}, indent=1, allow_nan=False)

    def to_sarif(self) -> str:
        """Return the faults as a SARIF 2.1.0 log, which code hosts and CI services display."""
        rules = [{"id": key, "fullDescription": {"text": fault.explanation}} for key, fault in FAULTS.items()]
        where = [{"logicalLocations": [{"fullyQualifiedName": self.detector["name"], "kind": "object"}]}]
        texts = {key: f"{_words(key)}: {self.findings[key].detail}" for key in self.faults}
        results = [
            {"ruleId": key, "level": "warning", "message": {"text": text}, "locations": where}
            for key, text in texts.items()
        ]
        driver = {"name": "anogen", "version": anogen.__version__, "rules": rules}
        runs = [{"tool": {"driver": driver}, "results": results}]
        return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": runs}, indent=1)

    def text(self) -> str:
        """Return the findings as lines of text."""
        width = max(map(len, FINDINGS))
        size = f"{self.data['rows']:,} rows, {self.data['columns']:,} columns {self._columns}"
        lines = [f"{STATES[f.passed]:5} {name:{width}}  {f.detail}" for name, f in self.findings.items()]
        head = f"{self.detector['name']} ({self.detector['kind']}; {self.detector['orientation']}), {size}"
        lines = [head, *lines, f"{self.verdict}, in {self.calls} calls and {self.seconds:.1f} s"]
        return "\n".join(map(printable, lines))

    @property
    def _columns(self) -> str:
        """How the columns were read: as an image or as a table, with names if they have any."""
        shape, names = self.data["image_shape"], self.data.get("column_names") or []
        if shape:
            hint = ", a guess: for a table state image_shape=None or --shape none"
            return f"({' x '.join(map(str, shape))} image{hint if self.data.get('shape_guessed') else ''})"
        rest = ", ..." if len(names) > MAX_NAMES else ""
        return f"({', '.join(names[:MAX_NAMES])}{rest})" if names else "(table)"

    def plot(self) -> "Figure":
        """Return a matplotlib figure of the ranks of noise, permuted and generated rows among real rows."""
        from anogen.auditing.plots import plot_ranks

        return plot_ranks(self.arrays, self.generated)

    def plot_generated(self) -> "Figure":
        """Return a matplotlib figure of real rows, generated rows and, if known, the optimum."""
        from anogen.auditing.plots import plot_images, plot_profiles

        require(self.generated, "this audit generated no rows: pass search_seconds or n_generations to audit")
        shape = self.data["image_shape"]
        if shape:
            return plot_images(self.arrays, tuple(shape), self.generated)
        return plot_profiles(self.arrays, self.data.get("column_names") or [])

    def to_html(self, path: str | Path, command: str = "") -> Path:
        """Write the report as one page that needs no other file, no script and no network; return its path.

        `command` is the command line to state on the page. Raises `InputError` if `path` exists and is no such page.
        """
        return write_output(Path(path), self.html(command).encode())

    def html(self, command: str = "") -> str:
        """Return the page that `to_html` writes."""
        page = Template(files("anogen.auditing").joinpath("report.html").read_text(encoding="utf8"))
        size, kind = self.data, KINDS[self.detector["kind"]].format(**self.data)
        facts = {
            "Detector": f"{self.detector['name']}: {kind}",
            "Scores": self.detector["orientation"],
            "Data": f"{size['rows']:,} normal rows, {size['columns']:,} columns {self._columns}, of which "
            f"{size['constant_columns']:,} are constant; {size['rows_scored']} rows scored",
            "Date": self.created,
            "Command": command or "anogen.audit in Python",
            "Run": f"anogen {anogen.__version__}, seed {self.random_state}, {self.calls} calls, {self.seconds:.1f} s",
        }
        results = [(_words(key), STATES[f.passed], f.detail) for key, f in self.findings.items()]
        return page.substitute(
            title=_escape(f"Audit of {self.detector['name']}"),
            verdict=_escape(self.verdict.capitalize() + "."),
            state="passed" if self.passed else "failed",
            facts=_rows(facts.items()),
            findings=_rows(results),
            explanations=_rows(
                (_words(name), f"{FAULTS[name].explanation} {FAULTS[name].advice}") for name in self.faults
            ),
            ranks=_picture(self.plot()),
            generated=_picture(self.plot_generated()) if self.generated else "",
            search=_rows((_words(key), _number(value)) for key, value in self.generated.items()),
            measures=_rows((_words(key), _number(value)) for key, value in self.measures.items()),
        )

    def save(self, path: str | Path) -> None:
        """Write the report to an .npz file."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(file, **self.arrays, **{METADATA: np.array(json.dumps(self.to_dict()))})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the report that `save` wrote; raises `InputError` for another file."""
        try:
            with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = dict(file)
            values = json.loads(str(arrays.pop(METADATA)))
            findings = {key: finding_from(key, finding) for key, finding in values.pop("findings").items()}
            return cls(**values, findings=findings, arrays=arrays)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            raise InputError(f"{path} holds no audit: save one with report.save(path)") from None


def finding_values(finding: Finding) -> dict[str, Any]:
    """Return a finding as values that JSON can represent, with the texts that explain it."""
    own = {key: getattr(finding, key) for key in ("passed", "found", "detail", "severity", "explanation", "advice")}
    return own | {"evidence": dict(finding.evidence)}


def finding_from(name: str, values: Mapping[str, Any]) -> Finding:
    """Return the finding that `finding_values` described."""
    return Finding(name, values["passed"], values["detail"], values["evidence"])


def _words(key: str) -> str:
    return key.replace("_", " ")


def _number(value: Any) -> str:
    """Return a measure as text: one number, or one for each generated row."""
    if isinstance(value, list):
        return ", ".join(map(_number, value))
    return "unknown" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _rows(rows: Any) -> str:
    """Return the rows of an HTML table, with the first cell as its heading and every text escaped."""
    lines = []
    for head, *cells in rows:
        mark = ' class="found"' if "FOUND" in cells else ""
        rest = "".join(f"<td>{_escape(cell)}</td>" for cell in cells)
        lines.append(f"<tr{mark}><th>{_escape(head)}</th>{rest}</tr>")
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Return text of the user for HTML, without control characters."""
    return html.escape(printable(text))


def _picture(figure: "Figure") -> str:
    """Return a figure as an HTML image that holds its data."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", facecolor="white")
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'

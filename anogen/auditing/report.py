"""The report of an audit: as an object, text, JSON, SARIF, JUnit XML, Markdown, pictures, and one HTML page."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from anogen.auditing.findings import FAULTS, Finding
from anogen.errors import InputError, require
from anogen.outputs import printable, write_output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_NAMES = 8  # columns that the text lists
METADATA = "audit"  # the array of a saved report that holds everything except the arrays
SCHEMA = "anogen-audit-1"  # of the JSON, see report.schema.json
SEVERITIES = ("note", "warning", "error")
STATES = {True: "ok", False: "FOUND", None: "?"}
Verdict = Literal["sound", "findings", "insufficient"]


@dataclass(frozen=True, eq=False)
class AuditReport:
    """The result of `anogen.audit`.

    Attributes
    ----------
    detector : dict
        ``name``, ``kind`` (class, factory, function or fitted), ``orientation``, how the scores were read, and
        ``source`` and ``line``, the file that defines it, if known.
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
    parameters : dict
        The arguments of `anogen.audit`.
    versions : dict of str
        Versions of Python, anogen and the libraries, and the platform.
    printed : str
        How many lines the detector printed, and the first one; empty if none. They are no fault, but spoil logs.
    command : str
        The command line that repeats the audit, if it was made by one.
    fail_on : {"note", "warning", "error", "never"}
        The least severity that counts for the verdict; never: as for "note", but the command ends with status 0.
    accepted : dict of str
        Why the findings of these names do not count for the verdict.
    """

    detector: Mapping[str, Any]
    data: Mapping[str, Any]
    findings: Mapping[str, Finding]
    measures: Mapping[str, float | None]
    generated: Mapping[str, Any]
    calls: int
    seconds: float
    random_state: int
    created: str
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    command: str = ""
    fail_on: str = "note"
    accepted: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no fault was found; some may be undecided, see `verdict`."""
        return not self.faults

    @property
    def faults(self) -> list[str]:
        """Names of the faults that were found, the most severe first."""
        found = [name for name, finding in self.findings.items() if finding.found]
        return sorted(found, key=lambda name: -SEVERITIES.index(self.findings[name].severity))

    @property
    def undecided(self) -> list[str]:
        """Names of the faults that the audit could not decide on."""
        return [name for name, finding in self.findings.items() if finding.passed is None]

    @property
    def failures(self) -> list[str]:
        """The faults that count: as severe as `fail_on`, and not accepted."""
        counted = SEVERITIES[SEVERITIES.index(self.fail_on) :] if self.fail_on in SEVERITIES else SEVERITIES
        return [k for k in self.faults if self.findings[k].severity in counted and k not in self.accepted]

    @property
    def verdict(self) -> Verdict:
        """The verdict: findings if a fault counts; else insufficient if an error is undecided and not accepted."""
        if self.failures:
            return "findings"
        return "insufficient" if self._missing else "sound"

    @property
    def _missing(self) -> list[str]:
        """The errors that are neither found, excluded nor accepted."""
        return [k for k in self.undecided if self.findings[k].severity == "error" and k not in self.accepted]

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        counts = {
            "accepted": sum(name in self.accepted for name in self.faults),
            f"less severe than {self.fail_on}": sum(name not in self.accepted for name in self.faults),
            "undecided": len(self.undecided),
        }
        counts[f"less severe than {self.fail_on}"] -= len(self.failures)
        rest = "".join(f"; {number} {word}" for word, number in counts.items() if number)
        checks = f"in {len(self.findings) - len(self.undecided)} checks"
        if self.verdict == "findings":
            n = len(self.failures)
            return f"{n} fault{'s' if n > 1 else ''} found {checks}{rest}"
        none = "no other fault" if self.faults else "no fault"
        if self.verdict == "insufficient":
            names = ", ".join(map(words, self._missing))
            return f"insufficient: {none} found {checks}, but these could not be excluded: {names}{rest}"
        return f"sound: {none} found {checks}{rest}"

    def judge(self, fail_on: str = "note", accepted: Mapping[str, str] | None = None, command: str = "") -> Self:
        """Return the report with another rule for the verdict; raises `InputError` for unknown names.

        Parameters
        ----------
        fail_on : {"note", "warning", "error", "never"}
            The least severity that counts; never: as for "note".
        accepted : dict of str
            Faults that do not count, found or undecided, each with the reason.
        command : str
            The command line that repeats the audit, for the reports.
        """
        accepted = accepted or {}
        require(
            fail_on in (*SEVERITIES, "never"), f"fail_on = {fail_on!r} is unknown: choose error, warning, note, never"
        )
        for name in accepted:
            require(name in FAULTS, f"there is no finding {name!r}: the findings are {', '.join(FAULTS)}")
        return replace(self, fail_on=fail_on, accepted=dict(accepted), command=command or self.command)

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the arrays as values that JSON can represent."""
        values = {key: value for key, value in self.__dict__.items() if key != "arrays"}
        return values | {"findings": {k: _finding_values(f) for k, f in self.findings.items()}}

    def to_json(self) -> str:
        """Return everything except the arrays as JSON, by the schema `report.schema.json` of this package."""
        head = {"generator": "anogen", "schema": SCHEMA, "verdict": self.verdict, "passed": self.passed}
        return json.dumps(head | {"summary": self.summary, **self.to_dict()}, indent=1, allow_nan=False, default=str)

    def to_sarif(self) -> str:
        """Return the faults as a SARIF 2.1.0 log, which code hosts and CI services display."""
        from anogen.auditing.formats import sarif

        return sarif(self)

    def to_junit(self) -> str:
        """Return the findings as JUnit XML, one test for each."""
        from anogen.auditing.formats import junit

        return junit(self)

    def to_markdown(self) -> str:
        """Return a summary in Markdown."""
        from anogen.auditing.formats import markdown

        return markdown(self)

    def text(self) -> str:
        """Return the findings as lines of text."""
        width = max(map(len, self.findings))
        size = f"{self.data['rows']:,} rows, {self.data['columns']:,} columns {self.columns}"
        head = f"{self.detector['name']} ({self.detector['kind']}; {self.detector['orientation']}), {size}"
        lines = [head, *(f"{self.state(name):8} {name:{width}}  {f.detail}" for name, f in self.findings.items())]
        lines += [f"what to do about {words(name)}: {self.findings[name].advice}" for name in self.failures]
        lines += [f"the detector printed {self.printed}"] if self.printed else []
        lines += [f"{self.summary}; {self.calls} calls, {self.seconds:.1f} s"]
        return "\n".join(map(printable, lines))

    def state(self, name: str) -> str:
        """Return ok, FOUND, ? (undecided) or accepted."""
        finding = self.findings[name]
        return "accepted" if name in self.accepted and not finding.passed else STATES[finding.passed]

    @property
    def columns(self) -> str:
        """How the columns were read: as an image, a signal or a table, with names if they have any."""
        shape, names = self.data["image_shape"], self.data.get("column_names") or []
        if shape:
            hint = ", a guess: for a table state image_shape=None or --shape none"
            return f"({' x '.join(map(str, shape))} image{hint if self.data.get('shape_guessed') else ''})"
        if self.data.get("signal"):
            return "(window of a signal)"
        rest = ", ..." if len(names) > MAX_NAMES else ""
        return f"({', '.join(names[:MAX_NAMES])}{rest})" if names else "(table)"

    def plot(self) -> "Figure":
        """Return a matplotlib figure of the ranks of noise, permuted and generated rows among real rows."""
        from anogen.auditing.plots import plot_ranks

        return plot_ranks(self.arrays, self.generated)

    def plot_generated(self) -> "Figure":
        """Return a matplotlib figure of real rows, generated rows and, if known, the optimum."""
        from anogen.auditing.plots import plot_images, plot_profiles, plot_windows

        require(self.generated, "this audit generated no rows: pass search_seconds or n_generations to audit")
        shape = self.data["image_shape"]
        if shape:
            return plot_images(self.arrays, tuple(shape), self.generated)
        if self.data.get("signal"):
            return plot_windows(self.arrays, self.generated)
        return plot_profiles(self.arrays, self.data.get("column_names") or [])

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one page that needs no other file, no script and no network; return its path.

        Raises `InputError` if `path` exists and is no such page.
        """
        return write_output(Path(path), self.html().encode())

    def html(self) -> str:
        """Return the page that `to_html` writes."""
        from anogen.auditing.page import page

        return page(self)

    def save(self, path: str | Path) -> None:
        """Write the report to an .npz file."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures = {f"{k}|{kind}": v for k, f in self.findings.items() for kind, v in f.picture.items()}
        with path.open("wb") as file:
            np.savez_compressed(file, **self.arrays, **pictures, **{METADATA: np.array(json.dumps(self.to_dict()))})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the report that `save` wrote; raises `InputError` for another file."""
        try:
            with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = dict(file)
            values = json.loads(str(arrays.pop(METADATA)))
            pictures = {key: arrays.pop(key) for key in list(arrays) if "|" in key}
            findings = {
                key: Finding(
                    key, f["passed"], f["detail"], f["evidence"],
                    {k.partition("|")[2]: v for k, v in pictures.items() if k.startswith(f"{key}|")},
                )
                for key, f in values.pop("findings").items()
            }  # fmt: skip
            return cls(**values, findings=findings, arrays=arrays)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            raise InputError(f"{path} holds no audit: save one with report.save(path)") from None


def words(key: str) -> str:
    """Return a name with spaces."""
    return key.replace("_", " ")


def _finding_values(finding: Finding) -> dict[str, Any]:
    """Return a finding as values that JSON can represent, with the texts that explain it."""
    keys = ("passed", "found", "detail", "severity", "explanation", "advice")
    return {key: getattr(finding, key) for key in keys} | {"evidence": dict(finding.evidence)}

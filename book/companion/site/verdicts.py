"""Verdicts in a chapter: one line a claim with its key number; and everything behind them as plain values."""

from collections.abc import Iterator

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.base import Verdict
from companion.claims.criterion import Comparison
from companion.claims.decision import Condition
from companion.site.html_nodes import Content, element, facts, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import placeholder
from companion.site.provenance import plain_badge
from companion.site.record_info import verdict

OWN = "These verdicts rest on the book's own records, whatever the parameters of this page are."
PARTLY = {"reproduced in part", "confirmed in part"}


class Verdicts(SphinxDirective):
    """Write ``{verdicts} thesis-c-01 thesis-c-02`` for the verdicts on these claims."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return one foldable line for each claim."""
        claims = self.arguments[0].replace(",", " ").split()
        self.env.note_dependency(str(inventory.PATH))
        note_verdicts(self.env, claims)
        block = tag("div", *(claim_block(verdict(claim)) for claim in claims), class_="verdicts")
        return [block] if self.config.anogen_downloads else [block, tag("p", OWN, class_="cause")]


def claim_block(found: Verdict) -> element:
    """Return the verdict on a claim: badge, statement and key number; folded, the criterion and why it is not met."""
    id_ = nodes.make_id(f"on-{found.claim}")
    key = [tag("span", key_number(found), class_="key")] if key_number(found) else []
    statement = tag("span", inventory.claim(found.claim).statement, class_="statement")
    line = tag("summary", plain_badge(found.verdict or "open"), " ", statement, *key)
    words = tag("span", "Numbers, settings and records of ", tag("code", found.claim))
    everything = placeholder("", words, kind="badge", claim=found.claim)
    return tag("details", line, facts(reasons(found)), tag("p", everything), id=id_, class_="claim")


def key_number(found: Verdict) -> str:
    """Return the first number of the primary setting against its threshold, in words; empty where there is none."""
    numbers = [number for condition in found.conditions[:1] for number in condition.numbers if number.scaled]
    if not numbers:
        return ""
    return f"{numbers[0].quantity}: {estimate(numbers[0])} (criterion: {threshold(numbers[0])})"


def reasons(found: Verdict) -> Iterator[tuple[str, list[Content]]]:
    """Yield the criterion, where it is met, and why it is not."""
    limits = found.finding.limits if found.finding else ""
    yield "criterion", [found.criterion]
    yield "holds if", [where(found, True)] if found.verdict in PARTLY else []
    yield "fails if", [where(found, False)] if found.verdict in PARTLY else []
    yield "why not decided", [limits] if limits else []
    yield "cause", [found.cause] if found.cause else []


def where(found: Verdict, holds: bool) -> str:
    """Return the settings in which a criterion is met or not, in words."""
    admissible = [condition for condition in found.conditions if condition.admissible]
    named = [condition.setting for condition in admissible if condition.holds is holds]
    return f"{'; '.join(named) or 'nowhere'} ({len(named)} of {len(admissible)} settings)"


def estimate(number: Comparison) -> str:
    """Return a measured number with its interval."""
    if not number.scaled:
        return "yes" if number.value == 1 else "no" if number.value == 0 else f"in {number.value:.0%} of the trainings"
    interval = f" [{number.interval[0]:.3g}, {number.interval[1]:.3g}]" if number.interval else ""
    return f"{number.value:.3g}{interval}"


def threshold(number: Comparison) -> str:
    """Return what a criterion asks of a number."""
    return number.criterion if number.scaled else "yes"


def as_json(found: Verdict) -> dict[str, object]:
    """Return everything about a verdict as plain values, for `verdicts.json`."""
    finding = found.finding
    return {
        "id": found.claim,
        "statement": inventory.claim(found.claim).statement,
        "criterion": found.criterion,
        "criterion_replaced": found.replaced or None,
        "verdict": found.verdict,
        "cause": found.cause or None,
        "identity": found.identity or None,
        "limits": finding.limits or None if finding else None,
        "cost": finding.cost or None if finding else None,
        "flips": dict(found.flips),
        "conditions": [_condition_json(condition) for condition in found.conditions],
        "measured": dict(found.measured),
        "page": found.page,
    }


def _condition_json(condition: Condition) -> dict[str, object]:
    numbers = [
        {
            "quantity": number.quantity,
            "estimate": number.value,
            "interval": list(number.interval) if number.interval else None,
            "interval_over": number.over or None,
            "sign": number.sign,
            "threshold": number.threshold,
            "margin": number.margin,
        }
        for number in condition.numbers
    ]
    return {
        "setting": condition.setting,
        "admissible": condition.admissible,
        "holds": condition.holds,
        "trainings": condition.trainings,
        "trainings_met": condition.met,
        "numbers": numbers,
    }

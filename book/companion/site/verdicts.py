"""A claim's verdict on its page: one line with the key number, and below it everything behind the decision."""

from collections.abc import Iterator

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from companion.claims import inventory
from companion.claims.base import Verdict
from companion.claims.criterion import Comparison
from companion.claims.decision import Condition
from companion.site.html_nodes import Content, element, facts, joined, table, tag
from companion.site.incremental import note_verdicts
from companion.site.pages import placeholder
from companion.site.provenance import plain_badge
from companion.site.record_info import verdict

OWN = "These verdicts rest on the book's own records, whatever the parameters of this page are."
SIGNS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
OUTCOMES = {True: "met", False: "not met", None: "undetermined"}
CONDITION_HEADS = ("setting", "criterion", "numbers")
FEW = 4  # records that are listed openly


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
    """Return the verdict on a claim: badge, statement and key number, and the details folded."""
    id_ = nodes.make_id(f"on-{found.claim}")
    key = [tag("span", key_number(found), class_="key")] if key_number(found) else []
    statement = tag("span", inventory.claim(found.claim).statement, class_="statement")
    line = tag("summary", plain_badge(found.verdict or "open"), " ", statement, *key)
    return tag("details", line, facts(_facts(found)), *_tables(found), *_records(found), id=id_, class_="claim")


def key_number(found: Verdict) -> str:
    """Return the first number of the primary setting against its threshold, in words; empty where there is none."""
    numbers = [number for condition in found.conditions[:1] for number in condition.numbers if number.scaled]
    if not numbers:
        return ""
    return f"{numbers[0].quantity}: {_number(numbers[0])} (criterion: {_threshold(numbers[0])})"


def _facts(found: Verdict) -> Iterator[tuple[str, list[Content]]]:
    finding = found.finding
    yield "claim", [placeholder("", tag("code", found.claim), kind="badge", claim=found.claim)]
    yield "criterion", [found.criterion]
    yield "it replaces", [found.replaced] if found.replaced else []
    yield "true by definition", [found.identity] if found.identity else []
    yield "holds if", [where(found, True)] if found.verdict == "reproduced in part" else []
    yield "fails if", [where(found, False)] if found.verdict == "reproduced in part" else []
    yield "why not decided", [finding.limits] if finding and finding.limits else []
    yield "cause", [found.cause] if found.cause else []
    yield "trainings", [finding.cost] if finding and finding.cost else []
    yield "would be another verdict", [flipping(found)] if flipping(found) else []


def where(found: Verdict, holds: bool) -> str:
    """Return the settings in which a criterion is met or not, in words."""
    admissible = [condition for condition in found.conditions if condition.admissible]
    named = [condition.setting for condition in admissible if condition.holds is holds]
    return f"{'; '.join(named) or 'nowhere'} ({len(named)} of {len(admissible)} settings)"


def flipping(found: Verdict) -> str:
    """Return what would turn the verdict, in words."""
    stated = found.finding.flip if found.finding else ""
    varied = [f"{word} with all thresholds {change}" for change, word in found.flips.items()]
    return "; ".join([*([stated] if stated else []), *varied])


def _tables(found: Verdict) -> Iterator[element]:
    if any(number.scaled or condition.setting for condition in found.conditions for number in condition.numbers):
        yield table(CONDITION_HEADS, map(_condition_row, found.conditions))
    if found.measured:
        texts = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in found.measured.items()}
        yield tag("ul", *(tag("li", f"{name}: ", tag("strong", text)) for name, text in texts.items()))


def _condition_row(condition: Condition) -> list[Content]:
    name = (condition.setting or "as stated") + ("" if condition.admissible else " (shown only)")
    trainings = f" ({condition.met} of {condition.trainings} trainings meet it)" if condition.trainings > 1 else ""
    parts = (f"{n.quantity}: {_number(n)} (criterion: {_threshold(n)})" for n in condition.numbers)
    return [name, f"{OUTCOMES[condition.holds]}{trainings}", tag("ul", *(tag("li", part) for part in parts))]


def _records(found: Verdict) -> Iterator[element]:
    names = tag("p", *joined([tag("code", name) for name in found.records]), class_="records")
    if len(found.records) > FEW:
        yield tag("details", tag("summary", f"{len(found.records)} records"), names)
    elif found.records:
        yield names


def _number(number: Comparison) -> str:
    if not number.scaled:
        return "yes" if number.value == 1 else "no" if number.value == 0 else f"in {number.value:.0%} of the trainings"
    interval = f" [{number.interval[0]:.3g}, {number.interval[1]:.3g}]" if number.interval else ""
    return f"{number.value:.3g}{interval}"


def _threshold(number: Comparison) -> str:
    return f"{SIGNS[number.sign]} {number.threshold:g}" if number.scaled else "yes"


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

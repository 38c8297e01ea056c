"""Tables of the pages: a head and rows of text, written as Markdown."""

from collections.abc import Sequence

Table = tuple[str, list[list[str]]]  # the head's cells are divided by " | "


def percent(share: float) -> str:
    """Write a share."""
    return f"{float(share):.0%}"


def listed(names: Sequence[str]) -> str:
    """Write names in a row, as a sentence does."""
    *others, last = names or ["none"]
    return f"{', '.join(others)} and {last}" if others else last


def markdown(head: str, rows: Sequence[Sequence[str]]) -> str:
    """Write a table."""
    line = "|---" * len(head.split(" | ")) + "|"
    return "\n".join([f"| {head} |", line, *(f"| {' | '.join(row)} |" for row in rows)])

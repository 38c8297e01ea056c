"""What a detector prints while it is audited: counted and kept from the terminal."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

MAX_LENGTH = 80  # characters of the line that is kept


class Printed(io.TextIOBase):
    """A stream that counts lines and keeps the start of the first one that is not empty."""

    def __init__(self) -> None:
        self.lines, self.first, self._is_open = 0, "", True
        self._terminal = sys.stdout, sys.stderr

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Count the lines of a text; a progress bar that returns to the start of its line is one line."""
        self.lines += text.count("\n")
        if self._is_open and len(self.first) < MAX_LENGTH:
            line, end, _ = (self.first + text).lstrip().partition("\n")
            self.first, self._is_open = line[:MAX_LENGTH], not end
        return len(text)

    def outside(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that prints to the terminal while everything else is kept from it."""

        def call(*args: Any) -> Any:
            with redirect_stdout(self._terminal[0]), redirect_stderr(self._terminal[1]):
                return function(*args)

        return call

    def __str__(self) -> str:
        """Return the number of lines and the first one; an empty text if nothing was printed."""
        count = max(self.lines, 1)
        return f"{count} line{'s' * (count > 1)}, the first: {self.first.rstrip()}" if self.first else ""


@contextmanager
def capture() -> Iterator[Printed]:
    """Count what is printed from Python; compiled code that prints by itself is not noticed."""
    printed = Printed()
    with redirect_stdout(printed), redirect_stderr(printed):
        yield printed

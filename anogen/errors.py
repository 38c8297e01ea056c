"""The user-facing exception."""


class InputError(ValueError):
    """Invalid input: the message is one line that names the value and the remedy.

    The command line prints the line and exits with status 2; in Python it is an ordinary `ValueError`.
    """


def require(condition: object, message: str) -> None:
    """Raise `InputError` with the message unless the condition holds."""
    if not condition:
        raise InputError(message)

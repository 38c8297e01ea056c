"""The user-facing exception."""


class InputError(ValueError):
    """Invalid input: the message is one line that names the value and the remedy.

    The command line prints the line and exits with status 2; in Python it is an ordinary `ValueError`.
    """


def require(condition: object, message: str) -> None:
    """Raise `InputError` with the message unless the condition holds."""
    if not condition:
        raise InputError(message)


def brief(error: BaseException) -> str:
    """Return an error's type and the first line of its message, also of errors that cannot be converted to text."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001  the error of a user's class may raise anything
        lines = []
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__

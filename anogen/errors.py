"""The user-facing exception."""


class InputError(ValueError):
    """Invalid input: the message is one line that names the value and the remedy.

    The command line prints the line and exits with status 2; in Python it is an ordinary `ValueError`.
    """

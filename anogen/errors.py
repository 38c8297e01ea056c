"""The one error that a user can cause and a user can mend."""


class InputError(ValueError):
    """Bad input: one line that names the offending value and the remedy.

    The command line prints the line and exits with status 2; in Python it is an ordinary ``ValueError``.
    """

"""Errors and warnings that leakcheck raises on purpose."""

__all__ = [
    "GateError",
    "LeakcheckError",
    "LeakcheckWarning",
    "MissingDependencyError",
    "ValidationError",
    "read_more",
]


def read_more(code: str) -> str:
    """Say how to read the page of a code where leakcheck is installed: no network is needed.

    Parameters
    ----------
    code : str
        Code of a finding or of an error.

    Returns
    -------
    str
        A sentence with the command, without a full stop, so that the command can be copied.

    Examples
    --------
    >>> read_more("LK012")
    'Read more: leakcheck explain LK012'
    """
    return f"Read more: leakcheck explain {code}"


class LeakcheckError(Exception):
    """Base class of every error that leakcheck raises on purpose."""


class ValidationError(LeakcheckError, ValueError):
    """Input breaks a rule.

    The message names the argument in backticks, the rule, what came (a count and the first
    offender) and the remedy.

    Parameters
    ----------
    message : str
        The message.
    code : str, default ""
        Code of the page that explains this error, such as ``"LK102"``; the message then ends with
        the command that prints the page. Kept in the attribute `code`.

    Examples
    --------
    >>> str(ValidationError("`train` is wrong.", code="LK101"))
    '`train` is wrong. Read more: leakcheck explain LK101'
    """

    def __init__(self, message: str = "", *, code: str = "") -> None:
        super().__init__(f"{message} {read_more(code)}" if code else message)
        self.code = code


class MissingDependencyError(LeakcheckError, ImportError):
    """A package that only some features need is not installed; the message names the extra."""


class LeakcheckWarning(UserWarning):
    """Something in the input or the analysis deserves the reader's attention."""


class GateError(LeakcheckError, AssertionError):
    """A report does not pass the gate; the message says which comparison failed and by how much."""

"""Errors and warnings that leakcheck raises on purpose."""

__all__ = [
    "GateError",
    "LeakcheckError",
    "LeakcheckWarning",
    "MissingDependencyError",
    "ValidationError",
]


class LeakcheckError(Exception):
    """Base class of every error that leakcheck raises on purpose."""


class ValidationError(LeakcheckError, ValueError):
    """Input breaks a rule.

    The message names the argument in backticks, the rule, what came (a count and the first
    offender) and the remedy.
    """


class MissingDependencyError(LeakcheckError, ImportError):
    """A package that only some features need is not installed; the message names the extra."""


class LeakcheckWarning(UserWarning):
    """Something in the input or the analysis deserves the reader's attention."""


class GateError(LeakcheckError, AssertionError):
    """A report does not pass the gate; the message says which comparison failed and by how much."""

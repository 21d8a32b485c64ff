"""Import of packages that only some features need."""

import importlib
from types import ModuleType

from leakcheck.exceptions import MissingDependencyError

__all__ = ["import_optional", "with_extra"]


def import_optional(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say which extra of leakcheck brings it.

    Parameters
    ----------
    module : str
        Dotted name of the module.
    extra : str
        The extra of leakcheck that installs it.
    purpose : str
        What it is needed for, as the object of "is needed ...": ``"to read Parquet"``.

    Raises
    ------
    MissingDependencyError
        When the module cannot be found.

    Examples
    --------
    >>> import_optional("json", extra="all", purpose="to read JSON").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0] and error.name != module:
            raise
        raise MissingDependencyError(
            f"`{module}` is needed {purpose} and is not installed. Install it {with_extra(extra)}"
        ) from error


def with_extra(extra: str) -> str:
    """Say how an extra is installed: in the clone, as a registry may have others of that name.

    Parameters
    ----------
    extra : str
        The extra of leakcheck.

    Returns
    -------
    str
        What stands behind "Install it", without a full stop, so that the command can be copied.

    Examples
    --------
    >>> with_extra("scale")
    "in the clone of leakcheck with: pip install '.[scale]'"
    """
    return f"in the clone of leakcheck with: pip install '.[{extra}]'"

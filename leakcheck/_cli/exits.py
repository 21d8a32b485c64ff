"""Exit codes, and errors as lines on stderr."""

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Final

import typer

from leakcheck.exceptions import GateError, LeakcheckError, LeakcheckWarning

__all__ = ["BAD_INPUT", "BROKEN", "GATE_FAILED", "exit_codes", "exit_if_full"]

GATE_FAILED: Final = 1
BAD_INPUT: Final = 2
#: A fault of leakcheck itself, which must never look like a gate that failed.
BROKEN: Final = 70
_INTERRUPTED: Final = 130
_PIPE_CLOSED: Final = 141
#: What the system says where nothing more can be written.
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what leakcheck raises on purpose into a line on stderr and an exit code."""
    try:
        with _warnings_as_lines():
            yield
    except GateError as error:
        typer.echo(f"Gate failed: {error}", err=True)
        raise typer.Exit(GATE_FAILED) from None
    except LeakcheckError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    except BrokenPipeError:
        _drop_output()  # whoever read our output has seen enough
        raise typer.Exit(_PIPE_CLOSED) from None


def exit_if_full(error: BaseException) -> None:
    """Exit as for a file that cannot be written, where what went to stdout found no space."""
    if isinstance(error, OSError) and error.errno in _FULL:
        _drop_output()
        typer.echo(
            f"Error: the output must be writable; writing it failed: {error.strerror}. Check the "
            "free space, or send it elsewhere.",
            err=True,
        )
        sys.exit(BAD_INPUT)


def _drop_output() -> None:
    """Let Python flush what is left into nothing, or it would fail again when it ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show each of leakcheck's warnings once, as one line on stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", LeakcheckWarning)
        show_others = warnings.showwarning
        seen: set[str] = set()

        def show(message: Warning | str, category: type[Warning], *args: Any, **kw: Any) -> None:
            if not issubclass(category, LeakcheckWarning):
                show_others(message, category, *args, **kw)
            elif str(message) not in seen:
                seen.add(str(message))
                typer.echo(f"Warning: {message}", err=True)

        warnings.showwarning = show
        yield

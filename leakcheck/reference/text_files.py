"""Lines of text files, plain or gzipped, with errors that name the file and the line."""

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from leakcheck._files import refuse_web_page
from leakcheck.exceptions import ValidationError

__all__ = ["check_file", "open_lines", "starts_with"]

_GZIP = b"\x1f\x8b"


def check_file(path: str | Path, what: str) -> Path:
    """Return `path` as a `Path`, or say that there is no such file.

    Raises
    ------
    ValidationError
        When it does not exist, or is a folder.
    """
    path = Path(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise ValidationError(f"`path` must be {what}; {path} {found}. Check its spelling.")
    return path


def starts_with(path: Path, *openings: bytes) -> bool:
    """Whether a file begins with one of some bytes: suffixes lie, first bytes do not."""
    with path.open("rb") as file:
        return file.read(max(map(len, openings))).startswith(openings)


@contextlib.contextmanager
def open_lines(path: str | Path, what: str) -> Iterator[Iterator[tuple[int, str]]]:
    """Open a text file, plain or gzipped, for ``with``: gives its lines, numbered from 1.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; whether it is gzipped is seen from its first bytes.
    what : str
        What it should be, for the message: ``"a GTF file"``.

    Yields
    ------
    iterator of (int, str)
        Number and line, without its line end.

    Raises
    ------
    ValidationError
        When there is no such file, the compressed data are cut off or damaged, it is not text, or
        it is a web page.
    """
    path = check_file(path, what)
    with path.open("rb") as start:
        refuse_web_page(start.read(512), path, what)
    opener = gzip.open if starts_with(path, _GZIP) else open
    last = 0

    def numbered() -> Iterator[tuple[int, str]]:
        nonlocal last
        for last, line in enumerate(file, start=1):
            yield last, line.rstrip("\r\n")

    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        try:
            yield numbered()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValidationError(
                f"`path` must be {what}; {path} is damaged or cut off after line {last} "
                f"({error}). Fetch it again."
            ) from error
        except UnicodeDecodeError as error:
            raise ValidationError(
                f"`path` must be {what}; {path} holds bytes that are not text after line {last}. "
                "Give a text file, plain or gzipped."
            ) from error

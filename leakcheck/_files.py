"""Files: written so that nobody ever finds half of one, and known for what they are not."""

import contextlib
import os
import secrets
from pathlib import Path

from leakcheck.exceptions import ValidationError

__all__ = ["check_path", "is_web_page", "refuse_web_page", "write_bytes", "write_text"]

_PAGES = (b"<!doctype html", b"<html")


def is_web_page(start: bytes) -> bool:
    r"""Say whether a file that starts so is HTML, as a download that failed leaves it.

    Examples
    --------
    >>> is_web_page(b"\n<!DOCTYPE html>"), is_web_page(b"chr1\t0\t200")
    (True, False)
    """
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower().startswith(_PAGES)


def refuse_web_page(start: bytes, name: object, kind: str) -> None:
    """Refuse a file of another kind that starts as a web page does.

    Raises
    ------
    ValidationError
        When it is one.
    """
    if is_web_page(start):
        raise ValidationError(
            f"`{name}` must be {kind}; it is a web page (HTML), as a download that failed leaves "
            "it. Open it in a browser to see what the server said, and fetch the file again."
        )


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8, line ends unchanged; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def check_path(path: str | os.PathLike[str]) -> Path:
    """Refuse a path that cannot be written to; return it with links followed.

    A long computation asks this before it starts rather than when it ends.

    Raises
    ------
    ValidationError
        When the folder does not exist, or `path` is a folder.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise ValidationError(f"`path` must be a file; {path} is a folder. Give a file name in it.")
    if not target.parent.is_dir():
        raise ValidationError(
            f"`path` must lie in an existing folder; {target.parent} does not exist. "
            "Create it, or give another path."
        )
    return target


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` beside `path` and rename it, so that a reader sees the old file or the new.

    Parameters
    ----------
    path : str or path-like
        The file to write. Its folder must exist. A link is followed; what is not a plain file
        (``/dev/stdout``, a pipe) is written to directly.
    content : bytes
        All of the file.

    Raises
    ------
    ValidationError
        When the folder does not exist, `path` is a folder, or the system refuses to write.
    """
    target, given = check_path(path), Path(path)
    try:
        if given.exists() and not given.is_file():  # the link of a pipe leads nowhere
            given.write_bytes(content)
        else:
            _write_and_rename(target, content)
    except OSError as error:
        raise ValidationError(
            f"`path` must be writable; writing {path} failed: {error.strerror or error}. "
            "Check the permissions and the free space, or give another path."
        ) from error


def _write_and_rename(target: Path, content: bytes) -> None:
    """Write a new file in the target's folder, then put it in the target's place."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise

"""Fetching files: resumed where they were cut off, checked, and never half there."""

import contextlib
import itertools
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from leakcheck._files import write_text
from leakcheck._optional import import_optional
from leakcheck.exceptions import LeakcheckError, ValidationError

__all__ = ["DownloadError", "NotThereError", "RemoteFile", "Report", "Transfer", "fetch"]

#: Called with the file's name, the bytes that are here, and those of all of it (0: not stated).
Report: TypeAlias = Callable[[str, int, int], None]

_CHUNK = 1 << 16  # what is lost, at most, of a transfer that is cut off
_NOT_THERE = (404, 410)
_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_BEYOND_THE_END = 416
_PARTIAL = 206


class DownloadError(LeakcheckError, OSError):
    """A file could not be fetched; the message says why, and what is kept of it."""


class NotThereError(DownloadError):
    """The server answers, and has no such file."""


class _CutOffError(Exception):
    """The transfer ended early; what came is kept, and trying again may help."""


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file of the public data.

    Attributes
    ----------
    path : str
        Where it goes, from the folder of the data.
    url : str
        Original public address.
    sha256 : str or None
        What its bytes must have; None where it is not known.
    optional : bool
        Whether it may be absent from the server.
    """

    path: str
    url: str
    sha256: str | None = None
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """How patient a transfer is.

    Attributes
    ----------
    attempts : int
        Times that it is tried, at least 1; each goes on where the last ended.
    timeout : float
        Seconds without a byte until the connection counts as lost.
    pause : float
        Seconds before the second attempt; twice as long before each further one.

    Raises
    ------
    ValidationError
        When there would be no attempt.
    """

    attempts: int = 5
    timeout: float = 60.0
    pause: float = 1.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValidationError(f"`attempts` must be at least 1; it is {self.attempts}. Give 1.")


def fetch(
    file: RemoteFile,
    folder: Path,
    *,
    report: Report | None = None,
    transfer: Transfer | None = None,
) -> Path:
    """Fetch a file, unless it is there.

    Parameters
    ----------
    file : RemoteFile
        What to fetch.
    folder : pathlib.Path
        Made if it does not exist.
    report : callable, optional
        Called with name, bytes here and bytes in all while the file comes.
    transfer : Transfer, optional
        Attempts, timeout and pause.

    Returns
    -------
    pathlib.Path
        The whole file. Until its bytes are all there and right, they are in a file whose name
        begins with a dot; a later call goes on from it, even in another process.

    Raises
    ------
    NotThereError
        When the server has no such file (404).
    DownloadError
        When there is no connection, it is lost again and again, or the bytes are not those
        whose SHA-256 is known. Proxies are taken from the environment.
    MissingDependencyError
        When pooch is not installed.
    """
    pooch = import_optional("pooch", extra="reference", purpose="to fetch the public data")
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    resumable = _Resumable(target, transfer or Transfer(), report)
    with _quiet(pooch):
        try:
            pooch.retrieve(
                file.url,
                known_hash=None if file.sha256 is None else f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=resumable,
            )
        except ValueError as error:  # what pooch raises for another hash
            raise DownloadError(
                f"`{file.path}` must have the SHA-256 {file.sha256}; what {file.url} sends has "
                "another. Nothing of it was kept. Try again later, or look for a proxy that "
                "answers in the server's place."
            ) from error
    return target


@contextlib.contextmanager
def _quiet(pooch: Any) -> Iterator[None]:
    """Keep pooch's log to warnings: progress is reported by us."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Resumable:
    """A downloader in pooch's sense; keeps what came of a file that was cut off."""

    def __init__(self, target: Path, transfer: Transfer, report: Report | None) -> None:
        self._target = target
        self._part = target.with_name(f".{target.name}.part")
        self._state = target.with_name(f".{target.name}.part.json")
        self._transfer = transfer
        self._report = report

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Fetch `url` into `output_file`, trying again where that may help."""
        for attempt in itertools.count(1):
            try:
                self._go_on(url)
                break
            except _CutOffError as error:
                if attempt == self._transfer.attempts:
                    raise DownloadError(self._given_up(url, error)) from error
                time.sleep(self._transfer.pause * 2 ** (attempt - 1))
        self._part.replace(output_file)
        self._state.unlink(missing_ok=True)

    def _given_up(self, url: str, error: _CutOffError) -> str:
        """What to say after the last attempt."""
        here = self._part.stat().st_size if self._part.exists() else 0
        return (
            f"`{self._target.name}` could not be fetched from {url} in {self._transfer.attempts} "
            f"attempts: {error}. {here:,} bytes are kept, and the next call goes on from there. "
            "Check the network, and HTTPS_PROXY where a proxy is needed."
        )

    def _go_on(self, url: str) -> None:
        """Ask for what is missing and append it."""
        requests = import_optional("requests", extra="reference", purpose="to fetch files")
        begin, validator = self._kept(url)
        headers = {"Accept-Encoding": "identity"}
        if begin:
            headers |= {"Range": f"bytes={begin}-", "If-Range": validator}
        try:
            with requests.get(
                url, headers=headers, stream=True, timeout=self._transfer.timeout
            ) as answer:
                self._take(url, answer, begin)
        except requests.RequestException as error:
            raise _CutOffError(_plainly(error)) from error

    def _kept(self, url: str) -> tuple[int, str]:
        """Bytes that an earlier attempt left, and how to ask whether the file is still the same.

        Without a way to ask, nothing is gone on with: two halves of two files make no file.
        """
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            if state["url"] == url and state["validator"]:
                return self._part.stat().st_size, str(state["validator"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, ""

    def _take(self, url: str, answer: Any, begin: int) -> None:
        """Write the body of an answer behind what is there, or anew."""
        if answer.status_code == _BEYOND_THE_END:
            self._state.unlink(missing_ok=True)
            raise _CutOffError("the server has less of the file than was kept")
        self._check_status(url, answer)
        if answer.status_code == _PARTIAL:
            stated = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if stated is None or int(stated[1]) != begin:
                self._state.unlink(missing_ok=True)
                raise _CutOffError("the server sent another part of the file than was asked for")
            total = 0 if stated[2] == "*" else int(stated[2])
        else:
            begin = 0
            total = int(answer.headers.get("Content-Length", 0))
        etag = answer.headers.get("ETag", "")
        strong = etag if etag and not etag.startswith("W/") else ""
        validator = strong or answer.headers.get("Last-Modified", "")
        write_text(self._state, json.dumps({"url": url, "validator": validator}))
        here = self._write(answer, begin, total)
        if total and here != total:
            raise _CutOffError(f"{here:,} of {total:,} bytes came")

    def _write(self, answer: Any, begin: int, total: int) -> int:
        """Append chunks as they come; return the size of the file."""
        here = begin
        with self._part.open("r+b" if begin else "wb") as part:
            part.seek(begin)
            for chunk in answer.iter_content(_CHUNK):
                part.write(chunk)
                here += len(chunk)
                if self._report is not None:
                    self._report(self._target.name, here, total)
        return here

    def _check_status(self, url: str, answer: Any) -> None:
        """Refuse answers that are not the file."""
        status = int(answer.status_code)
        if status in _NOT_THERE:
            raise NotThereError(
                f"`{self._target.name}` is not at {url}: the server answers {status}. It may have "
                "moved; fetch it by hand into the folder, under this name."
            )
        if status in _TRY_AGAIN:
            raise _CutOffError(f"the server answers {status}")
        if status not in (200, _PARTIAL):
            raise DownloadError(
                f"`{self._target.name}` could not be fetched from {url}: the server answers "
                f"{status}. Check the address and the proxy, or fetch it by hand into the folder."
            )


def _plainly(error: Exception) -> str:
    """Reason of a failed transfer in a few words."""
    names = {
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no byte came in time",
        "ProxyError": "the proxy refuses",
        "SSLError": "the certificate is not accepted",
        "ChunkedEncodingError": "the connection was cut off",
        "ConnectionError": "no connection",
    }
    kind = type(error).__name__
    return f"{names.get(kind, kind)} ({str(error)[:200]})"

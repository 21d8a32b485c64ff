"""Files of arrays (``.npz``) that may be damaged: whatever is wrong, one kind of error."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

__all__ = ["DAMAGE", "open_npz"]

#: What opening such a file and reading from it raise where it is absent, damaged or another's.
DAMAGE: Final = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,  # of zipfile: an unknown compression, or encryption
    zlib.error,
    zipfile.BadZipFile,
)


@contextlib.contextmanager
def open_npz(path: Path) -> Iterator[Any]:
    """Open a file of arrays, for ``with``: gives what `numpy.load` does.

    Raises
    ------
    one of `DAMAGE`
        When there is no such file, or it is none of these.

    Notes
    -----
    What is no archive is refused here: `numpy.load` takes it for a pickle, and says how to load
    that unsafely.
    """
    with path.open("rb") as raw:
        zipfile.ZipFile(raw).close()
        raw.seek(0)
        with np.load(raw, allow_pickle=False) as file:
            yield file

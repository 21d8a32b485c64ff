"""Floor 6: what was measured of the reference columns, kept in the store for later tasks."""

import pickle
import secrets
from pathlib import Path
from typing import Final

from leakcheck.features import MeasuredFeatures, ReferenceFeatures
from leakcheck.information import SharedFeatures
from leakcheck.target_rows import TargetRows

__all__ = ["FeaturesOfStore"]

_NAME: Final = "features.pkl"


class FeaturesOfStore(SharedFeatures):
    """Reference columns, of which the last that any task made are made again without passes.

    Their means, spreads and products lie in the store and not in memory, which the next target's
    scores need while they are sorted. Tasks that run at a time may all measure them, and find the
    same.

    Parameters
    ----------
    folder : Path
        The store.
    remember : int
        As for `SharedFeatures`.
    """

    def __init__(self, folder: Path, remember: int) -> None:
        super().__init__(remember)
        self._folder = folder

    def _made(self, rows: TargetRows) -> ReferenceFeatures:
        """Make them from what is kept, or anew, and keep what was found."""
        known = self._read(rows.key)
        made = ReferenceFeatures.build(rows, remember=self.remember, measured=known)
        if known is None:
            self._write(rows.key, made.measured)
        return made

    def _read(self, key: bytes) -> MeasuredFeatures | None:
        """Read what was kept, where it is of the same rows."""
        try:
            with (self._folder / _NAME).open("rb") as file:
                if pickle.load(file) != key:  # noqa: S301 - written by leakcheck
                    return None
                found: MeasuredFeatures = pickle.load(file)  # noqa: S301 - written by leakcheck
        except FileNotFoundError:
            return None
        return found

    def _write(self, key: bytes, measured: MeasuredFeatures) -> None:
        """Put it in place of what was kept; another task reads the one or the other."""
        temporary = self._folder / f".{_NAME}.{secrets.token_hex(6)}.tmp"
        with temporary.open("wb") as file:
            pickle.dump(key, file, protocol=pickle.HIGHEST_PROTOCOL)
            pickle.dump(measured, file, protocol=pickle.HIGHEST_PROTOCOL)
        temporary.replace(self._folder / _NAME)

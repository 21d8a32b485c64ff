"""Processors on which numpy must be told to sort another way.

On AMD Zen 4 numpy's AVX-512 sort is 6 to 10 times slower than its AVX2 sort, because that
processor carries out the instruction ``vpcompressd`` to memory in microcode
(x86-simd-sort, issue 6). An environment variable that numpy reads when it is imported turns the
AVX-512 sort off. Zen 5 and Intel are fine.
"""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

__all__ = [
    "VARIABLE",
    "numpy_sorts_slowly",
    "prepare_numpy",
    "processor",
    "sort_is_slow",
    "sort_mode",
]

VARIABLE: Final = "NPY_DISABLE_CPU_FEATURES"

_CPUINFO: Final = Path("/proc/cpuinfo")
_ZEN_3_AND_4: Final = 25
# numpy's own names, new ones and those before 2.4. NEON is not told apart further.
_MODES: Final = {
    "AVX-512": ("X86_V4", "AVX512_SKX"),
    "AVX2": ("X86_V3", "AVX2"),
    "NEON": ("ASIMD",),
}
_ZEN_4_MODELS: Final = (range(0x10, 0x20), range(0x60, 0x80), range(0xA0, 0xB0))


def sort_is_slow(cpuinfo: str) -> bool:
    """Say whether numpy's AVX-512 sort is slow on this processor.

    Parameters
    ----------
    cpuinfo : str
        Content of ``/proc/cpuinfo``. Only the first processor is looked at.

    Returns
    -------
    bool
        True on AMD family 25, models 0x10-0x1F, 0x60-0x7F and 0xA0-0xAF, with AVX-512; False
        where the text does not say so.

    Examples
    --------
    >>> lines = ["vendor_id : GenuineIntel", "cpu family : 6", "model : 143", "flags : avx512f"]
    >>> sort_is_slow(chr(10).join(lines))
    False
    """
    fields = _fields(cpuinfo)
    if fields.get("vendor_id") != "AuthenticAMD":
        return False
    family, model = fields.get("cpu family", ""), fields.get("model", "")
    if not (family.isdecimal() and model.isdecimal()) or int(family) != _ZEN_3_AND_4:
        return False
    return _has_avx512(cpuinfo) and any(int(model) in models for models in _ZEN_4_MODELS)


def prepare_numpy(*, everywhere: bool = False) -> bool:
    """Set the environment variable before numpy is imported, where the processor needs it.

    Parameters
    ----------
    everywhere : bool
        Whether to turn the AVX-512 sort off where it is fast, too: benchmarks do, so that ratios
        from different processors can be compared.

    Returns
    -------
    bool
        Whether it was set. A variable that the user set is left alone; so is everything once
        numpy is imported, because it would have no effect any more.
    """
    if VARIABLE in os.environ or "numpy" in sys.modules:
        return False
    if not (_has_avx512(_cpuinfo()) if everywhere else _has_slow_processor()):
        return False
    os.environ[VARIABLE] = _feature(importlib.metadata.version("numpy"))
    return True


def sort_mode() -> str:
    """Name the instructions that numpy sorts by in this process.

    Returns
    -------
    str
        ``"AVX-512"``, ``"AVX2"``, ``"NEON"`` or ``"plain"``. Imports numpy.
    """
    features = _numpy_features()
    for mode, names in _MODES.items():
        if any(features.get(name, False) for name in names):
            return mode
    return "plain"


def processor() -> str:
    """Name the processor.

    Returns
    -------
    str
        As the operating system names it; the kind of machine where it does not.
    """
    return _fields(_cpuinfo()).get("model name", platform.machine())


@lru_cache(maxsize=1)
def numpy_sorts_slowly() -> bool:
    """Say whether numpy sorts slowly in this process.

    Returns
    -------
    bool
        True on a processor whose AVX-512 sort is slow, where that sort was not turned off before
        numpy was imported. Imports numpy; asked once, then remembered.
    """
    return sort_mode() == "AVX-512" and _has_slow_processor()


def _has_slow_processor() -> bool:
    """Whether this machine's AVX-512 sort is slow."""
    return sort_is_slow(_cpuinfo())


def _has_avx512(cpuinfo: str) -> bool:
    return "avx512f" in _fields(cpuinfo).get("flags", "").split()


def _fields(cpuinfo: str) -> dict[str, str]:
    """What is said of the first processor."""
    first = cpuinfo.strip().split("\n\n", maxsplit=1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _cpuinfo() -> str:
    try:
        return _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # not Linux: there is nothing to read, and nothing to mend


def _numpy_features() -> Mapping[str, bool]:
    """What numpy found of the processor, and was not told to leave."""
    import numpy as np  # noqa: PLC0415 - this module is read before numpy is

    core = "numpy._core" if int(np.__version__.split(".")[0]) >= 2 else "numpy.core"
    module = importlib.import_module(f"{core}._multiarray_umath")
    return cast("Mapping[str, bool]", module.__cpu_features__)


def _feature(numpy_version: str) -> str:
    """Name of the feature that carries the AVX-512 sort: numpy 2.4 groups features anew."""
    major, minor = (int(part) for part in numpy_version.split(".")[:2])
    return "X86_V4" if (major, minor) >= (2, 4) else "AVX512_SKX"

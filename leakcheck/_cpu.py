"""Processors on which numpy must be told to sort another way.

On AMD Zen 4 numpy's AVX-512 sort is 6 to 10 times slower than its AVX2 sort, because that
processor carries out the instruction ``vpcompressd`` to memory in microcode
(x86-simd-sort, issue 6). An environment variable that numpy reads when it is imported turns the
AVX-512 sort off. Zen 5 and Intel are fine.
"""

import importlib.metadata
import os
import sys
from pathlib import Path
from typing import Final

__all__ = ["VARIABLE", "prepare_numpy", "sort_is_slow"]

VARIABLE: Final = "NPY_DISABLE_CPU_FEATURES"

_CPUINFO: Final = Path("/proc/cpuinfo")
_ZEN_3_AND_4: Final = 25
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
    first = cpuinfo.strip().split("\n\n", maxsplit=1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    fields = {name.strip(): value.strip() for name, _, value in pairs}
    if fields.get("vendor_id") != "AuthenticAMD":
        return False
    family, model = fields.get("cpu family", ""), fields.get("model", "")
    if not (family.isdecimal() and model.isdecimal()) or int(family) != _ZEN_3_AND_4:
        return False
    has_avx512 = "avx512f" in fields.get("flags", "").split()
    return has_avx512 and any(int(model) in models for models in _ZEN_4_MODELS)


def prepare_numpy() -> bool:
    """Set the environment variable before numpy is imported, where the processor needs it.

    Returns
    -------
    bool
        Whether it was set. A variable that the user set is left alone; so is everything once
        numpy is imported, because it would have no effect any more.
    """
    if VARIABLE in os.environ or "numpy" in sys.modules:
        return False
    try:
        cpuinfo = _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # not Linux: there is nothing to read, and nothing to mend
    if not sort_is_slow(cpuinfo):
        return False
    os.environ[VARIABLE] = _feature(importlib.metadata.version("numpy"))
    return True


def _feature(numpy_version: str) -> str:
    """Name of the feature that carries the AVX-512 sort: numpy 2.4 groups features anew."""
    major, minor = (int(part) for part in numpy_version.split(".")[:2])
    return "X86_V4" if (major, minor) >= (2, 4) else "AVX512_SKX"

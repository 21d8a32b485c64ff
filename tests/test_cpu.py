"""On which processors numpy is told to sort another way."""

import os
import platform
import sys

import pytest

from leakcheck import _cpu
from leakcheck._cpu import VARIABLE, prepare_numpy, sort_is_slow

# From captured /proc/cpuinfo; only the first processor counts.
EPYC_GENOA = """\
processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC 9654 96-Core Processor
stepping\t: 1
flags\t\t: fpu vme sse4_2 avx avx2 bmi2 avx512f avx512dq avx512cd avx512bw avx512vl vaes
bugs\t\t: sysret_ss_attrs spectre_v1

processor\t: 1
vendor_id\t: AuthenticAMD
"""
EPYC_MILAN = """\
processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC 7763 64-Core Processor
flags\t\t: fpu vme sse4_2 avx avx2 bmi2 vaes
"""
EPYC_TURIN = EPYC_GENOA.replace("cpu family\t: 25", "cpu family\t: 26")
SAPPHIRE_RAPIDS = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R) Platinum 8480+
flags\t\t: fpu vme avx avx2 avx512f avx512dq amx_tile
"""
GRAVITON = """\
processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd evtstrm aes sve
CPU implementer\t: 0x41
"""


@pytest.mark.parametrize("model", [0x10, 0x11, 0x1F, 0x60, 0x61, 0x7F, 0xA0, 0xAF])
def test_zen_4_with_avx512_is_slow(model):
    assert sort_is_slow(EPYC_GENOA.replace("model\t\t: 17", f"model\t\t: {model}"))


@pytest.mark.parametrize("model", [0x00, 0x0F, 0x20, 0x5F, 0x80, 0x9F, 0xB0])
def test_other_models_of_the_family_are_fine(model):
    assert not sort_is_slow(EPYC_GENOA.replace("model\t\t: 17", f"model\t\t: {model}"))


@pytest.mark.parametrize("text", [EPYC_MILAN, EPYC_TURIN, SAPPHIRE_RAPIDS, GRAVITON, "", "junk"])
def test_other_processors_are_fine(text):
    assert not sort_is_slow(text)


def test_zen_4_whose_avx512_is_masked_is_fine():
    assert not sort_is_slow(EPYC_GENOA.replace("avx512f ", ""))


def test_a_number_that_is_none_is_fine():
    assert not sort_is_slow(EPYC_GENOA.replace("model\t\t: 17", "model\t\t: unknown"))


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A process on Zen 4 that has not imported numpy."""
    monkeypatch.setenv(VARIABLE, "")  # so that whatever is set below is undone
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(EPYC_GENOA)
    monkeypatch.setattr(_cpu, "_CPUINFO", cpuinfo)
    return cpuinfo


def set_version(monkeypatch, version):
    monkeypatch.setattr(_cpu.importlib.metadata, "version", lambda _name: version)


@pytest.mark.parametrize(
    ("version", "feature"),
    [
        ("1.26.4", "AVX512_SKX"),
        ("2.3.5", "AVX512_SKX"),
        ("2.4.0", "X86_V4"),
        ("3.0.0rc1", "X86_V4"),
    ],
)
def test_the_variable_is_set_with_the_name_that_this_numpy_knows(
    fresh, monkeypatch, version, feature
):
    set_version(monkeypatch, version)
    assert prepare_numpy()
    assert os.environ[VARIABLE] == feature


@pytest.mark.parametrize(
    ("cpuinfo", "is_set"), [(SAPPHIRE_RAPIDS, True), (EPYC_MILAN, False), (GRAVITON, False)]
)
def test_benchmarks_sort_alike_wherever_avx512_is(fresh, monkeypatch, cpuinfo, is_set):
    set_version(monkeypatch, "2.4.0")
    fresh.write_text(cpuinfo)
    assert not prepare_numpy()
    assert prepare_numpy(everywhere=True) == is_set
    assert (VARIABLE in os.environ) == is_set


@pytest.mark.usefixtures("fresh")
def test_the_users_own_choice_stays(monkeypatch):
    monkeypatch.setenv(VARIABLE, "AVX2")
    assert not prepare_numpy()
    assert os.environ[VARIABLE] == "AVX2"


@pytest.mark.usefixtures("fresh")
def test_nothing_is_set_once_numpy_is_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", sys)
    assert not prepare_numpy()
    assert VARIABLE not in os.environ


def test_nothing_is_set_on_a_good_processor_or_without_cpuinfo(fresh):
    fresh.write_text(EPYC_MILAN)
    assert not prepare_numpy()
    fresh.unlink()
    assert not prepare_numpy()
    assert VARIABLE not in os.environ


@pytest.fixture
def forgotten():
    """What was found of this process is forgotten, before and after."""
    _cpu.numpy_sorts_slowly.cache_clear()
    yield
    _cpu.numpy_sorts_slowly.cache_clear()


@pytest.mark.parametrize(
    ("features", "mode"),
    [
        ({"X86_V4": True, "X86_V3": True}, "AVX-512"),
        ({"AVX512_SKX": True, "AVX2": True}, "AVX-512"),
        ({"X86_V4": False, "X86_V3": True}, "AVX2"),
        ({"AVX2": True}, "AVX2"),
        ({"ASIMD": True}, "NEON"),
        ({}, "plain"),
    ],
)
def test_the_mode_is_what_numpy_found(features, mode, monkeypatch):
    monkeypatch.setattr(_cpu, "_numpy_features", lambda: features)
    assert _cpu.sort_mode() == mode


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [(EPYC_MILAN, "AMD EPYC 7763 64-Core Processor"), (GRAVITON, platform.machine())],
)
def test_the_processor_is_named(fresh, cpuinfo, name):
    fresh.write_text(cpuinfo)
    assert _cpu.processor() == name


def test_numpy_itself_says_what_it_found():
    features = _cpu._numpy_features()
    assert {type(found) for found in features.values()} == {bool}
    assert _cpu.sort_mode() in ("AVX-512", "AVX2", "NEON", "plain")


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(
    ("cpuinfo", "features", "slow"),
    [
        (EPYC_GENOA, {"X86_V4": True}, True),
        (EPYC_GENOA, {"X86_V4": False, "X86_V3": True}, False),  # turned off in time
        (SAPPHIRE_RAPIDS, {"X86_V4": True}, False),
    ],
)
def test_numpy_sorts_slowly_on_zen_4_by_avx512(cpuinfo, features, slow, monkeypatch, tmp_path):
    monkeypatch.setattr(_cpu, "_CPUINFO", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(_cpu, "_numpy_features", lambda: features)
    assert _cpu.numpy_sorts_slowly() is slow

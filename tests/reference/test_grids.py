"""The lists of networks."""

from collections import Counter

import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.grids import dropped, grid
from leakcheck.reference.parameters import n_parameters


def test_the_paper_s_grid_is_whole():
    networks = grid("paper")
    assert Counter(network.kind for network in networks) == {
        "signal": 65,
        "sequence-dense": 33,
        "sequence-convolutional": 297,
        "both": 100,
    }
    signals = {(a.signal_layers, a.signal_units) for a in networks if a.kind == "signal"}
    assert signals == {(layers, 2**k) for layers in range(1, 6) for k in range(13)}
    dense = {(a.layers, a.units) for a in networks if a.kind == "sequence-dense"}
    assert dense == {(layers, 2**k) for layers in range(1, 4) for k in range(11)}
    convolutional = {
        (a.convolutions, a.filters, a.layers, a.units)
        for a in networks
        if a.kind == "sequence-convolutional"
    }
    assert convolutional == {
        (c, 2**f, 1, 2**k) for c in range(1, 4) for f in range(9) for k in range(11)
    }


@pytest.mark.parametrize("preset", ["paper", "small", "tiny"])
def test_names_are_unique_and_every_kind_is_there(preset):
    networks = grid(preset)
    assert len({network.name for network in networks}) == len(networks) == len(set(networks))
    assert len({network.kind for network in networks}) == 4


def test_smaller_grids_are_smaller():
    sizes = {
        preset: max(n_parameters(a, window=2000, n_marks=5) for a in grid(preset))
        for preset in ("paper", "small", "tiny")
    }
    assert sizes["tiny"] < sizes["small"] < sizes["paper"] / 50


def test_the_draw_joins_one_network_of_each_grid_and_follows_the_seed():
    networks = grid("paper")
    singles = set(networks)
    pairs = [network for network in networks if network.kind == "both"]
    signals = {(a.signal_layers, a.signal_units) for a in singles if a.kind == "signal"}
    sequences = {
        (a.layers, a.units, a.convolutions, a.filters) for a in singles if a.family == "sequence"
    }
    assert all((a.signal_layers, a.signal_units) in signals for a in pairs)
    assert all((a.layers, a.units, a.convolutions, a.filters) in sequences for a in pairs)
    assert {a.convolutions > 0 for a in pairs} == {True, False}
    assert grid("paper", seed=0) == networks
    assert grid("paper", seed=1)[395:] != networks[395:]
    assert grid("paper", seed=1)[:395] == networks[:395]


@pytest.mark.parametrize("window", [10, 11, 60, 210, 211, 2000])
def test_short_windows_lose_networks_and_name_them(window):
    kept, lost = grid("paper", window=window), dropped("paper", window=window)
    assert len(kept) + len(lost) == 495
    assert set(kept) | set(lost) == set(grid("paper"))
    most = max((a.convolutions for a in kept), default=0)
    assert most == {10: 0, 11: 1, 60: 2, 210: 2, 211: 3, 2000: 3}[window]
    assert all(a.convolutions > most for a in lost)
    assert all(f"got {window}" in reason for reason in lost.values())


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValidationError, match="`preset` must be one of 'paper', 'small', 'tiny'"):
        grid("large")

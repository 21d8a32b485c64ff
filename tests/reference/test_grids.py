"""The lists of networks."""

from collections import Counter

from leakcheck.reference.grids import grid


def test_the_paper_s_grid_is_whole():
    networks = grid()
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


def test_names_are_unique():
    networks = grid()
    assert len({network.name for network in networks}) == len(networks) == len(set(networks))


def test_the_draw_joins_one_network_of_each_grid_and_follows_the_seed():
    networks = grid()
    singles = set(networks)
    pairs = [network for network in networks if network.kind == "both"]
    signals = {(a.signal_layers, a.signal_units) for a in singles if a.kind == "signal"}
    sequences = {
        (a.layers, a.units, a.convolutions, a.filters) for a in singles if a.family == "sequence"
    }
    assert all((a.signal_layers, a.signal_units) in signals for a in pairs)
    assert all((a.layers, a.units, a.convolutions, a.filters) in sequences for a in pairs)
    assert {a.convolutions > 0 for a in pairs} == {True, False}
    assert grid(0) == networks
    assert grid(1)[395:] != networks[395:]
    assert grid(1)[:395] == networks[:395]

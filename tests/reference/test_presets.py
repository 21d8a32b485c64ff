"""The presets: what each trains, and that nothing in them is left to chance."""

import json
from dataclasses import FrozenInstanceError

import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.grids import grid
from leakcheck.reference.parameters import n_parameters
from leakcheck.reference.presets import PRESETS, find_preset
from leakcheck.reference.protocol import Protocol


def test_paper_is_the_whole_grid_under_the_papers_protocol():
    paper = find_preset("paper")
    assert paper.architectures(window=2000, n_marks=5) == grid()
    assert len(grid()) == 65 + 33 + 297 + 100
    assert paper.protocol == Protocol()
    assert paper.architectures(window=2000, n_marks=5, seed=1) != grid()


def test_what_is_said_of_small_is_counted():
    small = find_preset("small")
    assert small.about == (
        "42 networks instead of 495, none larger than 256 units, and 30 epochs at most instead "
        "of 100."
    )
    assert len(small.networks) == 42
    assert small.protocol.max_epochs == 30


def test_small_has_about_forty_networks_of_every_kind():
    networks = find_preset("small").architectures(window=100, n_marks=5)
    kinds = [network.kind for network in networks]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert counts == {
        "signal": 10,
        "sequence-dense": 12,
        "sequence-convolutional": 10,
        "both": 10,
    }


@pytest.mark.parametrize("name", PRESETS)
def test_names_are_unique_and_every_network_has_parameters(name):
    preset = find_preset(name)
    window = preset.genome.get("window", 2000)
    networks = preset.architectures(window=window, n_marks=5)
    assert len({network.name for network in networks}) == len(networks)
    sizes = [n_parameters(network, window=window, n_marks=5) for network in networks]
    assert min(sizes) > 0


@pytest.mark.parametrize("name", ["tiny", "small"])
def test_the_smallest_networks_of_sequence_cannot_hold_every_locus(name):
    preset = find_preset(name)
    window = preset.genome["window"]
    sequence = [
        n_parameters(network, window=window, n_marks=5)
        for network in preset.architectures(window=window, n_marks=5)
        if network.family == "sequence"
    ]
    assert min(sequence) < preset.genome["n_genes"] / 2


@pytest.mark.parametrize("name", PRESETS)
def test_inputs_decide_which_networks_there_are(name):
    preset = find_preset(name)
    families = {n.family for n in preset.architectures(window=0, n_marks=5)}
    assert families == {"signal"}
    assert {n.family for n in preset.architectures(window=2000, n_marks=0)} == {"sequence"}
    assert preset.architectures(window=0, n_marks=0) == ()
    assert not [n for n in preset.architectures(window=10, n_marks=5) if n.convolutions]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_frozen_and_can_be_written_down(name):
    preset = find_preset(name)
    with pytest.raises(FrozenInstanceError):
        preset.name = "other"
    told = json.loads(json.dumps(preset.as_json()))
    assert told["protocol"]["epsilon"] == 1e-8
    assert told["gaussians"]["distance"] == 2.0


def test_gaussian_networks_grow():
    sizes = [
        n_parameters(network, window=0, n_marks=5)
        for network in find_preset("small").gaussians.architectures
    ]
    assert max(sizes) / min(sizes) > 1000


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValidationError, match="`preset` must be one of tiny, small, paper; 'big'"):
        find_preset("big")

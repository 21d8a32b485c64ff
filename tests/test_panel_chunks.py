"""The information test from columns outside of memory: the bits of the test in memory."""

import numpy as np
import pytest

from leakcheck import panel_chunks, target_rows
from leakcheck.base import chunks
from leakcheck.base.chunks import Runs
from leakcheck.base.columns import ArrayColumn
from leakcheck.base.conditional import rank_average
from leakcheck.baselines import Baselines, Likeness, genome_blocks
from leakcheck.correlations import Correlations
from leakcheck.data import Loci
from leakcheck.exceptions import ValidationError
from leakcheck.information import Asked, SharedFeatures, answer_all
from leakcheck.memorization import InformationTest, Question
from leakcheck.nearest import nearest_values, weighted_codes, weighted_levels, weighted_values
from leakcheck.panel import ReferencePanel
from leakcheck.panel_chunks import StoredTarget
from leakcheck.panel_rows import GenomeOrder, PanelRows
from leakcheck.target_rows import Scratch
from tests.worlds import loci_on, make_set, split_by_column

KINDS = ("binary", "gaps", "signal", "continuous")


class SlicesOnly:
    """A column that reads and writes stretches, and notes how long they were."""

    def __init__(self, dtype, n):
        self._values = np.full(n, 77, dtype=dtype)

    def __len__(self):
        return len(self._values)

    def read(self, rows):
        assert isinstance(rows, slice)
        assert 0 <= rows.start < rows.stop <= len(self)
        return self._values[rows].copy()

    def write(self, rows, values):
        assert isinstance(rows, slice)
        self._values[rows] = values


class SliceScratch(Scratch):
    """Columns that read stretches alone."""

    def column(self, name, dtype, n):
        return SlicesOnly(dtype, n)


class ArrayStore:
    """An evaluation set as a store: columns in genome order, chromosomes as they first appear."""

    def __init__(self, data, blocks, transform=np.arcsinh):
        loci = data.loci
        self.has_neighbours = loci.chrom is not None
        order = np.arange(len(loci))
        chroms = None
        if self.has_neighbours:
            order = np.lexsort((loci.end, loci.start, loci.chrom))
            names = np.argsort(np.argsort(np.array(loci.chrom_names, dtype=object)))
            chroms = names[loci.chrom[order]]
        self.order = order
        self.n_loci = len(loci)
        self.cell_types, self.label_kind = data.cell_types, data.label_kind
        self.targets = data.targets
        self.n_blocks = int(blocks.max()) + 1
        self.has_signal = data.signal is not None
        self.is_reference = data.reference.any(axis=0)
        self.runs = Runs.of_codes(blocks[order], chroms)
        self._data, self._transform = data, transform

    def _column(self, values, mask, column, rows):
        at = self.order[rows]
        found = np.where(mask[at, column], values[at, column], np.nan)
        if self.label_kind == "continuous" or values is self._data.signal:
            return found
        return np.where(np.isnan(found), -1, found).astype(np.int8)

    def reference_labels(self, column, rows):
        return self._column(self._data.labels, self._data.reference, column, rows)

    def audited_labels(self, column, rows):
        return self._column(self._data.labels, self._data.audited, column, rows)

    def reference_signal(self, column, rows):
        return self._transform(self._column(self._data.signal, self._data.reference, column, rows))

    def own_values(self, rows):
        seen = self._data.reference | self._data.audited
        source = self._data.labels if not self.has_signal else self._data.signal
        found = [self._column(source, seen, c, rows) for c in range(len(self.cell_types))]
        return self._transform(np.stack(found)) if self.has_signal else np.stack(found)


def world(kind, *, n=900, m=7, seed=0, leave_one_out=True, places=True, shuffle=None):
    """An evaluation set on eleven chromosomes, two models, in genome order or shuffled."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(n, 1)) + 0.5 * np.cumsum(rng.normal(size=(n, m)), axis=1)
    signal = None
    if kind == "continuous":
        labels = 100 + level + 0.3 * rng.normal(size=(n, m))
    else:
        labels = (level + 0.5 * rng.normal(size=(n, m)) > 0).astype(float)
    if kind in ("gaps", "continuous"):
        labels[rng.random(labels.shape) < 0.1] = np.nan
        labels[5] = np.nan
        labels[5, 0] = 1.0  # observed in no reference cell type
    if kind == "signal":
        signal = rng.gamma(1 + labels + np.exp(level / 3))
    chrom = np.sort(rng.permutation(np.arange(n) % 11))
    start = np.arange(n) * 500
    predictions = {
        "first": 0.5 * level + 0.7 * rng.normal(size=(n, m)),
        "second": np.round(level + rng.normal(size=(n, m)), 1),
    }
    order = np.arange(n) if shuffle is None else np.random.default_rng(shuffle).permutation(n)
    loci = loci_on(chrom[order], start[order])
    if not places:
        loci = Loci.from_any([f"gene{i}" for i in order])
    masks = split_by_column(labels.shape)
    if leave_one_out:
        masks = (np.ones(labels.shape, dtype=bool),) * 2
    return make_set(
        labels[order],
        *(mask[order] for mask in masks),
        predictions={name: values[order] for name, values in predictions.items()},
        signal=None if signal is None else signal[order],
        loci=loci,
        label_kind="continuous" if kind == "continuous" else "binary",
        leave_one_out=leave_one_out,
    )


def in_memory(data, blocks, n_blocks, targets):
    """Answers of the test in memory, with everything that they came from."""
    panel = ReferencePanel(data, blocks, n_blocks)
    baselines = Baselines(panel)
    found = [baselines.of(name) for name in targets]
    questions = [
        Question(
            one.view,
            {name: data.scores_of(name, one.view.column)[one.view.rows] for name in data.models},
            None,
            one.scores["nearest-celltype"],
        )
        for one in found
    ]
    return panel, found, InformationTest(panel).of_all(questions)


def stored(data, blocks, n_blocks, targets, *, remember=0, whole_ranks=False):
    """Answers of the test from a store, and the targets as they were read."""
    store = ArrayStore(data, blocks)
    correlations = Correlations.of_columns(
        store.own_values, store.runs, len(store.cell_types), n_blocks
    )
    likeness = Likeness(store, None, correlations)
    asked = []
    for name in targets:
        scratch = SliceScratch()
        target = StoredTarget(store, name, n_blocks, scratch)
        ranks = {}
        for model in data.models:
            scores = data.scores_of(model, target.column)[store.order]
            kept = scores[target.selected(slice(0, store.n_loci))]
            ranks[model] = scratch.column("ranks", np.int32 if whole_ranks else float, len(kept))
            values = rank_average(kept)
            ranks[model].write(slice(0, len(kept)), 2 * values if whole_ranks else values)
        nearest = scratch.column("nearest", float, target.n_rows)
        neighbours = likeness.neighbours(target)
        block_of = np.repeat(target.runs.blocks, target.runs.lengths)
        for at in target_rows.stretches(target.n_rows):
            table = np.full((len(store.cell_types), at.stop - at.start), np.nan)
            values = target.table(at)
            gaps = (values == -1) & (values.dtype == np.int8)
            table[target.members] = np.where(gaps, np.nan, values)
            nearest.write(at, nearest_values(table, slice(None), block_of[at], neighbours))
        asked.append(Asked(rows=target, ranks=ranks, nearest=nearest, scratch=scratch))
    return store, asked, answer_all(asked, shared=SharedFeatures(remember))


def positions_of(data, view):
    """Rows of the view in the order of the store."""
    loci = data.loci
    if loci.chrom is None:
        return np.arange(len(view.rows))
    at = view.rows
    return np.lexsort((loci.end[at], loci.start[at], loci.chrom[at]))


@pytest.fixture
def small_chunks(monkeypatch):
    """Many chunks in few rows: the arithmetic of either kind is cut in the same places."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 64)


@pytest.fixture(params=[8, 72, 1 << 15], ids=["8 rows", "72 rows", "all rows"])
def reading(request, monkeypatch):
    """How many rows are read at a time."""
    monkeypatch.setattr(panel_chunks, "_STEP", request.param)
    monkeypatch.setattr(target_rows, "CHUNK_ROWS", request.param)


def assert_same_answers(data, memory, other, views):
    for one, two, view in zip(memory, other, views, strict=True):
        assert one.by_model.keys() == two.by_model.keys()
        for name, answer in one.by_model.items():
            np.testing.assert_array_equal(answer.test, two.by_model[name].test)
            np.testing.assert_array_equal(
                answer.spearman_with_average, two.by_model[name].spearman_with_average
            )
            assert answer.reason == two.by_model[name].reason
        ceiling = two.ceiling.read(slice(0, len(two.ceiling)))
        assert ceiling.dtype == np.float32
        np.testing.assert_array_equal(one.ceiling[positions_of(data, view)], ceiling)


@pytest.mark.parametrize("leave_one_out", [True, False], ids=["leave-one-out", "split"])
@pytest.mark.parametrize("kind", KINDS)
class TestStoredIsInMemory:
    def test_bit_for_bit(self, kind, leave_one_out, reading, small_chunks):
        data = world(kind, leave_one_out=leave_one_out)
        blocks, n_blocks, _ = genome_blocks(data)
        targets = data.targets[:3]
        _, found, memory = in_memory(data, blocks, n_blocks, targets)
        _, _, other = stored(data, blocks, n_blocks, targets)
        assert_same_answers(data, memory, other, [one.view for one in found])
        assert memory[0].by_model["first"].reason == ""

    def test_whatever_is_remembered(self, kind, leave_one_out, small_chunks):
        data = world(kind, leave_one_out=leave_one_out)
        blocks, n_blocks, _ = genome_blocks(data)
        targets = data.targets[:2]
        _, found, memory = in_memory(data, blocks, n_blocks, targets)
        _, _, other = stored(data, blocks, n_blocks, targets, remember=1 << 30, whole_ranks=True)
        assert_same_answers(data, memory, other, [one.view for one in found])


@pytest.mark.parametrize("kind", KINDS)
class TestRowOrder:
    def test_changes_no_bit(self, kind, small_chunks):
        found = []
        for shuffle in (None, 1):
            data = world(kind, shuffle=shuffle)
            blocks, n_blocks, _ = genome_blocks(data)
            _, scores, answers = in_memory(data, blocks, n_blocks, data.targets[:2])
            found.append((data, scores, answers))
        (data, scores, answers), (other_data, other_scores, other_answers) = found
        for i in range(2):
            by_id = np.argsort(data.loci.ids[scores[i].view.rows])
            other_by_id = np.argsort(other_data.loci.ids[other_scores[i].view.rows])
            for name, answer in answers[i].by_model.items():
                assert answer == other_answers[i].by_model[name]
            np.testing.assert_array_equal(
                answers[i].ceiling[by_id], other_answers[i].ceiling[other_by_id]
            )
            for name, values in scores[i].scores.items():
                np.testing.assert_array_equal(
                    values[by_id], other_scores[i].scores[name][other_by_id]
                )

    def test_of_shuffled_rows_from_a_store(self, kind, small_chunks, reading):
        data = world(kind, shuffle=2)
        blocks, n_blocks, _ = genome_blocks(data)
        _, found, memory = in_memory(data, blocks, n_blocks, data.targets[:2])
        _, _, other = stored(data, blocks, n_blocks, data.targets[:2])
        assert_same_answers(data, memory, other, [one.view for one in found])


@pytest.mark.parametrize("places", [True, False], ids=["loci", "genes"])
def test_scattered_blocks(places, small_chunks):
    """Blocks that a user gives may alternate row by row."""
    data = world("gaps", places=places)
    blocks = np.arange(900) % 13
    _, found, memory = in_memory(data, blocks, 13, data.targets[:2])
    _, _, other = stored(data, blocks, 13, data.targets[:2])
    assert_same_answers(data, memory, other, [one.view for one in found])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_stored_target_are_those_of_its_view(kind, reading):
    data = world(kind)
    blocks, n_blocks, _ = genome_blocks(data)
    panel = ReferencePanel(data, blocks, n_blocks)
    store = ArrayStore(data, blocks)
    for name in data.targets:
        view = panel.view(name)
        target = StoredTarget(store, name, n_blocks, SliceScratch())
        rows = PanelRows(panel, view)
        assert target.n_rows == len(view.rows)
        assert target.n_hybrid == view.n_hybrid
        assert target.is_complete == (kind in ("binary", "signal"))
        np.testing.assert_array_equal(
            np.flatnonzero(target.selected(slice(0, store.n_loci))), view.rows
        )
        np.testing.assert_array_equal(target.block_sizes, view.block_sizes)
        assert target.label_range == rows.label_range
        every = slice(0, target.n_rows)
        some = np.array([3, 500, 501, 4, 100])
        for at in (every, slice(63, 66), some):
            np.testing.assert_array_equal(target.labels(at), view.labels[at])
            np.testing.assert_array_equal(target.average(at), view.average[at])
            # The data came in the order of the store: every cell type is a member.
            expected = panel.table[:, view.rows[at]]
            np.testing.assert_array_equal(target.table(at), expected)
            np.testing.assert_array_equal(target.table(at, 2), expected[2])
            if kind == "signal":
                np.testing.assert_array_equal(target.average_signal(at), view.average_signal[at])
                np.testing.assert_array_equal(target.active(at), panel.active[:, view.rows[at]])
            if kind != "continuous":
                np.testing.assert_array_equal(target.codes(at), view.average_levels[1][at])
                np.testing.assert_array_equal(target.n_observed(at), view.n_observed[at])
        if kind == "continuous":
            assert target.levels is None
        else:
            np.testing.assert_array_equal(target.levels[0], view.average_levels[0])
            np.testing.assert_array_equal(target.levels[1], np.bincount(view.average_levels[1]))


@pytest.mark.parametrize("kind", KINDS)
def test_baselines_by_stretches_are_those_in_memory(kind):
    data = world(kind)
    blocks, n_blocks, _ = genome_blocks(data)
    _, found, _ = in_memory(data, blocks, n_blocks, data.targets[:2])
    store = ArrayStore(data, blocks)
    correlations = Correlations.of_columns(store.own_values, store.runs, 7, n_blocks)
    likeness = Likeness(store, None, correlations)
    for one in found:
        target = StoredTarget(store, one.view.name, n_blocks, SliceScratch())
        neighbours = likeness.neighbours(target)
        np.testing.assert_array_equal(neighbours.order, one.neighbours.order)
        np.testing.assert_array_equal(neighbours.similarity, one.neighbours.similarity)
        assert likeness.resembles(target) == one.resembles
        np.testing.assert_equal(likeness.correlation(target, neighbours.chosen), one.correlation)
        levels = weighted_levels(neighbours, target.n_rows)
        for first in range(0, target.n_rows, 100):
            at = slice(first, min(first + 100, target.n_rows))
            table = target.table(at)  # every cell type is a member here
            own = one.view.blocks[at]
            args = (table, slice(None), own)
            np.testing.assert_array_equal(
                nearest_values(*args, neighbours), one.scores["nearest-celltype"][at]
            )
            np.testing.assert_array_equal(
                nearest_values(*args, likeness.by_test_labels(target)), one.scores["oracle"][at]
            )
            fallback = target.average_signal(at) if kind == "signal" else target.average(at)
            weighted = weighted_values(*args, neighbours, fallback)
            np.testing.assert_array_equal(weighted, one.scores["k-nearest-celltypes"][at])
            if kind == "binary":
                codes = weighted_codes(*args, neighbours)
                np.testing.assert_array_equal(levels[codes], weighted)
    assert levels is not None


@pytest.mark.parametrize("kind", KINDS)
def test_correlations_by_stretches_are_those_in_memory(kind, small_chunks):
    data = world(kind, shuffle=4)
    blocks, n_blocks, _ = genome_blocks(data)
    panel = ReferencePanel(data, blocks, n_blocks)
    memory = Correlations(panel)
    store = ArrayStore(data, blocks)
    other = Correlations.of_columns(store.own_values, store.runs, 7, n_blocks)
    np.testing.assert_array_equal(memory.whole(), other.whole())
    np.testing.assert_array_equal(memory.without_blocks(3), other.without_blocks(3))


def test_a_signal_that_is_missing_is_refused():
    data = world("signal")
    signal = data.signal.copy()
    signal[[7, 9]] = np.nan
    broken = make_set(
        data.labels, data.reference, data.audited, signal=signal, loci=data.loci,
        leave_one_out=True,
    )  # fmt: skip
    blocks, n_blocks, _ = genome_blocks(broken)
    with pytest.raises(ValidationError, match="2 of 900 loci from position 0"):
        StoredTarget(ArrayStore(broken, blocks), "A", n_blocks, SliceScratch())


def test_correlations_of_cells_outside_of_memory_must_be_given():
    data = world("binary")
    blocks, _, _ = genome_blocks(data)
    with pytest.raises(TypeError, match="must be given"):
        Likeness(ArrayStore(data, blocks))


def test_the_order_on_the_genome_breaks_ties_of_starts_by_ends():
    loci = Loci.from_any(["chr2:5-9", "chr10:5-9", "chr2:5-8", "chr2:1-9"])
    data = make_set(np.ones((4, 3)), *split_by_column((4, 3)), loci=loci)
    panel = ReferencePanel(data, np.array([1, 0, 1, 1]), 2)
    np.testing.assert_array_equal(GenomeOrder(panel, np.arange(4)).order, [1, 3, 2, 0])
    assert isinstance(Scratch().column("x", float, 3), ArrayColumn)

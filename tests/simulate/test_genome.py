"""The simulated genome: its files are right to the base, and it has the promised properties."""

import gzip
import json

import numpy as np
import py2bit
import pyBigWig
import pysam
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from leakcheck.exceptions import ValidationError
from leakcheck.simulate import MarkModel, Tree, write_genome
from leakcheck.simulate.genome import EXPRESSION_CELL_TYPES, TAD_CELL_TYPES
from leakcheck.simulate.genome_activity import MARK_EFFECTS, draw_activity, mark_levels
from leakcheck.simulate.genome_files import write_track, write_two_bit
from leakcheck.simulate.genome_layout import random_sequence

WINDOW = 60
MARKS = ("H3K4me3", "H3K4me1", "H3K36me3", "H3K27me3", "H3K9me3")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_genome(
        tmp_path_factory.mktemp("genome"),
        n_genes=150,
        n_bins=45,
        n_cell_types=8,
        window=WINDOW,
        step=25,
        unknown=0.01,
        random_state=3,
    )


@pytest.fixture(scope="module")
def text(written):
    """Chromosome to its letters, read without any library."""
    chromosomes, name = {}, ""
    for line in written.fasta.read_text().splitlines():
        if line.startswith(">"):
            name = line[1:]
            chromosomes[name] = []
        else:
            assert 0 < len(line) <= 60
            chromosomes[name].append(line)
    return {name: "".join(lines) for name, lines in chromosomes.items()}


@pytest.fixture(scope="module")
def annotated(written):
    """Rows of the GTF."""
    lines = gzip.decompress(written.genes.read_bytes()).decode().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def promoter(row):
    """Bases upstream of a gene: chromosome, start, end, 0-based."""
    start, end = int(row[3]) - 1, int(row[4])
    first = start - WINDOW if row[6] == "+" else end
    return row[0], first, first + WINDOW


def test_sequence_is_the_same_in_all_three_formats(written, text):
    sizes = dict(line.split("\t") for line in written.chromosome_sizes.read_text().splitlines())
    assert list(text) == [f"chr{number}" for number in range(1, 23)]
    assert {name: str(len(letters)) for name, letters in text.items()} == sizes
    with pysam.FastaFile(str(written.fasta_bgzip)) as bgzip:
        assert {name: bgzip.fetch(name) for name in bgzip.references} == text
    two_bit = py2bit.open(str(written.two_bit), True)
    try:
        assert {name: two_bit.sequence(name) for name in two_bit.chroms()} == text
    finally:
        two_bit.close()


def test_sequence_is_uniform_masked_here_and_there_and_unknown_in_places(text):
    whole = "".join(text.values())
    share = {letter: whole.upper().count(letter) / len(whole) for letter in "ACGTN"}
    assert all(share[letter] == pytest.approx(0.2475, abs=0.01) for letter in "ACGT")
    assert 0.005 < share["N"] < 0.015
    assert 0.1 < sum(letter.islower() for letter in whole) / len(whole) < 0.3


def test_windows_are_unique_and_lie_clear_of_each_other(annotated, text, written):
    genes = [row for row in annotated if row[2] == "gene" and row[0] != "chrX"]
    windows = [promoter(row) for row in genes]
    assert len({text[c][a:b].upper() for c, a, b in windows}) == len(windows) == 150
    shape = json.loads(written.layout.read_text())
    assert shape == {"window": WINDOW, "bin_size": 6 * WINDOW, "bin_offset": 3 * WINDOW}
    taken = {name: np.zeros(len(letters), int) for name, letters in text.items()}
    for chrom, start, end in windows:
        taken[chrom][start:end] += 1
    for chrom in ("chr1", "chr2", "chr3"):
        for k in range(15):
            middle = 3 * WINDOW + 6 * WINDOW * k + (6 * WINDOW - WINDOW) // 2
            taken[chrom][middle : middle + WINDOW] += 1
    assert max(int(count.max()) for count in taken.values()) == 1


def test_the_annotation_has_versions_other_elements_and_a_sex_chromosome(annotated):
    assert {row[2] for row in annotated} == {"gene", "transcript", "exon"}
    assert {row[6] for row in annotated} == {"+", "-"}
    assert sum(row[0] == "chrX" for row in annotated) == 3
    assert all('.1";' in row[8].split(";")[0] + ";" for row in annotated)


def test_the_table_has_roadmaps_trap(written):
    header, *rows = gzip.decompress(written.expression.read_bytes()).decode().splitlines()
    names = header.split("\t")
    assert names == ["gene_id", "E000", *sorted(EXPRESSION_CELL_TYPES[:8])]
    assert all(row.endswith("\t") and row.count("\t") == len(names) for row in rows)
    values = np.array([row.rstrip("\t").split("\t")[1:] for row in rows], dtype=float)
    np.testing.assert_allclose(values[:, 0], values[:, 1:].mean(axis=1), atol=0.002)
    assert 140 <= len(rows) <= 151
    assert (values[:, 1:] > 0.5).mean() == pytest.approx(0.6, abs=0.03)


def test_boundaries_are_bins_of_three_chromosomes(written):
    assert set(written.boundaries) == {"H1", "TRO", "NPC", "GM12878", "MES", "IMR90", "MSC"}
    share = []
    for path in written.boundaries.values():
        rows = [line.split("\t") for line in path.read_text().splitlines()]
        assert {row[0] for row in rows} <= {"chr1", "chr2", "chr3"}
        assert all((int(a) - 3 * WINDOW) % (6 * WINDOW) == 0 for _, a, _ in rows)
        assert all(int(b) - int(a) == 6 * WINDOW for _, a, b in rows)
        share.append(len(rows) / 45)
    assert np.mean(share) == pytest.approx(0.3, abs=0.01)


def test_tracks_cover_the_windows_and_nothing_else(written, annotated):
    cell_types = {*EXPRESSION_CELL_TYPES[:8], *(t.epigenome for t in TAD_CELL_TYPES.values())}
    assert set(written.tracks) == {(name, mark) for name in cell_types for mark in MARKS}
    with pyBigWig.open(str(written.tracks["E003", "H3K4me3"])) as track:
        covered = sum(b - a for name in track.chroms() for a, b, _ in track.intervals(name) or ())
        genes = [row for row in annotated if row[2] == "gene" and row[0] != "chrX"]
        values = np.array([track.values(*promoter(row), numpy=True) for row in genes])
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert covered == (150 + 45) * WINDOW  # E003 is H1: both tasks
        steps = values.reshape(150, WINDOW)
        assert (steps[:, 0] == steps[:, 24]).all()
        assert (steps[:, 24] != steps[:, 25]).mean() > 0.9
    with pyBigWig.open(str(written.tracks["E017", "H3K4me3"])) as track:
        assert track.intervals("chr9") is None  # boundaries alone


def test_a_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path, written):
    arguments = {"n_genes": 150, "n_bins": 45, "n_cell_types": 8, "window": WINDOW, "step": 25}
    again = write_genome(tmp_path / "a", **arguments, unknown=0.01, random_state=3)
    other = write_genome(tmp_path / "b", **arguments, unknown=0.01, random_state=4)
    names = sorted(
        file.relative_to(written.folder) for file in written.folder.rglob("*") if file.is_file()
    )
    assert len(names) == 10 + 12 * 5 + 7
    same = [(written.folder / n).read_bytes() == (again.folder / n).read_bytes() for n in names]
    assert all(same)
    assert written.fasta.read_bytes() != other.fasta.read_bytes()
    assert written.expression.read_bytes() != other.expression.read_bytes()


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("n_genes", 99, "at least 100"),
        ("n_bins", 29, "at least 30"),
        ("n_cell_types", 6, "an even number from 8 to 56"),
        ("n_cell_types", 9, "an even number from 8 to 56"),
        ("n_cell_types", 58, "an even number from 8 to 56"),
        ("window", 19, "at least 20"),
        ("step", 0, "at least 1"),
        ("prevalence", 1.0, "between 0 and 1"),
        ("boundary_prevalence", 0.0, "between 0 and 1"),
        ("chromosome_weights", [1.0] * 21, "22 numbers above 0"),
        ("chromosome_weights", [0.0] + [1.0] * 21, "22 numbers above 0"),
        ("chromosome_weights", [float("inf")] * 22, "22 numbers above 0"),
        ("chromosome_weights", 5, "22 numbers above 0; 5 came"),
        ("n_genes", 200.0, "a whole number"),
        ("step", 7.5, "a whole number"),
        ("prevalence", "a", "a number"),
        ("unknown", -1, r"a share in \[0, 1\)"),
        ("unknown", float("nan"), r"a share in \[0, 1\)"),
        ("tree", "a", "a Tree; it is a str"),
        ("marks", {}, "a MarkModel; it is a dict"),
    ],
)
def test_arguments_outside_their_range_are_refused(tmp_path, argument, value, rule):
    with pytest.raises(ValidationError, match=f"`{argument}` must be {rule}"):
        write_genome(tmp_path / "none", **{argument: value})
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Tree(own_sd=-1), "`own_sd` must be finite and 0 or more; -1 came"),
        (lambda: Tree(locus_sd="a"), "`locus_sd` must be a number; 'a' came"),
        (lambda: MarkModel(base=float("nan")), "`base` must be finite; nan came"),
        (lambda: MarkModel(noise_sd=-1), "`noise_sd` must be finite and 0 or more; -1 came"),
    ],
)
def test_parts_of_a_genome_that_cannot_be_are_refused(make, words):
    with pytest.raises(ValidationError, match=words):
        make()


def test_a_file_is_no_folder_for_a_genome(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ValidationError, match="`folder` must be the path of a folder"):
        write_genome(tmp_path / "taken", n_genes=100, n_bins=30)


def test_weights_move_genes(tmp_path):
    weights = [10.0, 10.0] + [1.0] * 20
    folder = write_genome(
        tmp_path, n_genes=100, n_bins=30, n_cell_types=8, window=20, chromosome_weights=weights
    )
    rows = gzip.decompress(folder.genes.read_bytes()).decode().splitlines()
    on = [row.split("\t")[0] for row in rows if "\tgene\t" in row]
    assert on.count("chr1") == on.count("chr2") == 25


@pytest.mark.parametrize("starts", [[0, 100], [100, 0]])
def test_a_track_that_fails_leaves_nothing(tmp_path, starts):
    places = np.array(starts)
    entries = [("chr1", places, places + 50, np.ones(2))]
    if starts == sorted(starts):
        write_track(tmp_path / "a.bw", {"chr1": 1000}, entries)
        assert [path.name for path in tmp_path.iterdir()] == ["a.bw"]
        return
    with pytest.raises(RuntimeError, match="out of order"):
        write_track(tmp_path / "a.bw", {"chr1": 1000}, entries)
    assert list(tmp_path.iterdir()) == []


def test_a_letter_that_ends_a_two_bit_byte_is_kept(tmp_path):
    for length in (1, 2, 3, 4, 5):
        letters = random_sequence(length, 0.0, np.random.default_rng(length))
        write_two_bit(tmp_path / "a.2bit", {"chrA": letters, "chrB": letters[::-1]})
        file = py2bit.open(str(tmp_path / "a.2bit"), True)
        try:
            assert file.sequence("chrA") == letters.tobytes().decode()
            assert file.sequence("chrB") == letters[::-1].tobytes().decode()
        finally:
            file.close()


# Properties that the paper's figures rest on, on the generator itself: it is quick, and large
# numbers leave chance no room.


@pytest.fixture(scope="module")
def world():
    """Activity, labels and marks of 4,000 loci in 16 cell types; the first is the target."""
    rng = np.random.default_rng(11)
    lineage = [place // 4 for place in range(16)]
    activity = draw_activity(4_000, lineage, tree=Tree(), prevalence=0.6, rng=rng)
    marks = np.stack(
        [
            np.stack(
                [mark_levels(activity, c, e, model=MarkModel(), rng=rng) for c in range(16)], axis=1
            )
            for e in MARK_EFFECTS.values()
        ],
        axis=2,
    )
    return activity, (activity.latent > 0).astype(int), marks


def test_the_average_activity_is_as_good_as_promised(world):
    _, labels, _ = world
    average = labels[:, 1:].mean(axis=1)
    assert labels.mean() == pytest.approx(0.6, abs=0.001)
    assert average_precision_score(labels[:, 0], average) == pytest.approx(0.95, abs=0.012)


def test_marks_know_the_cell_type_and_are_below_the_average(world):
    _, labels, marks = world
    model = LogisticRegression().fit(marks[:, 1:].reshape(-1, 5), labels[:, 1:].ravel())
    score = model.decision_function(marks[:, 0])
    overall = average_precision_score(labels[:, 0], score)
    average = average_precision_score(labels[:, 0], labels[:, 1:].mean(axis=1))
    assert 0.85 < overall < 0.93 < average
    assert list(np.sign(model.coef_[0])) == [1, 1, 1, -1, -1]
    count = labels[:, 1:].sum(axis=1)
    within = []
    for k in range(1, 15):
        here = count == k
        if 10 <= labels[here, 0].sum() <= here.sum() - 10:
            within.append(roc_auc_score(labels[here, 0], score[here]))
    assert len(within) >= 8
    assert min(within) > 0.65
    assert np.mean(within) > 0.75


def test_marks_of_another_cell_type_say_nothing_beyond_the_activity_count(world):
    activity, labels, marks = world
    model = LogisticRegression().fit(marks[:, 1:].reshape(-1, 5), labels[:, 1:].ravel())
    stranger = model.decision_function(marks[:, 15])  # of another lineage
    own = model.decision_function(marks[:, 0])
    residual = activity.specific[:, 0] - activity.specific[:, 1:4].mean(axis=1)
    assert abs(np.corrcoef(stranger, residual)[0, 1]) < 0.06
    assert np.corrcoef(own, residual)[0, 1] > 0.2


def test_cell_types_are_alike_by_lineage_and_pair(world):
    correlation = np.corrcoef(world[0].specific, rowvar=False)
    place = np.arange(16)
    pair = (place[:, None] // 2 == place // 2) & (place[:, None] != place)
    lineage = (place[:, None] // 4 == place // 4) & ~pair & (place[:, None] != place)
    other = place[:, None] // 4 != place // 4
    assert correlation[pair].min() > correlation[lineage].max() + 0.1
    assert correlation[lineage].min() > correlation[other].max() + 0.1
    assert abs(correlation[other]).max() < 0.08

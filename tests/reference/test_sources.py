"""`load_tasks` reads a folder to the base, keeps what it read, and says what is missing."""

import gzip
import json
import os
import shutil

import numpy as np
import pyBigWig
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference import sources
from leakcheck.reference.boundaries import ROADMAP_IDS
from leakcheck.reference.folder import Folder, load_folder
from leakcheck.reference.read_data import count_table
from leakcheck.reference.settings import usable_pairs
from leakcheck.reference.sources import load_tasks
from leakcheck.simulate import write_genome

WINDOW = 40
ALL_N = str.maketrans("ACGTacgt", "NNNNNNNN")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_genome(
        tmp_path_factory.mktemp("source"),
        n_genes=110,
        n_bins=33,
        n_cell_types=8,
        window=WINDOW,
        unknown=0.02,
        random_state=5,
    )


@pytest.fixture(scope="module")
def tasks(written):
    return load_folder(written.folder)


@pytest.fixture
def copy(written, tmp_path):
    """A folder that a test may damage."""
    return shutil.copytree(written.folder, tmp_path / "copy")


def letters(written):
    parts = written.fasta.read_text().split(">")[1:]
    return {part.split("\n")[0]: "".join(part.split("\n")[1:]).upper() for part in parts}


def test_expression_agrees_with_a_reading_by_hand(written, tasks):
    task = tasks["expression"]
    header, *rows = gzip.decompress(written.expression.read_bytes()).decode().splitlines()
    names = header.split("\t")[1:]
    table = {row.split("\t")[0]: row.split("\t")[1:-1] for row in rows}
    genes = {}
    for line in gzip.decompress(written.genes.read_bytes()).decode().splitlines():
        fields = line.split("\t")
        if len(fields) == 9 and fields[2] == "gene" and fields[0] != "chrX":
            genes[fields[8].split('"')[1].split(".")[0]] = fields
    text = letters(written)
    complement = str.maketrans("ACGTN", "TGCAN")
    assert set(task.loci["id"]) == set(table) & set(genes)
    for row, gene in enumerate(task.loci["id"]):
        fields = genes[gene]
        start = int(fields[3]) - 1 - WINDOW if fields[6] == "+" else int(fields[4])
        bases = text[fields[0]][start : start + WINDOW]
        bases = bases if fields[6] == "+" else bases[::-1].translate(complement)
        assert task.codes[row].tolist() == ["ACGTN".index(base) for base in bases]
        assert task.loci["start"][row] == start
        for column, name in enumerate(task.cell_types):
            value = float(table[gene][names.index(name)])
            assert task.activity[row, column] == np.float32(value)
            assert task.labels[row, column] == (value > 0.5)
    assert "E000" not in task.cell_types
    assert task.loci["end"].sub(task.loci["start"]).eq(WINDOW).all()


def test_signals_agree_with_a_reading_by_hand(written, tasks):
    for task, ids in ((tasks["expression"], {}), (tasks["tad-boundaries"], ROADMAP_IDS)):
        for column, name in enumerate(task.cell_types):
            epigenome = ids.get(name, name)
            with pyBigWig.open(str(written.tracks[epigenome, "H3K27me3"])) as track:
                for row in range(0, task.n_loci, 9):
                    place = task.loci.iloc[row]
                    values = np.array(track.values(place.chrom, int(place.start), int(place.end)))
                    expected = np.arcsinh(np.nan_to_num(values)).mean()
                    got = task.signals[row, column, task.marks.index("H3K27me3")]
                    assert got == pytest.approx(expected, abs=1e-5)


def test_boundaries_are_those_of_the_files(written, tasks):
    task = tasks["tad-boundaries"]
    assert set(task.loci["chrom"]) == {"chr1", "chr2", "chr3"}
    for column, name in enumerate(task.cell_types):
        lines = written.boundaries[name].read_text().splitlines()
        called = {f"{chrom}:{a}-{b}" for chrom, a, b in (line.split("\t") for line in lines)}
        found = set(task.loci["id"][task.labels[:, column] == 1])
        assert found == called
    first = task.loci.iloc[1]
    assert (first["start"], first["end"]) == (220, 260)  # the middle of 120 to 360
    assert task.activity is None


def test_roles_and_counts_are_stated(tasks):
    roles = tasks["expression"].splits
    assert roles.test_cell_type == "E003"
    assert set(roles.validation_cell_types) == {"E113", "E004", "E037", "E106"}
    assert roles.test_chromosomes == ("chr1",)
    assert roles.train_chromosomes == tuple(f"chr{number}" for number in range(3, 23))
    tads = tasks["tad-boundaries"].splits
    assert (tads.test_cell_type, tads.validation_cell_types) == ("H1", ("GM12878",))
    assert tads.train_chromosomes == ("chr3",)
    counts = tasks["expression"].counts
    assert counts["genes: other chromosome"] == 1
    assert counts["genes: with expression, not annotated"] == 1
    without = counts["genes: annotated, without expression"]
    assert tasks["expression"].n_loci == 110 - without
    assert counts["sequence: with N"] > 0
    assert counts["tracks: read"] == 40
    assert np.isfinite(tasks["expression"].signals).all()


@pytest.mark.parametrize("kept", ["genome.fa", "genome.fa.gz", "genome.2bit"])
def test_every_form_of_sequence_gives_the_same(copy, tasks, kept):
    for name in {"genome.fa", "genome.fa.gz", "genome.2bit"} - {kept}:
        (copy / name).unlink()
    assert Folder.find(copy).need("sequence").name == kept
    again = load_folder(copy)
    for name, task in tasks.items():
        np.testing.assert_array_equal(again[name].codes, task.codes)


def test_a_missing_track_is_missing_and_a_mark_without_tracks_is_left_out(copy):
    (copy / "tracks" / "E005-H3K4me1.pval.signal.bigwig").unlink()
    seen = []
    marks = ("H3K4me3", "H3K4me1", "DNase")
    tasks = load_folder(copy, marks=marks, progress=lambda *state: seen.append(state))
    task = tasks["expression"]
    assert task.marks == ("H3K4me3", "H3K4me1")
    column = task.cell_types.index("E005")
    assert np.isnan(task.signals[:, column, 1]).all()
    assert np.isfinite(task.signals).all(axis=(0, 2)).sum() == 7
    assert task.counts["tracks: absent"] == 1
    assert task.counts["tracks: marks that no cell type has"] == 1
    assert seen[0] == ("E003 H3K4me3", 0, 15)
    assert seen[14][1:] == (14, 15)


def test_one_task_may_be_there_alone(copy):
    shutil.rmtree(copy / "tads")
    assert set(load_folder(copy, marks=())) == {"expression"}


def test_tads_alone(copy):
    (copy / "57epigenomes.RPKM.pc.gz").unlink()
    task = load_folder(copy, marks=())["tad-boundaries"]
    assert task.signals.shape == (task.n_loci, 7, 0)


def test_windows_without_a_known_base_are_left_out(copy):
    for name in ("genome.2bit", "genome.fa.gz"):
        (copy / name).unlink()
    text = (copy / "genome.fa").read_text().split(">")[1:]
    hidden = [
        ">" + (part if not part.startswith("chr7\n") else "chr7\n" + part[5:].translate(ALL_N))
        for part in text
    ]
    (copy / "genome.fa").write_text("".join(hidden))
    (copy / "genome.fa.fai").unlink()
    task = load_folder(copy, marks=())["expression"]
    assert not task.loci["chrom"].eq("chr7").any()
    assert task.counts["loci: dropped, no known base"] > 0
    assert "chr7" not in task.splits.train_chromosomes


def test_what_is_missing_is_named(copy, tmp_path):
    with pytest.raises(ValidationError, match=r"`source` must be simulated.*is no folder"):
        load_folder(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValidationError, match="has neither"):
        load_folder(tmp_path / "empty")
    (copy / "genes.gtf.gz").unlink()
    with pytest.raises(ValidationError, match=r"must hold the genes; .* \*.gtf.gz or \*.gtf"):
        load_folder(copy)
    (copy / "tads" / "H1_neuralSC_Dixon2015.bed").unlink()
    with pytest.raises(ValidationError, match=r"1 are missing from .*H1_neuralSC_Dixon2015.bed"):
        load_folder(copy)


@pytest.mark.parametrize("text", ["{", "[]", '{"window": 40}', '{"window": "x"}'])
def test_a_damaged_layout_is_said(copy, text):
    (copy / "layout.json").write_text(text)
    with pytest.raises(ValidationError, match=r"must have a layout.json with window"):
        load_folder(copy)


def test_without_a_layout_the_sizes_are_the_papers(copy):
    (copy / "layout.json").unlink()
    folder = Folder.find(copy)
    assert (folder.window, folder.bin_size, folder.bin_offset) == (2_000, 40_000, 20_000)


def test_a_second_call_is_answered_from_the_cache(copy, tmp_path, monkeypatch, tasks):
    first = load_tasks(copy, cache=tmp_path / "cache")
    monkeypatch.setattr(sources, "load_folder", lambda *_a, **_k: pytest.fail("read again"))
    second = load_tasks(os.fspath(copy), cache=tmp_path / "cache")
    for name, task in tasks.items():
        np.testing.assert_array_equal(first[name].signals, task.signals)
        np.testing.assert_array_equal(second[name].signals, task.signals)
        assert second[name].counts == task.counts
        assert second[name].splits == task.splits


def test_other_files_and_other_marks_are_read_anew(copy, tmp_path):
    load_tasks(copy, cache=tmp_path / "cache")
    fewer = load_tasks(copy, cache=tmp_path / "cache", marks=("H3K4me3",))
    assert fewer["expression"].marks == ("H3K4me3",)
    (copy / "tracks" / "E003-H3K9me3.pval.signal.bigwig").unlink()
    changed = load_tasks(copy, cache=tmp_path / "cache")
    task = changed["expression"]
    assert np.isnan(task.signals[:, task.cell_types.index("E003")]).any(axis=1).all()


def test_a_list_that_was_not_written_means_unfinished(copy, tmp_path):
    load_tasks(copy, cache=tmp_path / "cache")
    (listed,) = (tmp_path / "cache").glob("tasks-*.json")
    assert json.loads(listed.read_text()) == ["expression", "tad-boundaries"]
    listed.unlink()
    assert set(load_tasks(copy, cache=tmp_path / "cache")) == {"expression", "tad-boundaries"}
    assert listed.is_file()


def test_what_is_gone_or_damaged_in_the_cache_is_read_anew(copy, tmp_path, tasks):
    cache = tmp_path / "cache"
    load_tasks(copy, cache=cache)
    (listed,), kept = cache.glob("tasks-*.json"), sorted(cache.glob("task-*.npz"))
    whole = listed.read_text()
    for damage in ("{", "", '"expression"', "[]"):
        listed.write_text(damage)
        assert load_tasks(copy, cache=cache).keys() == tasks.keys()
        assert listed.read_text() == whole
    kept[0].write_bytes(b"damaged")
    with pytest.raises(ValidationError, match="Delete it and load the tasks again"):
        load_tasks(copy, cache=cache)
    kept[0].unlink()
    assert load_tasks(copy, cache=cache).keys() == tasks.keys()


def test_simulated_data_come_through_the_same_readers(tmp_path):
    genome = {"n_genes": 100, "n_bins": 30, "n_cell_types": 8, "window": 20}
    tasks = load_tasks("simulated", cache=tmp_path, preset="tiny", genome=genome)
    assert tasks["expression"].window == 20
    assert tasks["tad-boundaries"].labels.shape[1] == 7
    (folder,) = tmp_path.glob("simulated-tiny-*")
    again = load_folder(folder)["expression"]
    np.testing.assert_array_equal(again.signals, tasks["expression"].signals)


def test_genome_is_for_simulated_data(tmp_path):
    with pytest.raises(ValidationError, match="`genome` is for the simulated source"):
        load_tasks("roadmap", cache=tmp_path / "cache", genome={})
    assert not (tmp_path / "cache").exists()


def test_marks_are_for_sources_with_tracks(tmp_path):
    with pytest.raises(ValidationError, match="`marks` is for sources with tracks; DNase came"):
        load_tasks("roadmap-lite", cache=tmp_path / "cache", marks=["DNase"])


def test_dnase_is_read_where_there_is_one_and_pairs_without_it_are_dropped(copy, tmp_path):
    tracks = copy / "tracks"
    for cell_type in ("E003", "E004", "E005", "E006", "E007", "E017", "E116"):
        name = f"{cell_type}-{{}}.pval.signal.bigwig".format
        if (tracks / name("H3K4me3")).is_file():
            shutil.copy(tracks / name("H3K4me3"), tracks / name("DNase"))
    tasks = load_tasks(copy, cache=tmp_path / "cache", marks=["H3K4me1", "DNase"])
    task = tasks["expression"]
    assert task.marks == ("H3K4me1", "DNase")
    without = [
        name
        for name in task.cell_types
        if not (tracks / f"{name}-DNase.pval.signal.bigwig").is_file()
    ]
    counts = count_table(tasks).set_index(["task", "what"])["count"]
    assert 0 < len(without) < len(task.cell_types)
    dropped = counts["expression", "pairs: dropped, a mark without a track"]
    assert dropped == len(without) * task.n_loci
    assert usable_pairs(task).sum() == counts["expression", "pairs: all"] - dropped

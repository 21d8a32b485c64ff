"""The paper's files: their addresses, and fetching them all from a mirror on this machine."""

import functools
import hashlib
import http.server
import shutil
import threading

import numpy as np
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference import roadmap, sources
from leakcheck.reference.boundaries import PAPER_CELL_TYPES
from leakcheck.reference.download import NotThereError, Transfer
from leakcheck.reference.folder import HISTONE_MARKS, load_folder
from leakcheck.reference.roadmap import ADDRESSES, fetch_roadmap, remote_files, track_files
from leakcheck.simulate import write_genome

ONCE = Transfer(attempts=1, timeout=5, pause=0)


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return write_genome(
        tmp_path_factory.mktemp("genome"), n_genes=100, n_bins=30, n_cell_types=8, window=40
    )


@pytest.fixture
def mirror(genome, tmp_path, monkeypatch):
    """Simulated files under the names of the real ones, on a server; its folder and addresses."""
    folder = tmp_path / "mirror"
    shutil.copytree(genome.folder / "tracks", folder)
    for path in genome.boundaries.values():
        shutil.copy(path, folder)
    shutil.copy(genome.expression, folder)
    shutil.copy(genome.two_bit, folder / "hg19.2bit")
    shutil.copy(genome.chromosome_sizes, folder / "hg19.chrom.sizes")
    shutil.copy(genome.genes, folder / "gencode.v19.annotation.gtf.gz")
    sums = {name: _sum(folder / f"{source}.bed") for name, source in PAPER_CELL_TYPES.items()}
    sums["57epigenomes.RPKM.pc.gz"] = _sum(folder / "57epigenomes.RPKM.pc.gz")
    monkeypatch.setattr(roadmap, "_SHA256", sums)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_args):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    yield folder, dict.fromkeys(ADDRESSES, address), asked
    server.shutdown()
    server.server_close()
    thread.join()


def _sum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_all_is_fetched_once_and_read_like_any_folder(mirror, genome, tmp_path):
    _, addresses, asked = mirror
    folder = tmp_path / "cache" / "roadmap"
    seen = []
    for _ in range(2):
        fetch_roadmap(
            folder, addresses=addresses, transfer=ONCE, progress=lambda *state: seen.append(state)
        )
        fetched, asked[:] = len(asked), []
    assert fetched == 0  # the second time
    assert ("hg19.2bit", genome.two_bit.stat().st_size, genome.two_bit.stat().st_size) in seen
    assert len(list(folder.rglob("*.bigwig"))) == 60
    shutil.copy(genome.layout, folder)
    ours, theirs = load_folder(folder), load_folder(genome.folder)
    for name, task in theirs.items():
        np.testing.assert_array_equal(ours[name].signals, task.signals)
        np.testing.assert_array_equal(ours[name].codes, task.codes)
        np.testing.assert_array_equal(ours[name].labels, task.labels)


def test_load_tasks_fetches_into_its_cache(mirror, genome, tmp_path, monkeypatch):
    _, addresses, _ = mirror
    monkeypatch.setattr(
        sources, "fetch_roadmap", functools.partial(fetch_roadmap, addresses=addresses)
    )
    (tmp_path / "cache" / "roadmap").mkdir(parents=True)
    shutil.copy(genome.layout, tmp_path / "cache" / "roadmap")
    read, came = [], []
    tasks = sources.load_tasks(
        "roadmap",
        cache=tmp_path / "cache",
        marks=("H3K4me3",),
        progress=lambda *state: read.append(state),
        fetch_progress=lambda *state: came.append(state),
    )
    # Tracks by number, files by bytes: never one in the other's place.
    assert {total for _, _, total in read} == {7, 8}
    size = genome.two_bit.stat().st_size
    assert ("hg19.2bit", size, size) in came
    assert not {name for name, *_ in read} & {name for name, *_ in came}
    assert tasks["expression"].signals.shape[1:] == (8, 1)
    assert tasks["tad-boundaries"].window == 40


def test_a_histone_track_must_be_there_and_another_may_be_absent(mirror, tmp_path):
    folder, addresses, _ = mirror
    shutil.copy(
        folder / "E003-H3K4me3.pval.signal.bigwig", folder / "E003-DNase.pval.signal.bigwig"
    )
    fetch_roadmap(tmp_path / "a", marks=("DNase",), addresses=addresses, transfer=ONCE)
    assert [path.name for path in (tmp_path / "a" / "tracks").iterdir()] == [
        "E003-DNase.pval.signal.bigwig"
    ]
    (folder / "E106-H3K9me3.pval.signal.bigwig").unlink()
    with pytest.raises(NotThereError, match=r"E106-H3K9me3\.pval\.signal\.bigwig"):
        fetch_roadmap(tmp_path / "b", addresses=addresses, transfer=ONCE)


def test_every_address_is_needed(tmp_path):
    fewer = {kind: url for kind, url in ADDRESSES.items() if kind != "genes"}
    with pytest.raises(ValidationError, match="1 are missing, the first is 'genes'"):
        fetch_roadmap(tmp_path, addresses=fewer)


def test_the_original_addresses():
    urls = [file.url for file in remote_files()]
    assert urls[0] == (
        "https://egg2.wustl.edu/roadmap/data/byDataType/rna/expression/57epigenomes.RPKM.pc.gz"
    )
    assert all(url.startswith("https://") for url in urls)
    assert len(urls) == len(set(urls)) == 4 + 7
    known = [file for file in remote_files() if file.sha256]
    assert {file.path for file in known} == {
        "57epigenomes.RPKM.pc.gz",
        *(f"tads/{name}.bed" for name in PAPER_CELL_TYPES.values()),
    }
    tracks = track_files(["E003", "E017"], [*HISTONE_MARKS, "DNase"])
    assert tracks[0].url == (
        "https://egg2.wustl.edu/roadmap/data/byFileType/signal/consolidated/macs2signal/pval/"
        "E003-H3K4me3.pval.signal.bigwig"
    )
    assert [file.path for file in tracks if file.optional] == [
        "tracks/E003-DNase.pval.signal.bigwig",
        "tracks/E017-DNase.pval.signal.bigwig",
    ]

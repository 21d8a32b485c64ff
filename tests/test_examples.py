"""Every script of examples/ runs by itself, prints what the gallery shows, and draws."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs"
#: stem -> what its output must hold; the whole output is compared with the gallery's below
SHOWN = {
    "activity_count_strata": "average-activity   AUROC 0.9",
    "audit_a_genome": "honest-strong  C01        average precision 0.99",
    "catch_a_memoriser": "memoriser, at all 4 targets: consistent with memorisation.",
    "continuous_labels": "does-not-beat",
    "control_random_features": "performance stays at 4 of 4 targets",
    "families_of_models": "signal is better in 22 of 22 groups",
    "from_anndata": "network",
    "from_bigwig": "it beats the nearest cell type",
    "from_keras": "epoch 4 skill over the average activity 0.",
    "from_parquet": "does-not-beat (worse)",
    "from_pytorch": "network: informative",
    "from_scikit_learn": "specific",
    "gate": "memoriser passes: False",
    "information_test": "memoriser                           4                 0",
    "intervals_by_chromosome": "jackknife over the chromosomes: 10%",
    "leave_one_out": "supervised-ceiling",
    "make_splits": "hybrid: 20 splits",
    "nearest_celltype": "rough-copier in C01: consistent with copying a similar cell type",
    "ranks_profile": "honest-weak  active loci are ranked higher by +0.2",
    "what_names_a_locus": "300 of 1000 loci have a name of their own",
    "which_setting": "either           held out: mixed",
    "within_a_locus": "memoriser         0.500 [0.500, 0.500] p = 1",
}
TORCH = importlib.util.find_spec("torch") is not None
#: their numbers come from training, which libraries and processors make a little different
TRAINED = {"from_keras", "from_pytorch"}


def load_gallery():
    """The script that makes the gallery."""
    spec = importlib.util.spec_from_file_location("draw_gallery", DOCS / "draw_gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name, folder, *args):
    """Run one script in an empty folder; warnings are errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", f"{EXAMPLES / name}.py", *args],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100", "MPLBACKEND": "Agg"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def words_and_numbers(text):
    """Words of an output, and its numbers: the last digit depends on the machine."""
    number = r"[+-]?\d+\.\d+(?:e[+-]\d+)?"
    return re.sub(number, "#", text).split(), [float(found) for found in re.findall(number, text)]


def test_every_script_is_run_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_script_prints_what_the_gallery_shows_and_draws(name, tmp_path):
    picture = tmp_path / "picture.svg"
    done = run(name, tmp_path, "--figure", str(picture))
    assert done.returncode == 0, done.stderr
    if name == "from_pytorch" and not TORCH:
        assert done.stdout == "Skipped: torch is not installed (pip install torch).\n"
        assert list(tmp_path.iterdir()) == []
        return
    assert list(tmp_path.iterdir()) == [picture]
    assert "<svg" in picture.read_text(encoding="utf-8")
    stored = (DOCS / "generated" / "gallery" / f"{name}.txt").read_text(encoding="utf-8")
    (words, numbers), (expected, values) = map(words_and_numbers, (done.stdout, stored))
    assert SHOWN[name] in done.stdout
    if name in TRAINED:
        return
    assert words == expected, "run python docs/draw_gallery.py"
    assert numbers == pytest.approx(values, rel=0.02, abs=0.002)


def test_without_the_option_nothing_is_drawn(tmp_path):
    assert run("which_setting", tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_gallery_has_a_page_a_picture_and_an_output_for_every_script():
    gallery = load_gallery()
    titles = {name: title for group in gallery.GROUPS.values() for name, title in group.items()}
    assert set(titles) == set(SHOWN)
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == gallery.overview()
    for name, title in titles.items():
        page = gallery.PAGE.format(name=name, title=title, about=gallery.about(name))
        assert (DOCS / "gallery" / f"{name}.md").read_text(encoding="utf-8") == page
        assert 10_000 < (gallery.PICTURES / f"{name}.svg").stat().st_size < gallery.LARGEST
        assert (gallery.OUTPUTS / f"{name}.txt").stat().st_size > 50


def test_the_gallery_keeps_what_a_skipped_script_has_stored(tmp_path, monkeypatch):
    gallery = load_gallery()
    for folder in ("EXAMPLES", "PICTURES", "OUTPUTS"):
        monkeypatch.setattr(gallery, folder, tmp_path)
    (tmp_path / "one.py").write_text('"""About\nit.\n\nMore."""\nprint("Skipped: no x.")\n')
    (tmp_path / "one.txt").write_text("before")
    assert gallery.run("one") == "Skipped: no x."
    assert (tmp_path / "one.txt").read_text() == "before"
    assert gallery.about("one") == "About it."
    (tmp_path / "two.py").write_text(
        'import sys, pathlib\npathlib.Path(sys.argv[2]).write_text("x" * 5)\nprint("a  ")\n'
    )
    assert gallery.run("two") == "drawn"
    assert (tmp_path / "two.txt").read_text() == "a\n"
    monkeypatch.setattr(gallery, "LARGEST", 4)
    with pytest.raises(SystemExit, match="more than 4"):
        gallery.run("two")

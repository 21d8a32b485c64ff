"""Tutorials have what a tutorial needs, run by themselves, and stored ones are their source's."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_docs_numbers import code, linked, outputs, unbacked

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
AT_BUILD = sorted(TUTORIALS.glob("*.md"))
SOURCES = sorted((TUTORIALS / "sources").glob("*.md"))
STORED = sorted((TUTORIALS / "stored").glob("*.ipynb"))


def load_runner():
    """The script that runs tutorials."""
    spec = importlib.util.spec_from_file_location(
        "run_tutorials", ROOT / "docs" / "run_tutorials.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """The script, with folders of its own."""
    module = load_runner()
    for name in ("SOURCES", "STORED"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    return module


def name_of(path):
    return path.stem


# What every tutorial has --------------------------------------------------------------------------


def test_there_are_six_tutorials_and_the_site_lists_them():
    listed = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [f"tutorials/{path.stem}" for path in AT_BUILD]
    pages += [f"tutorials/stored/{path.stem}" for path in STORED]
    assert len(pages) == 6
    assert all(f"\n{page}\n" in listed for page in pages)


@pytest.mark.parametrize("path", AT_BUILD + SOURCES, ids=name_of)
def test_a_tutorial_is_a_notebook_with_a_figure_and_a_conclusion(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings[-1] == "Conclusion"
    code = "\n".join(cell.source for cell in load_runner().read_cells(path) if cell.runs)
    assert "plt.show()" in code or ".plot_scores()" in code
    compile(code, path.name, "exec")


@pytest.mark.parametrize("path", AT_BUILD + SOURCES, ids=name_of)
def test_every_figure_of_a_tutorial_has_a_text(path):
    draws = re.compile(r"^plt\.show\(\)|\.plot_scores\(\)|^draw_\w+\(", flags=re.MULTILINE)
    cells = [cell for cell in load_runner().read_cells(path) if draws.search(cell.source)]
    mute = [cell.source for cell in cells if cell.kind == "code" and not cell.options]
    assert cells
    assert not mute, 'give these :mystnb: {image: {alt: "what the figure shows"}}'


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_tutorial_on_real_data_says_how_it_is_run_and_is_stored(path):
    text = path.read_text(encoding="utf-8")
    assert "shown from stored outputs" in text
    assert f"$ python docs/run_tutorials.py {path.stem}\n" in text
    assert (TUTORIALS / "stored" / f"{path.stem}.ipynb") in STORED


@pytest.mark.parametrize("path", STORED, ids=name_of)
def test_what_is_stored_is_of_this_source_small_and_of_no_machine(path):
    runner = load_runner()
    text = path.read_text(encoding="utf-8")
    found = json.loads(text)
    cells = runner.read_cells(TUTORIALS / "sources" / f"{path.stem}.md")
    wanted = runner.notebook(cells, [[] for _ in cells])["cells"]
    stale = f"run python docs/run_tutorials.py {path.stem}"
    assert runner.written(found["cells"]) == runner.written(wanted), stale
    printed = "".join(runner.plain_text(cell) for cell in found["cells"])
    assert "<Figure>" in printed
    assert "Warning" not in printed
    assert not re.search(r"(?:^|[\s'\"])/(?:home|tmp|work|root|usr|opt|Users)/", text)
    drawn = [
        "".join(one["data"]["image/svg+xml"])
        for cell in found["cells"]
        for one in cell.get("outputs", [])
        if "image/svg+xml" in one.get("data", {})
    ]
    assert drawn
    assert max(map(len, drawn)) <= runner.LARGEST_FIGURE
    assert all(cell.get("outputs") != [] for cell in found["cells"][-4:])


# Those that need no data run here, too, without Jupyter -------------------------------------------

RUN = """
import sys, run_tutorials as r
cells = r.read_cells(r.Path(sys.argv[1]))
for cell, outputs in zip(cells, r.run_cells(cells), strict=True):
    print(r.plain_text({"outputs": outputs}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("path", AT_BUILD, ids=name_of)
def test_a_tutorial_runs_and_prints_its_numbers(path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(path)],
        cwd=TUTORIALS,
        env={**os.environ, "PYTHONPATH": str(ROOT / "docs"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = "\n".join([done.stdout, code(path), *map(outputs, [path, *linked(path)])])
    wrong = unbacked(path.read_text(encoding="utf-8"), shown)
    assert not wrong, f"the tutorial does not print {wrong}"


# The script that runs them ------------------------------------------------------------------------

SOURCE = """---
file_format: mystnb
---

# Title

```{code-cell} python
:tags: [remove-cell]

%config InlineBackend.figure_formats = ["svg"]
```

Words.

```{code-cell} python
:tags: [hide-input]

x = 1.25
print("x is", x)
x + 1
```

```python
not_run()
```

```{code-cell} python
:mystnb: {image: {alt: "A line: up."}}

import matplotlib.pyplot as plt
import pandas as pd

plt.plot([1, 2])
pd.DataFrame({"a": [1.5]})
```
"""


def write(runner, text=SOURCE):
    (runner.SOURCES / "one.md").write_text(text, encoding="utf-8")


def test_cells_are_read_as_myst_nb_reads_them(runner):
    write(runner)
    cells = runner.read_cells(runner.SOURCES / "one.md")
    assert [cell.kind for cell in cells] == ["markdown", "code"] * 3
    assert [cell.runs for cell in cells] == [False, False, False, True, False, True]
    assert cells[3].source == 'x = 1.25\nprint("x is", x)\nx + 1'
    assert "not_run" in cells[4].source


def test_a_notebook_is_stored_with_what_it_prints_and_draws(runner, capsys):
    write(runner)
    assert runner.main([]) == 0
    assert capsys.readouterr().out.startswith("written: docs/tutorials/stored/one.ipynb")
    found = json.loads((runner.STORED / "one.ipynb").read_text(encoding="utf-8"))
    _, _, code, _, last = found["cells"]
    assert code["metadata"] == {"tags": ["hide-input"]}
    assert code["outputs"][0]["text"] == ["x is 1.25\n"]
    assert code["outputs"][1]["data"] == {"text/plain": ["2.25"]}
    assert last["metadata"]["mystnb"] == {"image": {"alt": "A line: up."}}
    assert runner.plain_text(last) == "     a\n0  1.5<Figure>"
    assert "<table" in "".join(last["outputs"][0]["data"]["text/html"])
    assert runner.main(["--check"]) == 0


def test_the_stored_notebook_can_be_read_by_jupyter(runner):
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with the extra `docs`")
    write(runner)
    runner.main(["one"])
    nbformat.validate(nbformat.read(runner.STORED / "one.ipynb", as_version=4))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("x = 1.25", "x = 1.5", "text or code has changed"),
        ("Words.", "Other words.", "text or code has changed"),
    ],
)
def test_a_changed_source_is_stale(runner, capsys, before, after, words):
    write(runner)
    runner.main(["one"])
    write(runner, SOURCE.replace(before, after))
    assert runner.main(["--check"]) == 1
    assert words in capsys.readouterr().out


def test_another_output_is_stale_and_a_last_digit_is_not(runner, capsys):
    write(runner)
    assert runner.main(["--check"]) == 1
    assert "stale: one, not stored" in capsys.readouterr().out
    runner.main(["one"])
    path = runner.STORED / "one.ipynb"
    stored = path.read_text(encoding="utf-8")
    path.write_text(stored.replace("x is 1.25", "x is 1.2501"), encoding="utf-8")
    assert runner.main(["--check"]) == 0
    path.write_text(stored.replace("x is 1.25", "x is 1.40"), encoding="utf-8")
    assert runner.main(["--check"]) == 1
    assert "printed\nx is 1.25" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("18,915 genes, 0.981", "18,915  genes,\n0.983", True),
        ("5 of 5 beat", "4 of 5 beat", False),
        ("p = 1e-12", "p = 3e-13", True),
        ("a 1.0", "b 1.0", False),
        ("1.0 2.0", "1.0", False),
    ],
)
def test_texts_are_compared_word_by_word_and_numbers_nearly(one, other, same):
    assert load_runner().same_text(one, other) is same


def test_a_warning_is_a_fault(runner):
    write(
        runner,
        SOURCE.replace("x = 1.25", "import sys\nprint('careful', file=sys.stderr)\nx = 1.25"),
    )
    with pytest.raises(SystemExit, match="wrote errors:\ncareful"):
        runner.main(["one"])
    assert not list(runner.STORED.iterdir())


def test_a_large_figure_is_a_fault(runner, monkeypatch):
    write(runner)
    monkeypatch.setattr(runner, "LARGEST_FIGURE", 100)
    with pytest.raises(SystemExit, match="more than 100"):
        runner.main(["one"])

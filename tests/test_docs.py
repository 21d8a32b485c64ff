"""The pages show what the program prints, and their links lead somewhere."""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import leakcheck
import leakcheck.reference
from leakcheck.checks import CHECKS, REFUSALS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
SNIPPETS = sorted((DOCS / "snippets").glob("*.py"))
#: folders of docs/ with pages
PARTS = ("guide", "howto", "contribute", "checks", "gallery", "tutorials", "tutorials/sources")
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
    + [page for part in PARTS for page in DOCS.glob(f"{part}/*.md")]
)


def read(path: Path) -> str:
    """A page as text."""
    return path.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Anchors that headings of a page give, as GitHub and the documentation make them."""
    titles = re.findall(r"^#+ (.+)$", read(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def apart(text: str) -> tuple[list[str], list[float]]:
    """Words and numbers of an output: the last digit of a number depends on the machine."""
    number = r"[+-]?\d+\.\d+"
    words = re.sub(r"\s+", " ", re.sub(number, "#", text)).strip().split(" ")
    return words, [float(found) for found in re.findall(number, text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page):
    wrong = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(page)):
        path, _, anchor = link.partition("#")
        target = page if path == "" else (page.parent / path).resolve()
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert not wrong


def test_every_included_file_is_there():
    directive = re.compile(r"^```\{(?:literalinclude|include)\} (\S+)$", flags=re.MULTILINE)
    missing = [
        f"{page.name}: {name}"
        for page in PAGES
        for name in directive.findall(read(page))
        if not (page.parent / name).exists()
    ]
    assert not missing, "run python3 dev.py generate"


def test_nothing_tells_to_install_the_stranger_of_that_name():
    """`pip install leakcheck` installs a program that is not ours."""
    texts = [
        path for path in (ROOT / "examples").rglob("*") if path.suffix in {".py", ".yml", ".md"}
    ]
    told = re.compile(r"(?<!Not `)pip install [^`\n]*(?<![./\w-])leakcheck\b(?!/)[^`\n]*")
    assert told.search("- run: pip install leakcheck pytest")
    assert told.search("`pip install 'leakcheck[scale]'`")
    assert not told.search("pip install ./vendor/leakcheck")
    wrong = [
        f"{path.name}: {found[0]}"
        for path in [*PAGES, *texts]
        for found in told.finditer(read(path))
    ]
    assert not wrong


def test_every_public_name_has_its_page():
    listed = set(re.findall(r"^   (?:\w+\.)*(\w+)$", read(DOCS / "api.md"), flags=re.MULTILINE))
    modules = {name for name in leakcheck.__all__ if inspect.ismodule(getattr(leakcheck, name))}
    assert set(leakcheck.__all__) - modules <= listed
    assert set(leakcheck.reference.__all__) <= listed


PACKAGES = ["data", "adapters", "simulate", "splits", "controls", "scale", "plots"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_api_page_has_every_name_of_the_public_packages(package):
    page = read(DOCS / "api.md")
    named = set(re.findall(r"^   (?:\w+\.)*(\w+)$", page, flags=re.MULTILINE))
    named |= set(re.findall(r"`(?:\w+\.)*(\w+)`", page))  # constants stand in sentences
    assert set(importlib.import_module(f"leakcheck.{package}").__all__) <= named


def test_the_readme_shows_the_example_and_its_output():
    code, output = (
        read(DOCS / "snippets" / "first_audit.py"),
        read(DOCS / "generated/first-audit.txt"),
    )
    assert f"```python\n{code}```\n\n```text\n{output}```\n" in read(README)


def test_the_readme_names_two_commands_to_begin_with():
    commands = re.findall(r"^\$ (python3 dev\.py \w+)", read(README), flags=re.MULTILINE)
    assert commands == ["python3 dev.py demo", "python3 dev.py test"]


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_snippets_print_what_the_pages_show(snippet, tmp_path):
    if snippet.stem == "scale_memory" and NumpyVersion(np.__version__) >= "2.5.0":
        pytest.skip("numpy from 2.5 on needs more memory for a sort than the page says")
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(snippet)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = DOCS / "generated" / f"{snippet.stem.replace('_', '-')}.txt"
    expected = read(shown) if shown.exists() else ""
    words, numbers = apart(done.stdout)
    expected_words, expected_numbers = apart(expected)
    assert words == expected_words, "run python3 dev.py generate"
    assert numbers == pytest.approx(expected_numbers, rel=0.02, abs=0.002)


def script(name: str):
    """A script of docs/ as a module; docs is no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tables_of_the_code_are_as_the_code_is():
    for path, text in script("code_tables").wanted().items():
        assert read(path) == text, "run python3 dev.py generate"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda tables: tables["ranks"].update(novel="float"), "nothing of `novel` of `ranks`"),
        (lambda tables: tables.update(novel={}), r"differ in \['novel'\]"),
        (lambda tables: tables["ranks"].pop("score_q25"), r"differ in \['score_q25'\]"),
    ],
)
def test_columns_without_words_and_words_without_a_column_are_found(change, named):
    tables = {name: dict(columns) for name, columns in leakcheck.results.TABLES.items()}
    change(tables)
    with pytest.raises(SystemExit, match=named):
        script("code_tables").report_tables(tables)


def test_words_of_the_walk_are_counted():
    walk = script("walk_words")
    assert walk.words("# A title\n[a link](x.md) of 3 - words\n```sh\n$ run it\n```\n") == (7, 2)
    assert walk.split_report("Two words\nmodel  target  AP\nmemo   C01     0.9\n") == (2, 6)
    transcript = read(DOCS / "generated" / "walk.txt")
    assert len(walk.answers_of(transcript)) == len(walk.ANSWERS)
    stored = read(DOCS / "generated" / "walk-steps.md")
    assert stored == walk.table(read(README), transcript), "run python3 dev.py generate"


def test_the_picture_of_the_architecture_is_drawn_from_the_code():
    drawing = script("draw_architecture")
    units, arrows = drawing.graph()
    assert read(drawing.PICTURE) == drawing.drawn(units, arrows), (
        "run: python docs/draw_architecture.py"
    )


def test_arrows_that_follow_from_others_are_left_out():
    arrows = {("a", "b"), ("b", "c"), ("a", "c"), ("a", "d")}
    assert script("draw_architecture").reduced(arrows) == arrows - {("a", "c")}


@pytest.fixture
def site(tmp_path):
    """A small site with one fault of each kind."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(
        '<a href="sub/page.html#here">x</a> <a href="sub/">y</a> <a href="https://e.org/#z">z</a>'
        '<a href="#top" id="top">t</a> <img src="a.png" alt="A picture">',
        encoding="utf-8",
    )
    (tmp_path / "sub" / "index.html").write_text(
        '<a href="../none.html">x</a><a href="page.html#gone">y</a><img src="../a.png">',
        encoding="utf-8",
    )
    (tmp_path / "sub" / "page.html").write_text('<p id="here">x</p>', encoding="utf-8")
    (tmp_path / "tutorials").mkdir()
    (tmp_path / "tutorials" / "no-figure.html").write_text("<p>x</p>", encoding="utf-8")
    (tmp_path / "tutorials" / "figure.html").write_text(
        '<img src="../a.png" alt="../a.png">', encoding="utf-8"
    )
    (tmp_path / "a.png").touch()
    return tmp_path


def test_faults_of_links_and_pictures_are_found(site):
    checker = script("check_links")
    assert list(checker.faults(site)) == [
        "sub/index.html: ../none.html: no such file",
        "sub/index.html: page.html#gone: no such place on the page",
        "sub/index.html: ../a.png: no text for the picture",
        "tutorials/figure.html: ../a.png: no text for the picture",
        "tutorials/no-figure.html: a tutorial without a figure",
    ]
    assert checker.outside(site) == ["https://e.org/"]


@pytest.mark.parametrize("network", [True, False])
def test_addresses_elsewhere_are_skipped_without_a_network(site, network, monkeypatch, capsys):
    checker = script("check_links")
    monkeypatch.setattr(checker, "online", lambda: network)
    monkeypatch.setattr(checker, "unreachable", lambda address: "status 404")
    monkeypatch.setattr(checker.sys, "argv", ["check_links.py", str(site), "--external"])
    assert checker.main() == 1
    shown = capsys.readouterr().out
    assert ("There is no network: 1 addresses elsewhere" in shown) == (not network)
    assert ("https://e.org/: status 404" in shown) == network


def test_no_built_pages_are_an_error(tmp_path, monkeypatch, capsys):
    checker = script("check_links")
    monkeypatch.setattr(checker.sys, "argv", ["check_links.py", str(tmp_path)])
    assert checker.main() == 2
    assert "python3 dev.py docs" in capsys.readouterr().out


def test_the_glossary_has_the_words_of_one_meaning():
    """The words that code, messages and pages share; each is explained once."""
    words = {
        "locus", "cell type", "label", "score", "target", "reference cell types",
        "average activity", "nearest cell type", "activity count", "stratum", "skill", "setting",
        "block", "margin", "family", "oracle", "supervised ceiling",
    }  # fmt: skip
    terms = re.findall(r"^([a-z][a-z ]+)$", read(DOCS / "glossary.md"), flags=re.MULTILINE)
    assert len(terms) == len(set(terms))
    assert words <= set(terms)
    used = {
        term
        for page in PAGES
        for term in re.findall(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`", read(page))
    }
    assert {one.lower() for one in used} <= set(terms)


def test_every_code_has_an_example_that_its_page_shows():
    pages = script("check_pages")
    assert set(pages.functions()) == {*CHECKS, *REFUSALS}
    for code in pages.functions():
        assert f"../generated/checks/{code.lower()}.txt" in read(pages.PAGES / f"{code.lower()}.md")


@pytest.mark.slow
def test_examples_of_codes_print_what_their_pages_show():
    pages = script("check_pages")
    for code in pages.functions():
        made = apart(pages.example_text(code))
        stored = apart(read(pages.GENERATED / f"{code.lower()}.txt"))
        assert made[0] == stored[0], f"{code}: run python3 dev.py generate"
        assert made[1] == pytest.approx(stored[1], rel=0.02, abs=0.002)


def test_the_packed_pages_are_those_of_the_documentation():
    pages = script("check_pages")
    for code in [*CHECKS, *REFUSALS]:
        shown = pages.GENERATED / f"{code.lower()}.txt"
        text = pages.plain_text(code, read(shown) if shown.exists() else "")
        assert read(pages.PACKED / f"{code.lower()}.txt") == text, "run python3 dev.py generate"
    assert pages.index_tables() in read(pages.INDEX)
    assert len(list(pages.PACKED.glob("*.txt"))) == len(CHECKS) + len(REFUSALS)


def test_every_code_keeps_its_old_anchor():
    for code in CHECKS:
        assert f'<a id="{code.lower()}"></a>' in read(DOCS / "checks.md")

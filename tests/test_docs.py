"""The pages show what the program prints, and their links lead somewhere."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import leakcheck

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
SNIPPETS = sorted((DOCS / "snippets").glob("*.py"))
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
    + [page for part in ("guide", "howto", "contribute") for page in DOCS.glob(f"{part}/*.md")]
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


def test_every_public_name_has_its_page():
    listed = set(re.findall(r"^   (?:\w+\.)*(\w+)$", read(DOCS / "api.md"), flags=re.MULTILINE))
    modules = {name for name in leakcheck.__all__ if inspect.ismodule(getattr(leakcheck, name))}
    assert set(leakcheck.__all__) - modules <= listed


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

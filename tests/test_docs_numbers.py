"""No number on a page without a command that makes it.

Every decimal number in the sentences of a page must stand in an output that the page shows, or in
one of a page that it links to. Code, formulas in code marks and addresses are not sentences.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", *DOCS.glob("*.md")]
    + [page for part in ("guide", "howto", "checks") for page in DOCS.glob(f"{part}/*.md")]
)
#: made whole by a command, or, for the changelog, not about what is measured
GENERATED = {"statistics-table.md", "benchmarks.md", "changelog.md", "gallery.md"}
#: thresholds and constants of the rules, which the code has
RULES = {
    0.0, 0.05, 0.1, 0.4, 0.5, 0.99, 0.995,  # margin, partial correlation, sign, chance, copies
    0.09,  # no skill of 5 positives among 100, a formula beside it
    1.0, 2.6,  # perfect; standard errors that a gain must have to be found
    3.11,  # Python
    0.2, 0.9,  # shares of a simulation, named beside the code that sets them
}  # fmt: skip
NUMBER = re.compile(r"(?<![\w./-])\d+\.\d+(?![\w/]|\.\d)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def sentences(text: str) -> str:
    """A page without blocks of code, code marks, addresses and comments."""
    text = re.sub(r"^( *)(```+|:::+).*?^\1\2", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`]*`|doi:\S+|\]\([^)]*\)|<[^>]*>", " ", text)


def outputs(page: Path) -> str:
    """What a page shows of programs: included files, and blocks of text."""
    text = read(page)
    included = re.findall(r"^```\{(?:literalinclude|include)\} (\S+)$", text, flags=re.MULTILINE)
    blocks = re.findall(r"^```(?:text|console)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    files = [read(page.parent / name) for name in included if (page.parent / name).exists()]
    return "\n".join([*files, *blocks])


def linked(page: Path) -> list[Path]:
    """Pages of ours that a page links to."""
    text = read(page)
    names = [f"{name}.md" for name in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>#]+)>?`", text)]
    names += re.findall(r"\]\((?!https?:)([^)\s#]+\.md)", text)
    paths = [(page.parent / name).resolve() for name in names]
    return [path for path in paths if path.exists() and path.is_relative_to(ROOT)]


def backed(number: str, made: set[float]) -> bool:
    """Whether an output has a number, or has it with more digits."""
    value, digits = float(number), len(number.partition(".")[2])
    return value in RULES or any(round(one, digits) == value for one in made)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_numbers_in_sentences_come_from_outputs(page):
    if page.name in GENERATED:
        pytest.skip("made whole by a command")
    shown = "\n".join(outputs(one) for one in [page, *linked(page)])
    made = {float(one) for one in re.findall(r"\d+\.\d+", shown)}
    unknown = [one for one in NUMBER.findall(sentences(read(page))) if not backed(one, made)]
    assert not unknown, f"no output on the page, or on one that it links to, has {unknown}"


def test_a_number_without_a_source_is_found():
    assert NUMBER.findall(sentences("It gains 0.123 [here](x.md).")) == ["0.123"]
    assert NUMBER.findall(sentences("`0.123` doi:10.1186/s1, v1.2.3\n```text\n0.5\n```\n")) == []
    assert backed("0.12", {0.1234})
    assert not backed("0.124", {0.1234})

"""No number on a page without a command that makes it.

Every number in the sentences of a page, with a decimal point, or whole and ten or more, must stand
in an output or in code that the page shows, or in one of a page that it links to. Code, formulas
in code marks and addresses are not sentences. Tutorials that are run at the build are looked at in
tests/test_tutorials.py, which has their outputs.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PARTS = ("guide", "howto", "checks", "contribute", "gallery", "tutorials/sources")
PAGES = sorted(
    [ROOT / "README.md", *DOCS.glob("*.md")]
    + [page for part in PARTS for page in DOCS.glob(f"{part}/*.md")]
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
    10, 20, 200,  # of a class in a stratum; stretches, quantile bins; tested loci, kb of a gap
    50,  # loci of a perfect order of ranks
    0.6,  # AUROC below which an average says nothing
    90, 95, 100,  # percent of intervals, of the largest setting, of what stays; loci a direction
    22, 51, 54, 55, 56,  # autosomes; the paper's training cell types, strata, references, all
    0.95, 1024, 70,  # the confidence level; fewest bins; status of a fault of our own
}  # fmt: skip
NUMBER = re.compile(r"(?<![\w./-])\d+\.\d+(?![\w/]|\.\d)")
#: `12` and `3,000`, and neither `chr12`, `12.5`, `12-13`, `1:12` nor the `12` of a name
WHOLE = re.compile(r"(?<![\w./,:-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\w/]|[.,:-]\d|-\w)")
#: years, and places in journals
CITED = re.compile(r"\b(?:19|20)\d\d\b|\*[^*]+\* \d+|^> .*$", flags=re.MULTILINE)
LEAST = 10


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def sentences(text: str) -> str:
    """A page without its head, blocks of code, code marks, addresses and comments."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"(\d) million\b", r"\1,000,000", text)
    text = re.sub(r"^( *)(```+|:::+).*?^\1\2", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`]*`|doi:\S+|\]\([^)]*\)|<[^>]*>", " ", text)


def outputs(page: Path) -> str:
    """What a page shows of programs: included files, blocks of text, a stored notebook."""
    text = read(page)
    included = re.findall(r"^```\{(?:literalinclude|include)\} (\S+)$", text, flags=re.MULTILINE)
    blocks = re.findall(r"^```(?:text|console)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    files = [read(page.parent / name) for name in included if (page.parent / name).exists()]
    return "\n".join([*files, *blocks, *stored(page)])


def stored(page: Path) -> list[str]:
    """What a tutorial on real data printed when it was stored."""
    path = page.parents[1] / "stored" / f"{page.stem}.ipynb"
    if page.parent.name != "sources" or not path.exists():
        return []
    shown = [one for cell in json.loads(read(path))["cells"] for one in cell.get("outputs", [])]
    return ["".join(one.get("text") or one["data"]["text/plain"]) for one in shown]


def code(page: Path) -> str:
    """Code of a page, in blocks and in marks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]*`", read(page), flags=re.DOTALL))


def linked(page: Path) -> list[Path]:
    """Pages of ours that a page links to."""
    text = read(page)
    names = [f"{name}.md" for name in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>#]+)>?`", text)]
    names += re.findall(r"\]\((?!https?:)([^)\s#]+\.md)", text)
    paths = [(page.parent / name).resolve() for name in names]
    return [path for path in paths if path.exists() and path.is_relative_to(ROOT)]


def backed(number: str, made: set[float]) -> bool:
    """Whether an output has a number, or has it with more digits."""
    value, digits = float(number.replace(",", "")), len(number.partition(".")[2])
    return value in RULES or any(round(one, digits) == value for one in made)


def numbers(text: str) -> set[float]:
    """Every number of an output."""
    found = re.findall(r"\d+\.\d+|\d{1,3}(?:,\d{3})+|\d+(?:_\d{3})*", text)
    return {float(one.replace(",", "").replace("_", "")) for one in found}


def unbacked(text: str, shown: str) -> list[str]:
    """Numbers in the sentences of a text that nothing shown has."""
    said, made = sentences(text), numbers(shown)
    whole = [
        one for one in WHOLE.findall(CITED.sub(" ", said)) if int(one.replace(",", "")) >= LEAST
    ]
    exact = {str(int(one)) for one in made if one == int(one)}
    wrong = [one for one in NUMBER.findall(said) if not backed(one, made)]
    return wrong + [
        one for one in whole if one.replace(",", "") not in exact and not backed(one, set())
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_numbers_in_sentences_come_from_outputs(page):
    if page.name in GENERATED:
        pytest.skip("made whole by a command")
    text = read(page)
    if page.parent.name == "checks":  # each tells a made-up case
        text = re.sub(r"^## Example\n.*?(?=^## |\Z)", "", text, flags=re.DOTALL | re.MULTILINE)
    shown = "\n".join([code(page), *(outputs(one) for one in [page, *linked(page)])])
    wrong = unbacked(text, shown)
    assert not wrong, f"no output on the page, or on one that it links to, has {wrong}"


def test_a_number_without_a_source_is_found():
    assert unbacked("It gains 0.123 in 3,012 of 23 [x](y0.5.md), 12-fold, 2019, chr17.", "") == [
        "0.123", "3,012", "23",
    ]  # fmt: skip
    assert unbacked("It gains 0.12 at 3,012 loci.", "0.1234 3012") == []
    assert unbacked("It gains 0.124 at 3 loci.", "0.1234") == ["0.124"]
    assert unbacked("It has 30 loci.", "30.4") == ["30"]
    assert unbacked("`0.123` doi:10.1186/s1, v1.2.3\n```text\n0.567\n```\n", "") == []

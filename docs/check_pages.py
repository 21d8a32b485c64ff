"""The pages of the codes: their examples, the index, and the plain text that leakcheck prints.

People write docs/checks/lk012.md and, where the code can be shown, a function `lk012` in
docs/check_examples. From these come

- docs/generated/checks/lk012.txt: the body of the function, and what leakcheck found;
- leakcheck/_pages/lk012.txt: the page as plain text, for `leakcheck explain` and the HTML report;
- the tables of docs/checks.md, between two marks.

`docs/generate.py` calls `wanted` and writes or checks all of them.
"""

import ast
import inspect
import re
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leakcheck
from leakcheck.checks import CHECKS, REFUSALS, Check

DOCS = Path(__file__).resolve().parent
PAGES = DOCS / "checks"
INDEX = DOCS / "checks.md"
EXAMPLES = DOCS / "check_examples"
GENERATED = DOCS / "generated" / "checks"
PACKED = DOCS.parent / "leakcheck" / "_pages"

WIDTH = 80
TABLES = re.compile(r"(?<=<!-- codes -->\n).*?(?=<!-- end of codes -->)", flags=re.DOTALL)
#: where a code comes from, and the codes
GROUPS = {
    "Findings of an audit": lambda code: code in CHECKS and code not in _of_splits(),
    "Findings of a split": lambda code: code in _of_splits(),
    "Input that is refused": lambda code: code in REFUSALS,
}


def wanted() -> dict[Path, str]:
    """Every file that is made here, with its text."""
    examples = {code: example_text(code) for code in functions()}
    texts = {GENERATED / f"{code.lower()}.txt": text for code, text in examples.items()}
    for code in [*CHECKS, *REFUSALS]:
        texts[PACKED / f"{code.lower()}.txt"] = plain_text(code, examples.get(code, ""))
    texts[INDEX] = TABLES.sub(lambda _: index_tables(), INDEX.read_text(encoding="utf-8"))
    return texts


# Examples -----------------------------------------------------------------------------------------


def functions() -> dict[str, Callable[[], Any]]:
    """The function of each code that has an example."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    import of_audits  # noqa: PLC0415 - their folder is no package
    import of_files  # noqa: PLC0415
    import of_input  # noqa: PLC0415
    import of_splits  # noqa: PLC0415

    found = {}
    for module in (of_audits, of_files, of_splits, of_input):
        named = {name.upper(): one for name, one in vars(module).items() if inspect.isfunction(one)}
        found |= {code: one for code, one in named.items() if code in {**CHECKS, **REFUSALS}}
    return dict(sorted(found.items()))


def example_text(code: str) -> str:
    """The body of an example, and below it, as comments, what leakcheck says of it."""
    function = functions()[code]
    lines = inspect.getsource(function).splitlines()
    (node,) = ast.parse(textwrap.dedent("\n".join(lines))).body
    body = textwrap.dedent("\n".join(lines[node.body[0].lineno - 1 :]))
    said = "\n".join(f"# {line}".rstrip() for line in what_is_said(code, function))
    start = "# honest, labels, loci, references, ...: docs/check_examples/world.py\n"
    return f"{start}{body.replace('return ', '', 1)}\n\n{said}\n"


def what_is_said(code: str, function: Callable[[], Any]) -> list[str]:
    """Lines of the finding, or of the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = function().findings
        except leakcheck.ValidationError as error:
            if error.code != code:
                raise
            return textwrap.wrap(f"ValidationError: {error}", WIDTH - 6)
    rows = found[found["code"] == code]
    if rows.empty:
        raise SystemExit(f"the example of {code} gives {sorted(set(found['code']))}")
    row = rows.iloc[0]
    place = " ".join(name for name in (row["model"], row["target"]) if name)
    where = f" ({place})" if place else ""
    head = f"{row['code']} {row['severity']}: {row['title']}{where}"
    return [*textwrap.wrap(head, WIDTH - 6), *textwrap.wrap(row["evidence"], WIDTH - 6)]


# Plain text ---------------------------------------------------------------------------------------


def plain_text(code: str, example: str) -> str:
    """A page as it is printed: marks of Markdown go, code is indented, lines are short."""
    check = {**CHECKS, **REFUSALS}[code]
    text = (PAGES / f"{code.lower()}.md").read_text(encoding="utf-8")
    _, _, body = text.partition("\n## ")
    blocks = re.split(r"\n{2,}", f"## {body}".strip())
    head = f"{code} ({check.severity}): {check.title}"
    # An installed package has no docs/.
    where = "Paths under docs/ are in the clone of leakcheck. This page, with links:"
    end = f"{where}\ndocs/checks/{code.lower()}.md"
    return "\n\n".join([head, *(_plain_block(one, example) for one in blocks), end]) + "\n"


def _plain_block(block: str, example: str) -> str:
    """A heading, the example, a list, a table or code as it stands, or a paragraph."""
    if block.startswith("## "):
        return block[3:]
    if block.startswith("```{literalinclude}"):
        return textwrap.indent(example.rstrip(), "    ")
    if block.startswith("```"):
        return textwrap.indent("\n".join(block.splitlines()[1:-1]), "    ")
    if re.match(r"(- |\d\. )", block):
        items = re.split(r"\n(?=(?:- |\d\. ))", block)
        return "\n".join(_wrapped(item, hanging=2) for item in items)
    return _wrapped(block)


def _wrapped(text: str, hanging: int = 0) -> str:
    """Words of a paragraph, without marks."""
    words = " ".join(text.split())
    words = re.sub(r"\{doc\}`(?:[^`<]*<)?\.\./([^`>]+)>?`", r"docs/\1.md", words)
    words = re.sub(r"\{term\}`([^`<]+?)(?: <[^>]+>)?`", r"\1", words)
    words = re.sub(r"\[([^\]]+)\]\((https?:[^)]+)\)", r"\1 (\2)", words)
    words = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", words)
    words = re.sub(r"\*\*([^*]+)\*\*|(?<![\w*])\*([^*]+)\*(?![\w*])", r"\1\2", words)
    indent = " " * (2 + hanging)
    return textwrap.fill(
        words, WIDTH, initial_indent="  ", subsequent_indent=indent, break_on_hyphens=False
    )


# The index ----------------------------------------------------------------------------------------


def _of_splits() -> set[str]:
    """Codes that `detect_design` finds."""
    return {"LK026", *(f"LK{number:03d}" for number in range(31, 45))}


def index_tables() -> str:
    """A table of codes for each place that they come from; every code keeps its old anchor."""
    checks = {**CHECKS, **REFUSALS}
    parts = []
    for title, holds in GROUPS.items():
        rows = [_row(check) for code, check in checks.items() if holds(code)]
        parts.append(f"## {title}\n\n| code | severity | what was found |\n|---|---|---|\n")
        parts.append("\n".join(rows) + "\n\n")
    names = "\n".join(f"checks/{code.lower()}" for code in checks)
    parts.append(f"```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{names}\n```\n")
    return "".join(parts)


def _row(check: Check) -> str:
    """One row of a table."""
    code = check.code.lower()
    anchor = f'<a id="{code}"></a>'
    return f"| {anchor}[{check.code}](checks/{code}.md) | {check.severity} | {check.title} |"

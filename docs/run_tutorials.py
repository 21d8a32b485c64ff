"""Run the tutorials that need the real data, and store them with what they print and draw.

    python docs/run_tutorials.py             run all, and store them in docs/tutorials/stored
    python docs/run_tutorials.py NAME        run one
    python docs/run_tutorials.py --check     run them, store nothing; status 1 where a stored
                                             output is no longer what the program prints

They lie in docs/tutorials/sources. The folder of the data is named by LEAKCHECK_DATA, or is
../shared/data beside the clone. The site shows the stored notebooks and runs nothing of them, so
that it can be built anywhere. Jupyter is not needed. Tutorials that need no data are run by
myst-nb whenever the site is built.
"""

import argparse
import ast
import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd

TUTORIALS = Path(__file__).resolve().parent / "tutorials"
SOURCES, STORED = TUTORIALS / "sources", TUTORIALS / "stored"
LARGEST_FIGURE = 200_000
#: last digits depend on the machine: words are compared exactly, numbers with these tolerances
RELATIVE, ABSOLUTE = 0.02, 0.005
#: nothing of a table is left out of its text, which is compared
WIDE_TABLES = ("display.width", 200, "display.max_columns", 50, "display.max_colwidth", 100)
_HEADER = re.compile(r"\A---\n.*?\n---\n", flags=re.DOTALL)
_CODE = re.compile(r"^```\{code-cell\} python\n((?::[^\n]*\n)*)(.*?)^```$", re.DOTALL | re.M)
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


class Cell(NamedTuple):
    """One cell of a notebook in MyST text."""

    kind: str  # "markdown" or "code"
    source: str
    options: str = ""

    @property
    def runs(self) -> bool:
        """Whether the cell is Python, rather than settings of Jupyter."""
        return self.kind == "code" and not self.source.startswith("%")

    @property
    def metadata(self) -> dict[str, Any]:
        """Tags of the cell, and the text for its figures, as myst-nb reads them."""
        tags = re.search(r"^:tags: \[(.*)\]$", self.options, flags=re.MULTILINE)
        text = re.search(r'^:mystnb: \{image: \{alt: "(.*)"\}\}$', self.options, re.MULTILINE)
        image = {"mystnb": {"image": {"alt": text[1]}}} if text else {}
        return {"tags": tags[1].split(", ") if tags else []} | image


def main(argv: list[str] | None = None) -> int:
    """Run, then store or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="tutorials to run; all by default")
    parser.add_argument("--check", action="store_true", help="store nothing; say what is stale")
    given = parser.parse_args(argv)
    stale = []
    for name in given.names or sorted(path.stem for path in SOURCES.glob("*.md")):
        cells = read_cells(SOURCES / f"{name}.md")
        outputs = run_cells(cells)
        stored = STORED / f"{name}.ipynb"
        if given.check:
            stale += [f"{name}, {words}" for words in differences(cells, outputs, stored)]
            continue
        STORED.mkdir(exist_ok=True)
        text = json.dumps(notebook(cells, outputs), indent=1, ensure_ascii=False)
        stored.write_text(text + "\n", encoding="utf-8", newline="\n")
        print(f"written: docs/tutorials/stored/{stored.name}, {stored.stat().st_size:,} bytes")
    for line in stale:
        print(f"stale: {line}")
    return 1 if stale else 0


def read_cells(path: Path) -> list[Cell]:
    """Cells of a notebook in MyST text."""
    text = _HEADER.sub("", path.read_text(encoding="utf-8"))
    cells, begin = [], 0
    for found in _CODE.finditer(text):
        cells += _markdown(text[begin : found.start()])
        cells.append(Cell("code", found[2].strip("\n"), found[1].strip("\n")))
        begin = found.end()
    return cells + _markdown(text[begin:])


def _markdown(text: str) -> list[Cell]:
    return [Cell("markdown", text.strip("\n"))] if text.strip() else []


def run_cells(cells: list[Cell]) -> list[list[dict[str, Any]]]:
    """Outputs of each cell, as a notebook has them; they share one namespace.

    What a cell prints, the value of its last line, and the figures that it leaves open are kept,
    as Jupyter keeps them. Anything on standard error, a warning say, is a fault.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - the backend is chosen before

    settings = {"svg.hashsalt": "leakcheck", "figure.dpi": 96}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    outputs = []
    with mpl.rc_context(settings), pd.option_context(*WIDE_TABLES):
        plt.switch_backend("Agg")
        for cell in cells:
            printed, complaints = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaints):
                value = run_code(cell.source, namespace) if cell.runs else None
            if complaints.getvalue():
                raise SystemExit(f"{cell.source}\n\nwrote errors:\n{complaints.getvalue()}")
            shown = [*text_outputs(printed.getvalue(), value), *figure_outputs(plt)]
            outputs.append(shown)
    return outputs


def run_code(source: str, namespace: dict[str, Any]) -> Any:
    """Run the lines of a cell; the value of its last one where that is an expression."""
    lines = ast.parse(source).body
    last = lines.pop() if lines and isinstance(lines[-1], ast.Expr) else None
    exec(compile(ast.Module(lines, []), "<cell>", "exec"), namespace)  # noqa: S102 - our own text
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)  # noqa: S307


def text_outputs(printed: str, value: Any) -> Iterator[dict[str, Any]]:
    """What was printed, and the value of the last line as text and, for a table, as HTML."""
    if printed:
        yield {"output_type": "stream", "name": "stdout", "text": lines_of(printed)}
    if value is not None:
        data = {"text/plain": lines_of(repr(value))}
        if hasattr(value, "_repr_html_"):
            data["text/html"] = lines_of(value._repr_html_())
        yield {"output_type": "display_data", "data": data, "metadata": {}}


def figure_outputs(plt: Any) -> Iterator[dict[str, Any]]:
    """Figures that are open, as SVG; they are closed."""
    for number in plt.get_fignums():
        buffer = io.StringIO()
        figure = plt.figure(number)
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
        drawn = buffer.getvalue()
        if len(drawn) > LARGEST_FIGURE:
            raise SystemExit(f"a figure has {len(drawn):,} bytes, more than {LARGEST_FIGURE:,}")
        data = {"image/svg+xml": lines_of(drawn), "text/plain": ["<Figure>"]}
        yield {"output_type": "display_data", "data": data, "metadata": {}}


def lines_of(text: str) -> list[str]:
    """Text as a notebook stores it."""
    return text.splitlines(keepends=True)


def notebook(cells: list[Cell], outputs: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The notebook in Jupyter's format 4.5."""
    made: list[dict[str, Any]] = []
    for number, (cell, shown) in enumerate(zip(cells, outputs, strict=True)):
        one: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{number:02d}",
            "metadata": cell.metadata,
            "source": lines_of(cell.source),
        }
        made.append(one | ({"execution_count": None, "outputs": shown} if cell.runs else {}))
    made = [one for one in made if one["cell_type"] == "markdown" or "outputs" in one]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def differences(
    cells: list[Cell], outputs: list[list[dict[str, Any]]], stored: Path
) -> Iterator[str]:
    """Where the stored notebook is not what its source says, or what the program prints."""
    if not stored.exists():
        yield "not stored"
        return
    old = json.loads(stored.read_text(encoding="utf-8"))["cells"]
    new = notebook(cells, outputs)["cells"]
    if written(old) != written(new):
        yield "its text or code has changed"
        return
    for number, (before, after) in enumerate(zip(old, new, strict=True)):
        if not same_text(plain_text(before), plain_text(after)):
            yield f"cell {number}: printed\n{plain_text(after)}\nstored\n{plain_text(before)}"


def written(cells: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """What people write of cells: text or code, tags, and texts for figures."""
    return [(cell["source"], cell["metadata"]) for cell in cells]


def plain_text(cell: dict[str, Any]) -> str:
    """What a cell prints, and how many figures it draws."""
    shown = cell.get("outputs", [])
    return "".join("".join(one.get("text") or one["data"]["text/plain"]) for one in shown)


def same_text(one: str, other: str) -> bool:
    """Whether two texts have the same words, and numbers that are as good as equal."""
    words = [re.sub(r"\s+", " ", _NUMBER.sub("#", text)).strip() for text in (one, other)]
    numbers = [
        [float(found.replace(",", "")) for found in _NUMBER.findall(text)] for text in (one, other)
    ]
    return words[0] == words[1] and all(
        abs(a - b) <= ABSOLUTE + RELATIVE * abs(b) for a, b in zip(*numbers, strict=True)
    )


if __name__ == "__main__":
    sys.exit(main())

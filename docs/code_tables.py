"""Tables of the pages that are made from the code: docs/generated/*.md.

- report-tables.md: every column of every table of a report (`leakcheck.results.TABLES`);
- conclusions.md: what is said of each utility with each specificity (`leakcheck.verdicts`);
- floors.md: floors and their modules (`tests/test_architecture.py`);
- presets.md, reproduce-folder.md, reproduce-lite.txt: what `leakcheck reproduce` trains and reads.

`docs/generate.py` calls `wanted` and writes or checks them. A column without words, or words
without a column, stop it.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from leakcheck.reference.boundaries import BIN_OFFSET, BIN_WIDTH, PAPER_CELL_TYPES
from leakcheck.reference.folder import HISTONE_MARKS, LAYOUT, TRACK_NAMES
from leakcheck.reference.presets import PRESETS
from leakcheck.reference.regions import WINDOW
from leakcheck.reference.roadmap_lite import FILES, PEAKS, shared_marks
from leakcheck.reference.settings import SETTINGS
from leakcheck.reference.task import TaskName
from leakcheck.results import TABLES
from leakcheck.verdicts import SPECIFICITIES, UTILITIES, conclusion

DOCS = Path(__file__).resolve().parent
GENERATED = DOCS / "generated"
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from column_words import COLUMNS, TABLE_WORDS  # noqa: E402 - its folder is no package

from tests.test_architecture import FLOORS, SOURCES  # noqa: E402 - nor is the root of the clone

#: what the modules of a floor know
KNOW = {
    0: "nothing of biology",
    1: "arrays in, arrays out; numpy and scipy only; no labels of axes, no files",
    2: "the one border where input is coerced and checked; the columns of every table",
    3: "what you get for free; which loci",
    4: "scores, intervals, words",
    5: "coded findings; which setting a split tests",
    6: "wiring, and no maths",
    7: "the paper's models and helpers for models; the public interface only",
    8: "parse, call, format",
}
#: what the files of a folder for `--data` are
KINDS = {
    "sequence": "the genome, the first of",
    "genes": "the annotation, whose `gene` elements are read, the first of",
    "expression": "Roadmap's table of RPKM, genes by cell types",
    "chromosome sizes": "name and length of each chromosome, for the TAD bins",
}


def wanted() -> dict[Path, str]:
    """Every file that is made here, with its text."""
    texts = {
        "report-tables.md": report_tables(),
        "conclusions.md": conclusions(),
        "floors.md": floors(),
        "presets.md": presets(),
        "reproduce-folder.md": folder_layout(),
        "reproduce-lite.txt": lite_files(),
    }
    return {GENERATED / name: text for name, text in texts.items()}


def markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def report_tables(tables: Mapping[str, Mapping[str, str]] = TABLES) -> str:
    """A table for each table of a report."""
    used = {f"{name}.{column}" for name, columns in tables.items() for column in columns}
    known = used | {column.partition(".")[2] for column in used}
    stale = sorted({*COLUMNS} - known | {*TABLE_WORDS} ^ {*tables})
    if stale:
        raise SystemExit(f"docs/column_words.py and TABLES differ in {stale}")
    parts = []
    for name, columns in tables.items():
        rows = [(f"`{column}`", kind, words(name, column)) for column, kind in columns.items()]
        table = markdown(("column", "kind", "what"), rows)
        parts.append(f"## `{name}`\n\n{TABLE_WORDS[name]}\n\n{table}")
    return "\n".join(parts)


def words(table: str, column: str) -> str:
    """What a column holds."""
    for key in (f"{table}.{column}", column):
        if key in COLUMNS:
            return COLUMNS[key]
    raise SystemExit(f"docs/column_words.py says nothing of `{column}` of `{table}`")


def conclusions() -> str:
    """The conclusion in words for every utility and specificity."""
    rows = []
    for utility in UTILITIES:
        for specificity in SPECIFICITIES:
            said = conclusion(utility, specificity)
            rows.append((f"`{utility}`", f"`{specificity}`", said))
            by_chance = conclusion(utility, specificity, no_better_than_chance=True)
            if by_chance != said:
                rows.append((f"`{utility}`", f"`{specificity}`, and it may be noise", by_chance))
            small = conclusion(utility, specificity, too_little=True)
            if small != said:
                rows.append((f"`{utility}`", f"`{specificity}`, and a win is negligible", small))
    return markdown(("utility", "specificity", "in words"), rows)


def floors() -> str:
    """Floors and the modules on each; those that are packages end in a stroke."""
    packages = {path.parent.name for path in SOURCES.values() if path.stem == "__init__"}
    rows = []
    for floor, know in sorted(KNOW.items()):
        names = sorted((name for name in FLOORS if FLOORS[name] == floor), key=_public_first)
        shown = ", ".join(f"`{name}/`" if name in packages else f"`{name}`" for name in names)
        rows.append((str(floor) if floor < max(KNOW) else "roof", shown, know))
    return markdown(("floor", "modules", "what it knows"), rows)


def _public_first(name: str) -> tuple[bool, str]:
    """Order of modules: those with an underscore last."""
    return name.startswith("_"), name


def presets() -> str:
    """How much each preset of `leakcheck reproduce` trains."""
    rows = []
    trainings = len(get_args(TaskName)) * len(set(SETTINGS.values()))  # of each network
    for name, preset in PRESETS.items():
        networks, protocol = len(preset.every_network()), preset.protocol
        epochs, steps = protocol.max_epochs, protocol.steps_per_epoch
        at_most = f"{trainings * networks * epochs * steps:,}"
        rows.append((f"`{name}`", str(networks), f"{epochs} epochs of {steps} steps", at_most))
    head = ("preset", "networks", "training at most", "steps in all")
    return markdown(head, rows)


def folder_layout() -> str:
    """What a folder for `leakcheck reproduce --data DIR` holds."""
    items = [f"{KINDS[kind]}: {_code(patterns)}" for kind, patterns in LAYOUT.items()]
    sizes = {"window": WINDOW, "bin_size": BIN_WIDTH, "bin_offset": BIN_OFFSET}
    calls = [f"tads/{file}.bed" for file in PAPER_CELL_TYPES.values()]
    tracks = [f"tracks/{name.format(cell_type='E003', mark='H3K4me3')}" for name in TRACK_NAMES]
    marks = ", ".join(HISTONE_MARKS)
    items += [
        f"TAD boundaries, of all seven cell types or of none: {_code(calls)}",
        f"signal, one bigWig of a cell type and a mark ({marks}): {_code(tracks)}",
        f"sizes in bases, where they are others than `{json.dumps(sizes)}`: `layout.json`",
    ]
    return "".join(f"- {item}\n" for item in items)


def _code(names: list[str] | tuple[str, ...]) -> str:
    """Names as code."""
    return ", ".join(f"`{name}`" for name in names)


def lite_files() -> str:
    """What `--data roadmap-lite` reads below the folder of the data."""
    names = [*FILES.values(), *(f"tad-40kb/{name}.bed" for name in PAPER_CELL_TYPES.values())]
    names += [files[mark] for files in PEAKS.values() for mark in shared_marks()]
    return "\n".join(sorted(names)) + "\n"

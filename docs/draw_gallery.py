"""Make the gallery: what every script of examples/ draws and prints, and a page for each.

    python docs/draw_gallery.py             all
    python docs/draw_gallery.py NAME ...    these; the page of all is written, too

Pictures go to docs/figures/gallery, outputs to docs/generated/gallery, pages to docs/gallery and
docs/gallery.md. A test runs the scripts and compares what they print. A script that says
that it was skipped, because a library is not installed, leaves what is stored as it is.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
EXAMPLES = DOCS.parent / "examples"
PICTURES, OUTPUTS = DOCS / "figures" / "gallery", DOCS / "generated" / "gallery"
PAGES = DOCS / "gallery"
LARGEST = 200_000
#: heading -> scripts and their titles
GROUPS = {
    "Is it better than what comes for free?": {
        "catch_a_memoriser": "Catch a memoriser",
        "nearest_celltype": "The nearest cell type",
        "leave_one_out": "Every cell type in turn",
        "continuous_labels": "Signal instead of calls",
        "intervals_by_chromosome": "Intervals that respect neighbours",
        "gate": "A gate",
    },
    "Does it know the cell type?": {
        "information_test": "The information test",
        "activity_count_strata": "Inside activity counts",
        "ranks_profile": "Along the average activity",
        "within_a_locus": "Within a locus",
        "families_of_models": "Families of models",
    },
    "What does the test ask, and what could be memorised?": {
        "which_setting": "Which setting is this split?",
        "make_splits": "Make a split",
        "what_names_a_locus": "What names a locus",
        "control_random_features": "Control: random features",
    },
    "From your predictions to a verdict": {
        "from_keras": "Keras",
        "from_pytorch": "PyTorch",
        "from_scikit_learn": "scikit-learn",
        "from_anndata": "AnnData",
        "from_bigwig": "bigWig",
        "from_parquet": "Parquet",
        "audit_a_genome": "A genome, piece by piece",
    },
}
PAGE = """# {title}

{about}

```{{figure}} ../figures/gallery/{name}.svg
:alt: What {name}.py draws. {about}
```

It prints:

```{{literalinclude}} ../generated/gallery/{name}.txt
:language: text
```

`examples/{name}.py`; with `--figure picture.svg` it draws the picture:

```{{literalinclude}} ../../examples/{name}.py
:language: python
```

[All examples](../gallery.md)
"""
INTRODUCTION = """# Gallery

One short script for each diagnostic, on simulated data whose truth is known. Copy one, put your
own predictions in the place of the simulated ones, and keep the rest. All are run by the tests
(PyTorch's only where torch is installed); `python docs/draw_gallery.py` draws the pictures again.
"""


def main(names: list[str]) -> int:
    """Run the scripts, and write the pages."""
    titles = {name: title for group in GROUPS.values() for name, title in group.items()}
    for folder in (PICTURES, OUTPUTS, PAGES):
        folder.mkdir(parents=True, exist_ok=True)
    for name in names or titles:
        print(f"{name}: {run(name)}")
    for name, title in titles.items():
        page = PAGE.format(name=name, title=title, about=about(name))
        (PAGES / f"{name}.md").write_text(page, encoding="utf-8", newline="\n")
    (DOCS / "gallery.md").write_text(overview(), encoding="utf-8", newline="\n")
    return 0


def run(name: str) -> str:
    """Run one script, and keep its picture and its output; what became of it."""
    picture = PICTURES / f"{name}.svg"
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1", "MPLBACKEND": "Agg"}
    drawn = {"MATPLOTLIBRC": str(DOCS / "gallery.mplrc"), "SOURCE_DATE_EPOCH": "0"}
    command = [sys.executable, "-W", "error", f"{EXAMPLES / name}.py", "--figure", str(picture)]
    printed = subprocess.run(  # noqa: S603 - our own scripts
        command, env={**os.environ, **plain, **drawn}, stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    if printed.startswith("Skipped"):
        return printed.strip()
    if picture.stat().st_size > LARGEST:
        raise SystemExit(f"{picture} has {picture.stat().st_size:,} bytes, more than {LARGEST:,}")
    lines = "\n".join(line.rstrip() for line in printed.splitlines())
    (OUTPUTS / f"{name}.txt").write_text(lines + "\n", encoding="utf-8", newline="\n")
    return "drawn"


def about(name: str) -> str:
    """What a script is about: the first paragraph of its docstring."""
    text = ast.get_docstring(ast.parse((EXAMPLES / f"{name}.py").read_text(encoding="utf-8")))
    return " ".join((text or "").split("\n\n")[0].split())


def overview() -> str:
    """The page of all examples."""
    parts = [INTRODUCTION]
    for heading, group in GROUPS.items():
        cards = [
            f":::{{figure}} figures/gallery/{name}.svg\n:target: gallery/{name}.html\n"
            f":alt: {about(name)}\n\n[{title}](gallery/{name}.md)\n\n{about(name)}\n:::\n"
            for name, title in group.items()
        ]
        parts.append(f"## {heading}\n\n::::{{container}} gallery\n" + "".join(cards) + "::::\n")
    listed = "\n".join(f"gallery/{name}" for group in GROUPS.values() for name in group)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

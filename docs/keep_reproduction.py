"""Keep the results of a reproduction for the pages: docs/generated/reproduce/NAME.

    leakcheck reproduce --preset small -o OUT --workers 2
    python docs/keep_reproduction.py OUT simulated

Trends, what was read, scores of every model and of the baselines, and the figures as SVG and PNG
are copied: half a megabyte at the most. PNG files are stored with 256 colours, and Figure S1, whose
SVG holds a picture anyway, as PNG alone. Nothing is computed here: the numbers are those of the
run, agreeable or not.
"""

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image

GENERATED = Path(__file__).resolve().parent / "generated" / "reproduce"
KEPT = (
    "trends.md", "data.md", "manifest.json", "tables/trends.csv", "tables/scores.csv",
    "tables/counts.csv", "tables/baselines.csv",
)  # fmt: skip
FIGURES = (
    "figures/figure-1d-i.svg", "figures/figure-s[23].svg", "figures/*.png",
    "figures/figure-s[23].csv",
)  # fmt: skip
LARGEST = 500_000
COLOURS = 256


def main() -> int:
    """Copy the files of one reproduction."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="what `leakcheck reproduce -o` wrote")
    parser.add_argument("name", help="name of the folder in docs/generated/reproduce")
    given = parser.parse_args()
    found = [given.output / name for name in KEPT]
    found += [path for pattern in FIGURES for path in sorted(given.output.glob(pattern))]
    absent = [path for path in found if not path.is_file()]
    if absent:
        parser.error(f"{absent[0]} is missing: is the reproduction finished?")
    kept = {path.name: content_of(path) for path in found}
    size = sum(map(len, kept.values()))
    if size > LARGEST:
        parser.error(f"the files have {size:,} bytes, more than {LARGEST:,}")
    folder = GENERATED / given.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    print(f"Kept {len(found)} files, {size:,} bytes, in {folder}")
    return 0


def content_of(path: Path) -> bytes:
    """Give a file's bytes; of a PNG those with fewer colours."""
    if path.suffix != ".png":
        return path.read_bytes()
    buffer = io.BytesIO()
    with Image.open(path) as image:
        reduced = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
        reduced.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())

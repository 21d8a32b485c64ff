"""Draw docs/figures/architecture.svg from the code: floors, modules, and who imports whom.

    python docs/draw_architecture.py            write it
    python docs/draw_architecture.py --check    say whether it is stale; status 1

Floors and imports are read as tests/test_architecture.py reads them. An arrow that follows from
others (a imports b, b imports c, and a imports c) is left out, and so are those to floor 0, which
all modules use: else there would be nothing to see.
"""

import argparse
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "figures" / "architecture.svg"
sys.path.insert(0, str(ROOT))

from tests.test_architecture import FLOORS, internal_arrows, unit  # noqa: E402 - the root first

#: what a floor is for
NAMES = {
    8: "roof: parse, call, format",
    7: "guests: the public interface only",
    6: "wiring and reports, no maths",
    5: "coded findings",
    4: "scores, intervals, words",
    3: "what is free; which loci",
    2: "the border: input is checked",
    1: "arrays in, arrays out",
    0: "nothing of biology",
}
WIDTH, LEFT, ROW, BOX, GAP, LETTER = 1180, 214, 78, 26, 12, 7.4


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; report what is stale")
    check = parser.parse_args().check
    text = drawn(*graph())
    if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{'stale' if check else 'written'}: {PICTURE.relative_to(ROOT)}")
    if not check:
        PICTURE.write_text(text, encoding="utf-8", newline="\n")
    return int(check)


def graph() -> tuple[list[str], set[tuple[str, str]]]:
    """Units that exist, and who imports whom; imports for types alone do not count."""
    arrows = {
        (unit(importer), unit(imported))
        for importer, imported, found in internal_arrows()
        if not found.for_types_only
    }
    units = sorted({name for pair in arrows for name in pair})
    return units, {pair for pair in arrows if pair[0] != pair[1]}


def reduced(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Arrows without those that follow from others."""
    below: dict[str, set[str]] = {}
    for importer, imported in arrows:
        below.setdefault(importer, set()).add(imported)

    def reach(start: str, skipped: tuple[str, str]) -> set[str]:
        seen: set[str] = set()
        todo = [one for one in below.get(start, ()) if (start, one) != skipped]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += below.get(one, ())
        return seen

    return {pair for pair in arrows if pair[1] not in reach(pair[0], pair)}


def places(units: list[str], arrows: set[tuple[str, str]]) -> dict[str, tuple[float, float, float]]:
    """Middle, top and width of each box; rows are sorted so that few arrows cross."""
    rows = {floor: [name for name in units if FLOORS[name] == floor] for floor in NAMES}
    lines: list[list[str]] = []
    for floor in sorted(rows, reverse=True):
        lines += _lines(rows[floor])
    spots = _spread(lines)
    for _ in range(6):
        lines = [
            sorted(line, key=lambda name: (_pull(name, arrows, spots), name)) for line in lines
        ]
        spots = _spread(lines)
    return spots


def _lines(names: list[str]) -> list[list[str]]:
    """A floor's boxes on as many lines as they need."""
    lines: list[list[str]] = [[]]
    for name in names:
        if sum(_width(one) + GAP for one in [*lines[-1], name]) > WIDTH - LEFT - GAP:
            lines.append([])
        lines[-1].append(name)
    return [line for line in lines if line]


def _width(name: str) -> float:
    """Width of a box."""
    return 18 + LETTER * len(_label(name))


def _label(name: str) -> str:
    """Name of a unit as it is written in the picture."""
    return "leakcheck" if name == "__init__" else name


def _spread(lines: list[list[str]]) -> dict[str, tuple[float, float, float]]:
    """Boxes of each line, spread over the width."""
    spots = {}
    for row, line in enumerate(lines):
        free = WIDTH - LEFT - sum(map(_width, line))
        space = free / (len(line) + 1)
        x = LEFT + space
        for name in line:
            spots[name] = (x + _width(name) / 2, 18.0 + row * ROW, _width(name))
            x += _width(name) + space
    return spots


def _pull(name: str, arrows: set[tuple[str, str]], spots: dict[str, tuple[float, ...]]) -> float:
    """Mean place of what a unit is tied to."""
    tied = [a if b == name else b for a, b in arrows if name in (a, b)]
    return round(sum(spots[one][0] for one in tied) / len(tied), 3) if tied else spots[name][0]


def drawn(units: list[str], arrows: set[tuple[str, str]]) -> str:
    """The picture."""
    kept = reduced({pair for pair in arrows if FLOORS[pair[1]] > 0})
    spots = places(units, kept)
    height = max(top for _, top, _ in spots.values()) + BOX + 18
    title = f"{len(units)} modules on {len(NAMES)} floors; every arrow points down"
    size = f'viewBox="0 0 {WIDTH} {height:.0f}"'
    fonts = 'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {fonts}>',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="8" fill="#ffffff"/>',
        *_bands(spots),
        *(_arrow(spots[a], spots[b]) for a, b in sorted(kept)),
        *(_box(name, spots[name]) for name in units),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bands(spots: dict[str, tuple[float, float, float]]) -> list[str]:
    """A band behind each floor, with its number and what it is for."""
    parts = []
    for at, floor in enumerate(sorted(NAMES, reverse=True)):
        tops = [spots[name][1] for name in spots if FLOORS[name] == floor]
        low, high = min(tops) - 15, max(tops) + BOX + 15
        shade = "#f2f5f8" if at % 2 else "#e7edf3"
        parts.append(
            f'<rect y="{low:.0f}" width="{WIDTH}" height="{high - low:.0f}" fill="{shade}"/>'
        )
        words = [f"floor {floor}" if floor < 8 else "", *_wrap(NAMES[floor])]
        for line, text in enumerate(filter(None, words)):
            weight = ' font-weight="bold"' if line == 0 else ""
            y = (low + high) / 2 - 8 * (len([w for w in words if w]) - 1) + 16 * line + 4
            parts.append(
                f'<text x="12" y="{y:.0f}" font-family="DejaVu Sans, Arial, sans-serif" '
                f'fill="#24303c"{weight}>{escape(text)}</text>'
            )
    return parts


def _wrap(text: str) -> list[str]:
    """Two lines where one is too long."""
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 26:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    """A curve from the lower edge of one box to the upper edge of another, or along a row."""
    (x, top, _), (u, to, _) = start, end
    y, v = top + BOX, to
    if to > top:
        knees = (y + (v - y) * 0.55, y + (v - y) * 0.45)
        bend = f"C{x:.1f} {knees[0]:.1f} {u:.1f} {knees[1]:.1f} {u:.1f} {v - 3:.1f}"
        head = f"M{u - 3:.1f} {v - 6:.1f}L{u:.1f} {v:.1f}L{u + 3:.1f} {v - 6:.1f}Z"
    else:  # neighbours on one floor: a bow below
        v = to + BOX
        bend = f"C{x:.1f} {y + 20:.1f} {u:.1f} {v + 20:.1f} {u:.1f} {v + 3:.1f}"
        head = f"M{u - 3:.1f} {v + 6:.1f}L{u:.1f} {v:.1f}L{u + 3:.1f} {v + 6:.1f}Z"
    colour = "#0072b2" if to > top else "#d55e00"
    return (
        f'<path d="M{x:.1f} {y:.1f}{bend}" fill="none" stroke="{colour}" stroke-opacity="0.55"/>'
        f'<path d="{head}" fill="{colour}" fill-opacity="0.8"/>'
    )


def _box(name: str, spot: tuple[float, float, float]) -> str:
    """A unit; names with an underscore are private."""
    x, y, width = spot
    private = name.startswith("_") and name != "__init__"
    fill, ink = ("#ffffff", "#4a5561") if private else ("#d6e8f5", "#10222f")
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BOX}" rx="5" '
        f'fill="{fill}" stroke="#5b6b7a"/>'
        f'<text x="{x:.1f}" y="{y + 17:.1f}" text-anchor="middle" fill="{ink}">'
        f"{_label(name)}</text>"
    )


if __name__ == "__main__":
    sys.exit(main())

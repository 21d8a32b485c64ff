"""ASCII pictures of what a splitter holds out."""

from typing import Final

__all__ = ["axis_picture", "grid_picture"]

_MARKS: Final = {"train": ".", "validation": "v", "test": "#"}
_WIDTHS: Final = {"train": 12, "validation": 4, "test": 4}
_LONGEST: Final = 40


def _short(text: str) -> str:
    """Text of bounded length."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _present(shares: tuple[str, str, str]) -> dict[str, str]:
    """Parts that there are, with their words."""
    return {part: words for part, words in zip(_MARKS, shares, strict=True) if words}


def _legend(parts: dict[str, str]) -> list[str]:
    """One line for each part."""
    return [f"  {_MARKS[part]} {part}: {_short(words)}" for part, words in parts.items()]


def axis_picture(axis: str, shares: tuple[str, str, str]) -> str:
    """Draw one axis as a bar.

    Examples
    --------
    >>> print(axis_picture("loci", ("the rest", "", "1/5")))
      loci |............####|
      . train: the rest
      # test: 1/5
    """
    parts = _present(shares)
    bar = "".join(_MARKS[part] * _WIDTHS[part] for part in parts)
    return "\n".join([f"  {axis} |{bar}|", *_legend(parts)])


def grid_picture(chromosomes: tuple[str, str, str], cell_types: tuple[str, str, str]) -> str:
    """Draw loci (down) against cell types (across); blanks are left out."""
    down, across = _present(chromosomes), _present(cell_types)
    validates = (
        {
            "validation" if "validation" in down else "train",
        },
        {"validation" if "validation" in across else "train"},
    )
    anybody = "validation" in down or "validation" in across
    lines = []
    for row in down:
        cells = []
        for column in across:
            if row == column:
                mark = _MARKS[row]
            elif anybody and row in validates[0] and column in validates[1]:
                mark = _MARKS["validation"]
            else:
                mark = " "
            cells.append(mark * _WIDTHS[column])
        lines += [f"  |{''.join(cells)}|  {_short(down[row])}"] * (2 if row == "train" else 1)
    words = [f"  {_MARKS[part]} {part}" for part in _MARKS
             if part in down or part in across]  # fmt: skip
    names = [f"  cell types: {', '.join(f'{part} {_short(w)}' for part, w in across.items())}"]
    return "\n".join([*lines, *names, "".join(words)])

"""Text of users as text, tables, and JSON that no browser can take for markup."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any, Final, NamedTuple

from leakcheck._report.words import clean, short

__all__ = ["Column", "asset", "attributes", "cell", "embed", "name", "region", "table", "text"]

#: A longer name of a user is cut in the middle: both ends tell names apart.
_LONGEST_NAME: Final = 48


class Column(NamedTuple):
    """Head of a column of a table."""

    label: str
    numeric: bool = False


def text(value: object) -> str:
    """Anything as text: no markup, no control characters, no letters that turn the line around."""
    return escape(clean(str(value)))


def name(value: str) -> str:
    """Name that a user gave, cut where it is long, on its own where its letters run leftwards."""
    return f"<bdi>{escape(short(value, _LONGEST_NAME))}</bdi>"


def attributes(values: Mapping[str, object]) -> str:
    """Attributes of a tag; those that are None are left out."""
    return "".join(
        f' {key}="{escape(str(value))}"' for key, value in values.items() if value is not None
    )


def cell(content: str, kind: str = "") -> str:
    """Cell of a table; `content` is markup."""
    return f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>"


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[str],
    *,
    identity: str = "",
    sortable: bool = True,
    marks: Mapping[str, object] | None = None,
) -> str:
    """Table whose rows are markup; the caption and the heads are text."""
    head = "".join(
        f'<th scope="col"{attributes({"class": "n" if one.numeric else None})}>{text(one.label)}'
        "</th>"
        for one in columns
    )
    kind = "sortable" if sortable and len(columns) > 1 else None
    own = attributes({"id": identity or None, "class": kind, **(marks or {})})
    return (
        f"<table{own}><caption><span>{text(caption)}</span></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def region(label: str, content: str, *, tall: bool = False) -> str:
    """Box that scrolls where its content is wide (or high), by keyboard too."""
    kind = "scroll tall" if tall else "scroll"
    return (
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{text(label)}">{content}</div>'
    )


def embed(value: Any) -> str:
    """JSON for the inside of a script element, where nothing can end the script early."""
    plain = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        plain = plain.replace(letter, f"\\u{ord(letter):04x}")
    return plain


def asset(file: str) -> str:
    """Style or script that is packed with leakcheck."""
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")

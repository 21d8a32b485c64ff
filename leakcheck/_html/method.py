"""How the report was computed: methods, choices, versions, checksums, and the targets."""

import json
from collections.abc import Mapping
from typing import Any, Final

from leakcheck._html.choose import Shown
from leakcheck._html.markup import Column, cell, name, region, table, text
from leakcheck._report.methods import methods
from leakcheck._report.rows import walk
from leakcheck._report.words import number

__all__ = ["CITATION", "DOI", "method"]

CITATION: Final = (
    "Schreiber J, Singh R, Bilmes J, Noble WS. A pitfall for machine learning methods aiming to "
    "predict across cell types. Genome Biology 21:282 (2020)."
)
DOI: Final = "10.1186/s13059-020-02177-y"

_PLAIN: Final = ("leakcheck_version", "margin", "confidence_level", "random_state", "label_kind",
                 "reference_source", "n_loci", "n_models", "n_targets")  # fmt: skip
_LONGEST: Final = 2_000


def method(shown: Shown) -> str:
    """Paragraph for a paper, then tables."""
    settings = shown.settings
    plain = {key: settings[key] for key in _PLAIN if key in settings}
    parts = [
        f"<p>{text(methods(dict(shown.tables), settings))}</p>",
        _listing("Settings", {**plain, **_mapping(settings, "choices")}),
        _listing("Versions", _mapping(settings, "versions")),
        _listing("Checksums of the input", _mapping(settings, "inputs")),
        _references(shown),
        _design(shown),
        f'<p>{text(CITATION)} <a href="https://doi.org/{DOI}" rel="noreferrer">doi:{DOI}</a></p>',
    ]
    return "".join(parts)


def _mapping(settings: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Part of the settings."""
    part = settings.get(key)
    return part if isinstance(part, Mapping) else {}


def _listing(title: str, values: Mapping[str, Any]) -> str:
    """Names and values."""
    if not values:
        return ""
    rows = (
        f'<tr><th scope="row">{text(key)}</th>{cell(f"<code>{text(_value(value))}</code>")}</tr>'
        for key, value in values.items()
    )
    return region(title, table(title, [Column("what"), Column("value")], rows, sortable=False))


def _value(value: Any) -> str:
    """Value in one line that is not too long."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ..."


def _references(shown: Shown) -> str:
    """Reference cell types."""
    names = shown.settings.get("reference_cell_types", [])
    if not names:
        return ""
    more = f" and {len(names) - 500:,} more" if len(names) > 500 else ""
    listed = ", ".join(name(str(one)) for one in names[:500])
    title = f"Reference cell types ({len(names):,})"
    return f'<details class="evidence"><summary>{title}</summary><p>{listed}{more}</p></details>'


def _design(shown: Shown) -> str:
    """Setting and neighbours of each target."""
    columns = [Column("target"), Column("setting"), Column("loci", True), Column("variable", True),
               Column("references", True), Column("nearest"), Column("its correlation", True),
               Column("found by"), Column("blocks", True)]  # fmt: skip
    rows = [
        f'<tr><th scope="row">{name(row.target)}</th>{cell(text(row.setting))}'
        f"{cell(f'{row.n_loci:,}', 'n')}{cell(f'{row.n_variable:,}', 'n')}"
        f"{cell(str(row.n_reference), 'n')}{cell(name(row.nearest) if row.nearest else 'none')}"
        f"{cell(number(row.nearest_correlation), 'n')}{cell(text(row.nearest_source))}"
        f"{cell(f'{row.n_blocks} ({row.blocks})')}</tr>"
        for row in walk(shown.rows("design"))
    ]
    if not rows:
        return ""
    body = region("Table of targets", table("Targets", columns, rows), tall=True)
    return (
        '<details class="evidence"><summary>Targets, settings and neighbours</summary>'
        f"{body}</details>"
    )

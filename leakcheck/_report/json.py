"""The report as strict JSON with a versioned schema, and back without losing a bit."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from leakcheck._files import is_web_page
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES, ColumnKind, build_table, empty_table

__all__ = ["SCHEMA", "SCHEMA_VERSION", "dumps", "loads", "plain_settings", "read"]

SCHEMA: Final = "leakcheck-report"
SCHEMA_VERSION: Final = 1
#: Tables that came after the first release of the schema: files without them are whole.
_LATER: Final = frozenset({"ranks"})
#: Columns that came after it: files without them have nothing to say there.
_LATER_COLUMNS: Final = frozenset(
    {("design", "near_share"), ("comparisons", "pvalue_loci_adjusted")}
)

# JSON has no infinity; in float columns these words stand for it.
_INFINITIES: Final = {"Infinity": math.inf, "-Infinity": -math.inf}


class _Broken(Exception):  # noqa: N818 - what is wrong, for a message
    """A text that is not a whole report."""


def dumps(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> str:
    """Write tables and settings as JSON text, one line for each column.

    Floats keep every bit, NaN becomes null.
    """
    header = {
        "schema": SCHEMA,
        "version": SCHEMA_VERSION,
        "leakcheck_version": settings.get("leakcheck_version", ""),
        "settings": settings,
    }
    stored = {name: _object(_columns(tables[name], name), 2) for name in TABLES}
    parts = {key: _strict(value) for key, value in header.items()}
    return _object(parts | {"tables": _object(stored, 1)}, 0) + "\n"


def _strict(value: object) -> str:
    """Value as JSON text; NaN and infinity, which JSON does not have, are refused."""
    return json.dumps(value, allow_nan=False)


def _object(members: Mapping[str, str], depth: int) -> str:
    """Object of members that are JSON text already, each on its own line."""
    space = "\n" + " " * depth
    lines = ",".join(f"{space} {_strict(key)}: {text}" for key, text in members.items())
    return f"{{{lines}{space}}}"


def _columns(table: pd.DataFrame, name: str) -> dict[str, str]:
    """Columns of a table as JSON text."""
    return {column: _strict(_encode(table[column], kind)) for column, kind in TABLES[name].items()}


def _encode(values: "pd.Series[Any]", kind: ColumnKind) -> list[Any]:
    """Values of one column as JSON values."""
    if kind != "float":
        return values.tolist()
    return [_encode_float(value) for value in values.tolist()]


def _encode_float(value: float) -> float | str | None:
    """One float as a JSON value."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return None
    return "Infinity" if value > 0 else "-Infinity"


def read(path_or_text: str | os.PathLike[str], argument: str = "path_or_text") -> str:
    """Text of a report: `path_or_text` itself where it is JSON, else the content of the file."""
    if isinstance(path_or_text, str) and path_or_text.lstrip().startswith("{"):
        return path_or_text
    if not isinstance(path_or_text, str | os.PathLike):
        raise ValidationError(
            f"`{argument}` must be a report's JSON text or its file; it is "
            f"{type(path_or_text).__name__}. Give the path, or the text: json.dumps(...) of what "
            "was parsed, .decode() of bytes."
        )
    try:
        return Path(path_or_text).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValidationError(
            f"`{argument}` must be a report's JSON text or its file; there is no file "
            f"{path_or_text}. Write one with `report.to_json(path)` or `leakcheck audit -o`."
        ) from None
    except (OSError, ValueError) as error:
        raise ValidationError(
            f"`{argument}` must be a report's JSON file in UTF-8; reading {path_or_text} failed: "
            f"{error}. Give a file that `report.to_json(path)` or `leakcheck audit -o` wrote."
        ) from error


def loads(
    text: str, argument: str = "path_or_text"
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables and settings from JSON text, refusing whatever is not a report of this version."""
    try:
        return _whole(text)
    except _Broken as error:
        raise ValidationError(
            f"`{argument}` must be a report of leakcheck (schema {SCHEMA!r}, version "
            f"{SCHEMA_VERSION}); {error}. Give a file that `report.to_json(path)` or "
            "`leakcheck audit -o report.json` wrote, unchanged."
        ) from error


def _whole(text: str) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables and settings of a whole report."""
    content = _parse(text)
    _check_header(content)
    stored = content.get("tables")
    settings = content.get("settings")
    if not isinstance(stored, dict) or not isinstance(settings, dict):
        raise _Broken("it has no `tables` and `settings`")
    later = [name for name in _LATER if name not in stored]
    needed = [name for name in TABLES if name not in later]
    missing = [name for name in needed if not isinstance(stored.get(name), dict)]
    if missing:
        raise _Broken(f"{len(missing)} of {len(TABLES)} tables are missing: {missing}")
    tables = {name: _table(name, stored[name]) for name in needed}
    return tables | {name: empty_table(name) for name in later}, settings


def _parse(text: str) -> dict[str, Any]:
    """Parse strict JSON into a mapping."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        content = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        is_page = is_web_page(text[:512].encode(errors="replace"))
        what = "it is HTML, not JSON" if is_page else f"it is not JSON ({error})"
        raise _Broken(what) from error
    if not isinstance(content, dict):
        raise _Broken(f"it holds a {type(content).__name__}, not an object")
    return content


def _check_header(content: Mapping[str, Any]) -> None:
    """Refuse files of other programs and of other versions of the schema."""
    if content.get("schema") != SCHEMA:
        raise _Broken(f"its `schema` is {content.get('schema')!r}, not {SCHEMA!r}")
    version = content.get("version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        writer = content.get("leakcheck_version") or "unknown"
        raise ValidationError(
            f"`version` of the report must be {SCHEMA_VERSION}; this one is {version!r}, written "
            f"by leakcheck {writer}. Read it with that release, or run the audit again."
        )


def _table(name: str, stored: Mapping[str, Any]) -> pd.DataFrame:
    """Build one table from its stored columns, each checked."""
    columns = TABLES[name]
    later = [key for key in columns if (name, key) in _LATER_COLUMNS and key not in stored]
    columns = {column: kind for column, kind in columns.items() if column not in later}
    missing = [column for column in columns if column not in stored]
    if missing:
        raise _Broken(f"table `{name}` lacks {len(missing)} columns: {missing}")
    unknown = [column for column in stored if column not in columns]
    if unknown:
        raise _Broken(f"table `{name}` has {len(unknown)} unknown columns: {unknown}")
    decoded = {
        column: _decode(f"{name}.{column}", stored[column], kind)
        for column, kind in columns.items()
    }
    lengths = {column: len(values) for column, values in decoded.items()}
    if len(set(lengths.values())) > 1:
        raise _Broken(f"the columns of table `{name}` differ in length: {lengths}")
    return build_table(name, decoded)


_TYPES: Final[dict[ColumnKind, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "float": (float, int, type(None)),
}


def _decode(where: str, values: object, kind: ColumnKind) -> list[Any]:
    """Values of one column, each of the kind that the schema asks for."""
    if not isinstance(values, list):
        raise _Broken(f"column `{where}` is not a list")
    if kind == "float":
        values = [_INFINITIES.get(v, v) if isinstance(v, str) else v for v in values]
    allowed = _TYPES[kind]
    for row, value in enumerate(values):
        if not isinstance(value, allowed) or isinstance(value, bool):
            raise _Broken(f"column `{where}` must hold {kind} values; row {row} is {value!r}")
    return [math.nan if value is None else value for value in values]


def plain_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Copy of the settings in JSON's own types, so that they compare equal after a round trip."""
    return {_key(key): _plain(value, str(key)) for key, value in settings.items()}


def _key(key: object) -> str:
    """Key of a JSON object."""
    if not isinstance(key, str):
        raise ValidationError(f"`settings` must have string keys; one is {key!r}. Use a string.")
    return key


def _plain(value: object, where: str) -> Any:
    """One setting as a JSON value."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where) for item in value]
    raise ValidationError(
        f"`settings` must hold JSON values; {where!r} holds {value!r}. Use strings, finite "
        "numbers, booleans, None, lists and mappings of these."
    )

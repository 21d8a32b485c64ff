"""Floor 6: finds the files of a Parquet data set and reads their footers, nothing more."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np

from leakcheck._optional import import_optional
from leakcheck.exceptions import ValidationError
from leakcheck.scale.parquet_files import File, ParquetFiles, guarded
from leakcheck.scale.source import CorruptPartitionError

__all__ = ["holds_parquet", "open_parquet"]

_PURPOSE = "to read Parquet"
_SUFFIXES = (".parquet", ".parq", ".pq")
_MAGIC = b"PAR1"
#: What stands in the name of a folder for a value that is missing.
_NULL = ("", "__HIVE_DEFAULT_PARTITION__")


class _Footer(NamedTuple):
    """What the end of a file says."""

    schema: Any
    group_rows: tuple[int, ...]
    complete: frozenset[str]


def holds_parquet(path: Path) -> bool:
    """Say whether a path is a Parquet file or a folder with one somewhere below.

    Parameters
    ----------
    path : pathlib.Path
        File or folder.

    Returns
    -------
    bool
    """
    if path.is_dir():
        return any(map(_is_parquet, _files_below(path)))
    return path.is_file() and _is_parquet(path)


def open_parquet(path: str | os.PathLike[str]) -> ParquetFiles:
    """Read the footers of a Parquet file, or of all in a folder and below.

    Parameters
    ----------
    path : str or path-like
        A file, or a folder; names of folders such as ``celltype=K562`` are a column.

    Returns
    -------
    ParquetFiles
        Files in the order of their paths, as `evaluation_set_from_parquet` reads them.

    Raises
    ------
    ValidationError
        When there is no such file, or none of its rows, or a folder such as ``celltype=`` has no
        value in its name.
    CorruptPartitionError
        When a file is cut off, or has other columns or folders than the first; or a link leads
        nowhere.
    """
    root = Path(path)
    paths = _paths(root)
    footers = [_footer(found, len(paths) > 1) for found in paths]
    keys = _typed_keys([_keys_of(found, root) for found in paths])
    schema = _with_keys(footers[0].schema, keys[0])
    _check_keys(paths, keys, footers)
    _check_columns(paths, footers)
    files = ParquetFiles(
        path=str(root),
        files=tuple(
            File(str(found), key, footer.group_rows)
            for found, footer, key in zip(paths, footers, keys, strict=True)
        ),
        schema=schema.remove_metadata(),
        numbers=_number_types(footers) | _number_types_of_keys(keys[0]),
    )
    if files.n_rows == 0:
        raise ValidationError(
            f"`{root}` must hold at least one row; its Parquet files hold none. Check how they "
            "were written."
        )
    return files


def _paths(root: Path) -> list[Path]:
    """Find the files of a data set, in order."""
    if not root.exists():
        raise ValidationError(
            f"`{root}` must be a Parquet file or a folder of them; it does not exist. Check the "
            "path and its spelling."
        )
    if root.is_file():
        return [root]
    found = list(_files_below(root))
    chosen = [path for path in found if _is_parquet(path)]
    if not chosen:
        raise ValidationError(
            f"`{root}` must hold Parquet files; it holds {len(found)} files and none is called "
            "*.parquet. Check how it was written."
        )
    return sorted(chosen, key=lambda path: path.as_posix())


def _files_below(folder: Path) -> Iterator[Path]:
    """List what is no folder, in linked folders too, without what writers keep for themselves."""
    for path in folder.iterdir():
        if path.name.startswith((".", "_")):
            continue
        if path.is_dir():
            yield from _files_below(path)
        else:
            yield path


def _is_parquet(path: Path) -> bool:
    """Tell a file by its name, or by how it begins; so is a link that leads nowhere.

    What such a link names is a part of the data that cannot be read, and not no part of it.
    """
    if path.suffix.lower() in _SUFFIXES or not path.exists():
        return True
    try:
        return _first_bytes(path) == _MAGIC
    except OSError:
        return False


def _footer(path: Path, is_one_of_many: bool) -> _Footer:
    """Read what the end of a file says of its columns and row groups."""
    parquet = import_optional("pyarrow.parquet", extra="all", purpose=_PURPOSE)
    first = guarded(lambda: _first_bytes(path), str(path), str(path))
    if first != _MAGIC and not is_one_of_many:
        raise ValidationError(
            f"`{path}` must be a Parquet file or a folder of them; it does not begin like one. "
            "Check how it was written."
        )
    metadata = guarded(lambda: parquet.read_metadata(path), str(path), str(path))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return _Footer(
        schema=metadata.schema.to_arrow_schema(),
        group_rows=tuple(group.num_rows for group in groups),
        complete=_complete(groups),
    )


def _first_bytes(path: Path) -> bytes:
    """Read how a file begins."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC))


def _complete(groups: Sequence[Any]) -> frozenset[str]:
    """List the columns that have no missing value in any row group."""
    found: set[str] | None = None
    for group in groups:
        chunks = (group.column(number) for number in range(group.num_columns))
        here = {
            chunk.path_in_schema
            for chunk in chunks
            if chunk.is_stats_set
            and chunk.statistics.has_null_count
            and chunk.statistics.null_count == 0
        }
        found = here if found is None else found & here
    return frozenset(found or ())


def _keys_of(path: Path, root: Path) -> dict[str, str]:
    """Read ``key=value`` off the folders between the root and the file."""
    parts = path.relative_to(root).parts[:-1] if path != root else ()
    pairs = [part.partition("=") for part in parts if "=" in part]
    found = {unquote(key): unquote(value) for key, _, value in pairs}
    nameless = next((key for key, value in found.items() if value in _NULL), None)
    if nameless is not None:
        raise ValidationError(
            f"`{root}` must have folders whose names hold a value; that of {nameless!r} is missing "
            f"in {path.parent}. Its rows had none when they were written: fill it in and write "
            "them again, or take the folder out."
        )
    return found


def _typed_keys(keys: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Make numbers of keys that are whole numbers in every folder, but no names such as 01."""
    names = dict.fromkeys(name for one in keys for name in one)
    whole = {name: all(_is_whole(one.get(name, "")) for one in keys) for name in names}
    return [{name: int(v) if whole[name] else v for name, v in one.items()} for one in keys]


def _is_whole(value: str) -> bool:
    """Say whether a key is a whole number, and no name that begins with 0."""
    digits = value.removeprefix("-")
    return digits.isdecimal() and (len(digits) == 1 or not digits.startswith("0"))


def _with_keys(schema: Any, keys: Mapping[str, Any]) -> Any:
    """Add the keys of folders behind the columns of a file."""
    pa = import_optional("pyarrow", extra="all", purpose=_PURPOSE)
    for name, value in keys.items():
        field = pa.field(name, pa.int64() if isinstance(value, int) else pa.string())
        at = schema.get_field_index(name)
        schema = schema.append(field) if at < 0 else schema.set(at, field)
    return schema


def _check_keys(
    paths: Sequence[Path], keys: Sequence[Mapping[str, Any]], footers: Sequence[_Footer]
) -> None:
    """Refuse a file that has a key of the first neither in its folders nor as a column."""
    for path, own, footer in zip(paths, keys, footers, strict=True):
        for key in keys[0]:
            if key not in own and footer.schema.get_field_index(key) < 0:
                raise CorruptPartitionError(
                    str(path), str(path), f"it lies in no folder {key}=, as {paths[0]} does"
                )


def _check_columns(paths: Sequence[Path], footers: Sequence[_Footer]) -> None:
    """Refuse a file that lacks a column of the first, or has text where that has numbers."""
    first = footers[0].schema
    for path, footer in zip(paths[1:], footers[1:], strict=True):
        for field in first:
            if footer.schema.get_field_index(field.name) < 0:
                raise CorruptPartitionError(
                    str(path), str(path), f"it lacks the column {field.name!r} of {paths[0]}"
                )
            mine = footer.schema.field(field.name).type
            if not _alike(mine, field.type):
                what = f"its column {field.name!r} is of type {mine}"
                raise CorruptPartitionError(
                    str(path), str(path), f"{what}; in {paths[0]} it is {field.type}"
                )


def _alike(mine: Any, first: Any) -> bool:
    """Say whether two types can stand in one column."""
    numbers = [_number_type(kind, True) is not None for kind in (mine, first)]
    if all(numbers):
        return True
    types = import_optional("pyarrow", extra="all", purpose=_PURPOSE).types
    plain = [kind.value_type if types.is_dictionary(kind) else kind for kind in (mine, first)]
    texts = [types.is_string(kind) or types.is_large_string(kind) for kind in plain]
    return all(texts) or plain[0] == plain[1]


def _number_types(footers: Sequence[_Footer]) -> dict[str, str]:
    """Find the numpy type of every column of numbers, over all files."""
    found: dict[str, str] = {}
    for field in footers[0].schema:
        kinds = [
            _number_type(footer.schema.field(field.name).type, field.name in footer.complete)
            for footer in footers
        ]
        known = [kind for kind in kinds if kind is not None]
        if len(known) == len(kinds):
            found[field.name] = str(np.result_type(*known))
    return found


def _number_types_of_keys(keys: Mapping[str, Any]) -> dict[str, str]:
    """Give whole numbers among the keys of folders their type."""
    return {name: "int64" for name, value in keys.items() if isinstance(value, int)}


def _number_type(kind: Any, is_complete: bool) -> np.dtype[Any] | None:
    """Give the numpy type that holds a column, NaN too unless it is complete; None for text."""
    types = import_optional("pyarrow", extra="all", purpose=_PURPOSE).types
    if types.is_boolean(kind):
        found = np.dtype(np.int8)
    elif types.is_integer(kind) or types.is_floating(kind):
        found = np.dtype(kind.to_pandas_dtype())
    elif types.is_decimal(kind) or types.is_null(kind):
        return np.dtype(np.float64)
    else:
        return None
    if found.kind in "iu" and not is_complete:
        return np.dtype(np.float32 if found.itemsize < 4 else np.float64)
    return found

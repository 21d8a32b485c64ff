"""Files that are no table of text or Parquet: what to do with each, told by its suffix."""

from pathlib import Path
from typing import Final

__all__ = ["EXCEL", "remedy_of_suffix"]

#: What to do with a workbook.
EXCEL: Final = "Save the sheet as CSV UTF-8 (in Excel: File, Save As)."
_RENAME: Final = (
    "Rename it, or say what separates its fields with `separator`; in a terminal: --separator ';'."
)
_ARRAY: Final = (
    "An array has no names of loci and cell types; give them in Python: leakcheck.audit({read}, "
    "labels, loci, celltypes)."
)
_IN_PYTHON: Final = "Read it in Python, with leakcheck.adapters.{reader}."
_REMEDIES: Final = {
    EXCEL: (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"),
    _ARRAY.format(read="numpy.load(path)"): (".npy",),
    _ARRAY.format(read="numpy.load(path)[name]"): (".npz",),
    _ARRAY.format(read="h5py.File(path)[name][:]"): (".h5", ".hdf5", ".hdf"),
    _IN_PYTHON.format(reader="evaluation_set_from_anndata"): (".h5ad",),
    _IN_PYTHON.format(reader="evaluation_set_from_xarray(xarray.open_dataset(path))"): (
        ".nc",
        ".nc4",
    ),
    _IN_PYTHON.format(reader="evaluation_set_from_bed"): (
        ".bed",
        ".narrowpeak",
        ".broadpeak",
        ".bedgraph",
    ),
    _IN_PYTHON.format(reader="evaluation_set_from_bigwig"): (".bw", ".bigwig"),
    "A report is read by leakcheck gate REPORT.json, in Python by AuditReport.from_json.": (
        ".json",
    ),
}


def remedy_of_suffix(path: Path) -> str:
    """Say what to do with a file that does not end as tables do.

    Examples
    --------
    >>> remedy_of_suffix(Path("supplement.xlsx"))
    'Save the sheet as CSV UTF-8 (in Excel: File, Save As).'
    """
    if path.suffix.lower() == ".xls" and path.is_file() and not _is_old_workbook(path):
        return _RENAME  # tables of MACS2 and others are text under this name
    suffixes = {suffix.lower() for suffix in path.suffixes[-2:]}
    for remedy, known in _REMEDIES.items():
        if suffixes & set(known):
            return remedy
    return _RENAME


def _is_old_workbook(path: Path) -> bool:
    """Whether a file begins as workbooks of Excel did before 2007, or do now."""
    with path.open("rb") as file:
        return file.read(4) in (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")

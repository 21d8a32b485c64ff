"""What is given to an adapter, or to `audit`, that belongs elsewhere: the message says where."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck import adapters
from leakcheck.exceptions import ValidationError

TABLE = pd.DataFrame({"locus": ["a"], "celltype": ["E1"], "label": [1], "pred": [0.5]})


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: adapters.evaluation_set_from_xarray("d.zarr", predictions="net"),
            "`dataset` must be an xarray Dataset; it is a str. Open a path with xarray.open_zarr",
        ),
        (
            lambda: adapters.evaluation_set_from_anndata(TABLE, predictions="net"),
            "`data` must be an AnnData or the path of an .h5ad file; it is a DataFrame. Tables are",
        ),
        (
            lambda: adapters.evaluation_set_from_table("t.csv"),
            "`frame` must be a table (pandas or polars); it is a str. Read a file first: read_tab",
        ),
        (
            lambda: adapters.evaluation_set_from_table({"net": "t.csv"}, labels_frame=TABLE),
            "`frame` must be a table (pandas or polars); it is a str. Read a file first: read_tab",
        ),
        (
            lambda: adapters.evaluation_set_from_table(TABLE, labels_frame=np.ones(3)),
            "`labels_frame` must be a table (pandas or polars); it is a ndarray. Read a file",
        ),
        (
            lambda: adapters.evaluation_set_from_bigwig({}, {}, "bins.bed", missing="nan"),
            "`bins` must be a table of loci, or names such as chr1:100-200; it is a str. Read a",
        ),
    ],
)
def test_adapters_say_what_they_take(call, text):
    with pytest.raises(ValidationError) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_audit_says_which_adapter_reads_a_file_or_container(tmp_path):
    path = tmp_path / "t.csv"
    TABLE.to_csv(path, index=False)
    for given in (path, str(path)):
        with pytest.raises(ValidationError, match=r"`preds` is a path: read it with .* PATH\.$"):
            leakcheck.audit(given, train=["E1"])
    with pytest.raises(ValidationError, match=r"together with `data`\.$"):
        leakcheck.audit("net", "label")
    for kind, reader in (("AnnData", "anndata"), ("Dataset", "xarray")):
        container = type(kind, (SimpleNamespace,), {})()
        with pytest.raises(ValidationError, match=f"adapters.evaluation_set_from_{reader}.$"):
            leakcheck.audit(container)


def test_a_message_names_the_column_that_was_given(tmp_path):
    path = tmp_path / "a.bed"
    path.write_text("chr1\t0\t200\tname\t0.5\n")
    files = {"E1": path}
    for column, rule in ((4, "must have numbers in column 4"), (9, "must have at least 9 columns")):
        with pytest.raises(ValidationError, match=f"{rule}.* by `label_column` where"):
            adapters.evaluation_set_from_bed(files, files, label_column=column)
        with pytest.raises(ValidationError, match=f"{rule}.* by `score_column` where"):
            adapters.evaluation_set_from_bed(files, files, score_column=column)
    with pytest.raises(ValidationError, match="`label_column` must be 4 or more"):
        adapters.evaluation_set_from_bed(files, files, label_column=0)
    path.write_text("chr1\t0\n")
    with pytest.raises(ValidationError, match=r"line 1 has 2\. Write .* end\.$"):
        adapters.read_bed(path, score_column=None)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("supplement.xlsx", "Save the sheet as CSV UTF-8"),
        ("old.XLS", "Save the sheet as CSV UTF-8"),
        ("preds.npy", "leakcheck.audit(numpy.load(path), labels, loci, celltypes)"),
        ("preds.h5", "leakcheck.audit(h5py.File(path)[name][:], labels, loci, celltypes)"),
        ("cells.h5ad", "leakcheck.adapters.evaluation_set_from_anndata"),
        ("peaks.bed.gz", "leakcheck.adapters.evaluation_set_from_bed"),
        ("track.bigWig", "leakcheck.adapters.evaluation_set_from_bigwig"),
        ("report.json", "leakcheck gate REPORT.json"),
    ],
)
def test_files_of_other_kinds_are_told_what_reads_them(tmp_path, name, remedy):
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(ValidationError) as caught:
        adapters.read_table(path)
    assert remedy in str(caught.value)
    assert "Rename it" not in str(caught.value)


def test_a_workbook_under_the_name_of_a_table(tmp_path):
    path = tmp_path / "supplement.csv"
    path.write_bytes(b"PK\x03\x04 and so on\0")
    with pytest.raises(ValidationError, match="it is a workbook of Excel or another zip file"):
        adapters.read_table(path)


def test_a_stored_report_in_the_place_of_predictions():
    with pytest.raises(ValidationError, match=r"read by leakcheck\.AuditReport\.from_json\(path\)"):
        leakcheck.audit("report.json")

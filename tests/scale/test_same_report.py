"""The audit of a data set on disk gives the report of the audit in memory, bit for bit."""

import numpy as np
import pandas as pd
import pytest

from tests.scale.worlds import TARGETS, both_reports, make_source, take

RNG = np.random.default_rng


def holes(source, share=0.1):
    source.labels[RNG(1).random(source.labels.shape) < share] = np.nan
    return source


def plain():
    return make_source(), {}


def missing():
    return holes(make_source()), {}


def named_references():
    source = holes(make_source())
    return source, {"train": list(source.cell_types[3:9])}


def leave_one_out():
    source = make_source(targets=("C01", "C02", "C03", "C07"))
    return source, {"train": "leave-one-out"}


def leave_one_out_with_holes():
    source, options = leave_one_out()
    return holes(source), options


def reference_and_audited_in_one_cell_type():
    source = make_source()
    some = RNG(2).random(source.n_loci) < 0.2
    for table in source.predictions.values():
        table[some, 0] = np.nan
    return source, {}


def hybrid_rows():
    source = make_source()
    source.labels[:100, 1:] = np.nan
    return source, {}


def scattered_new_loci():
    source = make_source()
    source.loci[["start", "end"]] *= 4  # some of them near, some far away
    source.labels[RNG(8).random(900) < 0.6, 1:] = np.nan
    return take(source, RNG(9).permutation(900)), {}


def shuffled():
    source = make_source()
    return take(source, RNG(3).permutation(source.n_loci)), {}


def without_coordinates():
    source = make_source()
    source.loci = pd.DataFrame({"id": [f"gene-{k}é" for k in range(source.n_loci)]})
    return source, {}


def given_blocks():
    return make_source(), {"blocks": RNG(4).integers(0, 13, 900)}


def given_blocks_of_shuffled_loci():
    return shuffled()[0], {"blocks": RNG(4).integers(0, 13, 900)}


def families():
    source = make_source(models=("memoriser", "honest-weak", "mixture"))
    source.families = {"memoriser": "a", "honest-weak": "b", "mixture": "a"}
    return source, {}


def options():
    source = make_source(dtype=np.float64)
    chosen = {"similarity": "C02", "metrics": ["auroc"], "margin": 0.1, "confidence_level": 0.9}
    return source, chosen | {"parameters": {"memoriser": 12}, "random_state": 3}


def signal():
    source = holes(make_source())
    source.signal = source.continuous
    return source, {}


def half_precision():
    source = make_source()
    source.predictions = {k: v.astype(np.float16) for k, v in source.predictions.items()}
    return source, {}


def nearly_silent_chromosomes():
    source = leave_one_out()[0]
    gone = np.flatnonzero(source.loci["chrom"].isin(["chr2", "chr5"]))
    source.labels[gone] = 0
    source.labels[gone[:3], 6] = 1
    return source, {"train": "leave-one-out"}


def silent_chromosomes_with_signal_and_holes():
    source = take(make_source(), RNG(3).permutation(900))
    source.signal = source.continuous
    source.labels[source.loci["chrom"].isin(["chr2", "chr5"]).to_numpy()] = 0
    return holes(source), {}


def continuous_silent_chromosomes():
    source = take(leave_one_out()[0], RNG(6).permutation(900))
    source.labels = source.continuous.copy()
    source.labels[source.loci["chrom"].isin(["chr2", "chr5"]).to_numpy()] = np.log(0.01)
    return holes(source), {"train": "leave-one-out"}


def continuous_zeros():
    source = leave_one_out()[0]
    source.labels = np.maximum(source.continuous - np.median(source.continuous), 0)
    return holes(source), {"train": "leave-one-out"}


def too_few_chromosomes_that_vary():
    source = make_source()
    source.labels[~source.loci["chrom"].isin(["chr1", "chr2", "chr5"]).to_numpy()] = 0
    return source, {}


def calls():
    source = make_source()
    for table in source.predictions.values():
        known = ~np.isnan(table)
        table[known] = table[known] > 0.5
    return source, {}


def repeated_loci():
    source = make_source()
    return take(source, np.r_[0:900, 5, 7, 7]), {}


def names_and_shared_intervals():
    source = make_source()
    source.loci.insert(0, "id", [f"gene{k}" for k in range(900)])
    source.loci.loc[10, ["start", "end"]] = source.loci.loc[9, ["start", "end"]]
    return take(source, np.r_[0:900, 20]), {}


def few_chromosomes():
    source = make_source(n=1500)
    kept = np.flatnonzero(source.loci["chrom"].isin(["chr1", "chr2", "chr10"]))
    return take(source, RNG(5).permutation(kept)), {}


def too_few_loci_to_test():
    return make_source(n=150), {}


def named_positive():
    source = make_source()
    source.labels += 1
    return source, {"positive_label": 2.0}


def names_in_two_writings():
    source = make_source()
    source.cell_types = tuple("c01" if name == "C03" else name for name in source.cell_types)
    return source, {}


def references_without_peaks():
    source = make_source()
    source.labels[:, [2, 5]] = 0
    source.labels[:5, 5] = np.nan
    return source, {}


def constant_and_copied():
    source = make_source()
    for name, values in (("memoriser", 1.0), ("honest-weak", source.labels[:, [4]])):
        table = source.predictions[name]
        source.predictions[name] = np.where(np.isnan(table), np.nan, values).astype(np.float32)
    return source, {}


def continuous():
    source = make_source()
    source.labels = source.continuous
    return source, {}


def continuous_with_holes():
    source, options = continuous()
    source.labels[RNG(6).random(source.labels.shape) < 0.2] = np.nan
    return source, options


def audited_on_few_chromosomes():
    source = make_source()
    elsewhere = ~source.loci["chrom"].isin(["chr1", "chr2", "chr3"]).to_numpy()
    columns = [source.cell_types.index(name) for name in TARGETS]
    source.labels[np.ix_(elsewhere, columns)] = np.nan
    return source, {}


def contigs_beside(source, n_each):
    """Every third locus of the last chromosomes is on a contig instead, a few on each."""
    moved = np.arange(len(source.loci) // 2, len(source.loci), 3)
    names = source.loci["chrom"].to_numpy(dtype=object).copy()
    names[moved] = [f"chrUn_{k // n_each}" for k in range(len(moved))]
    source.loci["chrom"] = names
    return take(source, RNG(7).permutation(len(source.loci)))


def named_and_missing():
    return holes(make_source(), 0.4), {"similarity": "C09"}


def contigs_beside_many_chromosomes():
    return contigs_beside(make_source(), 2), {}


def contigs_beside_few_chromosomes():
    return contigs_beside(few_chromosomes()[0], 3), {}


def continuous_shuffled_leave_one_out():
    source = take(leave_one_out()[0], RNG(6).permutation(900))
    source.labels = np.abs(source.continuous).astype(np.float32) ** 3
    source.families = {"memoriser": "a", "honest-weak": "b"}
    return holes(source), {"train": "leave-one-out"}


def rounded_copies_of_continuous_labels():
    source = continuous()[0]
    for name, values in (
        ("memoriser", source.labels[:, [4]]),
        ("honest-weak", np.log(source.labels)),
    ):
        known = ~np.isnan(source.predictions[name])
        source.predictions[name] = np.where(known, values, np.nan).astype(np.float16)
    return source, {}


def a_target_at_new_loci_only():
    """No reference cell type has a label where the first target is audited: it has no rows."""
    source = make_source()
    here = source.loci["chrom"].eq("chr1").to_numpy()
    others = [k for k, name in enumerate(source.cell_types) if name not in TARGETS]
    source.labels[np.ix_(here, others)] = np.nan
    source.labels[~here, 0] = np.nan
    return source, {}


def references_are_one_target_with_a_signal():
    """The other loci of the first target are the reference, so it has none of its own."""
    source = make_source()
    source.signal = source.continuous
    for table in source.predictions.values():
        table[::2, 0] = np.nan
    source.labels[:, [k for k, name in enumerate(source.cell_types) if name not in TARGETS]] = (
        np.nan
    )
    return source, {}


CASES = [
    nearly_silent_chromosomes,
    silent_chromosomes_with_signal_and_holes,
    continuous_silent_chromosomes,
    too_few_chromosomes_that_vary,
    continuous_zeros,
    plain,
    missing,
    named_references,
    leave_one_out,
    leave_one_out_with_holes,
    reference_and_audited_in_one_cell_type,
    hybrid_rows,
    scattered_new_loci,
    shuffled,
    without_coordinates,
    given_blocks,
    given_blocks_of_shuffled_loci,
    families,
    options,
    signal,
    half_precision,
    calls,
    repeated_loci,
    names_and_shared_intervals,
    few_chromosomes,
    too_few_loci_to_test,
    named_positive,
    names_in_two_writings,
    references_without_peaks,
    constant_and_copied,
    continuous,
    continuous_with_holes,
    audited_on_few_chromosomes,
    named_and_missing,
    contigs_beside_many_chromosomes,
    contigs_beside_few_chromosomes,
    continuous_shuffled_leave_one_out,
    rounded_copies_of_continuous_labels,
    a_target_at_new_loci_only,
    references_are_one_target_with_a_signal,
]


SILENT = CASES[:4]


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_both_audits_give_one_report(case):
    source, chosen = case()
    expected, found = both_reports(source, **chosen)
    assert found == expected
    codes = found["tables"]["findings"]["code"]
    assert ("LK036" in codes) == (case is names_in_two_writings)
    assert ("LK050" in codes) == (case in SILENT)
    assert ("LK051" in codes) == (case is references_without_peaks)


@pytest.mark.parametrize("case", [missing, scattered_new_loci])
def test_partitions_and_chunks_change_nothing(monkeypatch, case):
    source, _ = case()
    expected, _ = both_reports(source)
    for module in ("store", "scratch", "near_loci"):
        monkeypatch.setattr(f"leakcheck.scale.{module}.CHUNK", 64)
    for module in ("cell_type._CHUNK", "loci_reader.CHUNK", "loci_table.CHUNK", "blocks._CHUNK"):
        monkeypatch.setattr(f"leakcheck.scale.{module}", 64)
    source.rows_each, source.columns_each = 57, 3
    _, found = both_reports(source, memory="70 MiB")
    assert found == expected


@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_strata_within_loci_from_a_sample_change_nothing(monkeypatch, kind):
    whole = make_source(n=2500)
    if kind == "continuous":
        whole.labels = whole.continuous
    source = take(holes(whole), np.r_[RNG(3).permutation(2500), 5, 7])  # two loci come twice
    for name, value in (("_SAMPLE", 600), ("_LOCI_TO_A_BIN", 4)):
        monkeypatch.setattr(f"leakcheck._audit.locus_strata.{name}", value)
    expected, found = both_reports(source)
    assert found == expected
    assert None not in found["tables"]["within_locus"]["concordance"]

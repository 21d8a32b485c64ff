"""`detect_design` on the paper's three settings and on awkward splits."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.design import detect_design
from leakcheck.exceptions import GateError, ValidationError

CELL_TYPES = ("E003", "E004", "E024", "E037", "E106", "E113")


def places(n=300, chromosomes=22, width=2_000, step=500_000):
    """Loci far from each other on some chromosomes."""
    index = np.arange(n)
    start = (index // chromosomes) * step
    chrom = [f"chr{1 + i % chromosomes}" for i in index]
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + width})


def grid(loci, cell_types=CELL_TYPES, seed=0):
    """All pairs of loci and cell types, with labels that mostly belong to the locus."""
    rng = np.random.default_rng(seed)
    base = rng.random(len(loci))
    tables = [
        loci.assign(celltype=name, label=(rng.random(len(loci)) < base).astype(float))
        for name in cell_types
    ]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def table():
    return grid(places())


def codes(design):
    return set(design.findings["code"])


def status(design, code):
    (row,) = design.checks[design.checks["code"] == code].itertuples()
    return row.status


def finding(design, code):
    (row,) = design.findings[design.findings["code"] == code].itertuples()
    return row


# --- the paper's settings ---------------------------------------------------------------------


def paper(table, setting):
    """Train, validation and test of the paper's expression models."""
    test_type, validation_types = "E003", ("E113", "E004", "E037", "E106")
    new, later = table["celltype"] == test_type, table["celltype"].isin(validation_types)
    chr1, chr2 = table["chrom"] == "chr1", table["chrom"] == "chr2"
    if setting == "cross-chromosome":
        return table[new & ~chr1 & ~chr2], table[new & chr2], table[new & chr1]
    parts = table[~new & ~later & ~chr1], table[later & ~chr1]
    return *parts, table[new & (chr1 if setting == "hybrid" else ~chr1)]


@pytest.mark.parametrize("setting", ["cross-chromosome", "cross-cell-type", "hybrid"])
def test_the_settings_of_the_paper(table, setting):
    train, validation, test = paper(table, setting)
    design = detect_design(train, test, validation=validation)
    assert (design.setting, design.share) == (setting, 1.0)
    assert design.passed
    assert codes(design) == set()
    assert (design.pairs["setting"] == setting).all()
    assert design.targets["setting"].tolist() == [setting]
    assert design.targets["n_pairs"].tolist() == [len(test)]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("cross-chromosome", "no claim about new cell types"),
        ("cross-cell-type", "no claim about new loci"),
        ("hybrid", "new loci in new cell types"),
    ],
)
def test_the_claim_names_its_limit(table, setting, words):
    train, _, test = paper(table, setting)
    assert words in detect_design(train, test).claim


# --- awkward ones -----------------------------------------------------------------------------


def one(start, end, cell_type="A", chrom="chr1", **more):
    return pd.DataFrame(
        {"chrom": [chrom], "start": [start], "end": [end], "celltype": [cell_type], **more}
    )


def test_touching_intervals_are_two_loci_but_near():
    design = detect_design(one(100, 200), one(200, 300))
    assert design.setting == "cross-chromosome"
    assert design.loci["match"].tolist() == ["near"]
    assert design.loci["distance"].tolist() == [0]
    assert codes(design) == {"LK031"}
    assert "not new" in design.claim


def test_touching_under_closed_ends_is_an_overlap_of_one_base():
    design = detect_design(one(100, 200), one(200, 300), coordinates="1-based")
    assert design.setting == "contaminated"
    assert "1 match by overlap only" in finding(design, "LK026").evidence


@pytest.mark.parametrize("min_overlap", [1, 50, 51])
def test_overlap_may_have_to_be_longer(min_overlap):
    design = detect_design(one(100, 200), one(150, 250), min_overlap=min_overlap)
    assert (design.setting == "contaminated") == (min_overlap <= 50)


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_table_that_is_moved_by_one_is_noticed(table, shift):
    table = table.assign(start=table["start"] + 1_000, end=table["end"] + 1_000)
    train, test = table[table["celltype"] != "E003"], table[table["celltype"] == "E003"]
    moved = test.assign(start=test["start"] + shift, end=test["end"] + shift)
    design = detect_design(train, moved)
    assert codes(design) == {"LK032"}
    assert "both their ends, which differ by one" in finding(design, "LK032").evidence


def test_single_bases_that_count_from_one_are_told_how_to_say_it():
    bases = pd.DataFrame({"chrom": "chr1", "start": [10, 500], "end": [10, 500], "celltype": "A"})
    train = one(9, 10, "B")
    with pytest.raises(ValidationError, match=r"coordinates=\{'test': '1-based'\}"):
        detect_design(train, bases)
    assert detect_design(train, bases, coordinates={"test": "1-based"}).setting == "mixed"
    wrong = bases.assign(end=[5, 500])
    with pytest.raises(ValidationError) as caught:
        detect_design(train, wrong)
    assert "1-based" not in str(caught.value)
    neighbours = one(20, 21, "B")
    assert "LK032" in codes(detect_design(one(21, 22, "B"), neighbours))
    several = pd.concat([one(20, 21, "B"), one(5_000, 5_001, "B"), one(9_000, 9_001, "B")])
    assert "LK032" not in codes(detect_design(one(21, 22, "B"), several))


@pytest.mark.parametrize("one_based", ["train", "test"])
def test_a_mix_of_base_counting_is_noticed_and_can_be_stated(table, one_based):
    train, test = table[table["celltype"] != "E003"], table[table["celltype"] == "E003"]
    tables = {"train": train, "test": test}
    tables[one_based] = tables[one_based].assign(start=tables[one_based]["start"] + 1)
    mixed = detect_design(**tables)
    assert mixed.setting == "cross-cell-type"
    assert (mixed.loci["match"] == "overlap").all()
    assert codes(mixed) == {"LK032"}
    assert f"`{one_based}` seems to count from 1" in finding(mixed, "LK032").evidence
    stated = detect_design(**tables, coordinates={one_based: "1-based"})
    assert codes(stated) == set()
    assert (stated.loci["match"] == "same").all()


def test_half_of_the_loci_shared_is_mixed(table):
    new_type = table["celltype"] == "E003"
    half = table["chrom"].isin([f"chr{i}" for i in range(1, 12)])
    design = detect_design(table[~new_type & half], table[new_type])
    assert design.setting == "mixed"
    shares = design.shares.set_index("setting")["share"]
    assert shares["cross-cell-type"] == pytest.approx(0.5, abs=0.02)
    assert shares["hybrid"] == pytest.approx(0.5, abs=0.02)
    assert shares.sum() == pytest.approx(1)
    assert codes(design) == {"LK039"}
    assert "none of the claims" in design.claim


def test_a_synonym_is_found_through_the_alias_table_only(table):
    train = table[table["chrom"] != "chr1"]
    test = table[(table["chrom"] != "chr1") & (table["celltype"] == "E003")]
    test = test.assign(celltype="H1-hESC")
    without = detect_design(train, test)
    assert without.setting == "cross-cell-type"
    assert "LK035" in codes(without)  # its labels give it away
    assert "E003" in finding(without, "LK035").evidence
    assert "copy of a training cell type" in without.claim
    named = detect_design(train, test, aliases={"H1-hESC": "E003"})
    assert named.setting == "contaminated"
    assert named.pairs["celltype"].unique().tolist() == ["E003"]


def test_a_validation_cell_type_in_the_test_is_not_new(table):
    train = table[table["celltype"].isin(["E004", "E024"])]
    test = table[table["celltype"].isin(["E003", "E113"]) & (table["chrom"] == "chr1")]
    validation = table[(table["celltype"] == "E113") & (table["chrom"] == "chr2")]
    design = detect_design(train, test, validation=validation)
    assert design.setting == "cross-cell-type"
    assert codes(design) == {"LK038"}
    assert finding(design, "LK038").target == "E113"
    assert "not quite new" in design.claim
    assert design.passed


def test_test_pairs_in_validation_are_an_error(table):
    train, validation, test = paper(table, "cross-cell-type")
    design = detect_design(train, test, validation=pd.concat([validation, test.iloc[:7]]))
    assert f"7 of {len(test)} test pairs" in finding(design, "LK037").evidence
    assert not design.passed
    assert "until they are removed" in design.claim
    with pytest.raises(GateError, match="LK037 test pairs were used for validation"):
        design.raise_if_failed()


@pytest.mark.parametrize(("distance", "is_near"), [(199_999, True), (200_000, False)])
def test_neighbours_within_the_gap_are_near(distance, is_near):
    design = detect_design(one(0, 2_000), one(2_000 + distance, 4_000 + distance, "B"))
    assert design.setting == "hybrid"
    assert ("LK031" in codes(design)) == is_near
    assert design.targets["n_near"].tolist() == [int(is_near)]
    assert design.loci["distance"].tolist() == [distance]


def test_the_gap_can_be_closed():
    design = detect_design(one(0, 2_000), one(2_000, 4_000), gap=0)
    assert codes(design) == set()
    assert status(design, "LK031") == "not applicable"


def test_one_promoter_under_two_ids_is_one_locus():
    train = one(100, 200, "A", id=["ENSG1"])
    design = detect_design(train, one(100, 200, "A", id=["ENSG2"]))
    assert design.setting == "contaminated"
    assert codes(design) == {"LK026", "LK033"}
    assert "ENSG2 (ENSG1 in training)" in finding(design, "LK033").evidence
    assert "same interval under another id" in finding(design, "LK026").evidence


def test_a_difference_of_strand_alone_is_no_difference():
    design = detect_design(one(100, 200, strand=["+"]), one(100, 200, strand=["-"]))
    assert design.setting == "contaminated"


def test_copies_of_cell_types_are_found_by_their_labels(table):
    replicate = table[table["celltype"] == "E024"].assign(celltype="E024b")
    rows = replicate.index[:2]
    replicate.loc[rows, "label"] = 1 - replicate.loc[rows, "label"]  # nearly, not quite
    train = table[table["celltype"] != "E003"]
    design = detect_design(train, pd.concat([replicate, table[table["celltype"] == "E003"]]),
                           copies_above=0.97)  # fmt: skip
    assert finding(design, "LK035").target == "E024b"
    row = design.cell_types.set_index("celltype").loc["E024b"]
    both = table[table["celltype"] == "E024"]["label"], replicate["label"]
    assert row["closest"] == "E024"
    assert row["agreement"] == pytest.approx(np.corrcoef(*both)[0, 1], abs=1e-12)
    assert row["n_common"] == len(replicate)


def test_agreement_knows_missing_labels_and_constants(table):
    test = table[table["celltype"] == "E003"].assign(celltype="copy").reset_index(drop=True)
    test.loc[::3, "label"] = np.nan
    train = table[table["celltype"] == "E003"]
    design = detect_design(train, test)
    row = design.cell_types.set_index("celltype").loc["copy"]
    assert row["agreement"] == pytest.approx(1)
    assert row["n_common"] == test["label"].notna().sum()
    flat = detect_design(train, test.assign(label=1.0))
    assert status(flat, "LK035") == "not applicable"


def test_ids_only_are_matched_by_id_and_it_is_said():
    genes = [f"ENSG{i}" for i in range(50)]
    train = (np.repeat(genes, 2), np.tile(["A", "B"], 50))
    design = detect_design(train, (genes, ["C"] * 50))
    assert design.setting == "cross-cell-type"
    assert codes(design) == {"LK041"}
    assert status(design, "LK031") == "not applicable"
    assert design.loci["distance"].tolist() == [0] * 50
    assert "by id alone" in design.claim
    assert "a table has no coordinates" in str(design)


def test_ids_that_differ_by_version_are_hinted_at_not_matched():
    genes = [f"ENSG{i}" for i in range(50)]
    design = detect_design((genes, ["A"] * 50), ([f"{g}.3" for g in genes], ["B"] * 50))
    assert design.setting == "hybrid"
    assert "'ENSG0.3' ('ENSG0' in training)" in finding(design, "LK036").evidence
    assert design.loci["distance"].isna().all()


def test_chromosomes_in_two_styles_are_one():
    design = detect_design(one(100, 200), one(150, 250, "B", chrom="1"))
    assert design.setting == "cross-cell-type"
    assert codes(design) == {"LK043"}


def test_identical_sequences_elsewhere_were_seen():
    forward, backward = "ACCGTTTTGA", "TCAAAACGGT"
    train = one(100, 200, dna=[forward])
    test = pd.concat(
        [
            one(900_000, 900_100, "B", chrom="chr7", dna=[backward.lower()]),
            one(5_000_000, 5_000_100, "B", chrom="chr7", dna=["ACCGTTTTGG"]),
            one(9_000_000, 9_000_100, "B", chrom="chr7", dna=["NNNNNNNNNN"]),
        ]
    )
    design = detect_design(train, test, sequences="dna")
    assert design.loci["match"].tolist() == ["sequence", "new", "new"]
    assert codes(design) == {"LK034", "LK039"}
    by_id = {"chr1:100-200": forward, "chr7:900000-900100": backward}
    again = detect_design(train, test, sequences=by_id)
    assert again.loci["match"].tolist() == ["sequence", "new", "new"]
    same_type = detect_design(train, test.assign(celltype="A"), sequences=by_id)
    assert "match by their sequence only" in finding(same_type, "LK026").evidence


def test_a_random_split_is_imputation(table):
    held = np.random.default_rng(0).random(len(table)) < 0.2
    design = detect_design(table[~held], table[held])
    assert design.setting == "random"
    assert codes(design) == {"LK040"}
    assert "imputation" in design.claim


def test_repeated_rows_count_once(table):
    train, _, test = paper(table, "cross-cell-type")
    design = detect_design(train, pd.concat([test, test.iloc[:5]]))
    assert len(design.pairs) == len(test)
    assert codes(design) == {"LK014"}
    assert f"5 of {len(test) + 5} rows of `test`" in finding(design, "LK014").evidence


def test_few_contaminated_pairs_leave_the_setting_but_not_the_claim(table):
    train, _, test = paper(table, "cross-cell-type")
    design = detect_design(pd.concat([train, test.iloc[:3]]), test)
    # three pairs make the cell type known, so the others are imputation
    assert design.setting == "random"
    assert finding(design, "LK026").target == "E003"
    assert "First remove the 3 of" in design.claim
    assert not design.passed


def test_names_that_differ_in_writing_are_hinted_at(table):
    train, _, test = paper(table, "cross-cell-type")
    design = detect_design(
        train.replace({"celltype": {"E024": "H1-hESC"}}),
        test.assign(celltype="h1 hesc"),
        validation=train[train["celltype"] == "E024"].assign(celltype="H1_hESC"),
    )
    found = design.findings[design.findings["code"] == "LK036"]
    assert "Did you mean 'H1-hESC'?" in found["evidence"].iloc[0]
    assert "of `validation`" in found["evidence"].iloc[1]


def test_aliases_that_name_nothing_are_said(table):
    train, _, test = paper(table, "cross-cell-type")
    design = detect_design(train, test, aliases={"E03": "H1", "E003": "H1"})
    assert "['E03']" in finding(design, "LK044").evidence
    assert design.targets["celltype"].tolist() == ["H1"]


def test_one_id_at_two_places_is_said():
    train, test = one(100, 200, id=["G1"]), one(90_000, 90_100, "B", id=["G1"])
    design = detect_design(train, test)
    assert design.setting == "cross-cell-type"
    assert codes(design) == {"LK042"}
    shifted = detect_design(train, one(101, 200, "B", id=["G1"]))
    assert codes(shifted) == {"LK032"}

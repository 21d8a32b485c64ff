"""The paper's splits of Roadmap expression: 18,915 genes x 56 cell types, a million pairs."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.design import detect_design
from leakcheck.splits import CrossCellType, CrossChromosome, Hybrid

PROMOTER = 2_000


@pytest.fixture(scope="module")
def pairs(expression):
    """All pairs, at windows of 2 kb, with their labels."""
    loci = expression.loci.reset_index(drop=True)
    start = loci["start"].to_numpy()
    n_loci, n_types = expression.rpkm.shape
    return pd.DataFrame(
        {
            "id": np.repeat(np.array(expression.genes, dtype=object), n_types),
            "chrom": np.repeat(loci["chrom"].to_numpy(dtype=object), n_types),
            "start": np.repeat(start, n_types),
            "end": np.repeat(start + PROMOTER, n_types),
            "celltype": np.tile(np.array(expression.cell_types, dtype=object), n_loci),
            "label": expression.active.ravel().astype(float),
        }
    )


@pytest.mark.parametrize(
    ("splitter", "setting"),
    [
        (CrossChromosome, "cross-chromosome"),
        (CrossCellType, "cross-cell-type"),
        (Hybrid, "hybrid"),
    ],
)
def test_the_paper_s_splits_are_what_they_are_called(pairs, splitter, setting):
    ((train, later, test),) = splitter.paper("expression").split_with_validation(groups=pairs)
    design = detect_design(pairs.iloc[train], pairs.iloc[test], validation=pairs.iloc[later])
    assert (design.setting, design.share) == (setting, 1.0)
    assert design.passed
    assert not {"LK031", "LK035", "LK038"} & set(design.findings["code"])
    on_chr1 = int((pairs["chrom"] == "chr1").sum()) // 56
    n_genes = len(pairs) // 56
    assert len(test) == (n_genes - on_chr1 if setting == "cross-cell-type" else on_chr1)


def test_genes_dealt_out_at_random_are_not_new(pairs):
    genes = pairs["id"].to_numpy()
    held = np.random.default_rng(0).random(len(genes) // 56) < 0.2
    rows = np.repeat(held, 56) & (pairs["celltype"] == "E003").to_numpy()
    own = (pairs["celltype"] == "E003").to_numpy()
    design = detect_design(pairs[own & ~rows], pairs[rows])
    assert "LK031" in set(design.findings["code"])
    seen_or_near = design.loci["match"].isin(["overlap", "near", "other id", "same"]).mean()
    assert seen_or_near > 0.9
    assert "not new" in design.claim or design.setting in ("contaminated", "mixed")


def test_the_nearest_cell_type_is_close_but_no_copy(pairs):
    own = (pairs["celltype"] == "E003").to_numpy()
    design = detect_design(pairs[~own], pairs[own])
    row = design.cell_types.set_index("celltype").loc["E003"]
    assert row["closest"] == "E024"
    assert 0.8 < row["agreement"] < 0.99
    assert "LK035" not in set(design.findings["code"])

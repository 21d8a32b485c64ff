"""What each setting lets one claim, in leakcheck's own words."""

import textwrap

import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome

world = epigenome(n_loci=300, random_state=0)
pairs = world.loci.merge(pd.DataFrame({"celltype": world.cell_types}), how="cross")
new_locus = pairs["chrom"] == "chr1"
new_cell_type = pairs["celltype"] == "C01"

splits = {
    "same loci, new cell type": (~new_cell_type & ~new_locus, new_cell_type & ~new_locus),
    "new loci, same cell types": (~new_cell_type & ~new_locus, new_locus & ~new_cell_type),
    "new loci, new cell type": (~new_cell_type & ~new_locus, new_locus & new_cell_type),
    "a bit of each": (~new_cell_type & ~new_locus, new_cell_type),
}
for words, (train, test) in splits.items():
    design = leakcheck.detect_design(pairs[train], pairs[test])
    print(f"{words}: {design.setting}, {design.share:.0%} of the test pairs")
    print(textwrap.fill(design.claim, 96, initial_indent="  ", subsequent_indent="  "))

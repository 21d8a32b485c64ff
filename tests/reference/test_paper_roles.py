"""Roles are the paper's where the paper's cell types and chromosomes are there."""

import pandas as pd
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.paper_roles import assign_roles, expression_roles, tad_roles

CHROMS = pd.Series(["chr1", "chr3", "chr2", "chr22", "chrX", "chr1"])


def test_expression():
    roles = expression_roles(("E003", "E004", "E005", "E106", "E024"), CHROMS)
    assert roles.test_cell_type == "E003"
    assert roles.validation_cell_types == ("E004", "E106")  # in the paper's order
    assert roles.train_cell_types == ("E005", "E024")
    assert roles.test_chromosomes == ("chr1",)
    assert roles.validation_chromosomes == ("chr2",)
    assert roles.train_chromosomes == ("chr3", "chr22")  # no sex chromosome


def test_boundaries():
    names = ("TRO", "H1", "NPC", "GM12878", "MES", "IMR90", "MSC")
    roles = tad_roles(names, CHROMS)
    assert (roles.test_cell_type, roles.validation_cell_types) == ("H1", ("GM12878",))
    assert roles.train_cell_types == ("TRO", "NPC", "MES", "IMR90", "MSC")
    assert roles.train_chromosomes == ("chr3",)


@pytest.mark.parametrize("names", [("E004", "E005"), ()])
def test_without_the_test_cell_type_the_message_names_it(names):
    with pytest.raises(ValidationError, match=rf"must have E003, .*; {len(names)} came without"):
        expression_roles(names, CHROMS)


def test_a_role_that_nothing_fills_is_refused():
    with pytest.raises(ValidationError, match="`validation_cell_types` must name at least one"):
        expression_roles(("E003", "E005"), CHROMS)
    with pytest.raises(ValidationError, match="`validation_chromosomes` must name at least one"):
        assign_roles(("A", "B", "C"), pd.Series(["c1", "c3"]), "A", ("B",), ("c1", "c2", "c3"))

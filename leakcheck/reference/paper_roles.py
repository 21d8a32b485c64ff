"""Which cell types and chromosomes the paper trains, validates and tests on."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from leakcheck.exceptions import ValidationError
from leakcheck.reference.task import Roles
from leakcheck.splits import PAPER_EXPRESSION, PAPER_TADS, PaperRoles

__all__ = ["TAD_CHROMOSOMES", "assign_roles", "expression_roles", "tad_roles"]

#: Chromosomes of the boundary task.
TAD_CHROMOSOMES: Final = (
    *PAPER_TADS.test_chromosomes,
    *PAPER_TADS.validation_chromosomes,
    *PAPER_TADS.train_chromosomes,
)


def expression_roles(cell_types: Sequence[str], chroms: pd.Series) -> Roles:
    """Give cell types and chromosomes the paper's roles in the expression task.

    Parameters
    ----------
    cell_types : sequence of str
        Those there are: E003 is for test, the paper's four for validation, others for training.
    chroms : pandas.Series of str
        Chromosomes of the loci: chr1 is for test, chr2 for validation, the others for training.

    Returns
    -------
    Roles
    """
    return _roles_of(PAPER_EXPRESSION, cell_types, chroms)


def tad_roles(cell_types: Sequence[str], chroms: pd.Series) -> Roles:
    """Give cell types and chromosomes the paper's roles in the task of TAD boundaries.

    Parameters
    ----------
    cell_types : sequence of str
        H1 is for test, GM12878 for validation, others for training.
    chroms : pandas.Series of str
        Of the loci: chr1 is for test, chr2 for validation, chr3 for training.

    Returns
    -------
    Roles
    """
    return _roles_of(PAPER_TADS, cell_types, chroms)


def assign_roles(
    cell_types: Sequence[str],
    chroms: pd.Series,
    test: str,
    validation: Sequence[str],
    chromosomes: Sequence[str],
) -> Roles:
    """Give roles to the cell types and chromosomes that there are.

    Parameters
    ----------
    cell_types : sequence of str
        All of the task.
    chroms : pandas.Series of str
        Of the loci.
    test : str
        The test cell type.
    validation : sequence of str
        Validation cell types; those that the task has not are passed over. All others train.
    chromosomes : sequence of str
        The first is for test, the second for validation, the others for training; those without
        loci are passed over.

    Returns
    -------
    Roles

    Raises
    ------
    ValidationError
        When the test cell type is absent, or a role is left without a cell type or a chromosome.
    """
    if test not in cell_types:
        raise ValidationError(
            f"`cell_types` must have {test}, which the paper tests on; {len(cell_types)} came "
            f"without it: {', '.join(cell_types[:3])} ... Name the column of that cell type {test}."
        )
    present = set(chroms)
    here = [chrom for chrom in chromosomes if chrom in present]
    return Roles(
        test_cell_type=test,
        validation_cell_types=tuple(name for name in validation if name in cell_types),
        train_cell_types=tuple(name for name in cell_types if name not in {test, *validation}),
        test_chromosomes=tuple(chrom for chrom in here if chrom == chromosomes[0]),
        validation_chromosomes=tuple(chrom for chrom in here if chrom == chromosomes[1]),
        train_chromosomes=tuple(chrom for chrom in here if chrom not in chromosomes[:2]),
    )


def _roles_of(paper: PaperRoles, cell_types: Sequence[str], chroms: pd.Series) -> Roles:
    """Give the roles of one of the paper's tasks."""
    chromosomes = (
        *paper.test_chromosomes,
        *paper.validation_chromosomes,
        *paper.train_chromosomes,
    )
    return assign_roles(
        cell_types, chroms, paper.test_cell_type, paper.validation_cell_types, chromosomes
    )

"""The splits of Schreiber et al. (2020), by name."""

from dataclasses import dataclass
from typing import Final

from leakcheck.exceptions import ValidationError

__all__ = ["PAPER_EXPRESSION", "PAPER_TADS", "PaperRoles", "paper_roles"]


@dataclass(frozen=True, kw_only=True)
class PaperRoles:
    """Which chromosomes and cell types the paper trained, validated and tested on.

    Cross-chromosome: the test cell type alone, and the three groups of chromosomes.
    Cross-cell-type: `seen_chromosomes` in every part, and the three groups of cell types.
    Hybrid: trained as cross-cell-type, tested in the test cell type on the test chromosomes.

    Parameters
    ----------
    test_cell_type : str
        The target.
    validation_cell_types : tuple of str
        Used to stop training; all others train.
    test_chromosomes, validation_chromosomes : tuple of str
        Of the cross-chromosome setting.
    train_chromosomes : tuple of str
        Of the cross-chromosome setting.
    seen_chromosomes : tuple of str
        Of the cross-cell-type setting: training, validation and test.

    Notes
    -----
    Schreiber, Singh, Bilmes & Noble, Genome Biology 21:282 (2020),
    doi:10.1186/s13059-020-02177-y, Methods.
    """

    test_cell_type: str
    validation_cell_types: tuple[str, ...]
    test_chromosomes: tuple[str, ...]
    validation_chromosomes: tuple[str, ...]
    train_chromosomes: tuple[str, ...]
    seen_chromosomes: tuple[str, ...]


def _chromosomes(first: int, last: int) -> tuple[str, ...]:
    """Names of autosomes."""
    return tuple(f"chr{number}" for number in range(first, last + 1))


#: Gene expression in Roadmap cell types (active: RPKM above 0.5).
PAPER_EXPRESSION: Final = PaperRoles(
    test_cell_type="E003",
    validation_cell_types=("E113", "E004", "E037", "E106"),
    test_chromosomes=("chr1",),
    validation_chromosomes=("chr2",),
    train_chromosomes=_chromosomes(3, 22),
    seen_chromosomes=_chromosomes(2, 22),
)

#: Boundaries of topologically associating domains at 40 kb.
PAPER_TADS: Final = PaperRoles(
    test_cell_type="H1",
    validation_cell_types=("GM12878",),
    test_chromosomes=("chr1",),
    validation_chromosomes=("chr2",),
    train_chromosomes=("chr3",),
    seen_chromosomes=("chr2", "chr3"),
)


def paper_roles(task: str) -> PaperRoles:
    """Give the roles of a task of the paper by its name."""
    roles = {"expression": PAPER_EXPRESSION, "tads": PAPER_TADS}
    if task not in roles:
        raise ValidationError(
            f"`task` must be 'expression' or 'tads'; it is {task!r}. These are the paper's tasks."
        )
    return roles[task]

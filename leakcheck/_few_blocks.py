"""Floor 5: findings about blocks that are few, or that stand in for chromosomes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from leakcheck._orders import named, only
from leakcheck.checks import Finding, make_finding
from leakcheck.data.wording import counted
from leakcheck.live_rows import LeftOut

__all__ = ["findings_of_blocks", "findings_of_silence"]

#: Below this stretches stand in for chromosomes, and given blocks are few.
MIN_BLOCKS: Final = 10
_PLURAL: Final = {"chromosome": "chromosomes", "stretch": "stretches", "given": "blocks"}


def findings_of_blocks(
    blocks: tuple[int, str], chromosomes: tuple[int, int], held: Mapping[str, int]
) -> Iterator[Finding]:
    """Make the findings that rest on how many blocks there are.

    Parameters
    ----------
    blocks : tuple of (int, {"chromosome", "stretch", "given"})
        How many blocks there are, and what they are.
    chromosomes : tuple of int
        How many there are, and how many hold audited loci; 0 without coordinates.
    held : mapping of str to int
        Target to the blocks that hold a locus of its audit.

    Yields
    ------
    Finding

    Examples
    --------
    >>> [one.evidence for one in findings_of_blocks((39, "stretch"), (22, 3), {"K562": 20})]
    ['3 of 22 chromosomes hold audited loci; stretches of these are the blocks.']
    """
    n_blocks, kind = blocks
    # Loci without coordinates have a note of the border.
    if kind == "stretch" and chromosomes[0]:
        yield make_finding("LK006", evidence=_stretches(*chromosomes))
    if kind == "given" and n_blocks < MIN_BLOCKS:
        names = f"`blocks` names {n_blocks}; intervals rest on {n_blocks - 1} degrees of freedom."
        yield make_finding("LK006", evidence=names)
    few = {name: n for name, n in held.items() if 0 < n < MIN_BLOCKS}
    if few and n_blocks >= MIN_BLOCKS:
        n = min(few.values())
        where = f"{n} of {n_blocks} {_PLURAL[kind]} hold audited loci, at {named(few)}; intervals"
        evidence = f"{where} rest on {counted(n - 1, 'degree')} of freedom."
        yield make_finding("LK006", target=only(list(few)), evidence=evidence)


def _stretches(every: int, audited: int) -> str:
    """Say why stretches are the blocks."""
    if audited >= MIN_BLOCKS:  # small ones are put together
        large = f"{audited} chromosomes hold audited loci, fewer than ten of them enough for a"
        return f"{large} block; stretches of these are the blocks."
    if 0 < audited < every:
        held = f"{audited} of {every} chromosomes hold audited loci"
        return f"{held}; stretches of these are the blocks."
    return f"{counted(every, 'chromosome')}; stretches of neighbouring loci are the blocks instead."


def findings_of_silence(
    left_out: Mapping[str, LeftOut], kind: str, chromosomes: Sequence[str]
) -> Iterator[Finding]:
    """Make the finding about blocks that the information test leaves out.

    Parameters
    ----------
    left_out : mapping of str to LeftOut
        Target to what was left out there, where anything was.
    kind : {"chromosome", "stretch", "given"}
        What the blocks are.
    chromosomes : sequence of str
        Names of the chromosomes, sorted; empty without coordinates.

    Yields
    ------
    Finding
        One, of the target where the fewest blocks are left.

    Examples
    --------
    >>> left_out = {"K562": LeftOut(n_blocks=1, n_loci=57, n_left=22, chroms=(1,))}
    >>> [one.code for one in findings_of_silence(left_out, "chromosome", ["chr1", "chrY"])]
    ['LK050']
    """
    if not left_out:
        return
    least = min(left_out.values(), key=lambda one: one.n_left)
    names = [chromosomes[code] for code in least.chroms] if chromosomes else []
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    where = f" ({', '.join(names[:4])}{more})" if names and kind != "given" else ""
    evidence = (
        f"At {named(list(left_out))} the average activity hardly varies over the {least.n_loci:,} "
        f"loci of {least.n_blocks} of {least.n_blocks + least.n_left} {_PLURAL[kind]}{where}; the "
        f"information test rests on the other {least.n_left}."
    )
    yield make_finding("LK050", target=only(list(left_out)), evidence=evidence)

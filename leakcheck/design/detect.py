"""`detect_design`: from tables of pairs to the setting, the claim and the findings."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.checks import findings_table
from leakcheck.data import EvaluationSet
from leakcheck.data.arrays import is_number
from leakcheck.data.wording import counted
from leakcheck.design.celltypes import Copy, find_copies
from leakcheck.design.claim import Caveats, claim_of
from leakcheck.design.faults import faults_of
from leakcheck.design.matching import FAR, KINDS, Matcher, chromosome_codes, sequence_codes
from leakcheck.design.near import GAP
from leakcheck.design.pairs import CoordinateStyle, Pairs, coordinate_styles, present, read_pairs
from leakcheck.design.record import Design
from leakcheck.design.setting import MIN_SHARE
from leakcheck.design.split import Seen, Split
from leakcheck.exceptions import ValidationError

__all__ = ["detect_design"]

SETTINGS: Final = ("contaminated", "cross-cell-type", "cross-chromosome", "hybrid", "random")


def detect_design(
    train: Any,
    test: Any = None,
    *,
    validation: Any = None,
    gap: int = GAP,
    min_overlap: int = 1,
    coordinates: CoordinateStyle | Mapping[str, CoordinateStyle] = "0-based",
    aliases: Mapping[str, str] | None = None,
    sequences: Mapping[str, str] | str | None = None,
    copies_above: float = 0.99,
) -> Design:
    """Find out which setting a split tests, and what may be claimed from it.

    Parameters
    ----------
    train : DataFrame, tuple of arrays or EvaluationSet
        Training pairs, one row each: a table with ``celltype`` and either ``chrom, start, end``
        or ``locus`` (or all of them), and ``label`` where known; a tuple ``(loci, celltypes)`` or
        ``(loci, celltypes, labels)``, each of shape (n_pairs,); or an `EvaluationSet`, whose
        reference pairs these are.
    test : DataFrame, tuple of arrays, shape (n_pairs,), or EvaluationSet, optional
        Test pairs in any of these forms; of an `EvaluationSet` the audited pairs. May be left out
        where `train` is an `EvaluationSet`.
    validation : DataFrame, tuple of arrays, shape (n_pairs,), or EvaluationSet, optional
        Pairs that were used to choose or to stop the model.
    gap : int, default 200_000
        Bases between a test locus and the nearest training locus below which it is near: not
        seen, but not new either.
    min_overlap : int, default 1
        Bases that two loci must share to count as one.
    coordinates : {"0-based", "1-based"} or mapping
        How tables count: 0-based and half-open (BED), or 1-based and closed (GFF); for all, or
        for each of ``train, test, validation``.
    aliases : mapping of str to str, optional
        Other names of cell types, and the name that each stands for. Applied exactly.
    sequences : mapping of str to str, or str, optional
        Sequence of each locus by its id (``chr1:100-200``, 0-based, where it has no other), or the
        name of a column of the tables. A sequence and its reverse complement are one.
    copies_above : float, default 0.99
        Correlation of labels above which two cell types are copies of one another. It is looked
        for where both tables have labels, over loci that they have in common (30 or more).

    Returns
    -------
    Design
        The setting with its share, what may be claimed, tidy tables and coded findings; ``print``
        it first.

    Raises
    ------
    ValidationError
        When input breaks a rule.

    Notes
    -----
    For each test pair: was the pair, its locus, its cell type in training? The pair:
    *contaminated*. The locus only: *cross-cell-type*. The cell type only: *cross-chromosome*.
    Neither: *hybrid*. Both but not the pair: *random*. Below 95% for the largest, *mixed*. Loci
    match by id, by overlap on the same chromosome (strand is not looked at), and by sequence.
    `chr1` and `1` are one chromosome. The settings are those of Schreiber et al., Genome Biology
    21:282 (2020), doi:10.1186/s13059-020-02177-y.

    Examples
    --------
    >>> import pandas as pd
    >>> loci = pd.DataFrame({"chrom": "chr1", "start": [0, 5000], "end": [2000, 7000]})
    >>> design = detect_design(loci.assign(celltype="K562"), loci.assign(celltype="HepG2"))
    >>> design.setting, design.share, design.passed
    ('cross-cell-type', 1.0, True)
    """
    _check_options(gap, min_overlap, copies_above)
    aliases = _checked_aliases(aliases or {})
    tables = _read(train, test, validation, coordinates, aliases, sequences)
    texts = None if sequences is None or isinstance(sequences, str) else _by_id(sequences)
    chromosomes = chromosome_codes([table.loci for table in tables])
    codes = sequence_codes(tables, texts)

    def matcher(known: int) -> Matcher:
        return Matcher(
            tables[known],
            tables[1],
            chromosomes=(chromosomes[known], chromosomes[1]),
            sequences=(codes[known], codes[1]),
            gap=gap,
            min_overlap=min_overlap,
        )

    seen = _seen(matcher(0), tables[1], tables[0].leave_one_out)
    later = _seen(matcher(2), tables[1], False) if len(tables) > 2 else None
    copies = find_copies(tables[0], tables[1], _same_place(seen.matcher))
    return _design(tables, seen, later, copies, copies_above, gap, aliases)


def _check_options(gap: int, min_overlap: int, copies_above: float) -> None:
    """Refuse options outside their range."""
    sizes: tuple[tuple[str, Any, int], ...] = (("gap", gap, 0), ("min_overlap", min_overlap, 1))
    for name, value, least in sizes:
        if not isinstance(value, Integral) or value < least:
            raise ValidationError(
                f"`{name}` must be a whole number of base pairs, {least} or more; {value!r} came. "
                f"Leave it out for the default."
            )
    if not is_number(copies_above) or not 0 < copies_above <= 1:
        raise ValidationError(
            f"`copies_above` must be a correlation in (0, 1]; {copies_above!r} came. 0.99 is the "
            "default."
        )


def _checked_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Refuse aliases of aliases: which name counts must be plain."""
    if not isinstance(aliases, Mapping):
        raise ValidationError(
            "`aliases` must be a mapping from other names to the names that count; it is a "
            f"{type(aliases).__name__}. Give for example {{'H1-hESC': 'E003'}}."
        )
    chained = [name for name, meant in aliases.items() if meant in aliases and meant != name]
    if chained:
        raise ValidationError(
            f"`aliases` must map each name to the one that counts; {counted(len(chained), 'entry')}"
            f" lead to another alias, the first is {chained[0]!r}: {aliases[chained[0]]!r}. Map "
            f"{chained[0]!r} to {aliases[aliases[chained[0]]]!r} instead."
        )
    return {str(name): str(meant) for name, meant in aliases.items() if name != meant}


def _by_id(sequences: Any) -> dict[str, str]:
    """Sequences by locus id."""
    if not hasattr(sequences, "items"):
        raise ValidationError(
            "`sequences` must be a mapping from locus ids to sequences, a Series with the ids as "
            f"its index, or the name of a column; it is a {type(sequences).__name__}. Give for "
            "example {'chr1:0-2000': 'ACGT...'}."
        )
    return {str(name): text for name, text in sequences.items()}


def _read(
    train: Any,
    test: Any,
    validation: Any,
    coordinates: Any,
    aliases: Mapping[str, str],
    sequences: Any,
) -> list[Pairs]:
    """Read all tables: train, test and, where given, validation."""
    if train is None:
        raise ValidationError(
            "`train` must be a table of training pairs, a tuple of arrays or an EvaluationSet; it "
            "is missing. Pass the pairs that the model was trained on."
        )
    if test is None:
        if not isinstance(train, EvaluationSet):
            raise ValidationError(
                "`test` must be given unless `train` is an EvaluationSet; it is missing. Pass the "
                "test pairs."
            )
        test = train
    styles = coordinate_styles(coordinates)
    column = sequences if isinstance(sequences, str) else None
    given = {"train": train, "test": test, "validation": validation}
    tables = [
        read_pairs(table, role, styles[role], aliases, column)
        for role, table in given.items()
        if table is not None
    ]
    if tables[0].leave_one_out and test is not train:
        raise ValidationError(
            "`train` as an EvaluationSet under leave-one-out has other training pairs for each "
            "target; a separate `test` came. Pass the EvaluationSet alone."
        )
    return tables


def _seen(matcher: Matcher, test: Pairs, leave_one_out: bool) -> Seen:
    """What of each test pair is in the other table."""
    if leave_one_out:
        nothing = np.zeros(len(test), dtype=np.bool_)
        return Seen(matcher, nothing, matcher.seen_by_others(), nothing)
    return Seen(
        matcher,
        pair=matcher.pairs_seen(),
        locus=matcher.loci.seen[test.locus],
        cell_type=matcher.cell_types_seen[test.cell_type],
    )


def _same_place(matcher: Matcher) -> IntArray:
    """Known locus of each test locus that has the same id or interval, else -1."""
    found = matcher.loci
    same = np.isin(found.kind, [KINDS.index("same"), KINDS.index("other id")])
    return np.where(same, found.partner, -1)


def _settings(seen: Seen) -> IntArray:
    """Position in `SETTINGS` of each test pair."""
    by_parts = np.select(
        [seen.locus & seen.cell_type, seen.locus, seen.cell_type],
        [SETTINGS.index(name) for name in ("random", "cross-cell-type", "cross-chromosome")],
        default=SETTINGS.index("hybrid"),
    )
    return np.where(seen.pair, SETTINGS.index("contaminated"), by_parts)


def _named(counts: IntArray) -> tuple[str, float]:
    """Name of the largest setting, or mixed, and its share."""
    largest = int(counts.argmax())
    share = float(counts[largest] / counts.sum())
    return (SETTINGS[largest] if share >= MIN_SHARE else "mixed"), share


def _design(
    tables: list[Pairs],
    seen: Seen,
    later: Seen | None,
    copies: list[Copy],
    copies_above: float,
    gap: int,
    aliases: Mapping[str, str],
) -> Design:
    """Put the record together."""
    test, kinds = tables[1], _settings(seen)
    counts = np.bincount(kinds, minlength=len(SETTINGS))
    setting, share = _named(counts)
    near = ~seen.locus & (seen.matcher.loci.kind == KINDS.index("near"))[test.locus]
    shares = pd.DataFrame(
        {
            "setting": np.array(SETTINGS, dtype=object),
            "n_pairs": counts,
            "share": counts / counts.sum(),
        }
    )
    split = Split(
        tables=tables,
        seen=seen,
        later=later,
        near=near,
        copies=copies,
        copies_above=copies_above,
        setting=setting,
        shares=shares.set_index("setting")["share"],
        gap=gap,
        aliases=aliases,
    )
    findings, checks = faults_of(split)
    return Design(
        setting=setting,
        share=share,
        claim=claim_of(setting, _caveats(split)),
        shares=shares,
        targets=_targets(test, kinds, near),
        pairs=_pair_table(test, kinds, seen),
        loci=_locus_table(tables, seen.matcher),
        cell_types=_cell_type_table(tables, copies),
        checks=checks,
        findings=findings_table(findings),
        summary=tuple(_size(table) for table in tables),
    )


def _size(table: Pairs) -> str:
    """Size of a table in words."""
    loci = counted(len(present(table.locus)), "locus")
    cell_types = counted(len(table.cell_types), "cell type")
    return f"{table.role}: {counted(len(table), 'pair')} of {loci} in {cell_types}"


def _caveats(split: Split) -> Caveats:
    """What limits the claim."""
    seen, later, test = split.seen, split.later, split.test
    unseen = int((~seen.locus).sum())
    new = {test.cell_types[code] for code in present(test.cell_type[~seen.cell_type])}
    copies = {c.cell_type for c in split.copies if c.correlation > split.copies_above}
    return Caveats(
        n_contaminated=int(seen.pair.sum()),
        n_pairs=len(test),
        near_share=float(split.near.sum() / unseen) if unseen else np.nan,
        gap=split.gap,
        n_copies=len(copies & new),
        n_validated=int(later.pair.sum()) if later else 0,
        n_not_new=int(seen.not_new(later).sum()) if later else 0,
        has_places=seen.matcher.has_places,
    )


def _targets(test: Pairs, kinds: IntArray, near: BoolArray) -> pd.DataFrame:
    """Setting of each test cell type."""
    size = len(test.cell_types)
    counts = np.zeros((size, len(SETTINGS)), dtype=np.int64)
    np.add.at(counts, (test.cell_type, kinds), 1)
    named = [_named(row) for row in counts]
    frame = pd.DataFrame(
        {
            "celltype": np.array(test.cell_types, dtype=object),
            "setting": np.array([name for name, _ in named], dtype=object),
            "share": [share for _, share in named],
            "n_pairs": counts.sum(axis=1),
        }
    )
    for column, name in enumerate(SETTINGS):
        frame[f"n_{name.replace('-', '_')}"] = counts[:, column]
    frame["n_near"] = np.bincount(test.cell_type[near], minlength=size)
    return frame


def _categories(codes: NDArray[np.integer[Any]], names: tuple[str, ...]) -> Any:
    """Make words of codes."""
    return pd.Categorical.from_codes(codes.astype(np.int64), categories=pd.Index(names))


def _pair_table(test: Pairs, kinds: IntArray, seen: Seen) -> pd.DataFrame:
    """Setting of each test pair."""
    return pd.DataFrame(
        {
            "locus": test.loci.ids[test.locus],
            "celltype": np.array(test.cell_types, dtype=object)[test.cell_type],
            "setting": _categories(kinds, SETTINGS),
            "match": _categories(seen.matcher.loci.kind[test.locus], KINDS),
        }
    )


def _locus_table(tables: list[Pairs], matcher: Matcher) -> pd.DataFrame:
    """How each test locus is known to training."""
    found = matcher.loci
    train_ids = np.append(tables[0].loci.ids, "")
    away = found.distance == FAR
    return pd.DataFrame(
        {
            "locus": tables[1].loci.ids,
            "match": _categories(found.kind, KINDS),
            "partner": train_ids[found.partner],
            "distance": np.where(away, np.nan, found.distance),
        }
    )


def _cell_type_table(tables: list[Pairs], copies: list[Copy]) -> pd.DataFrame:
    """In which tables each cell type is, and what it is most like."""
    names = list(dict.fromkeys(name for table in tables for name in table.cell_types))
    frame = pd.DataFrame({"celltype": np.array(names, dtype=object)})
    for role in ("train", "validation", "test"):
        table = next((table for table in tables if table.role == role), None)
        sizes = (
            {}
            if table is None
            else dict(zip(table.cell_types, np.bincount(table.cell_type).tolist(), strict=True))
        )
        frame[f"n_{role}"] = [sizes.get(name, 0) for name in names]
    by_name = {copy.cell_type: copy for copy in copies}
    found = [by_name.get(name) for name in names]
    frame["closest"] = np.array([copy.closest if copy else "" for copy in found], dtype=object)
    frame["agreement"] = [copy.correlation if copy else np.nan for copy in found]
    frame["n_common"] = [copy.n_loci if copy else 0 for copy in found]
    return frame

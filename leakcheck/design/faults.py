"""What is wrong with a split: one check after the other, each with its findings or why it is none.

A check gives its findings, an empty list where it found nothing, or the reason why it could not be
made: not looked at is never the same as clear.
"""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from leakcheck.checks import Finding, make_finding
from leakcheck.data.chromosomes import plain_chromosome
from leakcheck.data.wording import counted, did_you_mean, listing
from leakcheck.design.celltypes import MIN_COMMON, same_but_for_writing
from leakcheck.design.matching import KINDS, Matcher
from leakcheck.design.pairs import Pairs, present
from leakcheck.design.split import Seen, Split

__all__ = ["faults_of"]

Outcome: TypeAlias = "list[Finding] | str"

_NO_PLACES: Final = "a table has no coordinates"
_VERSION: Final = re.compile(r"\.\d+$")


def faults_of(split: Split) -> tuple[list[Finding], pd.DataFrame]:
    """Make every check: the findings, and the table of checks with their status."""
    rows, findings = [], []
    for code, name, check in _CHECKS:
        outcome = check(split)
        if isinstance(outcome, str):
            rows.append((name, code, "not applicable", outcome))
        else:
            rows.append((name, code, "found" if outcome else "clear", ""))
            findings += outcome
    return findings, pd.DataFrame(rows, columns=["check", "code", "status", "reason"], dtype=object)


def _share(number: int, total: int, noun: str) -> str:
    """Write a count among all."""
    return f"{number:,} of {total:,} {noun}"


def _pair_name(pairs: Pairs, position: int) -> str:
    """Name a pair."""
    return (
        f"{pairs.loci.ids[pairs.locus[position]]} in {pairs.cell_types[pairs.cell_type[position]]}"
    )


def _only(names: Iterable[str]) -> str:
    """The one name, where there is one."""
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else ""


def _pairs_in(split: Split, seen: Seen, code: str) -> list[Finding]:
    """Test pairs that are in another table."""
    test, found = split.test, np.flatnonzero(seen.pair)
    if not found.size:
        return []
    kinds = np.bincount(seen.matcher.loci.kind[test.locus[found]], minlength=len(KINDS))
    how = {
        "overlap": "match by overlap only",
        "other id": "have the same interval under another id",
        "sequence": "match by their sequence only",
    }
    words = [f"{kinds[KINDS.index(kind)]:,} {text}" for kind, text in how.items()
             if kinds[KINDS.index(kind)]]  # fmt: skip
    evidence = (
        f"{_share(found.size, len(test), 'test pairs')}, the first is "
        f"{_pair_name(test, int(found[0]))}{'; ' + ', '.join(words) if words else ''}."
    )
    target = _only(test.cell_types[c] for c in present(test.cell_type[found]))
    return [make_finding(code, evidence=evidence, target=target)]


def _contaminated(split: Split) -> Outcome:
    if split.tables[0].leave_one_out:
        return "leave-one-out: no target is in its own training"
    return _pairs_in(split, split.seen, "LK026")


def _validated(split: Split) -> Outcome:
    if split.later is None:
        return "no `validation` was given"
    return _pairs_in(split, split.later, "LK037")


def _not_new(split: Split) -> Outcome:
    if split.later is None:
        return "no `validation` was given"
    test, seen, later = split.test, split.seen, split.later
    found = seen.not_new(later)
    if not found.any():
        return []
    names = [test.cell_types[c] for c in present(test.cell_type[~seen.cell_type & later.cell_type])]
    n_loci = len(present(test.locus[~seen.locus & later.locus]))
    parts = [f"cell types {listing(names)}"] if names else []
    parts += [counted(n_loci, "locus")] if n_loci else []
    evidence = (
        f"{_share(int(found.sum()), len(test), 'test pairs')}: {' and '.join(parts)} are new to "
        "training but not to validation."
    )
    return [make_finding("LK038", evidence=evidence, target=_only(names))]


def _mixed(split: Split) -> Outcome:
    if split.setting != "mixed":
        return []
    present = split.shares[split.shares > 0].sort_values(ascending=False)
    words = ", ".join(f"{name} {share:.1%}" for name, share in present.items())
    return [make_finding("LK039", evidence=f"{words}; none holds 95% of the test pairs.")]


def _imputation(split: Split) -> Outcome:
    if split.setting != "random":
        return []
    evidence = f"{split.shares['random']:.1%} of the test pairs."
    return [make_finding("LK040", evidence=evidence)]


def _near(split: Split) -> Outcome:
    if not split.seen.matcher.has_places:
        return _NO_PLACES
    if split.gap == 0:
        return "`gap` is 0"
    loci = present(split.test.locus[split.near])
    if not loci.size:
        return []
    distance = split.seen.matcher.loci.distance[loci]
    evidence = (
        f"{_share(loci.size, len(present(split.test.locus)), 'test loci')} lie within "
        f"{split.gap:,} bp of a training locus (median {int(np.median(distance)):,} bp)."
    )
    return [make_finding("LK031", evidence=evidence)]


def _no_places(split: Split) -> Outcome:
    without = [table.role for table in split.tables if not table.loci.has_coordinates]
    if not without:
        return []
    return [make_finding("LK041", evidence=f"`{'`, `'.join(without)}` came without coordinates.")]


def _other_ids(split: Split) -> Outcome:
    known, test, matcher = split.tables[0], split.test, split.seen.matcher
    if not matcher.has_places:
        return _NO_PLACES
    if not (known.is_named and test.is_named):
        return "loci have no ids of their own"
    found = np.flatnonzero(matcher.loci.kind == KINDS.index("other id"))
    if not found.size:
        return []
    first = int(found[0])
    partner = known.loci.ids[matcher.loci.partner[first]]
    evidence = (
        f"{_share(found.size, len(test.loci), 'test loci')} have the interval of a training locus "
        f"of another id, the first is {test.loci.ids[first]} ({partner} in training)."
    )
    return [make_finding("LK033", evidence=evidence)]


def _base_counting(split: Split) -> Outcome:
    if not split.seen.matcher.has_places:
        return _NO_PLACES
    found = []
    for seen, other in ((split.seen, "train"), (split.later, "validation")):
        if seen is not None and seen.matcher.has_places:
            found += _shifted(split.test, seen.matcher, other)
    return found


def _shifted(test: Pairs, matcher: Matcher, other: str) -> list[Finding]:
    """Starts that differ by one from those of another table, with equal ends or moved ones."""
    for shift, one, zero in ((-1, "test", other), (1, other, "test")):
        found = matcher.shifted(shift)
        if found.size and 2 * found.size > matcher.n_askew:
            evidence = (
                f"{_share(found.size, len(test.loci), 'test loci')} are loci of `{other}` but for "
                f"their start, which differs by one; the first is {test.loci.ids[found[0]]}. "
                f"`{one}` seems to count from 1, and `{zero}` from 0."
            )
            return [make_finding("LK032", evidence=evidence)]
    for shift in (-1, 1):
        found = matcher.shifted(shift, both=True)
        if 2 * found.size > matcher.n_elsewhere > 0:
            evidence = (
                f"{_share(found.size, len(test.loci), 'test loci')} are loci of `{other}` but for "
                f"both their ends, which differ by one; the first is {test.loci.ids[found[0]]}."
            )
            remedy = (
                "Find out which of the tables was moved, and by what: a table that counts from 1 "
                "differs from one that counts from 0 in its starts alone."
            )
            return [make_finding("LK032", evidence=evidence, remedy=remedy)]
    return []


def _moved_ids(split: Split) -> Outcome:
    matcher = split.seen.matcher
    if not matcher.has_places:
        return _NO_PLACES
    if not (split.test.is_named and split.tables[0].is_named):
        return "loci have no ids of their own"
    moved = np.setdiff1d(matcher.moved_ids, [*matcher.shifted(-1), *matcher.shifted(1)])
    if not moved.size:
        return []
    first = int(moved[0])
    evidence = (
        f"{_share(moved.size, len(split.test.loci), 'test loci')} have another interval in "
        f"training, the first is {split.test.loci.ids[first]}."
    )
    return [make_finding("LK042", evidence=evidence)]


def _chromosome_styles(split: Split) -> Outcome:
    if not split.seen.matcher.has_places:
        return _NO_PLACES
    written: dict[str, set[str]] = {}
    for table in split.tables:
        for name in table.loci.chrom_names:
            written.setdefault(plain_chromosome(name), set()).add(name)
    both = [sorted(names) for names in written.values() if len(names) > 1]
    if not both:
        return []
    evidence = f"{' and '.join(map(repr, both[0]))} were taken as one chromosome."
    return [make_finding("LK043", evidence=evidence)]


def _sequences(split: Split) -> Outcome:
    matcher = split.seen.matcher
    if not matcher.has_sequences:
        return "no `sequences` were given"
    found = np.flatnonzero(matcher.loci.kind == KINDS.index("sequence"))
    if not found.size:
        return []
    test, first = split.test, int(found[0])
    partner = split.tables[0].loci.ids[matcher.loci.partner[first]]
    evidence = (
        f"{_share(found.size, len(test.loci), 'test loci')} have the sequence of a training locus "
        f"elsewhere, the first is {test.loci.ids[first]} ({partner} in training)."
    )
    return [make_finding("LK034", evidence=evidence)]


def _copies(split: Split) -> Outcome:
    if split.tables[0].labels is None or split.test.labels is None:
        return "a table has no labels"
    if not split.copies:
        return f"no two cell types have {MIN_COMMON} labelled loci in common"
    return [
        make_finding(
            "LK035",
            target=copy.cell_type,
            evidence=(
                f"{copy.cell_type} and {copy.closest}: correlation {copy.correlation:.4f} over "
                f"{counted(copy.n_loci, 'locus')}."
            ),
        )
        for copy in split.copies
        if copy.correlation > split.copies_above
    ]


def _names(split: Split) -> Outcome:
    train, test, *others = split.tables
    found: list[Finding] = []
    known = list(dict.fromkeys(name for table in (train, *others) for name in table.cell_types))
    for ours, theirs in same_but_for_writing(test.cell_types, known):
        evidence = f"Cell type {ours!r} of `test` and {theirs!r}. Did you mean {theirs!r}?"
        found.append(make_finding("LK036", target=ours, evidence=evidence))
    for ours, theirs in same_but_for_writing([n for t in others for n in t.cell_types],
                                             train.cell_types):  # fmt: skip
        evidence = f"Cell type {ours!r} of `validation` and {theirs!r} of `train`."
        found.append(make_finding("LK036", evidence=evidence))
    return [*found, *_ids_but_for_version(train, test, split.seen.matcher)]


def _ids_but_for_version(train: Pairs, test: Pairs, matcher: Matcher) -> list[Finding]:
    """Locus ids that would match but for their case or version, where most others do not."""
    if not (train.is_named and test.is_named):
        return []
    strange = test.loci.ids[~matcher.loci.seen].tolist()
    cores = {_VERSION.sub("", name).lower(): name for name in train.loci.ids.tolist()}
    both = [(name, cores.get(_VERSION.sub("", name).lower())) for name in strange]
    both = [(name, other) for name, other in both if other is not None]
    if not both or 2 * len(both) <= len(strange):
        return []
    evidence = (
        f"{_share(len(both), len(test.loci), 'test loci')} are in training but for case or "
        f"version, the first is {both[0][0]!r} ({both[0][1]!r} in training)."
    )
    remedy = "Write locus ids alike in all tables: as they are, these loci count as new."
    return [make_finding("LK036", evidence=evidence, remedy=remedy)]


def _aliases(split: Split) -> Outcome:
    if not split.aliases:
        return "no `aliases` were given"
    used = {name for table in split.tables for name in table.used_aliases}
    idle = [name for name in split.aliases if name not in used]
    if not idle:
        return []
    known = list(dict.fromkeys(name for table in split.tables for name in table.cell_types))
    evidence = f"{listing(idle)} are in no table.{did_you_mean(idle[0], known)}"
    return [make_finding("LK044", evidence=evidence)]


def _repeated(split: Split) -> Outcome:
    return [
        make_finding(
            "LK014",
            evidence=f"{_share(table.n_rows - len(table), table.n_rows, 'rows')} of `{table.role}` "
            "repeat an earlier (locus, cell type) pair; each pair counts once.",
        )
        for table in split.tables
        if table.n_rows > len(table)
    ]


_CHECKS: Final = (
    ("LK026", "test pairs in training", _contaminated),
    ("LK037", "test pairs in validation", _validated),
    ("LK031", "neighbouring loci", _near),
    ("LK032", "0-based beside 1-based", _base_counting),
    ("LK033", "places with several ids", _other_ids),
    ("LK034", "identical sequences", _sequences),
    ("LK035", "copies of cell types", _copies),
    ("LK036", "names that differ in writing", _names),
    ("LK038", "what validation has seen", _not_new),
    ("LK039", "mixed settings", _mixed),
    ("LK040", "imputation", _imputation),
    ("LK042", "ids with several intervals", _moved_ids),
    ("LK014", "repeated rows", _repeated),
    ("LK041", "coordinates", _no_places),
    ("LK043", "chromosome names", _chromosome_styles),
    ("LK044", "aliases", _aliases),
)

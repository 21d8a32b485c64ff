"""Floor 6: the audit of some targets of a store, as one task."""

import pickle
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from leakcheck._audit.rows import TargetResult
from leakcheck._blas import one_blas_thread
from leakcheck.base.chunks import Column
from leakcheck.baselines import Likeness
from leakcheck.correlations import Correlations
from leakcheck.information import answer_all
from leakcheck.metrics import Evaluated
from leakcheck.scale.baseline_pass import placed_among
from leakcheck.scale.counted import CountedWork
from leakcheck.scale.features_of_store import FeaturesOfStore
from leakcheck.scale.real_valued import RealValuedTarget
from leakcheck.scale.scratch import FolderScratch
from leakcheck.scale.store import Store
from leakcheck.scale.work import TargetOptions, TargetWork

__all__ = ["audit_targets", "save_correlations", "work_of"]


def save_correlations(folder: Path, found: Correlations) -> None:
    """Keep the correlations of cell types for all tasks."""
    (folder / "correlations.pkl").write_bytes(pickle.dumps(found))


def _load_correlations(folder: Path) -> Correlations:
    """Read what `save_correlations` wrote."""
    content = (folder / "correlations.pkl").read_bytes()
    found: Correlations = pickle.loads(content)  # noqa: S301 - written by leakcheck
    return found


@one_blas_thread()
def audit_targets(
    folder: str, options: TargetOptions, targets: Sequence[str]
) -> list[TargetResult]:
    """Audit some targets of a store.

    Parameters
    ----------
    folder : str
        The store.
    options : TargetOptions
        How.
    targets : sequence of str
        A batch, as `leakcheck.audit` makes them: the rounding of the information test depends on
        which targets share its passes.

    Returns
    -------
    list of TargetResult
        Without anything as long as the loci. The same for the same store, however often and
        wherever it runs.
    """
    store = Store.open(folder)
    likeness = Likeness(store, options.similarity, _load_correlations(Path(folder)))
    with ExitStack() as stack:
        parent = Path(folder)
        works = [
            work_of(store, name, stack.enter_context(FolderScratch(parent)), options)
            for name in targets
        ]
        for work in works:
            work.rank(likeness)
        shared = FeaturesOfStore(parent, remember=options.budget.limit // 16)
        answers = answer_all([work.asked() for work in works], shared=shared)
        del shared
        return [work.finish(*pair) for work, pair in zip(works, answers, strict=True)]


def work_of(
    store: Store, name: str, scratch: FolderScratch, options: TargetOptions
) -> "TargetWork":
    """Begin with a target.

    Parameters
    ----------
    store : Store
        The columns.
    name : str
        The target.
    scratch : FolderScratch
        Where columns are kept.
    options : TargetOptions
        How it is audited.

    Returns
    -------
    TargetWork
    """
    kind = CountedWork if store.label_kind == "binary" else RealWork
    return kind(store, name, scratch, options)


class RealWork(TargetWork):
    """A target with real-valued labels."""

    def rank(self, likeness: Likeness) -> None:
        """Evaluate everything but the ceiling."""
        target = self.target
        self._held = RealValuedTarget(self.store, target, self.options.budget, self.scratch)
        self.view = self._held.view
        neighbours = likeness.neighbours(target)
        oracle = likeness.by_test_labels(target)
        placed = [placed_among(target, one) for one in (neighbours, oracle)]
        self.scored = self._held.score(placed[0], placed[1], self.options.layout)
        self.ranks, self.nearest = self._held.ranks, self._held.nearest
        self._say(likeness, neighbours, np.nan)

    def _ceiling(self, ceiling: Column) -> Evaluated:
        """Evaluate the ceiling."""
        return self._held.ceiling(ceiling)

"""The whole audit against what one would write instead: ``python -m benchmarks.audit``.

The peer is `benchmarks.script`, pandas and scikit-learn step by step, whose numbers are compared
with the report's first. Where it would take an hour it is measured on two smaller tables, and each
of its stages is extrapolated from both, at most in proportion to the loci.

Then the audit's own cost by part, which explains and is not judged, and the audit of a table of
the paper's size.
"""

import statistics
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score

import leakcheck
from benchmarks import script
from benchmarks._measure import Row, compare, cpu_times, run, settled
from benchmarks._parts import seconds_by_part
from benchmarks._worlds import PAPER_CELL_TYPES, PAPER_LOCI, World, paper_world, world
from leakcheck.report import AuditReport


class Plan(NamedTuple):
    """Sizes of one mode."""

    n_loci: int
    n_targets: int
    repeats: int
    script_loci: tuple[int, int]  # two sizes from which the script's time is extrapolated
    script_targets: int
    bound: float | None


QUICK = Plan(100_000, 4, 3, (25_000, 50_000), 1, None)
FULL = Plan(1_000_000, 20, 5, (200_000, 500_000), 1, 30.0)

#: Scores and intervals are the same numbers; the information test solves in float32.
SAME, CLOSE = 1e-9, 0.05

N_SCORES = 300
# Average precisions that scikit-learn computes; its time is scaled up from there.
N_LOOPED = 30


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    plan = FULL if full else QUICK
    scripts = [_run_script(n, plan.script_targets) for n in plan.script_loci]
    data = world(plan.n_loci, plan.n_targets)
    audit(world(2_000, 1))  # imports
    against = _against_script(data, plan, scripts)
    return [
        *_differences(scripts[-1]),
        *against,
        *_parts(data, plan, against[0].ours),
        *_paper(full),
    ]


def audit(data: World) -> AuditReport:
    """The audit that is measured: each target against all other cell types."""
    return leakcheck.audit(data.preds, data.labels, data.loci, train="leave-one-out")


# Against the script -------------------------------------------------------------------------------


class _Scripted(NamedTuple):
    """A run of the script."""

    data: World
    found: dict[str, dict[str, float]]
    seconds: dict[str, float]


def _run_script(n_loci: int, n_targets: int) -> _Scripted:
    data, clock = world(n_loci, n_targets), script.Clock()
    found = script.audit(data.preds, data.labels, data.loci, clock)
    return _Scripted(data, found, clock.seconds)


def _differences(scripted: _Scripted) -> list[Row]:
    """Largest differences between the script's numbers and the report's."""
    numbers = numbers_of(audit(scripted.data))
    same, close = [], []
    for target, found in scripted.found.items():
        for key, value in found.items():
            (close if key.startswith("information") else same).append(
                abs(value - numbers[target][key])
            )
    n, targets = len(scripted.data.loci), len(scripted.found)
    return [
        Row(
            name=f"{what}, {len(values):,} numbers of {n:,} loci x {targets} targets",
            peer="the script's numbers",
            ratio=float(np.max(values)),
            bound=bound,
            unit="largest difference",
            at_most=True,
            recordable=False,
        )
        for what, values, bound in (
            ("scores, strata, skill and intervals", same, SAME),
            ("information test", close, CLOSE),
        )
    ]


def numbers_of(report: AuditReport) -> dict[str, dict[str, float]]:
    """The report's numbers under the script's names, target by target."""
    found: dict[str, dict[str, float]] = {name: {} for name in report.settings["targets"]}
    for row in report.scores.itertuples():
        own = found[row.target]
        own |= {f"{row.model}, {row.metric}": row.value}
        own |= {f"{row.model}, {row.metric}, {side}": getattr(row, f"ci_{side}")
                for side in ("low", "high")}  # fmt: skip
    for row in report.strata.itertuples():
        found[row.target][f"stratum {row.stratum}, {row.model}, {row.metric}"] = row.value
    for row in report.verdict.itertuples():
        name = f"skill over {row.baseline}"
        bounds = {f"{name}, low": row.skill_ci_low, f"{name}, high": row.skill_ci_high}
        found[row.target] |= {name: row.skill, **bounds}
    for row in report.information.itertuples():
        found[row.target] |= {
            "information statistic": row.statistic,
            "information p-value": row.pvalue,
            "spearman with average": row.spearman_with_average,
        }
    return found


def _against_script(data: World, plan: Plan, scripts: list[_Scripted]) -> list[Row]:
    """The audit against the script, in all and by the script's stages."""
    expected = extrapolated([one.seconds for one in scripts], plan)
    total = sum(expected.values())
    size = f"{plan.n_loci:,} loci x {plan.n_targets} targets"
    measured = f"{plan.script_loci[-1]:,} loci x {plan.script_targets}"

    def measure(rounds: int) -> Row:
        ours = cpu_times({"ours": lambda: audit(data)}, repeats=rounds)["ours"]
        return Row(
            name=f"audit of {size}, float32",
            ours=statistics.median(ours),
            peer=f"script of pandas and scikit-learn, extrapolated from {measured}",
            theirs=total,
            ratio=total / statistics.median(ours),
            bound=plan.bound,
            n=plan.n_loci,
        )

    whole = settled(measure, plan.repeats)
    return [
        whole,
        *(
            Row(
                name=f"the script's {stage}, {size}",
                peer="the whole audit",
                ours=whole.ours,
                theirs=seconds,
                ratio=seconds / whole.ours,
                n=plan.n_loci,
                recordable=False,
            )
            for stage, seconds in expected.items()
        ),
    ]


def extrapolated(seconds: list[Mapping[str, float]], plan: Plan) -> dict[str, float]:
    """Time of each stage at the size of the plan, from two smaller tables.

    A stage has a fixed cost and one in proportion to the loci, which the two tables tell apart.
    Where it grew faster than the loci did, it is taken to grow as they do: the script is given the
    benefit.
    """
    small, large = seconds
    n_small, n_large = plan.script_loci
    more_targets = plan.n_targets / plan.script_targets
    found = {}
    for stage, last in large.items():
        per_locus = (last - small[stage]) / (n_large - n_small)
        straight = last + max(per_locus, 0.0) * (plan.n_loci - n_large)
        found[stage] = more_targets * min(straight, last * plan.n_loci / n_large)
    return found


# By part ------------------------------------------------------------------------------------------


def _parts(data: World, plan: Plan, whole: float) -> list[Row]:
    """Cost of each part of the audit, in multiples of sorting every target's scores once.

    The parts' shares come from a profile, and the whole, in seconds, from a run without one.
    """
    columns = [np.ascontiguousarray(data.preds[name].to_numpy()) for name in data.preds]

    def sort_all() -> None:
        for column in columns:
            np.sort(column)

    sort = statistics.median(cpu_times({"sort": sort_all})["sort"])
    size = f"{plan.n_loci:,} loci x {plan.n_targets} targets"
    profiled = seconds_by_part(lambda: audit(data))
    seconds_of = {part: own * whole / sum(profiled.values()) for part, own in profiled.items()}
    return [
        Row(
            name=f"{part}, part of the audit of {size}",
            peer="numpy.sort of every target's scores",
            ours=seconds,
            theirs=sort,
            ratio=seconds / sort,
            n=plan.n_loci,
            unit="multiples of the sort",
            at_most=True,
            recordable=False,
        )
        for part, seconds in seconds_of.items()
    ]


# The paper's size ---------------------------------------------------------------------------------


def _paper(full: bool) -> list[Row]:
    """Labels alone, and labels with a signal, of as many loci as the paper's genes."""
    data = paper_world()
    preds, labels = data.preds, data.labels
    first = labels.iloc[:, 0].to_numpy(), preds.iloc[:, 0].to_numpy()
    found = []
    for name, signal, bound in (("labels", None, 1.0), ("labels and signal", data.signal, None)):
        found.append(
            compare(
                f"audit of {PAPER_LOCI:,} loci x {PAPER_CELL_TYPES} targets, {name}",
                lambda signal=signal: leakcheck.audit(
                    preds, labels, data.loci, train="leave-one-out", signal=signal
                ),
                lambda: loop(*first),
                peer=f"{N_SCORES} average precisions of {PAPER_LOCI:,} by scikit-learn",
                scale=N_SCORES / N_LOOPED,
                bound=bound,
                repeats=5 if full else 3,
            )
        )
    return found


def loop(labels: np.ndarray, scores: np.ndarray) -> None:
    """Score again and again with scikit-learn."""
    for _ in range(N_LOOPED):
        average_precision_score(labels, scores)


if __name__ == "__main__":
    start = time.process_time()
    status = run("The whole audit against what one would write instead.", rows)
    print(f"{time.process_time() - start:.0f} s of processor time")
    sys.exit(status)

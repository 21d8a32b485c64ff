"""The whole reproduction: data, sweep, audits, figures and trends, in one folder."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference.desk import EXPRESSION, FIGURES, STRATA_SETTING, Desk
from leakcheck.reference.experiment import Trainer, jobs_of_gaussians, jobs_of_tasks
from leakcheck.reference.presets import Preset
from leakcheck.reference.runtime import chosen_backend
from leakcheck.reference.settings import SETTINGS
from leakcheck.reference.store import Job, open_store
from leakcheck.reference.sweep import Event, Outcome, run_sweep
from leakcheck.reference.task import Task

__all__ = ["FIGURES", "Reproduction", "check_figures", "reproduce"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reproduction:
    """What a reproduction made.

    Attributes
    ----------
    outcome : Outcome
        Models finished, found and failed.
    trends : pandas.DataFrame
        See `leakcheck.reference.trends.compute_trends`.
    files : tuple of Path
        Figures, tables and reports.
    skipped : tuple of str
        Figures that could not be drawn, with the reason.
    """

    outcome: Outcome
    trends: pd.DataFrame
    files: tuple[Path, ...]
    skipped: tuple[str, ...]


def check_figures(names: Sequence[str]) -> tuple[str, ...]:
    """Give the figures that are asked for, all where none is named.

    Raises
    ------
    ValidationError
        When a name is not of a figure.

    Examples
    --------
    >>> check_figures(["s3", "1d-i"])
    ('1', 'S3')
    """
    wanted = {re.sub(r"^(FIG(URE)?)?[-_ ]?", "", name.upper()) for name in names}
    wanted = {"1" if name == "1D-I" else name for name in wanted}
    unknown = sorted(wanted - set(FIGURES))
    if unknown:
        raise ValidationError(
            f"`figures` must be of {', '.join(FIGURES)}; {len(unknown)} are not, the first is "
            f"{unknown[0]!r}. Leave them out for all."
        )
    return tuple(name for name in FIGURES if name in wanted or not wanted)


def reproduce(
    output: Path,
    tasks: Mapping[str, Task],
    preset: Preset,
    *,
    figures: Sequence[str] = FIGURES,
    workers: int = 1,
    threads: int | None = None,
    seed: int = 0,
    report: Callable[[Event], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Reproduction:
    """Train what the figures need, audit it and draw them.

    Parameters
    ----------
    output : Path
        Folder for everything. Models that were finished there under the same configuration are
        not trained again.
    tasks : mapping of str to Task
        Data, from `leakcheck.reference.sources.load_tasks`.
    preset : Preset
        Networks, protocol and sizes.
    figures : sequence of str, default all
        Of "1", "S1", "S2", "S3": what is drawn, and trained for it. Tables, reports and trends are
        of every model that is finished in the folder.
    workers : int, default 1
        Processes that train.
    threads : int, optional
        Threads of each; default its share of the processor.
    seed : int, default 0
        All random numbers follow from it.
    report : callable, optional
        Called with an `Event` after each model.
    say : callable, optional
        Called with a sentence at each step.

    Returns
    -------
    Reproduction
        Outcome of the sweep, trends and files. Models that failed are listed in the outcome;
        figures and trends are then of the others.

    Raises
    ------
    ValidationError
        When the folder holds results of another configuration, or an argument breaks a rule.
    """
    tell = say or (lambda _: None)
    figures = check_figures(figures)
    store = open_store(output, _configuration(tasks, preset, seed))
    jobs, every = (_jobs(wanted, tasks, preset, seed) for wanted in (figures, FIGURES))
    paths = _save_tasks(tasks, output) if jobs else {}
    trainer = Trainer(tasks=paths, preset=preset, seed=seed)
    tell(f"Training {len(jobs)} models, {sum(map(store.has, jobs))} of them finished before.")
    outcome = run_sweep(jobs, store, trainer, workers=workers, threads=threads, report=report)
    desk = Desk(output=output, tasks=tasks, preset=preset, seed=seed)
    # Figures limit what is trained and drawn; tables and trends are of all that is there.
    records = [store.load(job) for job in every if store.has(job)]
    tell("Auditing and drawing.")
    desk.tell_data()
    desk.audit(records, len(every))
    for name in figures:
        desk.draw(name)
    trends = desk.write_trends()
    return Reproduction(
        outcome=outcome, trends=trends, files=tuple(desk.files), skipped=tuple(desk.skipped)
    )


def _configuration(tasks: Mapping[str, Task], preset: Preset, seed: int) -> dict[str, Any]:
    """Everything that the results depend on."""
    return {
        "leakcheck": leakcheck.__version__,
        "preset": preset.as_json(),
        "seed": seed,
        "backend": chosen_backend(),
        "data": {name: _fingerprint(task) for name, task in tasks.items()},
    }


def _fingerprint(task: Task) -> str:
    """Hash of everything in a task that a result depends on."""
    digest = hashlib.sha256()
    for array in (task.labels, task.activity, task.codes, task.signals):
        if array is not None:
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
    digest.update(task.loci.to_csv(index=False).encode())
    digest.update(repr((task.name, task.cell_types, task.marks, task.splits)).encode())
    return digest.hexdigest()


def _save_tasks(tasks: Mapping[str, Task], output: Path) -> dict[str, Path]:
    """Write the data where workers read them."""
    folder = output / "tasks"
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{name}.npz" for name in tasks}
    for name, path in paths.items():
        tasks[name].save(path)
    return paths


def _jobs(
    figures: Sequence[str], tasks: Mapping[str, Task], preset: Preset, seed: int
) -> dict[Job, float]:
    """Models that the figures need, those that take longest first."""
    jobs: dict[Job, float] = {}
    if "1" in figures or "S3" in figures:
        jobs |= jobs_of_tasks(tasks, preset, seed)
    if "1" not in figures:
        trained_in = SETTINGS[STRATA_SETTING]
        jobs = {
            job: cost
            for job, cost in jobs.items()
            if (job.task, job.trained_in) == (EXPRESSION, trained_in)
            and not job.model.startswith("both")
        }
    if "S2" in figures:
        jobs |= jobs_of_gaussians(preset)
    return jobs

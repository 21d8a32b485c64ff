"""Floor 6: runs the tasks of an audit on Dask, on this machine or on any cluster."""

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TypeVar

from leakcheck._optional import import_optional
from leakcheck.data.wording import counted
from leakcheck.exceptions import LeakcheckError, ValidationError

__all__ = ["DaskRunner", "WorkerDiedError"]

T = TypeVar("T")
_PURPOSE = "to run on a cluster"
#: How often a task is tried again after an error that is not leakcheck's own, such as a file
#: system that was away for a moment.
_RETRIES = 3
#: Dask's setting for the environment of its workers.
_TRIM = "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_"
#: Dask's setting for how long a process that died may take to be started again. Its 15 seconds are
#: short where Python's packages lie on a slow or busy disk: the process would be given up for ever.
_LOST: Final = "distributed.deploy.lost-worker-timeout"
_PATIENCE: Final = "1 hour"
#: Seconds between two looks whether processes of this machine are there still.
_LOOK_AGAIN: Final = 10.0


class WorkerDiedError(LeakcheckError):
    """The workers that were given a task died, one after the other."""


class DaskRunner:
    """Runs tasks on the workers of a Dask cluster; results come in the order of the tasks.

    Parameters
    ----------
    client : distributed.Client, str, True or None
        A client of any cluster; the address of a scheduler; or ``"local"``, True or None for
        processes on this machine, which are ended by `close`.
    n_workers : int, optional
        Processes of a local cluster. Default: one for each core that may be used.
    retries : int
        How often a task is tried again after an error that is not leakcheck's own. A task whose
        worker died is tried again in any case, as often as the cluster allows.

    Raises
    ------
    ValidationError
        When the client is none of these, or its workers have another version of leakcheck.
    MissingDependencyError
        When Dask is not installed (extra ``scale``).

    Notes
    -----
    A task may run twice, so it must leave the same files when it does. Nothing that is as long as
    the loci travels: tasks are paths and numbers, and results are tables of one target.
    """

    def __init__(
        self, client: Any = None, *, n_workers: int | None = None, retries: int = _RETRIES
    ) -> None:
        distributed = import_optional("distributed", extra="scale", purpose=_PURPOSE)
        self.retries = _whole("retries", retries, 0)
        self._owned = ExitStack()
        try:
            self.client = self._opened(distributed, client, n_workers)
            self._check_client()
        except BaseException:  # Ctrl-C too: nobody else can end the processes that were started
            self.close()
            raise

    def _opened(self, distributed: Any, client: Any, n_workers: int | None) -> Any:
        """Give the client that was asked for."""
        if isinstance(client, distributed.Client):
            return client
        if client is None or client is True or client == "local":
            return self._local(distributed, n_workers)
        if isinstance(client, str):
            return self._own(_connected(distributed, client))
        raise ValidationError(
            "`client` must be a distributed.Client, the address of a scheduler, or 'local'; it "
            f"is a {type(client).__name__}. For a cluster object pass cluster.get_client()."
        )

    def _own(self, opened: Any) -> Any:
        """Remember what `close` must close."""
        self._owned.callback(opened.close)
        return opened

    def _local(self, distributed: Any, n_workers: int | None) -> Any:
        """Start processes on this machine: one thread each, no dashboard, no outside address."""
        if n_workers is None:
            has_affinity = hasattr(os, "sched_getaffinity")
            n_workers = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
        # Dask has the C library give every freed array back to the system at once, so that each
        # chunk's arrays come as new pages (`python -m benchmarks.workers` measures all of it).
        config = import_optional("dask", extra="scale", purpose=_PURPOSE).config
        self._owned.enter_context(config.set({_LOST: _PATIENCE}))  # it is read when a process dies
        with config.set({_TRIM: None}):
            cluster = self._own(
                distributed.LocalCluster(
                    n_workers=_whole("n_workers", n_workers, 1),
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # any free port, of this machine alone
                    scheduler_kwargs={"dashboard": False},
                    memory_limit=0,  # each task keeps its own bound
                )
            )
        return self._own(distributed.Client(cluster, set_as_default=False))

    def _check_client(self) -> None:
        """Refuse coroutines, and workers whose leakcheck might compute something else."""
        if self.client.asynchronous:
            raise ValidationError(
                "`client` must be synchronous; it was made with asynchronous=True. Make another "
                "with distributed.Client(address)."
            )
        own = _version()
        found: dict[str, str] = self.client.run(_version)
        odd = {address: version for address, version in found.items() if version != own}
        if odd:
            address, version = next(iter(odd.items()))
            raise ValidationError(
                f"`client` must have workers with leakcheck {own}; {len(odd)} of "
                f"{counted(len(found), 'worker')} have another, the first is {address} with "
                f"{version}. Install the same version there."
            )

    def check_folder(self, folder: str | os.PathLike[str]) -> None:
        """Make sure that every worker sees a folder of this machine.

        Parameters
        ----------
        folder : str or path-like
            An existing folder, in which the tasks write.

        Raises
        ------
        ValidationError
            When a worker does not.
        """
        path = Path(folder, f"{secrets.token_hex(8)}.seen").resolve()
        path.touch(exist_ok=False)
        try:
            found: dict[str, bool] = self.client.run(os.path.exists, str(path))
        finally:
            path.unlink()
        blind = [address for address, sees in found.items() if not sees]
        if blind:
            raise ValidationError(
                f"`scratch` must be a folder that every worker sees; {len(blind)} of "
                f"{counted(len(found), 'worker')} do not see {folder}, the first is {blind[0]}. "
                "Give one on a shared file system."
            )

    def __enter__(self) -> "DaskRunner":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def map(
        self,
        function: Callable[[Any], T],
        items: Sequence[Any],
        *,
        done: Callable[[int, int], None] | None = None,
        what: str = "tasks",
    ) -> list[T]:
        """Call a function for each item, one task of the cluster each.

        Parameters
        ----------
        function : callable
            A function of a module, or `functools.partial` of one, so that it can be sent.
        items : sequence
            Argument of each call: small things that can be pickled.
        done : callable, optional
            Called with (tasks done, tasks in all) as their results come.
        what : str
            What the tasks are, for messages and the cluster's dashboard.

        Returns
        -------
        list
            Results in the order of the items. Errors of leakcheck are raised as they came.
        """
        futures = self._submit(function, items, what)
        found = []
        try:
            for number, future in enumerate(futures, start=1):
                found.append(self._result(future, f"task {number} of {len(futures)} ({what})"))
                future.release()  # the result is here: the cluster may forget it
                if done is not None:
                    done(number, len(futures))
        finally:
            self.client.cancel(futures[len(found) :])
        return found

    def _submit(self, function: Callable[[Any], Any], items: Sequence[Any], what: str) -> list[Any]:
        """Hand tasks to the cluster, under names that no other run has."""
        run = f"leakcheck-{what}-{secrets.token_hex(4)}"
        # What the function holds is sent once, and not with each task; and it is a task itself, so
        # that it is made again when the worker dies that has it. Every worker gets it beforehand:
        # else the scheduler gives all tasks to the one that has it, and the others nothing to do.
        shared = self.client.submit(_same, function, key=f"{run}-function", pure=False)
        self.client.replicate([shared])
        return [
            self.client.submit(
                _settled,
                shared,
                item,
                key=(run, number),  # one group: a worker gets the next when it is free
                pure=False,
                retries=self.retries,
            )
            for number, item in enumerate(items)
        ]

    def reduce(
        self,
        function: Callable[[Any], T],
        merge: Callable[[list[T]], T],
        items: Sequence[Any],
        *,
        what: str = "tasks",
        fan_in: int = 8,
    ) -> T:
        """Call a function for each item and merge the results as a tree, on the workers.

        Parameters
        ----------
        function : callable
            Called with each item.
        merge : callable
            Merges a list of results into one; the order of merging must not matter.
        items : sequence
            Argument of each call; at least one.
        what : str
            What the tasks are.
        fan_in : int
            Results that are merged at once.

        Returns
        -------
        object
            The merge of all results; the only one that comes here.
        """
        run, depth = secrets.token_hex(4), 0
        level = self._submit(function, items, what)
        while len(level) > 1:
            depth += 1
            level = [
                self.client.submit(
                    _merged,
                    merge,
                    level[first : first + fan_in],
                    key=f"leakcheck-merge-{what}-{run}-{depth}-{first}",
                    pure=False,
                    retries=self.retries,
                )
                for first in range(0, len(level), fan_in)
            ]
        result: T = self._result(level[0], what)
        return result

    def _result(self, future: Any, task: str) -> Any:
        """Wait for a result; say plainly when no worker survives its task."""
        distributed = import_optional("distributed", extra="scale", purpose=_PURPOSE)
        try:
            error, value = self._waited(future, task)
        except distributed.KilledWorker as killed:
            raise WorkerDiedError(
                f"The workers that were given {task} died, one after the other. Most often they "
                "have too little memory: give them more, or a smaller `memory` to leakcheck. "
                "Nothing was reported."
            ) from killed
        if error is not None:
            raise error
        return value

    def _waited(self, future: Any, task: str) -> Any:
        """Wait for a result, unless there are no processes that could give it."""
        n_deserted = 0
        while n_deserted < 2:  # between one process and the next there is none for a moment
            try:
                return future.result(timeout=_LOOK_AGAIN)
            except TimeoutError:
                if future.done():
                    return future.result()  # or the task's own TimeoutError
            n_deserted = n_deserted + 1 if self._is_deserted() else 0
        raise WorkerDiedError(
            f"The worker processes of this machine ended, and were not started again, before {task}"
            " was done. Look into what Dask wrote above; most often memory is short: give fewer "
            "workers, or a smaller `memory` to leakcheck. Nothing was reported."
        )

    def _is_deserted(self) -> bool:
        """Whether all processes of a cluster of this machine ended that should run."""
        distributed = import_optional("distributed", extra="scale", purpose=_PURPOSE)
        cluster = self.client.cluster
        if not isinstance(cluster, distributed.LocalCluster):
            return False
        ended = {"closing", "closed", "failed"}
        names = [worker.status.name for worker in cluster.workers.values()]
        return bool(cluster.worker_spec) and ended.issuperset(names)

    def close(self) -> None:
        """Close the client and the cluster that were made here; others stay as they are."""
        self._owned.close()


def _same(function: T) -> T:
    """Give what was sent."""
    return function


def _settled(function: Callable[[Any], T], item: Any) -> tuple[LeakcheckError | None, T | None]:
    """Call a function; an error of leakcheck is an answer, which trying again does not change."""
    try:
        return None, function(item)
    except LeakcheckError as error:
        return error, None


def _merged(
    merge: Callable[[list[T]], T], answers: list[tuple[LeakcheckError | None, T]]
) -> tuple[LeakcheckError | None, T | None]:
    """Merge answers, or pass the first error on."""
    error = next((error for error, _ in answers if error is not None), None)
    if error is not None:
        return error, None
    return _settled(merge, [value for _, value in answers])


def _connected(distributed: Any, address: str) -> Any:
    """Connect to a scheduler, or say that none answers."""
    try:
        return distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:  # nobody there; no address
        raise ValidationError(
            f"`client` must be the address of a running scheduler; {address!r} gives none "
            f"({error}). Write it as tcp://host:port, or leave it out."
        ) from error


def _version() -> str:
    """Version of leakcheck where this is called."""
    from leakcheck import __version__  # noqa: PLC0415

    return __version__


def _whole(argument: str, value: Any, least: int) -> int:
    """Check a whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValidationError(
            f"`{argument}` must be a whole number, at least {least}; it is {value!r}. Leave it out."
        )
    return value

"""What `leakcheck reproduce` tells while it works: of files, tracks and models."""

import http.server
import threading

import pytest

from leakcheck._cli import reproduce_progress as told
from leakcheck.reference.download import RemoteFile, fetch
from leakcheck.reference.store import Job
from leakcheck.reference.sweep import Event, Failure

JOB = Job(task="expression", trained_in="hybrid", model="dense-1x8")
SIZE = 10_000_000


def test_a_line_tells_of_a_failure():
    failure = Failure(job=JOB, reason="ValueError: no")
    event = Event(job=JOB, n_done=2, n_total=2, share=1.0, seconds=2.0, failure=failure)
    assert told.line_of(event, 10.0) == "[2/2] expression hybrid dense-1x8: FAILED: ValueError: no"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min 00 s"), (61.4, "1 min 01 s"), (3599.6, "1 h 00 min"), (7325, "2 h 02 min")],
)
def test_time_is_told_in_hours_and_minutes(seconds, words):
    assert told._duration(seconds) == words


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    failure = Failure(job=JOB, reason="no [bold]")
    with told.training(quiet=False) as report:
        report(Event(job=JOB, n_done=1, n_total=2, share=0.5, seconds=1.0))
        report(Event(job=JOB, n_done=2, n_total=2, share=1.0, seconds=1.0, failure=failure))
    assert "FAILED: no [bold]" in capsys.readouterr().err


def test_nobody_is_told_when_quiet():
    with told.training(quiet=True) as report:
        assert report is None
    with told.fetching(quiet=True) as report:
        assert report is None


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Two files of 10 MB on a server of this machine; its address."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name in ("one.bigwig", "two.bigwig"):
        (folder / name).write_bytes(bytes(SIZE))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def fetch_both(address, folder):
    """Fetch the two files, telling of both; the states that were told."""
    states = []
    with told.fetching(quiet=False) as report:

        def both(*state):
            states.append(state)
            report(*state)

        for name in ("one.bigwig", "two.bigwig"):
            fetch(RemoteFile(path=f"tracks/{name}", url=address + name), folder, report=both)
    return states


def test_a_file_has_one_line_however_large_it_is(server, tmp_path, capsys):
    states = fetch_both(server, tmp_path / "here")
    assert len(states) > 300  # told of each piece
    assert capsys.readouterr().err.splitlines() == [
        "Fetching one.bigwig (10.0 MB)",
        "Fetching two.bigwig (10.0 MB)",
    ]


def test_a_terminal_gets_a_bar_of_bytes(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    fetch_both(server, tmp_path / "here")
    drawn = capsys.readouterr().err
    assert "10.0/10.0 MB" in drawn
    assert "two.bigwig" in drawn
    assert "Fetching" not in drawn


def test_a_size_that_is_not_stated_is_left_out(monkeypatch, capsys):
    with told.fetching(quiet=False) as report:
        report("a.bed", 10, 0)
    assert capsys.readouterr().err == "Fetching a.bed\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with told.fetching(quiet=False) as report:
        report("a.bed", 10, 0)

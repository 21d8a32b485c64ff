"""The command line where somebody looks at it, and where nobody does any more."""

import io
import re
import sys

import pytest
import rich.console
import typer

from leakcheck._cli import output
from leakcheck._cli.exits import exit_codes

from .report.factory import make_report


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


def test_a_terminal_gets_the_same_words_in_a_drawn_table(monkeypatch):
    report = make_report(6, 4, n_strata=2)
    stream = Terminal()
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", stream)
    output.show(report)
    drawn = stream.getvalue()
    assert "\N{BOX DRAWINGS LIGHT HORIZONTAL}" in drawn
    for model in report.settings["models"]:
        assert drawn.count(model) >= 2
    for line in str(report).splitlines():
        if not line.startswith(("model ", *(f"{name} " for name in report.settings["models"]))):
            assert line in drawn


def test_a_bar_is_drawn_only_where_somebody_looks(monkeypatch):
    with output.progress_bar(quiet=False) as progress:
        assert progress is None
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(rich.console.Console, "is_terminal", True)
    with output.progress_bar(quiet=True) as progress:
        assert progress is None
    with output.progress_bar(quiet=False) as progress:
        progress(1, 4)
        progress(4, 4)
    assert "targets" in stream.getvalue()


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_lines_keep_to_the_width_of_the_terminal(monkeypatch, columns):
    stream = Terminal()
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", stream)
    output.show(make_report(2, 1, n_strata=2))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert max(len(line) for line in plain.splitlines()) <= columns


def test_a_closed_pipe_has_its_own_exit_code(monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(typer.Exit) as caught, exit_codes():
            raise BrokenPipeError
        monkeypatch.undo()
    assert caught.value.exit_code == 141


def test_streams_that_are_closed_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    output.show(make_report(2, 1, n_strata=2))
    with output.progress_bar(quiet=False) as progress:
        assert progress is None

"""The command that prints the page of a code."""

from typing import Annotated

import typer

from leakcheck._cli.exits import exit_codes

__all__ = ["explain"]


def explain(
    code: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Such as LK012. Without one: all codes."),
    ] = None,
) -> None:
    """Explain the code of a finding or of an error."""
    with exit_codes():
        # pandas comes with it, once numpy is prepared
        from leakcheck.checks import explain as page_of  # noqa: PLC0415

        pages = [page_of(one).rstrip() for one in code or []]
        typer.echo("\n\n\n".join(pages) if pages else _listing())


def _listing() -> str:
    """Every code with its title, by where it comes from."""
    from leakcheck.checks import CHECKS, REFUSALS  # noqa: PLC0415

    titles = {"Findings of a report": CHECKS, "Input that is refused": REFUSALS}
    parts = []
    for title, checks in titles.items():
        rows = [f"  {one.code}  {one.severity:<7}  {one.title}" for one in checks.values()]
        parts.append("\n".join([title, *rows]))
    return "\n\n".join([*parts, "One page: leakcheck explain LK012"])

"""Floor 5: the page of each code as plain text; `docs/check_pages.py` makes them from docs/checks.

They are packed with leakcheck, so that a message can lead to its page without a network.
"""

from importlib import resources

__all__ = ["read_page"]


def read_page(code: str) -> str:
    """Text of a page, as it is printed in a terminal."""
    file = resources.files(__package__).joinpath(f"{code.lower()}.txt")
    return file.read_text(encoding="utf-8")

"""Numpydoc text taken apart."""

import re
from typing import NamedTuple

#: Sections in the order of the numpydoc guide.
ORDER = (
    "Parameters",
    "Attributes",
    "Methods",
    "Returns",
    "Yields",
    "Other Parameters",
    "Raises",
    "Warns",
    "Warnings",
    "See Also",
    "Notes",
    "References",
    "Examples",
)

_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", flags=re.MULTILINE)


class Entry(NamedTuple):
    """One item of a section such as `Parameters`: names, the type, what is said of it."""

    names: tuple[str, ...]
    kind: str
    text: str
    gathers: bool = False  #: ``*args`` or ``**kwargs``

    @property
    def whole(self) -> str:
        """Type and text."""
        return f"{self.kind}\n{self.text}"


def sections_of(doc: str) -> dict[str, str]:
    """Section -> text of a docstring, in the order of the docstring; the summary under ""."""
    parts = _HEADING.split(doc)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def entries_of(section: str, *, typed: bool = False) -> list[Entry]:
    """Items of a section: a line at the margin and the indented lines below it.

    `typed` says that a line without a colon is a type, as in `Returns`, and not a name.
    """
    entries = []
    for block in re.split(r"^(?=\S)", section, flags=re.MULTILINE):
        head, _, text = block.partition("\n")
        if not head.strip():
            continue
        names, colon, kind = head.partition(" :")
        if typed and not colon:
            names, kind = "", head
        plain = tuple(name.strip().lstrip("*\\") for name in names.split(",") if name)
        entries.append(Entry(plain, kind.strip(), text, gathers="*" in names))
    return entries


def names_in(section: str) -> list[str]:
    """Names that a section describes, in order."""
    return [name for entry in entries_of(section) for name in entry.names]


def code_lines(section: str) -> int:
    """Lines of code in a section of examples, without what they print."""
    return len(re.findall(r"^\s*(?:>>>|\.\.\.)(?: |$)", section, flags=re.MULTILINE))

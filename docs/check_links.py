"""Check the links and pictures of the built pages.

    python docs/check_links.py               inside the site: files, anchors, texts of pictures,
                                         and that every tutorial shows one
    python docs/check_links.py --external    addresses elsewhere too; skipped without a network

Looks at docs/_build/html, or at the folder that is given. Status 1 where something is wrong.
"""

import argparse
import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

DOCS = Path(__file__).resolve().parent
BUILT = DOCS / "_build" / "html"
#: answers of a server that show that the address exists, to a program as to a person
REFUSED = {401, 403, 405, 406, 418, 429, 503}
#: pages that the theme makes of sources and names: their links are not ours to mend
OWN = ("genindex", "py-modindex", "search", "_modules")


class Page(NamedTuple):
    """What a page holds."""

    ids: frozenset[str]
    links: tuple[tuple[str, str], ...]  # tag, address
    mute: tuple[str, ...]  # pictures without a text
    pictures: int


class Reader(HTMLParser):
    """Collects ids, links and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.mute: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag has."""
        values = dict(attrs)
        self.ids |= {values[key] for key in ("id", "name") if values.get(key)}
        self.links += [(tag, values[key]) for key in ("href", "src", "data") if values.get(key)]
        if tag == "img":
            self.pictures += 1
            if values.get("alt") in (None, "", values.get("src")):  # docutils falls back on src
                self.mute.append(values.get("src") or "")


@cache
def read(path: Path) -> Page:
    """A page, read once."""
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return Page(frozenset(reader.ids), tuple(reader.links), tuple(reader.mute), reader.pictures)


def faults(built: Path) -> Iterator[str]:
    """Links that lead nowhere inside the site, pictures that say nothing, and missing ones."""
    for path in sorted(built.rglob("*.html")):
        name = path.relative_to(built).as_posix()
        if name.startswith(OWN):
            continue
        for tag, address in read(path).links:
            why = _fault(path, tag, address)
            if why:
                yield f"{name}: {address}: {why}"
        for picture in read(path).mute:
            yield f"{name}: {picture}: no text for the picture"
        if name.startswith("tutorials/") and not read(path).pictures:
            yield f"{name}: a tutorial without a figure"


def _fault(page: Path, tag: str, address: str) -> str:
    """Why a link leads nowhere; empty where it does not, or leads out of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    target = page if not parts.path else (page.parent / unquote(parts.path)).resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.exists():
        return "no such file"
    anchor = unquote(parts.fragment)
    ours = tag == "a" and target.suffix == ".html" and "_modules" not in target.parts
    if not anchor or not ours or anchor in read(target).ids:
        return ""
    return "no such place on the page"


def outside(built: Path) -> list[str]:
    """Addresses elsewhere, each once."""
    found = {
        address.partition("#")[0]
        for path in built.rglob("*.html")
        for tag, address in read(path).links
        if tag == "a" and re.match(r"https?://", address)
    }
    return sorted(found)


def online() -> bool:
    """Whether a name of the network can be resolved."""
    try:
        socket.getaddrinfo("doi.org", 443)
    except OSError:
        return False
    return True


def unreachable(address: str) -> str:
    """Why an address does not answer; empty where it does."""
    request = urllib.request.Request(address, headers={"User-Agent": "leakcheck link check"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - http only
            return "" if answer.status < 400 else f"status {answer.status}"
    except urllib.error.HTTPError as error:
        return "" if error.code in REFUSED else f"status {error.code}"
    except OSError as error:
        return str(error)


def main() -> int:
    """Check, and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("built", nargs="?", type=Path, default=BUILT, help="folder of the pages")
    parser.add_argument("--external", action="store_true", help="check addresses elsewhere too")
    asked = parser.parse_args()
    built = asked.built.resolve()
    if not (built / "index.html").exists():
        print(f"{asked.built} holds no pages. Build them: python3 dev.py docs")
        return 2
    wrong = list(faults(built))
    addresses = outside(built)
    if asked.external and not online():
        print(f"There is no network: {len(addresses)} addresses elsewhere were not checked.")
    elif asked.external:
        wrong += [f"{one}: {why}" for one in addresses if (why := unreachable(one))]
    print("\n".join([*wrong, f"{len(wrong)} faults in {len(list(built.rglob('*.html')))} pages"]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

"""A strict reader of HTML: tags closed in order, attributes once, ids unique."""

from html.parser import HTMLParser

#: elements that have no end
VOID = {"meta", "br", "hr", "img", "input", "link"}
#: of SVG, written with a slash
SELF_CLOSED = {"path"}


class Page(HTMLParser):
    """Reads a page and remembers what tests ask for."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []  # innermost tag, text
        self.feed(source)
        self.close()
        if self.open:
            self.faults.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(found["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        if tag not in SELF_CLOSED | VOID:
            self.faults.append(f"<{tag}/> is no element without content")
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} ends {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        self.words.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every element with this tag."""
        return [attrs for name, attrs in self.tags if name == tag]

    def text(self) -> str:
        """What a reader sees."""
        return "".join(data for tag, data in self.words if tag not in {"script", "style"})

    def inside(self, tag: str) -> list[str]:
        """Text that stands directly in elements with this tag."""
        return [data for name, data in self.words if name == tag]

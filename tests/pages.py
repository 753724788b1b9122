"""A page as its markup says it, read strictly: what a browser would mend is an error here."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "hr", "meta"}
ALONE = {"style", "title"}
"""Elements whose text is no text of the page."""


@dataclass
class Element:
    """An element with its attributes, its text and that of its descendants."""

    tag: str
    attributes: dict[str, str | None]
    text: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        return "".join(self.text)

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()


class Page(HTMLParser):
    """All elements of a page in their order; AssertionError where its markup is not well-formed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = Counter(name for name, _ in attrs)
        assert all(count == 1 for count in names.values()), f"{tag} has an attribute twice: {names}"
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text.append(data)

    def handle_decl(self, decl: str) -> None:
        assert decl == "DOCTYPE html"
        assert not self.elements

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a section: {data}")

    def of(self, tag: str, *classes: str) -> list[Element]:
        """Return the elements of a tag that have some classes."""
        return [e for e in self.elements if e.tag == tag and set(classes) <= set(e.classes)]

    @property
    def tags(self) -> Counter[str]:
        """How often each tag is used."""
        return Counter(element.tag for element in self.elements)

    @property
    def anchors(self) -> list[str]:
        """The names of places in the page."""
        return [e.attributes["id"] or "" for e in self.elements if "id" in e.attributes]

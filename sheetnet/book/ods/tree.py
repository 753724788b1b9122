"""A small XML tree for parts that are read whole: the automatic styles."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sheetnet.book.ods.markup import escape


@dataclass(slots=True)
class Element:
    """An element with its prefix in its name, its attributes, and its children: elements and texts."""

    name: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def elements(self) -> Iterator["Element"]:
        """Yield the child elements."""
        for child in self.children:
            if isinstance(child, Element):
                yield child

    def child(self, name: str) -> "Element | None":
        """Return the first child element of that name."""
        return next((child for child in self.elements() if child.name == name), None)

    def copy(self) -> "Element":
        """Return a copy that shares nothing."""
        children = [child if isinstance(child, str) else child.copy() for child in self.children]
        return Element(self.name, dict(self.attributes), children)

    def __str__(self) -> str:
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        if not self.children:
            return f"<{self.name}{attributes}/>"
        inner = "".join(escape(child) if isinstance(child, str) else str(child) for child in self.children)
        return f"<{self.name}{attributes}>{inner}</{self.name}>"

"""A window of bytes that slides along a part while patches are laid on it."""

from collections.abc import Iterator

from sheetnet.book.ods.markup import TAG_BYTES
from sheetnet.book.ods.rowtemplate import Piece


class _Patch:
    __slots__ = ("begin", "end", "new")

    def __init__(self, begin: int, end: int, new: list[Piece]) -> None:
        self.begin, self.end, self.new = begin, end, new


class Window:
    """The bytes that were fed and not yet passed on; all places count from the part's beginning."""

    def __init__(self) -> None:
        self._bytes, self._base = b"", 0
        self._patches: list[_Patch] = []

    @property
    def end(self) -> int:
        """The place after the last byte."""
        return self._base + len(self._bytes)

    def feed(self, chunk: bytes) -> None:
        """Take in the part's next bytes."""
        self._bytes += chunk

    def tag(self, begin: int) -> str:
        """Return the start tag at a place."""
        match = TAG_BYTES.match(self._bytes, begin - self._base)
        if match is None:
            raise ValueError(begin)
        return match[0].decode()

    def after(self, begin: int) -> int:
        """Return the place after the end tag at `begin`."""
        return self._base + self._bytes.index(b">", begin - self._base) + 1

    def text(self, begin: int, end: int) -> str:
        """Return a stretch of the part, with the patches that lie in it."""
        out: list[bytes] = []
        for patch in self._patches:
            if begin <= patch.begin < patch.end <= end:
                out.append(self._bytes[begin - self._base : patch.begin - self._base])
                out += (piece.encode() for piece in patch.new if isinstance(piece, str))
                begin = patch.end
        out.append(self._bytes[begin - self._base : end - self._base])
        return b"".join(out).decode()

    def patch(self, begin: int, end: int, new: list[Piece]) -> None:
        """Lay pieces over the bytes from `begin` to before `end`; patches come in order."""
        last = self._patches[-1] if self._patches else None
        if last is not None and last.end == begin:
            last.end = end
            last.new += new
        else:
            self._patches.append(_Patch(begin, end, new))

    def cover(self, begin: int, end: int, new: list[Piece]) -> None:
        """Lay pieces over a stretch instead of the patches in it."""
        self._patches = [patch for patch in self._patches if patch.end <= begin]
        self.patch(begin, end, new)

    def pass_on(self, until: int) -> Iterator[bytes | list[Piece]]:
        """Yield all before `until`, bytes as they stand and the pieces of patches, and forget it."""
        ready = [patch for patch in self._patches if patch.begin < until]
        self._patches = self._patches[len(ready) :]
        done = self._base
        for patch in ready:
            yield self._bytes[done - self._base : patch.begin - self._base]
            yield patch.new
            done = patch.end
        until = max(until, done)
        yield self._bytes[done - self._base : until - self._base]
        self._bytes = self._bytes[until - self._base :]
        self._base = until

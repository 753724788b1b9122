"""One worksheet's rows, streamed from its part with a plan's rows filled in."""

from collections.abc import Callable, Iterator

import numpy as np

from sheetnet.book.xlsx.body import Body, Row
from sheetnet.book.xlsx.plan import Clear, Filled, Plan, Spec, Stretch
from sheetnet.book.xlsx.rowtext import RowSplicer
from sheetnet.book.xlsx.template import Template, template

_ROWS = 1000
_VALUES = 60_000
_KEPT_TEMPLATES = 8
_MOST_TEMPLATES = 64


class _Made:
    """The templates compiled for one spec: for rows that are there, latest used first, and for new ones."""

    __slots__ = ("new", "there")

    def __init__(self) -> None:
        self.there: list[Template] = []
        self.new: Template | None = None


class _Window:
    """A stretch being filled: the next row `at`, and its columns' values, some thousand rows at a time."""

    def __init__(self, plan: Plan, stretch: Stretch, made: _Made) -> None:
        self.at, self.last, self.spec, self.made = stretch.first, stretch.last, stretch.spec, made
        self.height = stretch.height
        self.columns = [column for column, action in stretch.spec if isinstance(action, Filled)]
        self._sources = [
            plan.sources[action.source] for _, action in stretch.spec if isinstance(action, Filled)
        ]
        self._first = self._end = stretch.first
        self._rows: list[tuple[float, ...]] = []
        self.finite = True

    def row(self, row: int) -> tuple[float, ...]:
        """Return the values of a row; -0 is 0, all that is not finite nan."""
        if not self.columns:
            return ()
        if not self._first <= row < self._end:
            self._first = row
            count = max(1, min(_ROWS, _VALUES // len(self.columns)))
            self._end = min(self.last + 1, row + count)
            lists = []
            self.finite = True
            for start, values in self._sources:
                part = values[row - start : self._end - start] + 0.0
                finite = np.isfinite(part)
                if not finite.all():
                    part[~finite] = np.nan
                    self.finite = False
                lists.append(part.tolist())
            self._rows = list(zip(*lists, strict=True))
        return self._rows[row - self._first]


class SheetSplice:
    """A plan being carried out over a body's rows.

    With `exact` a row in which all cells hold already what they are to hold is left as it is, however it is
    spelt: the way to find out whether there is anything to do.
    """

    def __init__(
        self, body: Body, splicer: RowSplicer, plan: Plan, column_style: Callable[[int], int], *, exact: bool
    ) -> None:
        self._body, self._splicer, self._plan = body, splicer, plan
        self._column_style, self._exact = column_style, exact
        self._templates: dict[Spec, _Made] = {}
        self._compiled = 0

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield pairs of texts in order: what stands in the file (a new row: nothing), what is to stand."""
        stretches = iter(self._plan.stretches)
        window = self._next(stretches)
        for row in self._body.rows():
            while window is not None and window.at < row.number:
                yield from self._inserted(window, row.number - 1)
                if window.at > window.last:
                    window = self._next(stretches)
            if window is not None and window.at == row.number:
                yield row.gap + row.text, row.gap + self._edited(row, window)
                window.at += 1
                if window.at > window.last:
                    window = self._next(stretches)
            else:
                yield row.gap + row.text, row.gap + self._splicer.pass_by(row.number, row.text)
        while window is not None:
            yield from self._inserted(window, window.last)
            window = self._next(stretches)

    def _next(self, stretches: Iterator[Stretch]) -> _Window | None:
        stretch = next(stretches, None)
        if stretch is None:
            return None
        made = self._templates.get(stretch.spec)
        if made is None:
            made = self._templates[stretch.spec] = _Made()
        return _Window(self._plan, stretch, made)

    def _edited(self, row: Row, window: _Window) -> str:
        text, splicer, known = row.text, self._splicer, window.made.there
        values = window.row(row.number)
        if window.height is None and not splicer.in_array(row.number):
            for index, made in enumerate(known):
                match = made.match(text)
                if match is not None and not (splicer.broken and made.kept_shared & splicer.broken):
                    new = (made.finite if window.finite else made.partial)(row.number, match.groups(), values)
                    if self._exact and new != text:
                        break
                    splicer.formulas_changed |= made.alters
                    if index:
                        known.insert(0, known.pop(index))
                    return new
            else:
                if self._compiled < _MOST_TEMPLATES:
                    other = template(splicer.cells, row.number, text, window.spec, self._column_style)
                    if other is not None:
                        self._compiled += 1
                        known.insert(0, other)
                        del known[_KEPT_TEMPLATES:]
        held = dict(zip(window.columns, values, strict=True))
        return splicer.edit(row.number, text, window.spec, held, window.height)

    def _inserted(self, window: _Window, last: int) -> Iterator[tuple[str, str]]:
        """Yield the rows of a window up to `last` that are not in the file."""
        splicer, spec = self._splicer, window.spec
        if window.height is None and all(isinstance(action, Clear) for _, action in spec):
            window.at = min(last, window.last) + 1
            return
        made = window.made.new
        if made is None and window.columns and window.height is None:
            made = window.made.new = template(splicer.cells, window.at, "", spec, self._column_style)
        for number in range(window.at, min(last, window.last) + 1):
            values = window.row(number)
            if made is None or window.height is not None or splicer.in_array(number):
                held = dict(zip(window.columns, values, strict=True))
                new = splicer.edit(number, "", spec, held, window.height)
                if new:
                    yield "", new
                continue
            splicer.formulas_changed |= made.alters
            yield "", (made.finite if window.finite else made.partial)(number, (), values)
        window.at = min(last, window.last) + 1

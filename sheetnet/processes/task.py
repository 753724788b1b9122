"""A task that travels to a process: a function packed once, however many items it is given."""

import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def packed(work: Callable[[Any], Any]) -> bytes:
    """Return a function, with all that it holds, as bytes."""
    return pickle.dumps(work)


def run(work: bytes, item: Any) -> Any:
    """Return what a packed function gives for an item; a process unpacks it once."""
    return _unpacked(work)(item)


@lru_cache(maxsize=1)
def _unpacked(work: bytes) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = pickle.loads(work)
    return function

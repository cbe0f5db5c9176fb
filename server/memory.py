"""What was read from the graph, kept as long as the graph stays what it was."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class Memory:
    """Keeps results of the newest generation, at most so many in all (a result counts as `len` of itself plus one).

    Safe for threads. Two that ask for the same thing at once may both read it; neither waits for the other.
    """

    def __init__(self, most: int = 300_000) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._weight = 0
        self._generation = -1
        self._lock = threading.Lock()

    def get(self, generation: int, key: Hashable, read: Callable[[], T]) -> T:
        """The result of `read`, from before where the generation is still the same."""
        with self._lock:
            if generation > self._generation:
                self._held.clear()
                self._generation, self._weight = generation, 0
            if generation == self._generation and key in self._held:
                self._held.move_to_end(key)
                return cast(T, self._held[key][0])
        value = read()
        weight = 1 + (len(value) if hasattr(value, "__len__") else 0)
        with self._lock:
            if generation == self._generation and key not in self._held and weight <= self._most:
                self._held[key] = (value, weight)
                self._weight += weight
                while self._weight > self._most:
                    _, (_, freed) = self._held.popitem(last=False)
                    self._weight -= freed
        return value

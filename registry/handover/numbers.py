"""Old ids and the new ones that take their place: two sorted arrays, so that a million rows need 16 MB."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence


class Numbers:
    """The ids of one table. `fresh`: new ids for rows that are brought along, in order of the old ones."""

    def __init__(self, old: Iterable[int], fresh: Sequence[int]) -> None:
        self._old = array("q", sorted(old))
        self._new = array("q", fresh)
        self._met: dict[int, int] = {}  # rows that were here already

    def is_here(self, old: int, new: int) -> None:
        """The row with the id `old` is the one that has the id `new` in this house."""
        self._met[old] = new

    def get(self, old: int | None) -> int | None:
        """The new id; None for None and for what is not in the package."""
        if old is None:
            return None
        if old in self._met:
            return self._met[old]
        at = bisect_left(self._old, old)
        return self._new[at] if at < len(self._old) and self._old[at] == old else None

    def __len__(self) -> int:
        return len(self._old)

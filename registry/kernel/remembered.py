"""Figures that are worked out once and kept until something is written: every write moves the head of a chain.

What counts all that a customer has is asked for with each look at his first page; what was counted last time is right
as long as the head of his audit chain is what it was.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from peewee import fn

from registry.kernel.audit import AuditEntry, ChainHead
from registry.kernel.db import database

Found = TypeVar("Found")
MOST = 256  # figures of so many customers, in each process
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def of_customer(customer_id: int, key: Hashable, work_out: Callable[[], Found]) -> Found:
    """What `work_out` answers, from memory where nothing of the customer's was written since. `key` names it, with
    whatever else it depends on, such as the day."""
    head = ChainHead.select(ChainHead.seq, ChainHead.hash).where(ChainHead.customer_id == customer_id).tuples().first()
    return _remembered((customer_id, head, key), work_out)


def of_house(key: Hashable, work_out: Callable[[], Found]) -> Found:
    """The same for figures about everybody: until anything is written at all."""
    # The newest entry alone would not do: one that was begun before it may be stored after it, on another chain.
    newest = AuditEntry.select(fn.MAX(AuditEntry.id))
    heads = ChainHead.select(fn.COUNT(ChainHead.customer_id), fn.SUM(ChainHead.seq), newest)
    return _remembered((None, heads.tuples().first(), key), work_out)


def _remembered(key: Hashable, work_out: Callable[[], Found]) -> Found:
    place = (id(database.obj), key)
    with _lock:
        if place in _kept:
            _kept.move_to_end(place)
            return _kept[place]  # type: ignore[no-any-return]
    # The head was read first: what is counted is as new as it or newer, and then nobody asks for this head again.
    found = work_out()
    with _lock:
        _kept[place] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """For tests."""
    with _lock:
        _kept.clear()

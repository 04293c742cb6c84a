"""Checking an audit chain a piece at a time, for pages: how far it was found sound is kept beside its head.

Whoever doubts the database as a whole runs `assetcare audit verify`, which takes nothing for granted and reads all.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from registry.kernel import clock
from registry.kernel.audit import COLUMNS, GENESIS, ChainHead, digest, rows_of
from registry.kernel.db import transaction
from registry.kernel.language import _

AT_ONCE = 20_000  # entries: about a fifth of a second


@dataclass(frozen=True, slots=True)
class Standing:
    """`length` entries are there; up to `verified` they were found sound at `at`. `fault`: what was found just now."""

    length: int
    verified: int
    at: datetime | None
    fault: str | None = None

    @property
    def whole(self) -> bool:
        return self.verified == self.length


def standing(chain: int) -> Standing:
    head = ChainHead.get_or_none(ChainHead.customer_id == chain)
    return Standing(head.seq, head.verified_seq or 0, head.verified_at) if head else Standing(0, 0, None)


def check_on(chain: int, most: int = AT_ONCE) -> Standing:
    """Check the next `most` entries beyond those found sound before; from the first again once all were."""
    head = ChainHead.get_or_none(ChainHead.customer_id == chain)
    if head is None:
        return Standing(0, 0, None)
    seq, last = head.verified_seq or 0, head.verified_hash or GENESIS
    if seq >= head.seq:
        seq, last = 0, GENESIS
    reached, last, fault = _walked(chain, seq, last, most)
    if not fault and reached == head.seq and last != head.hash:
        fault = _("The head has another hash for entry %(seq)s", seq=reached)
    if not fault and reached < min(seq + most, head.seq):
        fault = _("Entry %(seq)s is missing", seq=reached + 1)
    now = clock.now()
    with transaction():
        kept = {"verified_seq": reached, "verified_hash": last, "verified_at": now}
        ChainHead.update(**kept).where(ChainHead.customer_id == chain).execute()
    return Standing(head.seq, reached, now, fault)


def _walked(chain: int, seq: int, last: str, most: int) -> tuple[int, str, str | None]:
    """(the last sound number, its hash, what is wrong with the one after it)."""
    width, after = len(COLUMNS), seq if seq else -(2**63)
    for row in islice(rows_of(chain, after=after), most):
        if row[1] != seq + 1:
            return seq, last, _("Entry %(seq)s is missing", seq=seq + 1)
        if digest(last, row[:width]) != row[width]:
            return seq, last, _("Entry %(seq)s was changed after it was written", seq=row[1])
        seq, last = row[1], row[width]
    return seq, last, None

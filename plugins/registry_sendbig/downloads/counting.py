"""Counting downloads: one is counted when every byte of a file has been delivered, over however many requests.

A download takes its place before the first byte leaves and keeps it while bytes leave; the place is free again once it
was broken off. So two who want the last allowed one at the same moment do not both get it, and nobody pays for a
connection that broke.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from peewee import fn

from registry.sdk import Actor, Conflict, Problem, _, clock, create, fetch, note, transaction, visible
from registry_sendbig.models import Download, File, Recipient, Transfer

LIVE = timedelta(seconds=30)  # how long a place is kept without a sign of life
Ranges = list[list[int]]
# (actor, transfer, recipient or None, download): a download has become whole.
OnWhole = Callable[[Actor, Transfer, Recipient | None, Download], None]


class Over(Problem):
    """What is not to be had any more."""

    status, code = 410, "gone"


def merged(ranges: Iterable[Sequence[int]]) -> Ranges:
    """Half-open ranges [first, after last) in order, without overlaps or seams; empty ones are dropped."""
    found: Ranges = []
    for first, after in sorted((one[0], one[1]) for one in ranges):
        if after <= first:
            continue
        if found and first <= found[-1][1]:
            found[-1][1] = max(found[-1][1], after)
        else:
            found.append([first, after])
    return found


def is_whole(ranges: Ranges, size: int) -> bool:
    return not size or ranges == [[0, size]]


def used(transfer: Transfer, recipient: Recipient) -> dict[int, int]:
    """File id -> how often this recipient has fetched it whole. A zip of all counts for each."""
    rows = _of(transfer, recipient).where(Download.whole_at.is_null(False))
    found = dict(rows.select(Download.file, fn.COUNT(Download.id)).group_by(Download.file).tuples())
    together = found.pop(None, 0)
    if not together:
        return found
    scope = Actor.system(transfer.customer_id)
    ids = (row[0] for row in visible(File, scope, File.id).where(File.transfer == transfer.id).tuples())
    return {one: found.get(one, 0) + together for one in ids}


def _of(transfer: Transfer, recipient: Recipient | None) -> Any:
    rows = visible(Download, Actor.system(transfer.customer_id)).where(Download.transfer == transfer.id)
    return rows.where(Download.recipient == recipient.id) if recipient else rows.where(Download.recipient.is_null())


def unfinished(transfer: Transfer, file: File | None, recipient: Recipient | None, user: int | None) -> Download | None:
    """The last download of this file by the same person that has not come to its end."""
    same = Download.file.is_null() if file is None else Download.file == file.id
    rows = _of(transfer, recipient).where(Download.whole_at.is_null() & same)
    if recipient is None:
        rows = rows.where(Download.user_id == user)
    found: Download | None = rows.order_by(Download.id.desc()).first()
    return found


def begin(
    actor: Actor, transfer: Transfer, file: File | None, recipient: Recipient | None, *, resumed: bool
) -> tuple[Download, bool]:
    """The download that a request belongs to, and whether the request took its place: then it gives it back as well.
    `resumed`: it wants bytes from further on, and goes on with what there is. Raises Over (used up) and Conflict (the
    last allowed one is under way)."""
    with transaction():
        if recipient is not None:
            _take_turns(recipient)
        there = unfinished(transfer, file, recipient, actor.user_id)
        taken = there is not None and _lives(there)
        if there is not None and (resumed or not taken):
            Download.update(live_until=clock.now() + LIVE, last_at=clock.now()).where(Download.id == there.id).execute()
            return there, not taken
        if recipient is not None and transfer.most_downloads is not None:
            _must_be_left(transfer, recipient, file)
        row = {
            "customer_id": transfer.customer_id, "transfer": transfer.id, "recipient": recipient,
            "file": file, "user_id": actor.user_id, "who": actor.name[:255], "address": actor.address or "",
            "begun_at": clock.now(), "last_at": clock.now(), "live_until": clock.now() + LIVE,
        }  # fmt: skip
        return create(actor, Download, row, "sendbig.download_begun"), True


def _take_turns(recipient: Recipient) -> None:
    """Of all requests with one link only one looks at what is left, on whatever host."""
    mine = (Recipient.id == recipient.id) & Recipient.revoked_at.is_null()
    if not Recipient.update(last_at=clock.now()).where(mine).execute():
        raise Over(_("This link has been taken back."))


def _lives(there: Download) -> bool:
    return there.live_until is not None and there.live_until > clock.now()


def _must_be_left(transfer: Transfer, recipient: Recipient, file: File | None) -> None:
    """A file that was fetched as often as allowed is not given away once more; nor is a place that somebody holds."""
    counts = used(transfer, recipient)
    spent = max(counts.values(), default=0) if file is None else counts.get(file.id, 0)
    most = transfer.most_downloads or 0
    if spent >= most:
        raise Over(_("This has been downloaded as often as its sender allows."), code="used_up")
    rows = _of(transfer, recipient).where(Download.whole_at.is_null() & (Download.live_until > clock.now()))
    if file is not None:
        rows = rows.where((Download.file == file.id) | Download.file.is_null())
    if spent + rows.count() >= most:
        raise Conflict(_("The last download that is allowed is under way. Wait until it has ended."), code="under_way")


def save(begun: Download, size: int, new: Ranges, on_whole: OnWhole, *, leaves: bool) -> bool:
    """Write down what was delivered; answers whether it may go on: the transfer, and the link, have not been taken
    back. `leaves`: whoever took the place needs it no more. `on_whole` is called, within the transaction, once: when it
    is whole. Outside of a transaction."""
    scope = Actor.system(begun.customer_id)
    with transaction():
        # In the order of begin(), so that no two wait for each other.
        recipient = fetch(Recipient, scope, begun.recipient_id, lock=True) if begun.recipient_id else None
        row: Download = fetch(Download, scope, begun.id, lock=True)
        ranges = merged([*row.ranges, *new])
        delivered = row.delivered + sum(after - first for first, after in new)
        now = clock.now()
        values = {
            "ranges": ranges,
            "delivered": delivered,
            "last_at": now,
            "live_until": None if leaves else now + LIVE,
        }
        Download.update(**values).where(Download.id == row.id).execute()
        transfer: Transfer = fetch(Transfer, scope, row.transfer_id, lock=True)
        if row.whole_at is None and (is_whole(ranges, size) or _too_often(transfer, delivered, size)):
            _count(scope, row)
            on_whole(scope, transfer, recipient, row)
        taken_back = recipient is not None and recipient.revoked_at is not None
        return not taken_back and transfer.end_reason != "revoked"


def _too_often(transfer: Transfer, delivered: int, size: int) -> bool:
    """Whoever has the first half sent to him again and again has more of it than one download."""
    return transfer.most_downloads is not None and delivered > 2 * size


def _count(scope: Actor, row: Download) -> None:
    Download.update(whole_at=clock.now()).where(Download.id == row.id).execute()
    kind = "link" if row.recipient_id else "user"
    who = Actor(kind, row.who, scope.grants, user_id=row.user_id, address=row.address or None)
    note(who, row, "sendbig.downloaded", after={"file": row.file_id, "transfer": row.transfer_id})

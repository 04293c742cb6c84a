"""What may still come by a file request."""

from typing import NamedTuple

from peewee import fn

from registry.sdk import Actor, Conflict, _, clock, visible
from registry_sendbig.models import File, Request, Transfer, Upload
from registry_sendbig.uploads.problems import TooMuch
from registry_sendbig.uploads.quotas import amount


class Left(NamedTuple):
    """None: as much as there is space for."""

    bytes: int | None
    files: int | None


def state_of(asked: Request) -> str:
    """open, expired, closed."""
    if asked.closed_at is not None:
        return "closed"
    return "expired" if asked.expires_at <= clock.now() else "open"


def left(asked: Request) -> Left:
    """Without what has been refused; with parts that a file is still to be put together from."""
    scope = Actor.system(asked.customer_id)
    came = visible(File, scope, fn.COALESCE(fn.SUM(File.size), 0), fn.COUNT(File.id)).join(
        Transfer, on=File.transfer == Transfer.id
    )
    size, count = came.where((Transfer.request == asked.id) & (File.state != "refused")).tuples().first()
    parts = visible(Upload, scope, fn.SUM(Upload.size)).join(Transfer, on=Upload.transfer == Transfer.id)
    loose = parts.where((Transfer.request == asked.id) & Upload.partial & Upload.settled_at.is_null()).scalar() or 0
    bytes_left = None if asked.most_bytes is None else max(0, asked.most_bytes - int(size) - int(loose))
    files_left = None if asked.most_files is None else max(0, asked.most_files - int(count))
    return Left(bytes_left, files_left)


def must_fit(asked: Request, size: int | None) -> None:
    """Raises Conflict for a request that is over, TooMuch beyond its limits."""
    if state_of(asked) != "open":
        raise Conflict(_("This request is over: nothing can be sent to it any more."), code="wrong_state")
    rest = left(asked)
    if rest.files == 0:
        raise TooMuch(_("This request takes no more files."))
    if rest.bytes is not None and (size or 0) > rest.bytes:
        raise TooMuch(_("This request takes %(amount)s more; the file is larger.", amount=amount(rest.bytes)))

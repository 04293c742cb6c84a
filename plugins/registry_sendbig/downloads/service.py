"""Fetching: by a link, or signed in; one file from wherever the last try broke off, or all of them as an archive."""

import errno
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from registry.sdk import (
    Actor,
    Limit,
    NotFound,
    _,
    allow,
    by_address,
    bytes_asked,
    fetch,
    files,
    here,
    me,
    send_pieces,
    send_stored,
    take,
)
from registry_sendbig import proofs
from registry_sendbig.downloads import counting
from registry_sendbig.downloads.counting import Over
from registry_sendbig.downloads.zips import Archive, Entry
from registry_sendbig.models import Download, File, Recipient, Transfer
from registry_sendbig.places import house, pages
from registry_sendbig.transfers import recipients, sharing
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.reach import file_in, files_of, key_of, seen

REQUESTS = Limit(1200, 60)  # with one link: download managers ask for many pieces


@house.get("/flow/t/<secret>/<int:sendbig_file_id>")
@by_address
def download(secret: str, sendbig_file_id: int) -> Response:
    """One file of a link. HEAD tells what GET would, and counts nothing."""
    recipient = recipient_of(secret)
    transfer: Transfer = recipient.transfer
    file = file_in(transfer, sendbig_file_id)
    return send(transfer, file, recipient, recipients.actor_of(recipient, request.remote_addr))


@house.get("/flow/t/<secret>/all.zip")
@by_address
def download_all(secret: str) -> Response:
    """All files of a link as one archive."""
    recipient = recipient_of(secret)
    return _send_all(recipient.transfer, recipient, recipients.actor_of(recipient, request.remote_addr))


@pages.get("/flow/files/<int:sendbig_file_id>")
@allow("sendbig.view")
def fetch_file(sendbig_file_id: int) -> Response:
    transfer, file = own_file(sendbig_file_id)
    return send(transfer, file, None, me())


@pages.get("/flow/transfers/<int:transfer_id>/all.zip")
@allow("sendbig.view")
def fetch_all(transfer_id: int) -> Response:
    transfer = seen(me(), transfer_id)
    if transfer.customer_id != here().id:
        raise NotFound()
    _must_stand(transfer)
    return _send_all(transfer, None, me())


def recipient_of(secret: str) -> Recipient:
    """Whoever comes with a link and, where there is one, has proved the password. To all others there is nothing."""
    recipient = recipients.by_secret(secret, request.remote_addr)
    take("sendbig fetch", str(recipient.token_hash), REQUESTS, wait=False)
    if not proofs.proven(recipient, recipient.transfer.password_hash, request.cookies):
        raise NotFound()
    return recipient


def own_file(file_id: int) -> tuple[Transfer, File]:
    """A file of this customer's transfers, for those who see them."""
    found: File = fetch(File, me(), file_id)
    if found.transfer_id is None or found.customer_id != here().id:
        raise NotFound()
    transfer = seen(me(), found.transfer_id)
    _must_stand(transfer)
    return transfer, file_in(transfer, found.id)


def _must_stand(transfer: Transfer) -> None:
    if transfer.state == "ended":
        raise Over(_("This has ended; its files are not kept any more."))


def must_be_open(transfer: Transfer, going_on: Download | None) -> None:
    """A link leads to files while the transfer is open. What had begun before its time was over may come to its end."""
    state = sharing.state_of(transfer)
    if state == "open":
        return
    if state in ("draft", "checking"):
        raise NotFound()
    over = sharing.over_since(transfer)
    if over is None or going_on is None or not going_on.begun_at < over or sharing.over_for_good(over):
        raise Over(GONE.get(state, GONE["expired"])())


GONE: dict[str, Callable[[], str]] = {
    "expired": lambda: _("This has expired. Ask its sender to send it again."),
    "revoked": lambda: _("Its sender has taken this back."),
    "used_up": lambda: _("This has been downloaded as often as its sender allows."),
    "abandoned": lambda: _("This was never sent."),
}


class Tally:
    """What of a download has been delivered, written down as it goes on."""

    def __init__(self, begun: Download, size: int, until: int, *, taker: bool) -> None:
        """`until`: before which byte ends what this request gets. Only the one that has taken the place gives it back:
        others may be at work on the same download."""
        self.begun, self.size, self.until, self.taker = begun, size, until, taker
        self.stopped = self.ending = False
        self._at: int | None = None

    def __call__(self, first: int, end: int) -> None:
        """Bytes `first` to before `end` have left; called again and again from the same `first`."""
        at = first if self._at is None else self._at
        end = max(at, end)
        new = [[at, end]]
        leaves = self.taker and (self.ending or end >= self.until)
        goes_on = counting.save(self.begun, self.size, new, transfers.fetched, leaves=leaves)
        self._at, self.stopped = end, not goes_on


def send(
    transfer: Transfer, file: File, recipient: Recipient | None, actor: Actor, *, inline: bool = False
) -> Response:
    """The file as the answer, put on record for whoever it is that fetches it."""
    blob: Any = file.blob
    tally = _begin(transfer, file, recipient, actor, blob.size, blob.sha256)
    answer = send_stored(
        key_of(blob), name=file.name, media_type=blob.media_type, etag=blob.sha256, size=blob.size, on_delivered=tally,
        by_proxy=transfer.most_downloads is None, inline=inline,
    )  # fmt: skip
    return watched(answer, tally)


def _send_all(transfer: Transfer, recipient: Recipient | None, actor: Actor) -> Response:
    archive = Archive([_entry(one) for one in files_of(transfer) if one.state == "kept" and one.blob_id])
    if not archive.entries:
        raise NotFound()
    request.environ.pop("HTTP_RANGE", None)  # dates in it are those of the moment: it is sent from its beginning
    tally = _begin(transfer, None, recipient, actor, archive.size, archive.etag)
    answer = send_pieces(
        lambda _first, _length: archive.pieces(), name=f"{transfer.title or 'files'}.zip",
        media_type="application/zip", etag=archive.etag, size=archive.size, on_delivered=tally,
    )  # fmt: skip
    answer.headers["Accept-Ranges"] = "none"
    return watched(answer, tally)


def _entry(file: File) -> Entry:
    blob: Any = file.blob
    return Entry(file.folder, file.name, blob.size, blob.sha256, partial(_bytes, key_of(blob)))


def _bytes(key: str) -> Iterator[bytes]:
    return files.read(key)


def _begin(
    transfer: Transfer, file: File | None, recipient: Recipient | None, actor: Actor, size: int, etag: str
) -> Tally | None:
    """Whether this may be fetched at all; and the download that is counted, for a GET that gets bytes."""
    part = bytes_asked(size, etag)
    resumed, wanted = bool(part and part[0]), part is not None
    going_on = counting.unfinished(transfer, file, recipient, actor.user_id)
    if recipient is not None:
        must_be_open(transfer, going_on if resumed else None)
        sharing.must_be_allowed(actor, transfer, recipient, first=wanted and not (resumed and going_on))
    if part is None:
        return None
    begun, taker = counting.begin(actor, transfer, file, recipient, resumed=resumed)
    return Tally(begun, size, part[1], taker=taker)


def watched(answer: Response, tally: Tally | None) -> Response:
    """Broken off once the transfer has been taken back; a place that nobody uses any more is given back at once."""
    if tally is not None and answer.direct_passthrough:
        answer.response = _until_stopped(answer.response, tally)
    return answer


def _until_stopped(pieces: Any, tally: Tally) -> Iterator[bytes]:
    try:
        for piece in pieces:
            if tally.stopped:
                raise ConnectionResetError(errno.ECONNRESET, "taken back")
            yield piece
    finally:
        tally.ending = True
        pieces.close()

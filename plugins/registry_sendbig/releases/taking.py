"""A file of a release on its way to whom it is for, and the record of who took which version."""

from datetime import timedelta
from typing import Any

from registry.sdk import Actor, NotFound, clock, create, fetch, note, send_stored, transaction, visible
from registry_sendbig.downloads import counting
from registry_sendbig.models import Blob, File, Taken
from registry_sendbig.releases import entitled
from registry_sendbig.releases.service import file_of

GOES_ON = timedelta(days=7)  # a download that broke off is taken up again


def send(actor: Actor, customer_id: int, file_id: int) -> Any:
    """The answer to GET or HEAD: the file, if it is for him now. Raises NotFound, Forbidden."""
    offer, file = entitled.file_for(actor, customer_id, file_id)
    blob = entitled.blob_of(file)
    return _answer(file, blob, lambda first, end: _delivered(actor, customer_id, offer, file, blob, first, end))


def send_to_staff(actor: Actor, file_id: int) -> Any:
    """The same for the operator's own people: to look at it, counted nowhere."""
    file = file_of(actor, file_id)
    if file.state != "kept" or file.blob_id is None:
        raise NotFound()
    return _answer(file, entitled.blob_of(file), None)


def _answer(file: File, blob: Blob, told: Any) -> Any:
    if not blob.key:
        raise NotFound()
    return send_stored(
        blob.key, name=file.name, media_type=blob.media_type, etag=blob.sha256, size=blob.size, on_delivered=told
    )


def _delivered(
    actor: Actor, customer_id: int, offer: entitled.Offer, file: File, blob: Blob, first: int, end: int
) -> None:
    """Bytes have left. One row for each time that somebody takes a file, however often it breaks off; of two that began
    in one moment, by two connections, the older one stays."""
    with transaction():
        row, *others = _open(actor, customer_id, file) or [_begun(actor, customer_id, offer, file, blob)]
        row = fetch(Taken, actor, row.id, lock=True)
        ranges = counting.merged([*row.ranges, *(each for one in others for each in one.ranges), [first, end]])
        if others:
            Taken.delete().where(Taken.id.in_([one.id for one in others])).execute()
        now, whole = clock.now(), counting.is_whole(ranges, blob.size)
        Taken.update(ranges=ranges, last_at=now, whole_at=now if whole else None).where(Taken.id == row.id).execute()
        if whole:
            note(actor, row, "sendbig.taken", after={"file": file.name, "sha256": blob.sha256})


def _open(actor: Actor, customer_id: int, file: File) -> list[Taken]:
    """What the same person has begun and not ended, the oldest first."""
    mine = (Taken.customer_id == customer_id) & (Taken.file_id == file.id) & Taken.whole_at.is_null()
    who = Taken.user_id == actor.user_id if actor.user_id else Taken.who == actor.name
    rows = visible(Taken, actor).where(mine & who, Taken.last_at > clock.now() - GOES_ON)
    return list(rows.order_by(Taken.id))


def _begun(actor: Actor, customer_id: int, offer: entitled.Offer, file: File, blob: Blob) -> Taken:
    values = {
        "customer_id": customer_id, "release": offer.release.id, "file_id": file.id, "file_name": file.name,
        "kind": file.kind, "size": blob.size, "sha256": blob.sha256, "version_name": offer.release.version_name,
        "user_id": actor.user_id, "who": actor.name[:255], "granted": offer.granted,
        "by_operator": actor.is_operator,
    }  # fmt: skip
    return create(actor, Taken, values, "sendbig.taking_begun")

"""From the last byte to a file that people can fetch: whole at the store, verified, judged, scanned, kept once.

A job does it, and can be killed anywhere: each step finds what the one before has left, and is done again at no harm.
What cannot be done now (store or scanner away) is tried again ever later; in the end the file is `stuck`, which says so
and why, and is tried again each day.
"""

import hashlib
from typing import Any, NamedTuple

from crc32c import crc32c

from registry.sdk import (
    ANY_VERSION,
    N_,
    Actor,
    NotFound,
    NotNow,
    Problem,
    Taken,
    _,
    change,
    clock,
    enqueue,
    files,
    held,
    transaction,
    visible,
)
from registry_sendbig import preferences
from registry_sendbig.models import Blob, File, Upload
from registry_sendbig.uploads import contents, receiving, scanning
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.problems import Gone, Locked
from registry_sendbig.uploads.scanning import Verdict

MOST_TRIES = 10
FIRST_PAUSE, LAST_PAUSE = 15, 3600  # seconds
DAMAGED = N_("The store gives back other bytes than arrived. Send the file again.")


class Seen(NamedTuple):
    """What reading all of it has shown."""

    size: int
    sha256: str
    crc32c: int
    media_type: str


class Unfit(Exception):
    """The file is refused: code and sentence."""


def settle(upload_id: int) -> None:
    """The job. Raises NotNow to be called again."""
    upload = _waiting(upload_id)
    if upload is None:
        return
    try:
        with receiving.sole(upload_id, ask=False):
            upload = _waiting(upload_id)
            if upload is not None:
                _settle(upload)
    except (Locked, Taken):
        raise NotNow(5) from None
    except (Problem, OSError) as error:
        if isinstance(error, Gone) and _waiting(upload_id) is None:
            return
        _put_off(upload_id, error)


def _waiting(upload_id: int) -> Any:
    mine = (Upload.id == upload_id) & Upload.whole_at.is_null(False) & Upload.settled_at.is_null()
    return visible(Upload, Actor.system()).where(mine).first()


def _settle(upload: Upload) -> None:
    actor, size = uploads.acting_for(upload), int(upload.size or 0)
    try:
        _be_whole(upload)
        seen = read(upload.key, size)
        _must_be_it(upload, seen)
        verdict = _verdict(upload.key, seen)
    except Unfit as error:
        uploads.refused(actor, upload, *error.args)
    else:
        _keep(actor, upload, seen, verdict)
        uploads.discard(uploads.again(upload.id))  # of one that we had already


def _be_whole(upload: Upload) -> None:
    """One file at the store, under its key. Nothing that the store does not know counts as finished, unless a file of
    the right size lies there already."""
    if upload.parts:
        _put_together(upload)
    try:
        incoming = files.arriving(upload.key, upload.place)
    except NotFound:
        if not files.store().exists(upload.key) or files.size_of(upload.key) != upload.size:
            raise Unfit("damaged", _("The store has lost bytes of this file. Send it again.")) from None
    else:
        incoming.finish()


def _put_together(upload: Upload) -> None:
    parts = {one.id: one for one in visible(Upload, Actor.system()).where(Upload.id.in_(upload.parts))}
    if len(parts) == len(set(upload.parts)) and all(one.key for one in parts.values()):
        places = [(parts[number].key, parts[number].place) for number in upload.parts]
        begun, upload.place = upload.place, files.join(upload.key, places, int(upload.size or 0))
        Upload.update(place=upload.place, crc_at=-1).where(Upload.id == upload.id).execute()
        for part in parts.values():
            uploads.discard(part)
        if begun:
            files.abort(upload.key, begun)


def read(key: str, size: int) -> Seen:
    """All of it, once. Memory stays flat."""
    digest, crc, head, length = hashlib.sha256(), 0, b"", 0
    for piece in files.read(key):
        digest.update(piece)
        crc = crc32c(piece, crc)
        length += len(piece)
        if len(head) < contents.HEAD:
            head += bytes(piece[: contents.HEAD - len(head)])
    return Seen(length, digest.hexdigest(), crc, contents.recognise(head) if size else "application/x-empty")


def _must_be_it(upload: Upload, seen: Seen) -> None:
    wanted = uploads.file_of(upload).wanted_sha256
    running = upload.crc32c if upload.crc_at == upload.size else seen.crc32c
    if seen.size != upload.size or running != seen.crc32c:
        raise Unfit("damaged", _(DAMAGED))
    if wanted and wanted != seen.sha256:
        text = _("It does not have the SHA-256 that its sender gave: it was changed on the way. Send it again.")
        raise Unfit("checksum", text)
    if not uploads.welcome(seen.media_type):
        raise Unfit("type", _("Files with content of the type %(type)s are not accepted here.", type=seen.media_type))


def _verdict(key: str, seen: Seen) -> Verdict:
    """Of the scanner; not_scanned where there is none."""
    chosen = preferences.house()
    if not chosen["clamd"]:
        return Verdict("not_scanned")
    most = chosen["scan_mb"] * 1_000_000
    verdict = scanning.scan(chosen["clamd"], files.read(key), seen.size, most=most, path=files.plain_path(key))
    if verdict.state == "infected":
        raise Unfit("infected", _("The virus scanner found %(name)s in it.", name=verdict.signature))
    return verdict


def _keep(actor: Actor, upload: Upload, seen: Seen, verdict: Verdict) -> None:
    """Once for each customer: another upload of the same bytes may be at this point, too."""
    with one_blob(upload.customer_id or 0, seen.sha256):
        _mark_lost(upload.customer_id, seen)
        _keep_once(actor, upload, seen, verdict)


def _keep_once(actor: Actor, upload: Upload, seen: Seen, verdict: Verdict) -> None:
    with transaction():
        blob, now = _same_bytes(upload.customer_id, seen), clock.now()
        if blob is None:
            blob = Blob.create(
                customer_id=upload.customer_id, sha256=seen.sha256, crc32c=seen.crc32c, size=seen.size, key=upload.key,
                media_type=seen.media_type, checked_at=now,
            )  # fmt: skip
            Upload.update(key="", place="").where(Upload.id == upload.id).execute()
        _heal(blob)
        if verdict.state != "not_scanned" or blob.scanned_at is None:
            told = {"scan": verdict.state, "scanned_at": now if verdict.state != "not_scanned" else None}
            Blob.update(told).where(Blob.id == blob.id).execute()
        later = {"settled_at": now, "expires_at": now + uploads.AFTERWARDS}
        Upload.update(later).where(Upload.id == upload.id).execute()
        kept = {"blob": blob, "state": "kept", "refusal": "", "refusal_told": ""}
        change(actor, uploads.file_of(upload), kept, "sendbig.file_kept", version=ANY_VERSION)
        enqueue("sendbig.file_settled", file_id=upload.file_id)


def one_blob(whose: int, sha256: str) -> Any:
    """Whoever keeps these bytes, or throws them away, does so alone."""
    return held(f"sendbig-blob-{whose}-{sha256[:24]}", patience=30)


def _mark_lost(customer_id: int | None, seen: Seen) -> None:
    """What came is not thrown away for a file that the store has lost without anybody having noticed yet. Asked outside
    of a transaction, since the store may be a network away."""
    blob = _same_bytes(customer_id, seen)
    if blob is not None and not _is_there(blob):
        Blob.update(missing_at=clock.now()).where(Blob.id == blob.id).execute()


def _is_there(blob: Blob) -> bool:
    try:
        return bool(files.size_of(str(blob.key)) == blob.size)
    except NotFound:
        return False


def _same_bytes(customer_id: int | None, seen: Seen) -> Any:
    sound = Blob.gone_at.is_null() & Blob.missing_at.is_null()
    return twins(customer_id, seen.sha256, seen.size).where(sound).first()


def twins(customer_id: int | None, sha256: str, size: int) -> Any:
    whose = Blob.customer_id.is_null() if customer_id is None else Blob.customer_id == customer_id
    return visible(Blob, Actor.system(customer_id)).where(whose, Blob.sha256 == sha256, Blob.size == size)


def _heal(blob: Blob) -> None:
    """Files whose bytes the store had lost have them again: the same came once more."""
    lost = [one.id for one in twins(blob.customer_id, blob.sha256, blob.size).where(Blob.missing_at.is_null(False))]
    if lost:
        File.update(blob=blob).where(File.blob.in_(lost)).execute()


def _put_off(upload_id: int, error: Exception) -> None:
    """To be tried again, ever later; or set aside, saying why."""
    with transaction():
        Upload.update(tries=Upload.tries + 1, last_at=clock.now()).where(Upload.id == upload_id).execute()
        upload = _waiting(upload_id)
        if upload is None:
            return
        if upload.tries >= MOST_TRIES:
            told = {"state": "stuck", "refusal_told": f"{getattr(error, 'message', '') or error}"[:1000]}
            file = uploads.file_of(upload)
            change(uploads.acting_for(upload), file, told, "sendbig.file_stuck", version=ANY_VERSION)
            enqueue("sendbig.file_settled", file_id=file.id)
    if upload.tries < MOST_TRIES:
        raise NotNow(min(FIRST_PAUSE * 2 ** (upload.tries - 1), LAST_PAUSE)) from error


def tell(file_id: int) -> None:
    """The job after it: its transfer opens when all of its files are kept."""
    from registry_sendbig.transfers import service as transfers

    file = visible(File, Actor.system()).where(File.id == file_id).first()
    if file is not None:
        transfers.file_settled(Actor.system(file.customer_id), file)

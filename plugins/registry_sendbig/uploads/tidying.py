"""What nobody needs any more, thrown away by a job; and what a process left undone, gone on with.

Each thing is marked in a row first, then its bytes are deleted, then the row: whoever is killed in between leaves a row
that says what is still to be done.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from peewee import JOIN

from registry.sdk import Actor, Problem, Taken, clock, enqueue, files, transaction, visible
from registry_sendbig.models import Blob, File, Transfer, Upload
from registry_sendbig.uploads import receiving, settling
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.problems import Gone, Locked

GRACE = timedelta(days=1)  # after the end of a transfer: downloads that had begun may finish
SILENT = timedelta(minutes=5)
LOST = timedelta(hours=3)  # until one that waits to be verified is taken for forgotten
AT_ONCE = 1000  # rows of each kind in one run
HOUSE = Actor.system


class Collected(NamedTuple):
    finished: int  # uploads whose last byte nobody had noticed
    checked: int  # asked to be verified again
    expired: int  # uploads that nobody goes on with
    blobs: int  # files that nobody refers to
    bytes: int
    strangers: int  # uploads that the store knows, and we do not


def collect() -> Collected:
    """The job."""
    finished, checked, expired = _notice_whole(), _check_again(), _end_expired()
    blobs, freed = _drop_blobs()
    return Collected(finished, checked, expired, blobs, freed, _abort_strangers())


def _notice_whole() -> int:
    """A process was killed between the last byte and writing down that it was the last, and nobody came back."""
    now, found = clock.now(), 0
    silent = Upload.last_at.between(now - GRACE, now - SILENT)
    waiting = Upload.whole_at.is_null() & Upload.settled_at.is_null() & Upload.size.is_null(False) & silent
    for upload in visible(Upload, HOUSE()).where(waiting & (Upload.place != "")).limit(AT_ONCE):
        found += _is_whole(upload)
    return found


def _is_whole(upload: Upload) -> bool:
    try:
        with receiving.sole(upload.id, ask=False):
            whole = receiving.arriving(upload).offset == upload.size
    except (Locked, Gone, Problem, OSError):
        return False
    if whole:
        uploads.arrived_whole(upload.id)
    return whole


def _check_again() -> int:
    """Of whatever waits to be verified: what no job seems to know of any more, and once a day what is stuck."""
    now = clock.now()
    tired = Upload.tries >= settling.MOST_TRIES
    late = (tired & (Upload.last_at < now - GRACE)) | (~tired & (Upload.last_at < now - LOST))
    waiting = Upload.whole_at.is_null(False) & Upload.settled_at.is_null() & Upload.file.is_null(False) & late
    numbers = [row.id for row in visible(Upload, HOUSE(), Upload.id).where(waiting).limit(AT_ONCE)]
    for number in numbers:
        with transaction():
            Upload.update(last_at=now).where(Upload.id == number).execute()
            _keep_parts(number)
            enqueue("sendbig.settle", upload_id=number)
    return len(numbers)


def _keep_parts(number: int) -> None:
    """What it is to be put together from must not expire while it waits."""
    parts = visible(Upload, HOUSE()).where(Upload.id == number).first().parts
    if parts:
        Upload.update(expires_at=uploads.expiry()).where(Upload.id.in_(parts)).execute()


def _end_expired() -> int:
    ended = 0
    over = Upload.expires_at < clock.now() - GRACE
    for upload in visible(Upload, HOUSE()).where(over).order_by(Upload.id).limit(AT_ONCE):
        ended += _ended(upload)
    return ended


def _ended(upload: Upload) -> bool:
    """Whether it was one whose bytes never became a file."""
    if upload.settled_at is None and upload.whole_at is not None and upload.file_id:
        return False  # all of it is here: that is for settling to say
    try:
        if upload.settled_at is None and upload.size is not None and _is_whole(upload) and upload.file_id:
            return False
        with receiving.sole(upload.id, ask=False):
            if upload.settled_at is None:
                uploads.forget(uploads.acting_for(upload), upload, why="sendbig.file_expired")
                return True
            uploads.discard(upload)
            Upload.delete().where(Upload.id == upload.id).execute()
    except (Locked, Problem, OSError):
        pass  # the next run finds it again
    return False


def _needed() -> Any:
    """Ids of blobs that a file refers to whose transfer has not ended, or only just."""
    running = Transfer.ended_at.is_null() | (Transfer.ended_at > clock.now() - GRACE)
    query = visible(File, HOUSE(), File.blob).join(Transfer, JOIN.LEFT_OUTER, on=(File.transfer == Transfer.id))
    return query.where(File.blob.is_null(False) & (File.transfer.is_null() | running))


def _drop_blobs() -> tuple[int, int]:
    number = freed = 0
    for blob in _unneeded():
        if _drop(blob):
            number, freed = number + 1, freed + blob.size
    return number, freed


def _unneeded() -> Iterator[Blob]:
    """Those that are marked, and whose bytes are still there; and those that can be."""
    yield from visible(Blob, HOUSE()).where(Blob.gone_at.is_null(False) & Blob.key.is_null(False)).limit(AT_ONCE)
    old = Blob.gone_at.is_null() & (Blob.created_at < clock.now() - GRACE)
    yield from visible(Blob, HOUSE()).where(old & Blob.id.not_in(_needed())).limit(AT_ONCE)
    nameless = Blob.key.is_null() & Blob.id.not_in(visible(File, HOUSE(), File.blob).where(File.blob.is_null(False)))
    yield from visible(Blob, HOUSE()).where(nameless).limit(AT_ONCE)


def _drop(blob: Blob) -> bool:
    """Whether its bytes are gone now. The row stays as a record as long as a file tells of it."""
    try:
        with settling.one_blob(blob.customer_id or 0, blob.sha256):
            marked = Blob.update(gone_at=clock.now()).where((Blob.id == blob.id) & Blob.id.not_in(_needed())).execute()
            if not marked:
                return False
            if blob.key:
                files.store().delete(blob.key)
                Blob.update(key=None).where(Blob.id == blob.id).execute()
            if not visible(File, HOUSE()).where(File.blob == blob.id).exists():
                Blob.delete().where(Blob.id == blob.id).execute()
            return bool(blob.key)
    except (Taken, Problem, OSError):
        return False


def strangers(older_than: timedelta = GRACE) -> list[tuple[str, str]]:
    """(key, place) of uploads that the store has in progress, and no row of ours tells of."""
    limit = clock.now() - older_than
    begun = [(key, place) for key, place, when in files.unfinished() if when < limit]
    known = {row.key for row in visible(Upload, HOUSE(), Upload.key)}
    return [(key, place) for key, place in begun if key not in known]


def _abort_strangers() -> int:
    found = strangers()
    for key, place in found:
        files.abort(key, place)
    return len(found)

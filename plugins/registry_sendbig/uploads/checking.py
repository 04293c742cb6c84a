"""Do rows and bytes agree? Each finding says what it is, and what repairing it means.

kinds: missing (a row, and no bytes), size, damaged (other bytes than were verified; --deep reads all of them), found (a
file that was missing is there again), nameless (bytes that no row of any table names), stranger (an upload in progress
at the store that nobody knows), lost (an upload whose bytes the store does not know), left (bytes still to be deleted).
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from registry.sdk import Actor, NotFound, clock, files, transaction, unnamed_files, visible
from registry_sendbig.models import Blob, File, Upload
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads import settling, tidying

STEP = 500
PAUSE = 2.0  # seconds
FAR_PAUSE = 60.0  # where the store does not tell how old bytes are: by then their row is there
YOUNG = timedelta(hours=1)  # bytes may be a moment older than their row


class Finding(NamedTuple):
    kind: str
    what: str
    text: str
    repair: Callable[[], Any] | None = None


def findings(*, deep: bool = False, on_file: Callable[[Blob], None] | None = None) -> Iterator[Finding]:
    """Everything that does not agree, as it is found."""
    for blob in _blobs():
        yield from _of_blob(blob, deep)
        if on_file:
            on_file(blob)
    yield from _of_uploads()
    yield from _of_store()


def number_of_blobs() -> int:
    return int(visible(Blob, Actor.system()).where(Blob.key.is_null(False)).count())


def _blobs() -> Iterator[Blob]:
    after = 0
    while True:
        query = visible(Blob, Actor.system()).where((Blob.id > after) & Blob.key.is_null(False))
        rows = list(query.order_by(Blob.id).limit(STEP))
        yield from rows
        if len(rows) < STEP:
            return
        after = rows[-1].id


def _of_blob(blob: Blob, deep: bool) -> Iterator[Finding]:
    what = f"file {blob.sha256[:12]} of customer {blob.customer_id or '-'} ({blob.key})"
    if blob.gone_at is not None:
        yield Finding("left", what, "Its bytes are still to be deleted.", tidying.collect)
        return
    wrong = _wrong(blob, deep)
    twin = _twin(blob, deep) if wrong else None
    if wrong and twin:
        text = f"{wrong[1]} The same bytes are kept a second time ({twin.key}): repairing takes those."
        yield Finding(wrong[0], what, text, lambda: _take_twin(blob, twin))
    elif wrong and blob.missing_at is None:
        yield Finding(wrong[0], what, wrong[1], lambda: _mark(blob, clock.now()))
    elif not wrong and blob.missing_at is not None:
        yield Finding("found", what, "It was missing, and is there again.", lambda: _mark(blob, None))
    elif wrong:
        yield Finding(wrong[0], what, f"{wrong[1]} That is marked: those who look for it are told.")


def _twin(blob: Blob, deep: bool) -> Blob | None:
    """The same customer's, with the same bytes, where a file still has need of the one that is lost."""
    if not visible(File, Actor.system()).where(File.blob == blob.id).exists():
        return None
    others = settling.twins(blob.customer_id, blob.sha256, blob.size).where(
        (Blob.id != blob.id) & Blob.gone_at.is_null() & Blob.missing_at.is_null() & Blob.key.is_null(False)
    )
    return next((one for one in others if _wrong(one, deep) is None), None)


def _take_twin(blob: Blob, twin: Blob) -> None:
    """Under the lock of these bytes, so that nobody throws the twin away meanwhile."""
    with settling.one_blob(blob.customer_id or 0, blob.sha256), transaction():
        there = (Blob.id == twin.id) & Blob.gone_at.is_null() & Blob.missing_at.is_null()
        if (
            Blob.update(missing_at=clock.now()).where(Blob.id == blob.id).execute()
            and visible(Blob, Actor.system()).where(there).exists()
        ):
            File.update(blob=twin).where(File.blob == blob.id).execute()


def _wrong(blob: Blob, deep: bool) -> tuple[str, str] | None:
    try:
        key = str(blob.key)
        size = files.size_of(key)
        if size != blob.size:
            return "size", f"The store has {size} bytes of {blob.size}."
        if deep and (sha256 := _sha256(key)) != blob.sha256:
            return "damaged", f"Its SHA-256 is {sha256[:12]} now: restore it from a backup."
    except NotFound:
        return "missing", "The store has no bytes for it: restore them from a backup."
    if deep:
        Blob.update(checked_at=clock.now()).where(Blob.id == blob.id).execute()
    return None


def _sha256(key: str) -> str:
    digest = hashlib.sha256()
    for piece in files.read(key):
        digest.update(piece)
    return digest.hexdigest()


def _mark(blob: Blob, when: datetime | None) -> None:
    Blob.update(missing_at=when).where(Blob.id == blob.id).execute()


def _of_uploads() -> Iterator[Finding]:
    """Of those in progress, whether the store knows them."""
    going_on = Upload.settled_at.is_null() & Upload.whole_at.is_null() & (Upload.place != "")
    for upload in visible(Upload, Actor.system()).where(going_on & (Upload.last_at < clock.now() - YOUNG)):
        try:
            files.arriving(upload.key, upload.place)
        except NotFound:
            text = "The store does not know this upload any more: its sender has to begin anew."
            yield Finding("lost", f"upload {upload.id}", text, _ending(upload))


def _ending(upload: Upload) -> Callable[[], None]:
    return lambda: uploads.forget(uploads.acting_for(upload), upload, why="sendbig.file_lost")


def _of_store() -> Iterator[Finding]:
    for key, place in tidying.strangers():
        text = "An upload in progress at the store that no row tells of."
        yield Finding("stranger", key, text, _aborting(key, place))
    for key in _nameless():
        text = "No row of any table names these bytes."
        yield Finding("nameless", key, text, _deleting(key))


def _nameless() -> list[str]:
    """Twice looked at, rows after bytes: what was put while we looked has its row a moment later."""
    suspects = unnamed_files(files.store().keys())
    if suspects:
        time.sleep(PAUSE if files.raw_store().local(suspects[0]) else FAR_PAUSE)
    return [key for key in unnamed_files(suspects) if not _is_young(key)]


def _is_young(key: str) -> bool:
    path = files.raw_store().local(key)
    return path is not None and path.exists() and path.stat().st_mtime > (clock.now() - YOUNG).timestamp()


def _aborting(key: str, place: str) -> Callable[[], None]:
    return lambda: files.abort(key, place)


def _deleting(key: str) -> Callable[[], None]:
    def delete() -> None:
        if unnamed_files([key]):
            files.store().delete(key)

    return delete

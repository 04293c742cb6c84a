"""The verbs of uploads: begin, find, look where one stands, end, and have the whole verified. Bytes: receiving.py.

The address of an upload is the only credential that going on with it takes, since a client that is told 401, 403 or 429
throws away what it knows and begins anew. It is worth this one upload, until it expires.
"""

import fnmatch
import mimetypes
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    NotFound,
    _,
    by_token,
    change,
    clock,
    create,
    enqueue,
    fetch,
    files,
    hash_token,
    new_token,
    remove,
    transaction,
    vault,
    visible,
)
from registry_sendbig import preferences
from registry_sendbig.models import Blob, File, Release, Transfer, Upload
from registry_sendbig.uploads import quotas
from registry_sendbig.uploads.problems import Complete, Gone, Refused

AFTERWARDS = timedelta(days=1)  # how long one that is whole can still be asked for


class Wanted(NamedTuple):
    """What a client says about the file that it is going to send. size None: it will say later."""

    name: str = "file"
    folder: str = ""
    declared_type: str = ""
    size: int | None = None
    sha256: str = ""
    metadata: str = ""
    direct: bool = False  # its parts are to go straight to the store, if that can be


def begin(
    actor: Actor,
    wanted: Wanted,
    *,
    transfer: Transfer | None = None,
    release: Release | None = None,
    partial: bool = False,
) -> tuple[Upload, str]:
    """A new upload into a draft, and the secret of its address. `partial`: no file by itself, but a part for join().

    Raises TooMuch, NoSpace, Refused or Locked before anything has been sent; Conflict when nothing more may be added.
    """  # fmt: skip
    customer_id = transfer.customer_id if transfer else None
    _must_be_welcome(wanted)
    with quotas.one_at_a_time(customer_id), transaction():
        _must_be_open(actor, transfer, release, wanted.size or 0)
        quotas.reserve(customer_id, transfer, wanted.size)
        upload, secret = _written(actor, customer_id, wanted, transfer, release, partial)
    _open_at_store(upload, direct=wanted.direct and wanted.size is not None and preferences.house()["direct_parts"])
    if wanted.size == 0:
        arrived_whole(upload.id)
    return upload, secret


def join(
    actor: Actor,
    wanted: Wanted,
    secrets: Sequence[str],
    concat: str,
    *,
    transfer: Transfer | None = None,
    release: Release | None = None,
) -> tuple[Upload, str]:
    """One file of several parts, in this order. It is put together in the background: all of its bytes are here.

    Raises NotFound for a part that is none of this transfer's, Conflict for one that is not whole yet.
    """  # fmt: skip
    customer_id = transfer.customer_id if transfer else None
    if len(set(secrets)) != len(secrets) or not secrets:
        raise Invalid(_("Name each part once: Upload-Concat: final;<address> <address> ..."), code="concat")
    _must_be_welcome(wanted)
    with quotas.one_at_a_time(customer_id), transaction():
        _must_be_open(actor, transfer, release, 0)
        parts = [_part(secret, transfer, release) for secret in secrets]
        quotas.reserve(customer_id, transfer, 0)
        whole = wanted._replace(size=sum(int(part.size or 0) for part in parts))
        upload, secret = _written(
            actor, customer_id, whole, transfer, release, False, parts=[part.id for part in parts],
            concat=vault().seal(concat),
        )  # fmt: skip
        used = {"settled_at": clock.now(), "expires_at": upload.expires_at}
        Upload.update(used).where(Upload.id.in_(upload.parts)).execute()
        arrived_whole(upload.id)
    return upload, secret


def _part(secret: str, transfer: Transfer | None, release: Release | None) -> Upload:
    found = visible(Upload, Actor.system()).where(Upload.token_hash == hash_token(secret)).first()
    mine = (transfer.id if transfer else None, release.id if release else None)
    if found is None or not found.partial or (found.transfer_id, found.release_id) != mine:
        raise NotFound(_("One of the parts is not known here."))
    if found.whole_at is None or found.settled_at is not None:
        raise Conflict(_("One of the parts has not arrived whole, or was used already."), code="concat")
    return found  # type: ignore[no-any-return]


def _must_be_open(actor: Actor, transfer: Transfer | None, release: Release | None, size: int) -> None:
    if transfer is not None:
        actor.must("sendbig.send", transfer.customer_id)
        from registry_sendbig.transfers import service as transfers

        transfers.may_add(fetch(Transfer, actor, transfer.id, lock=True), size)  # as it is now: it may just be sent
        return
    actor.must("sendbig.release")
    if release is None or release.state == "withdrawn":
        raise Conflict(_("Files are added to a patch or document that is not withdrawn."), code="state")


def _must_be_welcome(wanted: Wanted) -> None:
    """What a name gives away is told at once; what is in the file decides in the end."""
    guessed = mimetypes.guess_type(wanted.name)[0]
    if guessed and not welcome(guessed, said=True):
        raise Refused(_("Files of the type %(type)s are not accepted here.", type=guessed))


def welcome(media_type: str, *, said: bool = False) -> bool:
    """Whether the operator lets content of this type in. `said`: it is only what the name says, which may be another
    word for what is allowed."""
    chosen = preferences.house()
    refused, allowed = (chosen[name].split() for name in ("refused_types", "allowed_types"))
    if any(fnmatch.fnmatchcase(media_type, each.lower()) for each in refused):
        return False
    return said or not allowed or any(fnmatch.fnmatchcase(media_type, each.lower()) for each in allowed)


def _written(
    actor: Actor,
    customer_id: int | None,
    wanted: Wanted,
    transfer: Transfer | None,
    release: Release | None,
    partial: bool,
    **more: Any,
) -> tuple[Upload, str]:
    secret, file = new_token(), None
    if not partial:
        described = {
            "customer_id": customer_id, "transfer": transfer, "release": release, "name": wanted.name,
            "folder": wanted.folder, "declared_type": wanted.declared_type[:100], "size": wanted.size,
            "wanted_sha256": wanted.sha256,
        }  # fmt: skip
        file = create(actor, File, described, "sendbig.file_begun")
    upload = Upload.create(
        customer_id=customer_id, file=file, transfer=transfer, release=release, token_hash=hash_token(secret),
        key=files.new_key(customer_id), size=wanted.size, partial=partial, metadata=wanted.metadata,
        made_by=actor.name[:255], made_by_id=actor.user_id, expires_at=expiry(), **more,
    )  # fmt: skip
    return upload, secret


def expiry() -> datetime:
    """When an upload that somebody goes on with now will be thrown away."""
    return clock.now() + timedelta(days=preferences.house()["upload_days"])


def _open_at_store(upload: Upload, *, direct: bool) -> None:
    """Outside of the transaction, since the store may be a network away. What it does not take is not begun."""
    try:
        upload.place = files.begin(upload.key, upload.size, direct=direct)
    except BaseException:
        forget(acting_for(upload), upload)
        raise
    Upload.update(place=upload.place).where(Upload.id == upload.id).execute()


def at(secret: str) -> Upload:
    """The upload at this address. Raises NotFound, and Gone when it has expired."""
    found = by_token(Upload, secret)
    if found.expires_at < clock.now():
        raise Gone()
    return found  # type: ignore[no-any-return]


def again(upload_id: int) -> Upload:
    """The row as it is now. Raises Gone when it was ended meanwhile."""
    found = visible(Upload, Actor.system()).where(Upload.id == upload_id).first()
    if found is None:
        raise Gone()
    return found  # type: ignore[no-any-return]


def file_of(upload: Upload) -> File:
    """As it is now."""
    return fetch(File, acting_for(upload), upload.file_id)  # type: ignore[no-any-return]


def transfer_of(upload: Upload) -> Transfer | None:
    return fetch(Transfer, acting_for(upload), upload.transfer_id) if upload.transfer_id else None


def acting_for(upload: Upload) -> Actor:
    """The system, at the customer alone, under the name of whoever began the upload."""
    return Actor.system(upload.customer_id, name=upload.made_by)


def arrived_whole(upload_id: int) -> None:
    """The last byte is here: it is verified in the background. Once, whoever notices it first."""
    with transaction():
        now = clock.now()
        values = {"whole_at": now, "last_at": now, "arrived": Upload.size, "stop_asked_at": None}
        if not Upload.update(values).where((Upload.id == upload_id) & Upload.whole_at.is_null()).execute():
            return
        upload = again(upload_id)
        if upload.file_id:
            told = {"state": "checking", "size": upload.size}
            change(acting_for(upload), file_of(upload), told, "sendbig.file_arrived", version=ANY_VERSION)
            enqueue("sendbig.settle", upload_id=upload.id)


def end(upload: Upload) -> None:
    """The sender does not want it any more: its bytes and its file are thrown away. Raises Complete when it is part of
    something that was sent already."""
    upload = again(upload.id)
    if upload.partial and upload.settled_at is not None and upload.key:
        raise Complete()  # a file is about to be put together from it
    if upload.settled_at is not None and upload.file_id:
        transfer = transfer_of(upload)
        if file_of(upload).state == "kept" and (transfer is None or transfer.state != "draft"):
            raise Complete()
    forget(acting_for(upload), upload)


def forget(actor: Actor, upload: Upload, *, why: str = "sendbig.file_ended") -> None:
    """Its file, then its bytes, then its row: whoever is killed in between leaves a row that tidying goes on with."""
    file, transfer = file_of(upload) if upload.file_id else None, transfer_of(upload)
    missed = why != "sendbig.file_ended" and transfer is not None and transfer.state == "checking"
    with transaction():
        values = {"file": None, "settled_at": clock.now(), "expires_at": clock.now()}
        Upload.update(values).where(Upload.id == upload.id).execute()
        if file is not None and missed:
            _say_missing(actor, file, why)
        elif file is not None:
            remove(actor, file, why, version=ANY_VERSION)
    discard(upload)
    Upload.delete().where(Upload.id == upload.id).execute()
    if file is not None and transfer is not None and not missed:
        from registry_sendbig.transfers import service as transfers

        transfers.file_gone(actor, transfer)


def _say_missing(actor: Actor, file: File, why: str) -> None:
    """Of what was sent while this was on its way, the rest does not leave as if it were all: its sender decides."""
    told = {"state": "refused", "refusal": "unfinished", "refusal_told": _("It never arrived whole.")}
    change(actor, file, told, why, version=ANY_VERSION)
    enqueue("sendbig.file_settled", file_id=file.id)


def discard(upload: Upload) -> None:
    """The bytes, wherever they are on their way; never those of a blob."""
    if not upload.key:
        return
    if not visible(Blob, Actor.system()).where(Blob.key == upload.key).exists():
        if upload.place:
            files.abort(upload.key, upload.place)
        files.store().delete(upload.key)
    Upload.update(key="", place="").where(Upload.id == upload.id).execute()


def refused(actor: Actor, upload: Upload, code: str, text: str) -> None:
    """The whole file cannot be kept: its bytes go at once. Outside of a transaction."""
    with transaction():
        Upload.update(settled_at=clock.now()).where(Upload.id == upload.id).execute()
        told = {"state": "refused", "refusal": code, "refusal_told": text}
        change(actor, file_of(upload), told, "sendbig.file_refused", version=ANY_VERSION)
        enqueue("sendbig.file_settled", file_id=upload.file_id)
    discard(upload)

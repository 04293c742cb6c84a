"""Verbs about the files of a unit: add, fetch, remove. What happens to them stands in the history of the unit."""

import mimetypes
import re
from typing import IO

from peewee import IntegrityError

from registry.actions import Action
from registry.assets.models import FILE_KINDS, Asset, AssetFile
from registry.assets.service import get_asset
from registry.kernel import files
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.codes import Codes
from registry.kernel.db import problem_of, transaction
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.logs import log
from registry.kernel.writing import note

MOST_FILES = 200  # of one unit
_TYPES = mimetypes.MimeTypes(filenames=())  # the same on every machine, whatever lies in /etc


def add_file(actor: Actor, asset_id: int, stream: IO[bytes], *, name: str, kind: str = "other") -> AssetFile:
    """Keep what `stream` brings. `name` is what people call the file, `kind` one of FILE_KINDS.

    Raises Invalid for an empty file or an unknown kind, Conflict when the unit has as many as it may have.
    """
    asset = get_asset(actor, asset_id)
    actor.must("asset.edit", asset.customer_id)
    if kind not in FILE_KINDS:
        raise Invalid.field("kind", _("Choose one of: %(known)s.", known=Codes(tuple(FILE_KINDS), "kind")))
    _check_room(actor, asset)
    kept = files.store().put(files.new_key(asset.customer_id), stream)
    try:
        if not kept.size:
            raise Invalid.field("file", _("This file is empty: choose another one."))
        return _written(actor, asset, kept, tidy_name(name), kind)
    except BaseException:
        files.store().delete(kept.key)
        raise


def _check_room(actor: Actor, asset: Asset) -> None:
    if visible(AssetFile, actor).where(AssetFile.asset == asset.id).count() >= MOST_FILES:
        raise Conflict(
            _("A unit holds %(most_files)s files at most; remove one first.", most_files=MOST_FILES),
            code="too_many_files",
        )


def _written(actor: Actor, asset: Asset, kept: files.Kept, name: str, kind: str) -> AssetFile:
    try:
        with transaction():
            row = AssetFile.create(
                customer_id=asset.customer_id, asset=asset.id, name=name, kind=kind, media_type=media_type_of(name),
                size=kept.size, sha256=kept.sha256, file_key=kept.key, added_by=actor.name,
            )  # fmt: skip
            note(actor, Action.ASSET_FILE_ADDED, asset, after=_told(row))
            return row
    except IntegrityError as error:  # the unit was removed meanwhile
        raise problem_of(error) from error


def _told(row: AssetFile) -> dict[str, object]:
    return {"file": row.id, "name": row.name, "kind": row.kind, "size": row.size, "sha256": row.sha256}


def get_file(actor: Actor, asset_id: int, file_id: int) -> AssetFile:
    """A file of this very unit, or NotFound."""
    row: AssetFile = fetch(AssetFile, actor, file_id)
    actor.must("asset.view", row.customer_id)
    if row.asset_id != asset_id:
        raise NotFound()
    return row


def remove_file(actor: Actor, asset_id: int, file_id: int) -> None:
    """For good. The unit's history keeps its name and SHA-256."""
    row = get_file(actor, asset_id, file_id)
    actor.must("asset.edit", row.customer_id)
    with transaction():
        if not AssetFile.delete().where(AssetFile.id == row.id).execute():
            raise NotFound()
        note(actor, Action.ASSET_FILE_REMOVED, get_asset(actor, asset_id), before=_told(row))
    try:
        files.store().delete(row.file_key)
    except Exception as error:  # nobody can reach it any more; it goes with the customer's other files at the latest
        log.warning("file_left_behind", key=row.file_key, error=type(error).__name__)


def tidy_name(given: str) -> str:
    """A name as people gave it, in any script, without folders and without what cannot be seen; never a path."""
    name = "".join(char for char in re.split(r"[/\\]", given)[-1] if char.isprintable()).strip()
    return (name if name.strip(".") else "")[-255:] or "file"


def media_type_of(name: str) -> str:
    """By its name alone: what the sender says of it is his word only."""
    return (_TYPES.guess_type(name, strict=True)[0] or "application/octet-stream")[:128]

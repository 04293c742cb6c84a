"""What an upload left open: modules that are no assets become some, or are said to be one that is here already."""

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import IntegrityError, fn

from registry.actions import Action
from registry.assets.models import Asset
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import problem_of, transaction
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import _
from registry.kernel.writing import note
from registry.optics.given import Given
from registry.optics.models import Optic, OpticBatch, OpticReading
from registry.optics.taking import MOST_TOLD, Upload, answer, find, keep_found, stop_if_wrong
from registry.optics.verdicts.judging import LOUDNESS
from registry.optics.waiting import read, written

MOST_NAMED = 50  # serial numbers in an entry of the audit chain


def get_batch(actor: Actor, batch_id: int) -> OpticBatch:
    row: OpticBatch = fetch(OpticBatch, actor, batch_id)
    actor.must("asset.view", row.customer_id)
    return row


def register_waiting(actor: Actor, batch_id: int, items: Sequence[int] | None = None) -> dict[str, Any]:
    """Make assets of the modules of an upload that were none, and take in their readings, which were kept.

    `items`: the numbers of those meant, as its `unknown` has them; None: all. Answers as take() does, about these.
    """
    batch = get_batch(actor, batch_id)
    actor.must("optic.read", batch.customer_id)
    actor.must("asset.edit", batch.customer_id)
    return _settled(actor, batch_id, items, register=True)


def attach_waiting(actor: Actor, batch_id: int, item: int, asset: int | str) -> dict[str, Any]:
    """Say which asset a module of an upload is: its readings, which were kept, are that asset's from now on."""
    batch = get_batch(actor, batch_id)
    actor.must("optic.read", batch.customer_id)
    try:
        return _settled(actor, batch_id, [item], asset=asset)
    except Invalid as error:
        raise _about_asset(error) from None


def forget_waiting(actor: Actor, batch_id: int, items: Sequence[int] | None = None) -> int:
    """Throw away the readings of modules of an upload that are no assets, and shall not become any. How many readings.

    `items`: the numbers of those meant, as its `unknown` has them; None: all.
    """
    batch = get_batch(actor, batch_id)
    actor.must("optic.read", batch.customer_id)
    actor.must("asset.edit", batch.customer_id)
    with transaction():
        batch = fetch(OpticBatch, actor, batch_id, lock=True)
        kept = read(batch.waiting)
        chosen = [one for one in kept if items is None or one[0] in items]
        _check(kept, chosen, items)
        numbers = {number for number, _item in chosen}
        unknown = [] if items is None else [one for one in batch.unknown if one["item"] not in numbers]
        waiting = written([one for one in kept if one[0] not in numbers])
        OpticBatch.update(unknown=unknown, waiting=waiting).where(OpticBatch.id == batch.id).execute()
        told = sorted({item.module.serial for _number, item in chosen if item.module.serial})[:MOST_NAMED]
        before = {"name": batch.label, "readings": len(chosen), "modules": len(numbers), "serial": ", ".join(told)}
        note(actor, Action.OPTIC_FORGOTTEN, batch, before=before)
    return len(chosen)


def _about_asset(error: Invalid) -> Invalid:
    """All items are one module's: what is wrong with the first is said of the asset that was chosen."""
    items = error.errors.get("items", {})
    if not isinstance(items, Mapping):  # it is not waiting
        return Invalid.field("item", " ".join(items))
    texts = next(iter(items.values()), None)
    if not isinstance(texts, Mapping):
        return error
    found = next(iter(texts.values()))
    return Invalid.field("asset", found if isinstance(found, str) else " ".join(found))


def _settled(
    actor: Actor, batch_id: int, items: Sequence[int] | None, *, register: bool = False, asset: int | str | None = None
) -> dict[str, Any]:
    try:
        with transaction():
            batch = fetch(OpticBatch, actor, batch_id, lock=True)
            kept = read(batch.waiting)
            chosen = [one for one in kept if items is None or one[0] in items]
            _check(kept, chosen, items)
            return _taken(actor, batch, kept, chosen, register, asset)
    except IntegrityError as error:
        raise problem_of(error) from error


def _check(kept: Sequence[Any], chosen: Sequence[Any], items: Sequence[int] | None) -> None:
    if not kept:
        raise Conflict(_("Nothing of this upload is waiting any more."))
    if set(items or ()) - {number for number, _item in chosen}:
        raise Invalid.field("items", _("This module is not waiting any more: look at the upload again."))


def _taken(
    actor: Actor, batch: OpticBatch, kept: Sequence[tuple[int, Given]], chosen: Sequence[tuple[int, Given]],
    register: bool, asset: int | str | None,
) -> dict[str, Any]:  # fmt: skip
    numbers = [number for number, _item in chosen]
    given = [Given(item.module, item.at, item.host, asset) for _number, item in chosen]
    upload = Upload(actor, customer_by(actor, batch.customer_id), given, register, clock.now())
    find(upload)
    stop_if_wrong(upload)
    stored = keep_found(upload, batch)
    left = [(numbers[at], item) for at, item in upload.left]
    waiting = [one for one in kept if one[0] not in set(numbers)] + left
    for told in upload.told.values():
        told["item"] = numbers[told["item"]]
    _write(batch, upload, stored, waiting, set(numbers))
    after = {"source": "page", "name": batch.label, "modules": len(given), "registered": len(upload.made)}
    after |= {"stored": stored.stored, "repeated": stored.repeated, "unknown": len(upload.unknown)}
    note(actor, Action.OPTIC_READ, batch, after=after)
    return answer(upload, batch, stored)


def _write(batch: OpticBatch, upload: Upload, stored: Any, waiting: Any, settled: set[int]) -> None:
    unknown = [one for one in batch.unknown if one["item"] not in settled] + upload.unknown
    row = {
        "stored": batch.stored + stored.stored, "repeated": batch.repeated + stored.repeated,
        "registered": batch.registered + len(upload.made), "waiting": written(waiting),
        "unknown": sorted(unknown, key=lambda one: one["item"])[:MOST_TOLD],
    }  # fmt: skip
    OpticBatch.update(**row).where(OpticBatch.id == batch.id).execute()


# --- What came of it -----------------------------------------------------------------------------------------


def modules_of(actor: Actor, batch: OpticBatch, most: int = 200) -> list[dict[str, Any]]:
    """The modules whose readings this upload brought, the loudest first: {id, asset_id, tag, vendor, part_number,
    serial, host, port, readings, said, verdict, claimable}. `said`: by its loudest reading of this upload alone;
    `verdict`: the conclusion as it stands today."""
    columns = (
        Optic.id, Optic.asset_id, Asset.tag, Optic.vendor, Optic.part_number, Optic.serial, Optic.host, Optic.port,
        Optic.verdict, Optic.claimable,
    )  # fmt: skip
    loudest = fn.MAX(OpticReading.verdict)
    mine = (OpticReading.customer_id == batch.customer_id) & (OpticReading.batch_id == batch.id)
    joined = (OpticReading.optic_id == Optic.id) & (OpticReading.customer_id == Optic.customer_id)
    query = visible(Optic, actor, *columns, fn.COUNT(OpticReading.id).alias("readings"), loudest.alias("said"))
    query = query.join(OpticReading, on=joined).switch(Optic).join(Asset).where(mine)
    rows = query.group_by(*columns).order_by(loudest.desc(), Optic.host, Optic.port, Optic.id).limit(most).dicts()
    return [{**row, "asset_id": row.pop("asset"), "said": LOUDNESS[row["said"]]} for row in rows]

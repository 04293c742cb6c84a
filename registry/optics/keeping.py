"""What an upload leaves behind: modules, their memory, readings and places. Written many at a time, past the ORM."""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from registry.kernel import bulk
from registry.kernel.access import Actor, visible
from registry.optics import matching, packing
from registry.optics.decoder.naming import clean
from registry.optics.decoder.records import Module
from registry.optics.given import Given
from registry.optics.models import LANES, Optic, OpticBatch, OpticImage, OpticPlace, OpticReading
from registry.optics.verdicts.judging import LOUDNESS, findings_of, judge

HOUSE = Actor.system()
DETAILS = ("standard", "oui", "revision", "date_code", "wavelength_nm", "connector")
COLUMNS = (
    "customer_id", "optic_id", "batch_id", "at", "end", "admin_up", "oper_up", "temperature", "voltage",
    *(f"lane_{which}" for which in range(1, LANES + 1)), "further", "signs", "broken", "verdict",
)  # fmt: skip
IDENTITY_DIFFERS, ALTERED = "identity_differs", "memory_changed"
FIRST_ENDS = ("", "1", "A")
STAYING = frozenset({IDENTITY_DIFFERS, ALTERED})
Pair = tuple[Optic, Given]


@dataclass(slots=True)
class Kept:
    stored: int = 0
    repeated: int = 0
    optics: list[Optic] = field(default_factory=list)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def link(customer_id: int, asset_id: int, module: Module, *, differs: bool) -> Optic:
    """An asset is this module from now on. `differs`: its record says something else, which stays as it is."""
    made: Optic = Optic.create(
        customer_id=customer_id, asset=asset_id, key=matching.digest_of(module),
        vendor=clean(module.vendor)[:255], part_number=clean(module.part_number)[:255],
        serial=matching.serial_of(module)[:255], details=_details(module),
        findings=[IDENTITY_DIFFERS] if differs else [],
    )  # fmt: skip
    return made


def _details(module: Module) -> dict[str, Any]:
    found = {name: getattr(module, name) for name in DETAILS}
    return {name: value for name, value in found.items() if value not in (None, "")}


def keep(batch: OpticBatch, pairs: Sequence[Pair]) -> Kept:
    """Store what is new of these readings; `optics` of the answer has each module once, brought up to date."""
    kept = Kept(optics=_locked({optic.id: optic for optic, _item in pairs}))
    here = {optic.id: optic for optic in kept.optics}
    fresh = _fresh([(here[optic.id], item) for optic, item in pairs], kept)
    fresh.sort(key=lambda pair: (pair[1].at, pair[0].id))
    latest = {(optic.id, item.module.cable_end[:1]): item for optic, item in fresh}
    _images(batch, here, latest)
    for optic, item in fresh:
        _update(optic, item)
    _places(batch.customer_id, here, fresh)
    bulk.insert_rows("optic_reading", COLUMNS, [_row(batch, optic, item) for optic, item in fresh])
    kept.stored = len(fresh)
    return kept


def _locked(found: Mapping[int, Optic]) -> list[Optic]:
    """The rows as they are now, in one order: two uploads about the same modules come one after the other."""
    rows: list[Optic] = []
    for some in matching.in_steps(sorted(found)):
        query = visible(Optic, HOUSE).where(Optic.id.in_(some)).order_by(Optic.id)
        rows += list(query.for_update() if Optic._meta.database.for_update else query)
    return rows


def _fresh(pairs: Sequence[Pair], kept: Kept) -> list[Pair]:
    """Those that are not here yet: the same reading may be sent again."""
    times: dict[int, set[int]] = defaultdict(set)
    for optic, item in pairs:
        times[optic.id].add(_at(item))
    there = _there(pairs[0][0].customer_id, times) if pairs else set()
    found = []
    for optic, item in pairs:
        mark = (optic.id, _at(item), item.module.cable_end[:1])
        if mark in there:
            kept.repeated += 1
            continue
        there.add(mark)
        found.append((optic, item))
    return found


def _there(customer_id: int, times: Mapping[int, set[int]]) -> set[tuple[int, int, str]]:
    """Which readings of these modules and times are here: asked for many at once, where they were taken at once."""
    alike: dict[frozenset[int], list[int]] = defaultdict(list)
    for optic_id, wanted in times.items():
        alike[frozenset(wanted)].append(optic_id)
    found = set()
    for moments, optics in alike.items():
        for some in matching.in_steps(optics):
            mine = (OpticReading.customer_id == customer_id) & OpticReading.optic_id.in_(some)
            query = visible(OpticReading, HOUSE, OpticReading.optic_id, OpticReading.at, OpticReading.end)
            rows = query.where(mine & OpticReading.at.between(min(moments), max(moments))).tuples()
            found |= {row for row in rows if row[1] in moments}
    return found


def _at(item: Given) -> int:
    return seconds(item.at or datetime.now(UTC))


def _row(batch: OpticBatch, optic: Optic, item: Given) -> tuple[Any, ...]:
    values = packing.packed(item.module, LANES)
    further = values.pop("further")
    ready = {
        **values, "customer_id": batch.customer_id, "optic_id": optic.id, "batch_id": batch.id, "at": _at(item),
        "further": json.dumps(further) if further else None,
        "verdict": LOUDNESS.index(judge(item.module)[0]),
    }  # fmt: skip
    return tuple(ready.get(name) for name in COLUMNS)


# --- What is known of the module itself ----------------------------------------------------------------------


def _update(optic: Any, item: Given) -> None:
    """What the reading tells of its module, if it is the newest; identity is filled in, never overwritten."""
    module = item.module
    details = _details(module)
    differing = any(optic.details.get(name, value) != value for name, value in details.items() if name != "standard")
    optic.details = {**details, **optic.details}
    optic.form_factor = optic.form_factor or module.form_factor[:32]
    optic.media = optic.media or module.media[:16]
    late = item.at is not None and optic.last_at is not None and item.at < optic.last_at
    if module.dom is not None and not (late and optic.dom is not None):
        optic.dom = module.dom
    optic.lanes = max([optic.lanes, *(lane.lane for lane in module.lanes if lane.in_use is not False)])
    _limits(optic, module, late)
    staying = (STAYING & set(optic.findings)) | ({IDENTITY_DIFFERS} if differing else set())
    if item.at is None:
        return
    if optic.last_at is None or item.at >= optic.last_at:
        optic.findings = sorted({*findings_of(module), *staying})
        optic.last_at = item.at
    else:
        optic.findings = sorted({*optic.findings, *staying})
    optic.first_at = item.at if optic.first_at is None or item.at < optic.first_at else optic.first_at


def _limits(optic: Optic, module: Module, late: bool) -> None:
    """The module's own memory is exact; what a switch prints is rounded, and counts until the memory was read. What
    comes late, of a time before the newest reading, only fills in."""
    limits, memory = packing.limits_data(module.limits), module.raw is not None
    if limits and (memory or not optic.from_memory):
        fills = late and optic.from_memory == memory
        optic.limits = {**limits, **optic.limits} if fills else {**optic.limits, **limits}
        optic.from_memory = optic.from_memory or memory


def _images(batch: OpticBatch, here: Mapping[int, Optic], latest: Mapping[tuple[int, str], Given]) -> None:
    for (optic_id, end), item in latest.items():
        if item.module.raw:
            _image(batch, here[optic_id], end, item)


def _image(batch: OpticBatch, optic: Optic, end: str, item: Given) -> None:
    module = item.module
    raw, digest = module.raw or b"", _fixed(module)
    mine = (OpticImage.optic == optic.id) & (OpticImage.end == end)
    there = list(visible(OpticImage, HOUSE, OpticImage.id, OpticImage.digest, OpticImage.at).where(mine))
    values = {
        "data": base64.b64encode(raw).decode(), "size": len(raw), "at": item.at, "source": batch.source,
        "name": batch.name, "findings": list(module.findings),
        "checksums": [[one.name, one.stored, one.computed] for one in module.checksums],
    }  # fmt: skip
    same = {row.digest: row for row in there}.get(digest)
    if same is None:
        owner = {"customer_id": batch.customer_id, "optic": optic.id, "end": end, "digest": digest}
        OpticImage.create(**owner, **values, first_at=item.at)
        if there:
            optic.findings = sorted({*optic.findings, ALTERED})
    elif item.at is not None and same.at <= item.at:
        OpticImage.update(**values).where(OpticImage.id == same.id).execute()


def _fixed(module: Module) -> str:
    """SHA-256 of what does not change while a module works: identity, limits, sums over its memory."""
    sums = [(one.name, one.stored, one.computed) for one in module.checksums if one.name != "CC_DMI"]
    known = (module.vendor, module.part_number, module.serial, sorted(_details(module).items()), sums)
    limits = sorted(packing.limits_data(module.limits).items())
    return hashlib.sha256(repr((known, limits)).encode("utf-8", "replace")).hexdigest()


# --- Where it sits -------------------------------------------------------------------------------------------


def _places(customer_id: int, here: Mapping[int, Optic], fresh: Sequence[Pair]) -> None:
    seats = {(optic.host, optic.port): optic for optic in here.values() if optic.port}
    for optic, item in fresh:
        port, end = item.module.port.name, item.module.cable_end[:1]
        if not port or item.at is None or (optic.placed_at is not None and item.at < optic.placed_at):
            continue
        if _was_at(optic, end) != (item.host, port):
            _move(customer_id, optic, item)
            before = seats.get((item.host, port))
            if before is not None and before.id != optic.id and item.host:
                before.host = before.port = ""
            if end in FIRST_ENDS or not optic.port:
                optic.host, optic.port = item.host, port
                seats[item.host, port] = optic
        optic.placed_at = item.at


def _was_at(optic: Optic, end: str) -> tuple[str, str]:
    """A cable is in two places, of which the module's row tells the first."""
    if not end:
        return (optic.host, optic.port)
    mine = (OpticPlace.optic == optic.id) & (OpticPlace.end == end) & OpticPlace.until.is_null()
    row = visible(OpticPlace, HOUSE).where(mine).first()
    return (row.host, row.port) if row else ("", "")


def _move(customer_id: int, optic: Optic, item: Given) -> None:
    """Whatever sat there before is nowhere known from now on. A port of no named device is nobody's but its own."""
    end, at, port = item.module.cable_end[:1], item.at, item.module.port.name
    over = (OpticPlace.optic == optic.id) & (OpticPlace.end == end)
    if item.host:
        over |= (OpticPlace.customer_id == customer_id) & (OpticPlace.host == item.host) & (OpticPlace.port == port)
        gone = (Optic.customer_id == customer_id) & (Optic.host == item.host) & (Optic.port == port)
        Optic.update(host="", port="").where(gone & (Optic.id != optic.id)).execute()
    OpticPlace.update(until=at).where(over & OpticPlace.until.is_null()).execute()
    OpticPlace.create(customer_id=customer_id, optic=optic.id, end=end, host=item.host, port=port, since=at)

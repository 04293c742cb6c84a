"""The chain of custody of each line: rows that nobody changes, each bound to the one before by its hash.

What is hashed means the same in every installation: no ids and no keys of the file store, of a photo its SHA-256.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from registry.sdk import Actor, Conflict, _, clock, visible
from registry_rma.machine import FIRST, STATES
from registry_rma.models import Custody, Line

GENESIS = "0" * 64
HASHED = (
    "number", "at", "device_at", "who", "role", "serial", "start", "state", "place_from", "place_to", "spot", "reason",
    "details", "photo_sha256", "key",
)  # fmt: skip


class Photo(NamedTuple):
    """A photo that is in the file store already."""

    key: str
    sha256: str


class Verified(NamedTuple):
    """Whether the chain is whole; `broken` is the number of the first row that does not fit, or is missing."""

    whole: bool
    rows: int
    broken: int | None = None


def digest(code: str, previous: str, row: Mapping[str, Any]) -> str:
    """SHA-256 over the line's code, the hash before, and every column of HASHED, as canonical JSON."""
    told = {name: _plain(row[name]) for name in HASHED}
    text = json.dumps([code, previous, told], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def rows_of(actor: Actor, line: Line) -> list[Custody]:
    return list(visible(Custody, actor).where(Custody.line == line.id).order_by(Custody.number))


def place_of(rows: Sequence[Custody], serial: str, first: str) -> str:
    """Where the unit with that serial number is; `first` while the chain does not speak of it."""
    return next((row.place_to for row in reversed(rows) if row.serial == serial), first)


def known(actor: Actor, line: Line, key: str) -> Custody | None:
    """What was written under this idempotency key. Raises Conflict when it was about another unit."""
    found = visible(Custody, actor).where((Custody.customer_id == line.customer_id) & (Custody.key == key)).first()
    if found is not None and found.line_id != line.id:
        raise Conflict(_("This key was used for another unit. Send a new one."), code="key_used")
    return found  # type: ignore[no-any-return]


def write(actor: Actor, line: Line, values: Mapping[str, Any]) -> Custody:
    """Add a row. Inside of the transaction of the move, with the line locked.

    values: role, serial, start, state, place_from, place_to, and maybe device_at, spot, reason, details, photo, key.
    Raises Conflict when the unit is not where it would be taken from: no unit is in two places.
    """
    rows = rows_of(actor, line)
    there = place_of(rows, values["serial"], values["place_from"])
    if there != values["place_from"]:
        raise Conflict(
            _("By the custody record this unit is somewhere else. Look at the record first."), code="elsewhere"
        )
    photo = values.get("photo")
    row = {
        "number": len(rows) + 1, "at": clock.now(), "device_at": values.get("device_at"), "who": actor.name,
        "role": values["role"], "serial": values["serial"], "start": values["start"], "state": values["state"],
        "place_from": values["place_from"], "place_to": values["place_to"], "spot": values.get("spot") or "",
        "reason": values.get("reason") or "", "details": dict(values.get("details") or {}),
        "photo_sha256": photo.sha256 if photo else "", "key": values.get("key") or secrets.token_hex(16),
    }  # fmt: skip
    previous = rows[-1].hash if rows else GENESIS
    return Custody.create(  # type: ignore[no-any-return]
        customer_id=line.customer_id, line=line.id, photo_key=photo.key if photo else None, previous=previous,
        hash=digest(line.code, previous, row), **row,
    )  # fmt: skip


def verify(actor: Actor, line: Line) -> Verified:
    """Whether every row is as it was written, and follows on the one before, with the unit where that left it; and
    whether the last of them brought the line to where it is now, so that none was cut off."""
    rows, previous, places = rows_of(actor, line), GENESIS, dict[str, str]()
    for number, row in enumerate(rows, 1):
        as_written = {name: getattr(row, name) for name in HASHED}
        fits = row.number == number and row.previous == previous and row.hash == digest(line.code, previous, as_written)
        if not fits or places.get(row.serial, row.place_from) != row.place_from:
            return Verified(False, len(rows), number)
        previous, places[row.serial] = row.hash, row.place_to
    if next((row.state for row in reversed(rows) if row.state in STATES), FIRST) != line.state:
        return Verified(False, len(rows), len(rows) + 1)
    return Verified(True, len(rows))

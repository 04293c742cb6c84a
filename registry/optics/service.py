"""Verbs about optics beside taking readings in: looking at one, its baseline, and proofs on record."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import Case, fn

from registry.actions import Action
from registry.kernel import access, clock
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.writing import ANY_VERSION, change, create, note
from registry.optics import packing
from registry.optics.concluding import conclude_on, effective_limits, module_of
from registry.optics.decoder.records import Module
from registry.optics.keeping import moment, seconds
from registry.optics.models import LANES, Optic, OpticImage, OpticPlace, OpticProof, OpticReading
from registry.optics.profiles import profile_of
from registry.optics.showing import measured
from registry.optics.verdicts.saying import said
from registry.optics.verdicts.states import states_of

access.declare(
    Permission("optic.read", "Send in readings of optics"),
    Permission("optic.edit", "Keep baselines, profiles and proofs of optics"),
)
BASELINE = ("at", "temperature", "voltage", "further", *(f"lane_{which}" for which in range(1, LANES + 1)))


def get_optic(actor: Actor, optic_id: int) -> Optic:
    row: Optic = fetch(Optic, actor, optic_id)
    actor.must("asset.view", row.customer_id)
    return row


def optic_of(actor: Actor, asset_id: int) -> Optic | None:
    """What is known of an asset as a module; None before its first reading."""
    row: Optic | None = visible(Optic, actor.where("asset.view")).where(Optic.asset == asset_id).first()
    return row


def counts(actor: Actor, customer_id: int) -> dict[str, tuple[int, int]]:
    """Conclusion -> (modules of the customer, of them those whose readings carry a claim)."""
    carried = fn.SUM(Case(None, [(Optic.claimable, 1)], 0))
    query = visible(Optic, actor.where("asset.view"), Optic.verdict, fn.COUNT(Optic.id), carried)
    rows = query.where(Optic.customer_id == customer_id).group_by(Optic.verdict).tuples()
    return {verdict: (count, int(claimable)) for verdict, count, claimable in rows}


def whole(actor: Actor, optic_id: int) -> dict[str, Any]:
    """Everything a page of a module needs: what it is, where it sits, the newest reading of each end with limits and
    states, the conclusion with its reasons in the language of the moment, baseline, proofs and places."""
    optic = get_optic(actor, optic_id)
    limits = effective_limits(optic, profile_of(optic))
    return {
        "id": optic.id, "asset_id": optic.asset_id, "customer_id": optic.customer_id,
        **{name: getattr(optic, name) for name in (
            "vendor", "part_number", "serial", "form_factor", "media", "details", "dom", "findings", "host", "port",
            "placed_at", "first_at", "last_at", "verdict", "claimable", "since", "concluded_at")},
        "reasons": said(optic.reasons), "advice": said(optic.advice),
        "limits": packing.limits_data(limits), "own_limits": optic.limits,
        "now": [_now(row, module_of(row, optic, limits)) for row in newest(optic)],
        "baseline": {end: _baseline_told(kept) for end, kept in optic.baseline.items()},
        "proofs": proofs_of(actor, optic), "places": places_of(actor, optic),
    }  # fmt: skip


def newest(optic: Optic) -> list[dict[str, Any]]:
    """The newest reading, of each end where there are two."""
    mine = (OpticReading.customer_id == optic.customer_id) & (OpticReading.optic_id == optic.id)
    query = visible(OpticReading, Actor.system(optic.customer_id)).where(mine).order_by(OpticReading.at.desc())
    if optic.media == "optical":
        return list(query.limit(1).dicts())
    ends = [end for (end,) in query.order_by().select(OpticReading.end).distinct().tuples()]
    return [row for end in sorted(ends) for row in query.where(OpticReading.end == end).limit(1).dicts()]


def _now(row: Mapping[str, Any], module: Module) -> dict[str, Any]:
    return {
        "at": moment(row["at"]), "end": row["end"], "admin_up": row["admin_up"], "oper_up": row["oper_up"],
        **measured(module), "states": states_of(module),
    }  # fmt: skip


def _baseline_told(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": moment(kept["at"]), **measured(packing.unpacked(kept, LANES))}


def proofs_of(actor: Actor, optic: Optic) -> list[dict[str, Any]]:
    names = ("id", "kind", "at", "module_failed", "note", "recorded_by")
    rows = visible(OpticProof, actor).where(OpticProof.optic == optic.id).order_by(OpticProof.at, OpticProof.id)
    return [{name: getattr(row, name) for name in names} for row in rows]


def places_of(actor: Actor, optic: Optic, most: int = 50) -> list[dict[str, Any]]:
    """Newest first."""
    rows = visible(OpticPlace, actor).where(OpticPlace.optic == optic.id).order_by(OpticPlace.id.desc()).limit(most)
    return [{name: getattr(row, name) for name in ("host", "port", "since", "until")} for row in rows]


def images_of(actor: Actor, optic_id: int) -> list[dict[str, Any]]:
    """The module's memory as it was read, newest first; more than one of an end: it was altered in between."""
    optic = get_optic(actor, optic_id)
    names = ("id", "end", "first_at", "at", "source", "name", "size", "checksums", "findings")
    rows = visible(OpticImage, actor).where(OpticImage.optic == optic.id).order_by(OpticImage.id.desc()).limit(50)
    return [
        {**{name: getattr(row, name) for name in names}, "memory": base64.b64decode(row.data).hex()} for row in rows
    ]


def image_of(actor: Actor, optic_id: int, image_id: int) -> OpticImage:
    row: OpticImage = fetch(OpticImage, actor, image_id)
    if row.optic_id != get_optic(actor, optic_id).id:
        raise NotFound()
    return row


def image_before(actor: Actor, image: OpticImage) -> OpticImage | None:
    """What the same memory was before it was altered; None for the first one."""
    same = (OpticImage.optic == image.optic_id) & (OpticImage.end == image.end) & (OpticImage.id < image.id)
    row: OpticImage | None = visible(OpticImage, actor).where(same).order_by(OpticImage.id.desc()).first()
    return row


# --- Baseline and proofs -------------------------------------------------------------------------------------


def set_baseline(actor: Actor, optic_id: int, at: datetime | None = None, end: str = "") -> Optic:
    """The reading at that time (default: the newest) is how the module was when it was put into service. A copy of it
    is kept, so that it outlives the reading."""
    optic = get_optic(actor, optic_id)
    actor.must("optic.edit", optic.customer_id)
    wanted = (OpticReading.customer_id == optic.customer_id) & (OpticReading.optic_id == optic.id)
    wanted &= OpticReading.end == end
    if at is not None:
        wanted &= OpticReading.at == seconds(at)
    row = visible(OpticReading, actor).where(wanted).order_by(OpticReading.at.desc()).dicts().first()
    if row is None:
        raise Invalid.field("at", _("There is no reading of that moment. Leave it out for the newest one."))
    if row["broken"] or row["verdict"] is None or row["lane_1"] is None:
        raise Invalid.field("at", _("This reading measures no light: choose another one."))
    kept = {name: row[name] for name in BASELINE if row[name] is not None}
    with transaction():
        optic = fetch(Optic, actor, optic_id, lock=True)  # two ends of a cable may be set at once
        change(
            actor, optic, {"baseline": {**optic.baseline, end: kept}}, Action.OPTIC_BASELINE_SET, version=ANY_VERSION
        )
        return conclude_on(actor, optic)


def record_proof(actor: Actor, optic_id: int, values: Mapping[str, Any]) -> OpticProof:
    """values: kind (loopback, swap, cleaned), and maybe at (default: now), module_failed, note."""
    optic = get_optic(actor, optic_id)
    actor.must("optic.edit", optic.customer_id)
    at, cleaned = values.get("at") or clock.now(), values["kind"] == "cleaned"
    if at > clock.now():
        raise Invalid.field("at", _("This moment has not come yet."))
    if not cleaned and values.get("module_failed") is None:
        raise Invalid.field("module_failed", _("Say whether the test points at this module."))
    row = {
        "customer_id": optic.customer_id, "optic": optic.id, "kind": values["kind"], "at": at,
        "module_failed": not cleaned and bool(values.get("module_failed")), "note": values.get("note") or "",
        "recorded_by": actor.name,
    }  # fmt: skip
    with transaction():
        made = create(actor, OpticProof, row, Action.OPTIC_PROVED)
        conclude_on(actor, optic)
    return made


def remove_proof(actor: Actor, optic_id: int, proof_id: int) -> None:
    """Take back what was recorded by mistake. The audit chain keeps it."""
    row: OpticProof = fetch(OpticProof, actor, proof_id)
    optic = get_optic(actor, optic_id)
    if row.optic_id != optic.id:
        raise NotFound()
    actor.must("optic.edit", row.customer_id)
    with transaction():
        told = {"kind": row.kind, "at": row.at.isoformat(), "module_failed": row.module_failed, "note": row.note}
        note(actor, Action.OPTIC_PROOF_REMOVED, optic, before=told)
        OpticProof.delete().where(OpticProof.id == row.id).execute()
        conclude_on(actor, optic)

"""The standing conclusion of a module, brought up to date whenever something comes that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.events import emit
from registry.optics import packing
from registry.optics.decoder.records import Limits, Module
from registry.optics.keeping import moment
from registry.optics.matching import in_steps
from registry.optics.models import LANES, Optic, OpticProof, OpticReading
from registry.optics.profiles import Profile, profile_of
from registry.optics.verdicts.judging import LOUDNESS, judge
from registry.optics.verdicts.persistence import Conclusion, Note, Proof, Reading, conclude
from registry.optics.verdicts.saying import data_of
from registry.optics.verdicts.states import usable

HOUSE = Actor.system()
MOST = 1000  # readings that a conclusion looks at
BESIDES = 5  # readings beside those that are needed, however old
# For these a single reading says all that a series would.
ALONE = frozenset({"within_spec", "environment", "receiver_overload"})
UNPROVEN = ALONE | {"link_or_far_end", "clean_and_retest"}  # likewise, while no proof is on record
SILENT = LOUDNESS.index("no_dom")
QUIET = ("within_spec", "no_dom")  # a first conclusion that nobody needs to be told of
KEPT = (
    "form_factor", "media", "details", "dom", "lanes", "limits", "from_memory", "findings", "host", "port", "placed_at",
    "baseline", "first_at", "last_at", "verdict", "claimable", "reasons", "advice", "since", "concluded_at",
)  # fmt: skip


def conclude_on(actor: Actor, optic: Optic) -> Optic:
    """Conclude anew, store the row, and tell (`optic.concluded`) if verdict or claim have changed. In the caller's
    transaction, on the row as it is now: an upload may have changed it since it was looked up."""
    now: Optic = fetch(Optic, HOUSE, optic.id, lock=True)
    return _conclude(actor, now, profile_of(now), _proofs([now.id]).get(now.id, []))


def conclude_all(actor: Actor, optics: Sequence[Optic]) -> None:
    """The same of many, as after an upload: what they have in common is looked up once."""
    proofs: dict[int, list[Proof]] = {}
    for some in in_steps([optic.id for optic in optics]):
        proofs |= _proofs(some)
    profiles: dict[tuple[Any, ...], Profile] = {}
    for optic in optics:
        kind = (optic.customer_id, optic.vendor, optic.part_number)
        if kind not in profiles:
            profiles[kind] = profile_of(optic)
        _conclude(actor, optic, profiles[kind], proofs.get(optic.id, []))


def _conclude(actor: Actor, optic: Optic, profile: Profile, proofs: Sequence[Proof]) -> Optic:
    before = (optic.verdict, optic.claimable) if optic.concluded_at else None
    told = conclusion_of(optic, profile, proofs)
    now = clock.now()
    if before is None or told.verdict != optic.verdict:
        optic.since = optic.last_at or now
    optic.verdict, optic.claimable, optic.concluded_at = told.verdict, told.claimable, now
    optic.reasons, optic.advice = data_of(told.reasons), data_of(told.advice)
    Optic.update({getattr(Optic, name): getattr(optic, name) for name in KEPT}).where(Optic.id == optic.id).execute()
    if before != (told.verdict, told.claimable) and (before is not None or told.verdict not in QUIET):
        payload = {"asset": optic.asset_id, "verdict": told.verdict, "claimable": told.claimable,
                   "before": before[0] if before else None}  # fmt: skip
        emit(Action.OPTIC_CONCLUDED, optic.customer_id, "optic", optic.id, payload)
    return optic


def conclusion_of(optic: Optic, profile: Profile, proofs: Sequence[Proof]) -> Conclusion:
    """Of the two ends of a cable the louder one counts."""
    found = [_of_end(optic, end, profile, proofs) for end in ends_of(optic)]
    if not found:
        return conclude([])
    return max(found, key=lambda one: (one.claimable, LOUDNESS.index(one.verdict)))


def ends_of(optic: Optic) -> list[str]:
    query = visible(OpticReading, HOUSE, OpticReading.end).where(_mine(optic))
    return sorted(end for (end,) in query.distinct().tuples()) if optic.media != "optical" else [""]


def _of_end(optic: Optic, end: str, profile: Profile, proofs: Sequence[Proof]) -> Conclusion:
    said: dict[str, Any] = {
        "baseline": baseline_of(optic, end), "needed": profile.needed, "hours": profile.hours, "proofs": proofs,
    }  # fmt: skip
    found = conclude(series_of(optic, end, profile, proofs), **said)
    if any(reason.code == "not_persistent" for reason in found.reasons):  # it may have begun before
        found = conclude(_whole(optic, end, effective_limits(optic, profile)), **said)
    if not found.claimable or profile.claims == profile.limits:
        return found
    ours = effective_limits(optic, profile._replace(limits=profile.claims))
    if conclude(_whole(optic, end, ours), **said).claimable:
        return found
    return replace(found, claimable=False, reasons=(*found.reasons, Note("own_limits")))


def _whole(optic: Optic, end: str, limits: Mapping[str, Limits]) -> list[Reading]:
    return [reading_of(row, optic, limits) for row in _rows(optic, end, MOST)]


def series_of(optic: Optic, end: str, profile: Profile, proofs: Sequence[Proof] = ()) -> list[Reading]:
    """The readings that a conclusion rests on: the newest where it says all, else as far back as could matter."""
    limits = effective_limits(optic, profile)
    newest = _rows(optic, end, 1)
    if not newest:
        return []
    first = reading_of(newest[0], optic, limits)
    verdict, _reasons = judge(first.module, baseline=baseline_of(optic, end))
    if verdict in (ALONE if proofs else UNPROVEN):
        return [first]
    back = max(profile.hours * 2, 48)
    since = newest[0]["at"] - int(timedelta(hours=back).total_seconds())
    rows = _rows(optic, end, MOST, since)
    least = profile.needed + BESIDES
    if len(rows) < least:
        rows = _rows(optic, end, least)
    return [reading_of(row, optic, limits) for row in rows]


def _mine(optic: Optic) -> Any:
    return (OpticReading.customer_id == optic.customer_id) & (OpticReading.optic_id == optic.id)


def _rows(optic: Optic, end: str, most: int, since: int = 0) -> list[dict[str, Any]]:
    """Newest first; of those that measure something, where there are any. Beside `most` never an older one: a run that
    is cut off is quieter than it might be, not louder."""
    wanted = _mine(optic) & (OpticReading.end == end) & (OpticReading.at >= since)
    query = visible(OpticReading, HOUSE).order_by(OpticReading.at.desc()).limit(most)
    return list(query.where(wanted & (OpticReading.verdict != SILENT)).dicts()) or list(query.where(wanted).dicts())


def reading_of(row: Mapping[str, Any], optic: Optic, limits: Mapping[str, Limits]) -> Reading:
    return Reading(moment(row["at"]), module_of(row, optic, limits))


def module_of(row: Mapping[str, Any], optic: Optic, limits: Mapping[str, Limits]) -> Module:
    return packing.unpacked(row, LANES, dom=optic.dom, media=optic.media, limits=limits)


def effective_limits(optic: Optic, profile: Profile) -> dict[str, Limits]:
    """The module's own limits; those of its profile where it gives none that could be true."""
    found = packing.limits_in(optic.limits)
    for name, limits in packing.limits_in(profile.limits).items():
        if name not in found or usable(found[name]) is None:
            found[name] = limits
    return found


def baseline_of(optic: Optic, end: str) -> Module | None:
    kept = optic.baseline.get(end)
    return packing.unpacked({**kept, "end": end}, LANES) if kept else None


def _proofs(optics: Sequence[int]) -> dict[Any, list[Proof]]:
    """What is on record of each of these modules, in order of time."""
    rows = visible(OpticProof, HOUSE).where(OpticProof.optic.in_(optics)).order_by(OpticProof.at, OpticProof.id)
    found: dict[Any, list[Proof]] = {}
    for row in rows:
        found.setdefault(row.optic_id, []).append(Proof(row.kind, row.at, row.module_failed))
    return found


def first_and_last(optic: Optic) -> tuple[int | None, int | None]:
    """When its readings begin and end, in seconds since 1970."""
    query = visible(OpticReading, HOUSE, fn.MIN(OpticReading.at), fn.MAX(OpticReading.at)).where(_mine(optic))
    found: tuple[int | None, int | None] = query.tuples().get()
    return found

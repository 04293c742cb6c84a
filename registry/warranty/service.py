"""Verbs about warranties: start, extend, void, transfer; and what is owed on a unit."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from registry.actions import Action
from registry.assets.models import Asset
from registry.assets.service import asset_by
from registry.customers.service import today_of
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.codes import Codes
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, Problem
from registry.kernel.language import _
from registry.kernel.writing import ANY_VERSION, change, create
from registry.licences.models import Licence
from registry.licences.service import licence_by
from registry.warranty.coverage import CoverageSpan, after_repair, extend, materialise, transfer
from registry.warranty.models import Coverage, TermsVersion, Warranty, WarrantyChange
from registry.warranty.periods import Period
from registry.warranty.spans import as_json, spans_of, write_spans
from registry.warranty.terms import TermsBody
from registry.warranty.terms_service import body_of, terms_by
from registry.warranty.vocabulary import KINDS

access.declare(
    Permission("warranty.edit", "Give, extend, void and transfer warranties", customer=False),
    Permission("decision.record", "Record which remedy was chosen and who pays", customer=False),
)

BASIS_DATES = {
    "delivery": "delivered_on",
    "acceptance": "accepted_on",
    "launch": "launched_on",
    "purchase": "purchased_on",
    "registration": "registered_on",
}
Subject = Asset | Licence


def get_warranty(actor: Actor, warranty_id: int) -> Warranty:
    return fetch(Warranty, actor, warranty_id)


def subject_of(actor: Actor, values: Mapping[str, Any]) -> Subject:
    """The one asset or licence that a request names."""
    asset, licence = values.get("asset"), values.get("licence")
    if (asset is None) == (licence is None):
        raise Invalid.field("asset", _("Name one asset or one licence."))
    if asset is not None:
        return asset_by(actor, asset)
    return licence_by(actor, licence or "")


def start_warranty(actor: Actor, values: Mapping[str, Any]) -> Warranty:
    """Give terms to a unit. values: asset or licence, terms, and maybe starts_on, basis, kind, contract, note.

    Without `starts_on` it starts on the unit's date that the basis names; if that is not known yet, the
    warranty waits for it. Raises Invalid naming the field.
    """
    subject = subject_of(actor, values)
    actor.must("warranty.edit", subject.customer_id)
    version = terms_by(actor, values["terms"], customer_id=subject.customer_id)
    body = body_of(version)
    basis, starts_on = _start(subject, body, values.get("basis"), values.get("starts_on"))
    kind = _kind(values.get("kind") or "manufacturer", body, basis)
    row = {
        "customer_id": subject.customer_id,
        **_owner(subject),
        "kind": kind,
        "terms_version": version.id,
        "basis": basis,
        "starts_on": starts_on,
        "contract": values.get("contract") or "",
        "note": values.get("note") or "",
    }
    with transaction():
        warranty = create(actor, Warranty, row, Action.WARRANTY_STARTED)
        write_spans(actor, warranty, materialised(starts_on, body, kind))
    return warranty


def start_many(actor: Actor, assets: Sequence[int], values: Mapping[str, Any]) -> list[Warranty]:
    """The same terms for many assets, all or nothing. Raises Invalid with errors per place in the list."""
    problems: dict[str, Any] = {}
    made = []
    with transaction():
        for number, asset in enumerate(assets):
            try:
                with transaction():
                    made.append(start_warranty(actor, {**values, "asset": asset}))
            except Problem as problem:
                problems[str(number)] = problem.errors or {"asset": [problem.message]}
        if problems:
            raise Invalid(_("No warranty was given: some assets cannot have it."), errors=problems)
    return made


def _kind(kind: str, body: TermsBody, basis: str) -> str:
    if kind not in KINDS:
        raise Invalid.field("kind", _("Choose one of: %(known)s.", known=Codes(tuple(KINDS), "kind")))
    if kind == "after_repair" and body.repair_warranty is None:
        raise Invalid.field("kind", _("These terms give no warranty on a repair."))
    if kind == "after_repair" and basis != "given":
        raise Invalid.field("starts_on", _("Give the day of the repair."))
    return kind


def _owner(subject: Subject) -> dict[str, int | None]:
    asset = isinstance(subject, Asset)
    return {"asset": subject.id if asset else None, "licence": None if asset else subject.id}


def _start(subject: Subject, body: TermsBody, basis: str | None, given: date | None) -> tuple[str, date | None]:
    if given is not None:
        if basis not in (None, "given"):
            raise Invalid.field("basis", _("With starts_on the basis is given; leave one of the two out."))
        return "given", given
    chosen = basis or body.start_basis
    if chosen == "given":
        raise Invalid.field("starts_on", _("These terms start on a date given: give starts_on."))
    return chosen, getattr(subject, BASIS_DATES[chosen])


def materialised(starts_on: date | None, body: TermsBody, kind: str = "manufacturer") -> list[CoverageSpan]:
    """What the terms promise from that day: after a repair only what they say about repairs."""
    if starts_on is None:
        return []
    try:
        return after_repair(starts_on, body) if kind == "after_repair" else materialise(starts_on, body)
    except ValueError as error:
        raise Invalid.field("starts_on", str(error)) from None


def extend_warranty(
    actor: Actor,
    warranty_id: int,
    *,
    by: Period | date,
    remedies: Sequence[str] | None,
    reason: str,
    version: int | None,
) -> Warranty:
    """Longer, by a period or through a date; never shorter. The old ends stay in the history."""
    warranty, old = _started(actor, warranty_id)
    field = "until" if isinstance(by, date) else "by"
    if set(remedies or ()) - {span.remedy for span in old}:
        field = "remedies"
    try:
        new = extend(old, by, remedies)
    except ValueError as error:
        raise Invalid.field(field, str(error)) from None
    if new == old:
        raise Invalid.field("until", _("That is not later than what is covered already."))
    return _rewrite(actor, warranty, Action.WARRANTY_EXTENDED, "extended", old, new, reason, version, {})


def void_warranty(actor: Actor, warranty_id: int, *, on: date | None, reason: str, version: int | None) -> Warranty:
    """No longer valid from `on` (today without); what was covered before stays covered."""
    warranty = _open(actor, warranty_id)
    values = {"void_on": on or today_of(actor, warranty.customer_id), "void_reason": reason}
    spans = spans_of(actor, warranty)
    return _rewrite(actor, warranty, Action.WARRANTY_VOIDED, "voided", spans, spans, reason, version, values)


def transfer_warranty(
    actor: Actor, warranty_id: int, *, asset: int | str, on: date | None, reason: str, version: int | None
) -> Warranty:
    """Move it to the unit that replaces this one, by the rule of its terms. Answers the new unit's warranty."""
    warranty, old = _started(actor, warranty_id)
    if warranty.asset_id is None:
        raise Invalid.field("asset", _("Only the warranty of an asset can move to another one."))
    target = asset_by(actor, asset, customer_id=warranty.customer_id)
    if target.id == warranty.asset_id:
        raise Invalid.field("asset", _("Name the unit that replaces this one."))
    day = on or today_of(actor, warranty.customer_id)
    moved = _moved(actor, warranty, old, day)
    with transaction():
        _rewrite(
            actor, warranty, Action.WARRANTY_TRANSFERRED, "transferred", old, old,
            reason or f"replaced by {target.label}", version, {"closed_on": day}, {"moved_to": target.id},
        )  # fmt: skip
        row = {
            "customer_id": warranty.customer_id, "asset": target.id, "licence": None, "kind": "inherited",
            "terms_version": warranty.terms_version_id, "basis": "given", "starts_on": day, "origin": warranty.id,
            "contract": warranty.contract,
        }  # fmt: skip
        made = create(actor, Warranty, row, Action.WARRANTY_STARTED)
        write_spans(actor, made, moved)
    return made


def _moved(actor: Actor, warranty: Warranty, old: Sequence[CoverageSpan], day: date) -> list[CoverageSpan]:
    """What the replacement unit gets. The warranty on a repair is never renewed: its terms speak of the whole unit."""
    body = body_of(_version(actor, warranty))
    rule = "remaining" if warranty.kind == "after_repair" else body.replacement.rule
    try:
        moved = transfer(old, day, rule, body.replacement.days, body)
    except ValueError as error:
        raise Invalid.field("on", str(error)) from None
    if not moved:
        raise Invalid.field("on", _("Nothing of this warranty is left on %(day)s, so nothing can move.", day=day))
    return moved


def redate(actor: Actor, subject: Subject) -> None:
    """A key date of the unit was set or corrected: warranties that start with it follow, with history.

    Those that were extended, voided or moved stay as they were: what was decided on them was decided. A date that
    a running warranty counts from is moved by who may give warranties, and nobody else. Raises Forbidden.
    """
    owner = Warranty.asset if isinstance(subject, Asset) else Warranty.licence
    still = owner == subject.id, Warranty.void_on.is_null(), Warranty.closed_on.is_null(), Warranty.basis != "given"
    for warranty in list(visible(Warranty, actor).where(*still)):
        starts_on = getattr(subject, BASIS_DATES[warranty.basis])
        if starts_on == warranty.starts_on or _was_changed(actor, warranty):
            continue
        if warranty.starts_on is not None and not actor.can("warranty.edit", warranty.customer_id):
            name = BASIS_DATES[warranty.basis]
            text = _("A warranty counts from this date already; ask the operator to correct it.")
            raise Forbidden(text, code="warranty_counts", errors={name: [text]})
        old = spans_of(actor, warranty)
        new = materialised(starts_on, body_of(_version(actor, warranty)))
        _rewrite(
            actor, warranty, Action.WARRANTY_REDATED, "redated", old, new, f"{BASIS_DATES[warranty.basis]} changed",
            ANY_VERSION, {"starts_on": starts_on},
        )  # fmt: skip


def _was_changed(actor: Actor, warranty: Warranty) -> bool:
    kinds = WarrantyChange.kind != "redated"
    return bool(visible(WarrantyChange, actor).where((WarrantyChange.warranty == warranty.id) & kinds).exists())


def _open(actor: Actor, warranty_id: int) -> Warranty:
    warranty = get_warranty(actor, warranty_id)
    actor.must("warranty.edit", warranty.customer_id)
    if warranty.void_on is not None:
        raise Conflict(_("This warranty is void."), code="void")
    if warranty.closed_on is not None:
        raise Conflict(_("This warranty has moved to another unit."), code="transferred")
    return warranty


def _started(actor: Actor, warranty_id: int) -> tuple[Warranty, list[CoverageSpan]]:
    warranty = _open(actor, warranty_id)
    spans = spans_of(actor, warranty)
    if not spans:
        raise Conflict(_("This warranty has not started yet: set the date that it waits for."), code="not_started")
    return warranty, spans


def _version(actor: Actor, warranty: Warranty) -> TermsVersion:
    return visible(TermsVersion, actor).where(TermsVersion.id == warranty.terms_version_id).get()


def _rewrite(
    actor: Actor,
    warranty: Warranty,
    action: str,
    kind: str,
    old: Sequence[CoverageSpan],
    new: Sequence[CoverageSpan],
    reason: str,
    version: int | None,
    values: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> Warranty:
    """Change the warranty and its coverages together, and keep what they were; `more` is for the history alone."""
    with transaction():
        change(actor, warranty, values, action, version=version, parts=(as_json(old), as_json(new)))
        write_spans(actor, warranty, new)
        WarrantyChange.create(
            customer_id=warranty.customer_id, warranty=warranty.id, kind=kind, actor_name=actor.name, reason=reason,
            before=as_json(old), after={"spans": as_json(new), **_written(values), **(more or {})},
        )  # fmt: skip
    return warranty


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def details(actor: Actor, warranty_id: int) -> dict[str, Any]:
    """The coverages of a warranty with what holds of each, its history, and what it waits for."""
    warranty = get_warranty(actor, warranty_id)
    coverages = visible(Coverage, actor).where(Coverage.warranty == warranty.id).order_by(Coverage.position)
    changes = visible(WarrantyChange, actor).where(WarrantyChange.warranty == warranty.id)
    return {
        "waiting_for": BASIS_DATES.get(warranty.basis) if warranty.starts_on is None else None,
        "coverages": [
            {"remedy": c.remedy, "starts_on": c.starts_on, "ends_on": c.ends_on, "holds_until": c.holds_until}
            for c in coverages
        ],
        "history": [
            {"kind": c.kind, "at": c.at, "by": c.actor_name, "reason": c.reason, "before": c.before, "after": c.after}
            for c in changes.order_by(WarrantyChange.id)
        ],
    }

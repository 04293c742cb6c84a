"""Verbs about codes: issue, claim, replace, revoke, and make free ones in advance. The only writer of their table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peewee import fn

from registry.actions import Action
from registry.assets.models import Asset
from registry.assets.service import get_asset
from registry.customers.models import Customer
from registry.kernel import access, audit, clock, events
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.bulk import insert_rows
from registry.kernel.db import reserve_ids, transaction
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.prepared import Kept, loaded
from registry.kernel.writing import change, create
from registry.labels.codes import grouped, new_code, read
from registry.labels.models import LabelCode

access.declare(
    Permission("label.print", "Print labels"),
    Permission("label.edit", "Put labels on units: claim, replace and revoke their codes, link barcodes"),
    Permission("label.batch", "Print labels in advance, before it is known for which units"),
)
_texts: Kept = {}
MOST = 2000  # codes made at once
STEP = 500  # ids in one statement
_COLUMNS = ("id", "customer_id", "code", "state", "asset_id", "batch", "reason", "version", "created_at", "changed_at")


def get_label(actor: Actor, label_id: int) -> LabelCode:
    """A free code of the house is the operator's alone to know of."""
    row: LabelCode = fetch(LabelCode, actor, label_id)
    if row.customer_id is None and not actor.is_operator:
        raise NotFound()
    return row


def label_of(actor: Actor, asset: Asset) -> LabelCode | None:
    """The code that is on the unit now."""

    def write(scope: Actor, asset_id: int) -> Any:
        return visible(LabelCode, scope).where((LabelCode.asset == asset_id) & (LabelCode.state == "active"))

    return next(iter(loaded(LabelCode, _texts, "active", actor, [asset.id], write)), None)


def issue(actor: Actor, asset_id: int) -> LabelCode:
    """A code for a unit that has none. Raises Conflict for one that has: that one is replaced."""
    asset = get_asset(actor, asset_id)
    actor.must("label.print", asset.customer_id)
    with transaction():
        _must_be_bare(actor, asset)
        return _issued(actor, asset)


def _issued(actor: Actor, asset: Asset) -> LabelCode:
    values = {"code": new_code(), "state": "active", "asset": asset.id, "customer_id": asset.customer_id}
    return create(actor, LabelCode, values, Action.LABEL_ISSUED)


def _must_be_bare(actor: Actor, asset: Asset) -> None:
    known = label_of(actor, asset)
    if known is not None:
        raise Conflict(
            _("This unit has the label %(code)s already: replace that one, or revoke it.", code=known.label),
            code="has_label",
        )


def codes_for(actor: Actor, assets: Sequence[Asset]) -> dict[int, LabelCode]:
    """The code of each unit, made where there was none: asset id -> code. To print is the right it takes."""
    for customer_id in {asset.customer_id for asset in assets}:
        actor.must("label.print", customer_id)
    with transaction():
        found = active_codes(actor, [asset.id for asset in assets])
        bare = {asset.id: asset for asset in assets if asset.id not in found}
        if bare:
            _issue_many(actor, list(bare.values()))
            found |= active_codes(actor, list(bare))
        return found


def active_codes(actor: Actor, ids: Sequence[int]) -> dict[int, LabelCode]:
    """The code that is on each of these units now: asset id -> code."""
    found = {}
    for start in range(0, len(ids), STEP):
        mine = LabelCode.asset.in_(ids[start : start + STEP])
        for row in visible(LabelCode, actor).where(mine & (LabelCode.state == "active")):
            found[row.asset_id] = row
    return found


def _issue_many(actor: Actor, assets: Sequence[Asset]) -> None:
    made = _insert([(asset.customer_id, "active", asset.id, None) for asset in assets])
    by_customer: dict[int, list[audit.Entry]] = {}
    for asset, (label_id, code) in zip(assets, made, strict=True):
        after = {"code": code, "state": "active", "asset": asset.id}
        entry = audit.Entry(Action.LABEL_ISSUED, "label_code", label_id, grouped(code), None, after, None)
        by_customer.setdefault(asset.customer_id, []).append(entry)
        events.emit(Action.LABEL_ISSUED, asset.customer_id, "label_code", label_id)
    for customer_id, entries in by_customer.items():
        audit.record(actor, customer_id, entries)


def _insert(rows: Sequence[tuple[int | None, str, int | None, str | None]]) -> list[tuple[int, str]]:
    """Rows of (customer, state, asset, batch), each with a code of its own; answers (id, code) of each."""
    now = LabelCode.created_at.db_value(clock.now())
    made = [(label_id, new_code()) for label_id in reserve_ids("label_code", len(rows))]
    insert_rows(
        "label_code",
        _COLUMNS,
        [
            (label_id, customer_id, code, state, asset_id, batch, "", 1, now, now)
            for (label_id, code), (customer_id, state, asset_id, batch) in zip(made, rows, strict=True)
        ],
    )
    return made


# --- In advance --------------------------------------------------------------------------------------------


def make_batch(actor: Actor, customer: Customer | None, count: int) -> str:
    """Free codes, for one customer or (None) for the house; answers what the batch is called."""
    actor.must("label.batch", customer.id if customer else None)
    if not 1 <= count <= MOST:
        raise Invalid.field("count", _("Give 1 to %(most)s.", most=f"{MOST:,}"))
    name = f"{clock.today():%Y-%m-%d}-{new_code()[:4]}"
    owner = customer.id if customer else None
    with transaction():
        made = _insert([(owner, "free", None, name)] * count)
        after = {"batch": name, "count": count}
        entry = audit.Entry(Action.LABEL_BATCH_MADE, "label_code", made[0][0], name, None, after, None)
        audit.record(actor, owner, [entry])
        events.emit(Action.LABEL_BATCH_MADE, owner, "label_code", made[0][0], after)
    return name


def free_codes(actor: Actor, customer: Customer | None, batch: str) -> list[LabelCode]:
    """Those of a batch that are on no unit yet, in the order in which they were made."""
    owner = LabelCode.customer_id.is_null() if customer is None else LabelCode.customer_id == customer.id
    actor.must("label.batch", customer.id if customer else None)
    mine = owner & (LabelCode.batch == batch) & (LabelCode.state == "free")
    return list(visible(LabelCode, actor).where(mine).order_by(LabelCode.id).limit(MOST))


# --- On a unit ---------------------------------------------------------------------------------------------


def claimable(actor: Actor, text: str) -> LabelCode:
    """The free code that somebody holds in his hand. Raises Invalid for whatever is none that he may use."""
    code = read(text)
    row = visible(LabelCode, actor).where(LabelCode.code == code).first() if code else None
    if row is None or (row.customer_id is None and not actor.is_operator):
        raise Invalid.field("code", _("This is no label code that you can use: type it as it stands on the label."))
    if row.state != "free":
        raise Conflict(_("The label %(code)s is on a unit already.", code=row.label), code="label_taken")
    return row  # type: ignore[no-any-return]


def claim(actor: Actor, values: Mapping[str, Any]) -> LabelCode:
    """Put a label that was printed in advance on a unit. values: code, asset (its id), and maybe replace: then what the
    unit had leads here from now on.

    A label of one customer goes on his units only; one of the house on anybody's, by the operator's people.
    """
    asset = get_asset(actor, values["asset"])
    actor.must("label.edit", asset.customer_id)
    row = claimable(actor, values["code"])
    if row.customer_id not in (None, asset.customer_id):
        raise Invalid.field("code", _("This label was printed for another customer."))
    with transaction():
        before = label_of(actor, asset)
        if before is not None and not values.get("replace"):
            _must_be_bare(actor, asset)
        if before is not None:
            _free_place(before)
        taken = {"state": "active", "asset": asset.id, "customer_id": asset.customer_id}
        change(actor, row, taken, Action.LABEL_CLAIMED, version=row.version, customer_id=asset.customer_id)
        if before is not None:
            _lead_on(actor, before, row, before.version)
    return row


def claimed(actor: Actor, values: Mapping[str, Any]) -> LabelCode | None:
    """The label of a claim that is on the unit already: a device that got no answer sends what it has kept again."""
    asset = get_asset(actor, values["asset"])
    actor.must("label.edit", asset.customer_id)
    known = label_of(actor, asset)
    return known if known is not None and known.code == read(values["code"]) else None


def reissue(actor: Actor, label_id: int, version: int | None) -> LabelCode:
    """A new code for the unit; the old one leads to it from now on, and so does what led to the old one."""
    row = get_label(actor, label_id)
    actor.must("label.edit", row.customer_id)
    if row.state != "active":
        raise Conflict(_("Only a label that is on a unit can be replaced."), code="not_on_a_unit")
    with transaction():
        _free_place(row)
        made = _issued(actor, get_asset(actor, row.asset_id))
        _lead_on(actor, row, made, version)
    return made


def revoke(actor: Actor, label_id: int, reason: str, version: int | None) -> LabelCode:
    """The label is not to be trusted any more: lost, torn off, copied; or, before it was on a unit, spoilt."""
    row = get_label(actor, label_id)
    actor.must("label.batch" if row.state == "free" else "label.edit", row.customer_id)
    if row.state not in ("free", "active"):
        raise Conflict(_("This label is out of use already."), code="out_of_use")
    return change(actor, row, {"state": "revoked", "reason": reason}, Action.LABEL_REVOKED, version=version)


def _free_place(row: LabelCode) -> None:
    """A unit has one active code: the old one steps back before the new one comes, and is said to lead on after."""
    LabelCode.update(state="revoked").where(LabelCode.id == row.id).execute()


def _lead_on(actor: Actor, old: LabelCode, new: LabelCode, version: int | None) -> None:
    change(actor, old, {"state": "replaced", "replaced_by": new.id}, Action.LABEL_REPLACED, version=version)


def labels_of(actor: Actor, asset_id: int, limit: int = 20) -> list[LabelCode]:
    """All codes that the unit ever had, the present one first."""
    query = visible(LabelCode, actor).where(LabelCode.asset == asset_id)
    return list(query.order_by(LabelCode.id.desc()).limit(limit))


def batches(actor: Actor, customer: Customer | None, limit: int = 50) -> Iterable[dict[str, Any]]:
    """[{batch, made_at, count, free}], the latest first."""
    owner = LabelCode.customer_id.is_null() if customer is None else LabelCode.customer_id == customer.id
    actor.must("label.batch", customer.id if customer else None)
    free = fn.SUM((LabelCode.state == "free").cast("integer"))
    shown = (LabelCode.batch, fn.MIN(LabelCode.created_at), fn.COUNT(LabelCode.id), free)
    query = visible(LabelCode, actor, *shown).where(owner & LabelCode.batch.is_null(False))
    query = query.group_by(LabelCode.batch).order_by(fn.MIN(LabelCode.id).desc()).limit(limit).tuples()
    return [dict(zip(("batch", "made_at", "count", "free"), row, strict=True)) for row in query]

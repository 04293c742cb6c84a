"""Taking readings in: which module each is of, its memory, its values, where it sits; all of an upload or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import IntegrityError

from registry.actions import Action
from registry.assets.models import Asset
from registry.assets.service import asset_by, product_of, register_asset
from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import problem_of, transaction
from registry.kernel.errors import Invalid, Problem
from registry.kernel.language import _
from registry.kernel.writing import note
from registry.optics import keeping, matching
from registry.optics.concluding import conclude_all
from registry.optics.decoder.naming import clean
from registry.optics.decoder.records import Module
from registry.optics.given import MOST, Given
from registry.optics.models import SOURCES, Optic, OpticBatch
from registry.optics.waiting import written
from registry.products.service import create_product

LEEWAY = timedelta(minutes=10)  # clocks of those who send
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST = 255
MOST_TOLD = 1000  # unknown modules of one upload


@dataclass(slots=True)
class Upload:
    """One upload on its way in. `found`: number of an item -> its module here."""

    actor: Actor
    customer: Customer
    items: Sequence[Given]
    register: bool
    now: datetime
    found: dict[int, Optic] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    told: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)  # unknown modules
    left: list[tuple[int, Given]] = field(default_factory=list)  # their readings, by the number in `told`
    problems: dict[str, Any] = field(default_factory=dict)

    @property
    def unknown(self) -> list[dict[str, Any]]:
        return list(self.told.values())


@dataclass(frozen=True, slots=True)
class Beside:
    """What whoever brings readings says of those that do not say it themselves."""

    host: str
    at: datetime
    port: str
    admin_up: bool | None


def take(
    actor: Actor, items: Sequence[Given], *, customer: Any = None, source: str, register: bool = False, host: str = "",
    at: datetime | None = None, port: str = "", admin_up: bool | None = None, name: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Store the readings of `items` and conclude on their modules; all or nothing.

    `host`, `at` (default: now), `admin_up` and, where there is one item only, `port` hold for items without their own.
    `register`: make an asset of each module that is none (takes asset.edit). Answers {batch, modules, stored, repeated,
    registered, unknown [...], items [...]}. Raises Invalid with errors by item number.
    """
    if source not in SOURCES:
        raise ValueError(source)
    owner = customer_by(actor, customer)
    actor.must("optic.read", owner.id)
    if register:
        actor.must("asset.edit", owner.id)
    if not 1 <= len(items) <= MOST:
        raise Invalid.field("items", _("Give 1 to %(most)s items.", most=MOST))
    if port and len(items) > 1:
        raise Invalid.field("port", _("These are several modules, which are not in one port: leave it out."))
    now = clock.now()
    beside = Beside(host, at or now, port, admin_up)
    ready = [_settled(item, beside) for item in items]
    upload = Upload(actor, owner, ready, register, now)
    _check_times(upload)
    try:
        with transaction():
            return _taken(upload, source, name or "", host)
    except IntegrityError as error:
        raise problem_of(error) from error


def _settled(item: Given, beside: Beside) -> Given:
    """With host and time, and a port whose name is one line."""
    own = item.module.port
    up = own.admin_up if own.admin_up is not None or own.oper_up is not None else beside.admin_up
    port = replace(own, name=clean(own.name or beside.port)[:LONGEST], admin_up=up)
    at, host = (item.at or beside.at).astimezone(UTC), clean(item.host or beside.host)[:LONGEST]
    return replace(item, module=replace(item.module, port=port), at=at, host=host)


def _check_times(upload: Upload) -> None:
    for number, item in enumerate(upload.items):
        if item.at is None or not EARLIEST <= item.at <= upload.now + LEEWAY:
            upload.problems[str(number)] = {"at": [_("This moment has not come yet, or lies before the year 2000.")]}
    stop_if_wrong(upload)


def stop_if_wrong(upload: Upload) -> None:
    if upload.problems:
        text = _("Nothing was stored: some items cannot be accepted.")
        raise Invalid(text, errors={"items": upload.problems})


def _taken(upload: Upload, source: str, name: str, host: str) -> dict[str, Any]:
    find(upload)
    stop_if_wrong(upload)
    batch = OpticBatch.create(
        customer_id=upload.customer.id, at=upload.now, source=source, name=name[:LONGEST], host=clean(host)[:LONGEST],
        brought_by=upload.actor.name, modules=len(upload.items), registered=len(upload.made),
        unknown=upload.unknown[:MOST_TOLD], waiting=written(upload.left),
    )  # fmt: skip
    kept = keep_found(upload, batch)
    counts = {"stored": kept.stored, "repeated": kept.repeated}
    OpticBatch.update(**counts).where(OpticBatch.id == batch.id).execute()
    told = {"source": source, "name": name, "modules": len(upload.items), "registered": len(upload.made)}
    note(upload.actor, Action.OPTIC_READ, batch, after={**told, **counts, "unknown": len(upload.unknown)})
    return answer(upload, batch, kept)


def keep_found(upload: Upload, batch: OpticBatch) -> keeping.Kept:
    """Store the readings of all modules that were found, and conclude on each."""
    pairs = [(upload.found[at], item) for at, item in enumerate(upload.items) if at in upload.found]
    kept = keeping.keep(batch, pairs) if pairs else keeping.Kept()
    conclude_all(upload.actor, kept.optics)
    return kept


def answer(upload: Upload, batch: OpticBatch, kept: keeping.Kept) -> dict[str, Any]:
    return {
        "batch": batch.id, "modules": len(upload.items), "stored": kept.stored, "repeated": kept.repeated,
        "registered": len(upload.made), "unknown": upload.unknown,
        "items": [_concluded(upload, optic) for optic in kept.optics],
    }  # fmt: skip


def _concluded(upload: Upload, optic: Optic) -> dict[str, Any]:
    return {
        "id": optic.id, "asset_id": optic.asset_id, "serial": optic.serial, "port": optic.port,
        "verdict": optic.verdict, "claimable": optic.claimable, "registered": optic.id in upload.made,
    }  # fmt: skip


# --- Which module it is ------------------------------------------------------------------------------------


def find(upload: Upload) -> None:
    """The module of each item, whichever way it is known; what is new is linked or registered, or told as unknown."""
    actor, owner = upload.actor, upload.customer.id
    named = {at: item.module for at, item in enumerate(upload.items) if matching.is_named(item.module)}
    digests = {at: matching.digest_of(module) for at, module in named.items()}
    known = matching.known_by_key(actor, owner, digests.values())
    places = matching.known_by_place(
        actor, owner, (item.host for at, item in enumerate(upload.items) if at not in named)
    )
    fresh = [named[at] for at, digest in digests.items() if digest not in known]
    candidates = matching.candidates(actor, owner, fresh) if fresh else {}
    for at, item in enumerate(upload.items):
        digest = digests.get(at)
        optic = known.get(digest) if digest else places.get((item.host, item.module.port.name))
        if item.asset is not None:
            optic = _by_asset(upload, at, item, optic)
        elif optic is None and digest:
            optic = _new(upload, at, item.module, candidates)
        if optic is not None:
            upload.found[at] = optic
            known |= {digest: optic} if digest else {}
        elif digest is None and str(at) not in upload.problems:
            _tell_unknown(upload, at, "no_identity")


def _by_asset(upload: Upload, at: int, item: Given, optic: Optic | None) -> Optic | None:
    """Whoever brings the reading says which asset it is of. What the module says must not contradict that."""
    try:
        asset = asset_by(upload.actor, item.asset or 0, "asset", customer_id=upload.customer.id)
    except Problem as problem:
        upload.problems[str(at)] = problem.errors
        return None
    if asset.kind != "optic":
        upload.problems[str(at)] = {"asset": [_("This asset is no optic.")]}
        return None
    there = matching.known_by_asset(upload.actor, upload.customer.id, [asset.id]).get(asset.id)
    named = matching.is_named(item.module)
    if (named and optic is not None and optic.asset_id != asset.id) or (
        named and there is not None and there.key != matching.digest_of(item.module)
    ):
        text = _("The module in this reading is another one: %(module)s.", module=_label(item.module))
        upload.problems[str(at)] = {"asset": [text]}
        return None
    if there is None and not named:
        upload.problems[str(at)] = {"serial": [_("The first reading of a module tells its serial number.")]}
        return None
    return there or keeping.link(
        upload.customer.id, asset.id, item.module, differs=_differs(upload, asset, item.module)
    )


def _differs(upload: Upload, asset: Asset, module: Module) -> bool:
    """Whether the asset's record says something else than the module that it was said to be."""
    product = product_of(upload.actor, asset)
    known = matching.Candidate(asset.id, asset.kind, asset.serial or "", product.maker, product.part_number)
    return known.differs(module) or known.has_another_serial(module)


def _new(upload: Upload, at: int, module: Module, candidates: dict[str, list[matching.Candidate]]) -> Optic | None:
    near = [one for one in candidates.get(matching.key_of(module)[2], ()) if one.is_this(module)]
    sure = [one for one in near if not one.differs(module)] or near
    if len(sure) == 1:
        candidates[matching.key_of(module)[2]].remove(sure[0])
        return keeping.link(upload.customer.id, sure[0].asset_id, module, differs=sure[0].differs(module))
    if sure:
        _tell_unknown(upload, at, "several_assets")
        return None
    if upload.register:
        return _register(upload, module)
    _tell_unknown(upload, at, "not_registered")
    return None


def _tell_unknown(upload: Upload, at: int, why: str) -> None:
    """Each module once, however many readings of it there are."""
    module = upload.items[at].module
    told = {
        "port": module.port.name, "vendor": clean(module.vendor), "part_number": clean(module.part_number),
        "serial": matching.serial_of(module), "why": why,
    }  # fmt: skip
    mark = tuple(told.values())
    if mark not in upload.told:
        upload.told[mark] = {"item": at, **told, "readings": 0}
    upload.told[mark]["readings"] += 1
    upload.left.append((upload.told[mark]["item"], upload.items[at]))


def _register(upload: Upload, module: Module) -> Optic:
    owner = upload.customer
    product = matching.product_for(upload.actor, owner.id, module)
    if product is None:
        name = clean(module.part_number) or module.form_factor or clean(module.vendor)
        entry = {"kind": "optic", "maker": clean(module.vendor), "name": name, "part_number": clean(module.part_number)}
        product = create_product(upload.actor, entry, owner.id).id
    values = {"customer": owner.id, "product": product, "serial": matching.serial_of(module), "status": "in_use"}
    optic = keeping.link(owner.id, register_asset(upload.actor, values).id, module, differs=False)
    upload.made.add(optic.id)
    return optic


def _label(module: Module) -> str:
    return " ".join(part for part in (clean(module.vendor), clean(module.part_number), clean(module.serial)) if part)

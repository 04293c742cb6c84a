"""Which version a unit runs: said by hand, for many at once, or by the receipt of a patch. What it ran before stands on
the audit chain."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, NamedTuple

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    NotFound,
    _,
    asset_by,
    change,
    clock,
    create,
    get_asset,
    get_licence,
    licence_by,
    remove,
    transaction,
    visible,
)
from registry_sendbig.models import Installed, Receipt
from registry_sendbig.releases import versions
from registry_sendbig.releases.entitled import Offer

MOST_AT_ONCE = 5_000


class Unit(NamedTuple):
    """An asset or a licence, as far as versions go."""

    customer_id: int
    product_id: int
    asset_id: int | None
    licence_id: int | None
    label: str


def unit_of(actor: Actor, *, asset: Any = None, licence: Any = None, customer_id: int | None = None) -> Unit:
    """The unit that a request names: an asset (id, serial or tag) or a licence (id or name). Raises Invalid."""
    if (asset is None) == (licence is None):
        raise Invalid.field("asset", _("Name an asset or a licence: one of them."))
    if asset is not None:
        row = asset_by(actor, asset, customer_id=customer_id)
        return Unit(row.customer_id, row.product_id, row.id, None, str(row.label))
    own = licence_by(actor, licence, customer_id=customer_id)
    return Unit(own.customer_id, own.product_id, None, own.id, str(own.name))


def asset_unit(actor: Actor, asset_id: int) -> Unit:
    """Raises NotFound."""
    row = get_asset(actor, asset_id)
    return Unit(row.customer_id, row.product_id, row.id, None, str(row.label))


def licence_unit(actor: Actor, licence_id: int) -> Unit:
    """Raises NotFound."""
    row = get_licence(actor, licence_id)
    return Unit(row.customer_id, row.product_id, None, row.id, str(row.name))


def known(actor: Actor, unit: Unit) -> Installed | None:
    """What the unit is known to run."""
    mine = Installed.customer_id == unit.customer_id
    same = Installed.asset_id == unit.asset_id if unit.asset_id else Installed.licence_id == unit.licence_id
    found: Installed | None = visible(Installed, actor).where(mine & same).first()
    return found


def record(
    actor: Actor,
    unit: Unit,
    version_name: str,
    *,
    source: str = "",
    release_id: int | None = None,
    version: int | None = ANY_VERSION,
) -> Installed:
    """Write down what the unit runs; said again, nothing changes. `version`: of the row, where somebody has seen one.

    Raises Invalid for what is no version.
    """  # fmt: skip
    actor.must("sendbig.install", unit.customer_id)
    name = " ".join(version_name.split())
    if not versions.sound(name):
        raise Invalid.field("version", _("A version has a letter or a digit, such as 1.10 or 15.2(4)E7."))
    if len(name) > versions.LONGEST:
        raise Invalid.field("version", _("Use at most %(longest)s characters.", longest=versions.LONGEST))
    values = {"version_name": name, "version_rank": versions.key(name)}
    more = {"source": source or actor.name, "known_on": clock.now(), "release_id": release_id}
    with transaction():
        row = known(actor, unit)
        if row is None:
            owner = {"customer_id": unit.customer_id, "asset_id": unit.asset_id, "licence_id": unit.licence_id}
            return create(actor, Installed, {**owner, **values, **more}, "sendbig.version_recorded")
        if row.version_name == name and release_id in (None, row.release_id):
            return row
        return change(actor, row, {**values, **more}, "sendbig.version_recorded", version=version)


def forget(actor: Actor, unit: Unit) -> None:
    """What was written down was wrong, and nobody knows what it runs."""
    actor.must("sendbig.install", unit.customer_id)
    with transaction():
        row = known(actor, unit)
        if row is None:
            raise NotFound()
        remove(actor, row, "sendbig.version_forgotten", version=ANY_VERSION)


def record_many(actor: Actor, customer_id: int, items: Sequence[Mapping[str, Any]], source: str = "") -> int:
    """items: asset or licence, and version. All or nothing; answers how many. Raises Invalid by the item's number."""
    actor.must("sendbig.install", customer_id)
    errors: dict[str, Any] = {}
    with transaction():
        for number, item in enumerate(items):
            try:
                unit = unit_of(actor, asset=item.get("asset"), licence=item.get("licence"), customer_id=customer_id)
                record(actor, unit, item["version"], source=source)
            except Invalid as problem:
                errors[str(number)] = problem.errors
        if errors:
            raise Invalid(errors={"items": errors})
    return len(items)


def from_csv(text: str) -> list[dict[str, Any]]:
    """Lines "serial number or tag, version", with a comma, a semicolon or a tab between; a first line with headings is
    passed over. Raises Invalid naming the line."""
    found, errors = [], {}
    lines = text.replace("\ufeff", "").strip().splitlines()
    if len(lines) > MOST_AT_ONCE:
        raise Invalid.field("csv", _("Send at most %(most)s lines at once.", most=MOST_AT_ONCE))
    mark = next((one for one in ("\t", ";") if lines and one in lines[0]), ",")
    rows = csv.reader(StringIO("\n".join(lines)), delimiter=mark)
    for cells in rows:
        number, cells = rows.line_num, [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and cells[-1].casefold() in ("version", "installed version", "版本")):
            continue
        if any("\n" in cell for cell in cells):  # a quotation mark that is not closed takes in the lines below
            errors[str(number)] = [_("A quotation mark is not closed here, or above.")]
        elif len(cells) != 2 or not all(cells):
            errors[str(number)] = [_("Give the unit and its version, with a comma between them.")]
        else:
            found.append({"asset": cells[0], "version": cells[1]})
    if errors:
        raise Invalid(errors={"csv": errors})
    if not found:
        raise Invalid.field("csv", _("Give at least one line."))
    return found


def confirm(actor: Actor, offer: Offer, unit: Unit) -> Receipt:
    """The receipt: the patch of this offer is on the unit, which runs its version from now on."""
    actor.must("sendbig.install", unit.customer_id)
    release = offer.release
    if release.state != "published" or not release.version_name:
        raise Conflict(_("There is no patch here that could be installed."), code="no_patch")
    if unit.product_id != release.product_id:
        raise Invalid.field("asset", _("%(unit)s is not of the product that this patch is for.", unit=unit.label))
    if not any(file.kind == "patch" for file in offer.files):
        raise Conflict(_("This patch is not offered to you."), code="not_offered")
    with transaction():
        before = known(actor, unit)
        held = before.version_name if before else ""
        if before is not None and before.release_id == release.id and held == release.version_name:
            again = _receipt(actor, unit, release.id)
            if again is not None:
                return again
        record(actor, unit, release.version_name, release_id=release.id)
        values = {
            "customer_id": unit.customer_id, "release": release.id, "asset_id": unit.asset_id,
            "licence_id": unit.licence_id, "unit_label": unit.label, "version_name": release.version_name,
            "version_before": held, "user_id": actor.user_id, "who": actor.name,
        }  # fmt: skip
        return create(actor, Receipt, values, "sendbig.patch_installed")


def _receipt(actor: Actor, unit: Unit, release_id: int) -> Receipt | None:
    mine = (Receipt.customer_id == unit.customer_id) & (Receipt.release == release_id)
    same = Receipt.asset_id == unit.asset_id if unit.asset_id else Receipt.licence_id == unit.licence_id
    found: Receipt | None = visible(Receipt, actor).where(mine & same).order_by(Receipt.id.desc()).first()
    return found

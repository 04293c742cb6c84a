"""Printing labels: which units, what stands on each, and in which form it leaves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, NamedTuple

from registry.actions import Action
from registry.assets.models import Asset
from registry.customers.models import Customer, Site
from registry.imports.service import get_import
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _
from registry.labels import drawing, pictures, zpl
from registry.labels.codes import address
from registry.labels.layout import Layout, lay_out
from registry.labels.own_sheets import sheet_named
from registry.labels.service import active_codes, codes_for, free_codes
from registry.labels.sheets import Sheet
from registry.labels.templates import Subject, Template, lines_of, template_named, usual_for
from registry.products.models import Product

FORMS = ("pdf", "svg", "png", "zpl")
TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png", "zpl": "text/plain; charset=utf-8"}
MOST = 2000  # labels in one file
MOST_COPIES = 20
STEP = 500
SAMPLE = "XXXXXXXXXXXXX"  # what a preview shows of a code that has yet to be made: its check character is wrong


class Printer(NamedTuple):
    """What all labels say of the installation: `base` is its public address."""

    base: str
    operator: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How labels are to come out. `template`: None for what is usual. `start`: the place of the first one on its sheet.
    `dpi`: of a label printer."""

    sheet: Sheet
    template: Template | None = None
    start: int = 1
    copies: int = 1
    text: str = ""
    dpi: int = 300


def wish_of(actor: Actor, customer_id: int | None, values: Mapping[str, Any]) -> Wish:
    """values: sheet, template, start, copies, offset_x, offset_y, text, dpi; as far as given."""
    sheet = sheet_named(actor, customer_id, values.get("sheet") or "L7160")
    start, copies = values.get("start", 1), values.get("copies", 1)
    if not 1 <= start <= sheet.count:
        raise Invalid.field("start", _("A sheet has %(count)s labels: give 1 to %(count)s.", count=sheet.count))
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid.field("copies", _("Give 1 to %(most)s.", most=MOST_COPIES))
    placed = sheet.shifted(values.get("offset_x", 0), values.get("offset_y", 0))
    template = template_named(values["template"]) if values.get("template") else None
    return Wish(placed, template, start, copies, values.get("text", ""), values.get("dpi", 300))


# --- What for --------------------------------------------------------------------------------------------------


def units(actor: Actor, customer: Customer, ids: Sequence[int]) -> list[Asset]:
    """The customer's units, in the order in which they are named. Raises NotFound if one of them is not his."""
    if not 1 <= len(ids) <= MOST:
        raise Invalid.field("assets", _("Name 1 to %(most)s units.", most=f"{MOST:,}"))
    found: dict[int, Asset] = {}
    for start in range(0, len(ids), STEP):
        mine = Asset.id.in_(list(ids[start : start + STEP])) & (Asset.customer_id == customer.id)
        found |= {asset.id: asset for asset in visible(Asset, actor).where(mine)}
    if missing := set(ids) - found.keys():
        raise NotFound() if len(missing) == len(set(ids)) else Invalid.field(
            "assets", _("There is no unit %(id)s.", id=min(missing)))  # fmt: skip
    return [found[asset_id] for asset_id in dict.fromkeys(ids)]


def units_at(actor: Actor, customer: Customer, site_id: int) -> list[int]:
    """Ids of all units at a site, by place."""
    site = fetch(Site, actor, site_id)
    if site.customer_id != customer.id:
        raise NotFound()
    mine = (Asset.site == site.id) & (Asset.customer_id == customer.id)
    return _few(visible(Asset, actor, Asset.id).where(mine).order_by(Asset.place, Asset.id))


def units_of(actor: Actor, customer: Customer) -> list[int]:
    return _few(visible(Asset, actor, Asset.id).where(Asset.customer_id == customer.id).order_by(Asset.id))


def units_from(actor: Actor, customer: Customer, session_id: int) -> list[int]:
    """Ids of the units that an import brought and that are still there."""
    session = get_import(actor, session_id)
    if session.customer_id != customer.id:
        raise NotFound()
    made = AuditEntry.select(AuditEntry.object_id).where(
        (AuditEntry.batch_id == session.id) & (AuditEntry.customer_id == customer.id)
        & (AuditEntry.object_type == "asset") & (AuditEntry.action == Action.ASSET_CREATED)
    )  # fmt: skip
    mine = (Asset.customer_id == customer.id) & Asset.id.in_(made)
    return _few(visible(Asset, actor, Asset.id).where(mine).order_by(Asset.id))


def _few(query: Any) -> list[int]:
    found = [row[0] for row in query.limit(MOST + 1).tuples()]
    if len(found) > MOST:
        raise Invalid.field("assets", _("These are more than %(most)s units: print them by site.", most=f"{MOST:,}"))
    if not found:
        raise Invalid.field("assets", _("There are no units to print labels for."))
    return found


# --- What stands on them ---------------------------------------------------------------------------------------


def subjects(
    actor: Actor, customer: Customer, assets: Sequence[Asset], codes: Mapping[int, str], printer: Printer
) -> Iterator[Subject]:
    """What there is to say of each unit. `codes`: asset id -> code; a sample for a unit that has none."""
    products = _names(actor, Product, {asset.product_id for asset in assets})
    sites = _names(actor, Site, {asset.site_id for asset in assets if asset.site_id})
    for asset in assets:
        yield Subject(
            codes.get(asset.id, SAMPLE), asset.id, asset.tag or "", asset.serial or "",
            products.get(asset.product_id, ""), customer.name, sites.get(asset.site_id, ""), asset.place,
            printer.phone, printer.operator,
        )  # fmt: skip


def _names(actor: Actor, model: Any, ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(ids)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), STEP):
        query = visible(model, actor, model.id, model.name).where(model.id.in_(wanted[start : start + STEP]))
        found |= dict(query.tuples())
    return found


def known_codes(actor: Actor, assets: Sequence[Asset]) -> dict[int, str]:
    """The codes that are on these units already: asset id -> code."""
    return {asset_id: row.code for asset_id, row in active_codes(actor, [asset.id for asset in assets]).items()}


def for_units(
    actor: Actor, customer: Customer, assets: Sequence[Asset], wish: Wish, printer: Printer, form: str = "pdf"
) -> bytes:
    """Labels of these units; those without a code get one. All that can be refused is refused before."""
    actor.must("label.print", customer.id)
    # Laid out once without the codes that are to be made: what cannot be printed leaves nothing behind.
    rehearsed = list(subjects(actor, customer, assets, {}, printer))
    _check_count(len(rehearsed), wish, form)
    for subject in rehearsed:
        laid(subject, wish, printer, form)
    codes = {asset_id: row.code for asset_id, row in codes_for(actor, assets).items()}
    ready = (replace(subject, code=codes[subject.asset_id or 0]) for subject in rehearsed)
    return printed(ready, wish, printer, form)


def for_batch(
    actor: Actor, customer: Customer | None, batch: str, wish: Wish, printer: Printer, form: str = "pdf"
) -> bytes:
    """Labels of those codes of a batch that are on no unit yet."""
    rows = free_codes(actor, customer, batch)
    if not rows:
        raise Invalid.field("batch", _("No label of this batch is free."))
    _check_count(len(rows), wish, form)
    owner = customer.name if customer else ""
    made = (Subject(row.code, customer=owner, phone=printer.phone, operator=printer.operator) for row in rows)
    return printed(made, wish, printer, form)


def _check_count(count: int, wish: Wish, form: str) -> None:
    if count * wish.copies > MOST:
        raise Invalid.field("copies", _("At most %(most)s labels in one file.", most=f"{MOST:,}"))
    if form in ("svg", "png") and count * wish.copies > 1:
        raise Invalid.field("format", _("A picture holds one label: choose PDF for several."))


def laid(subject: Subject, wish: Wish, printer: Printer, form: str = "pdf") -> Layout:
    """Raises Invalid for what cannot be printed."""
    said = lines_of(wish.template or usual_for(subject), replace(subject, text=wish.text))
    dot = pictures.dot_of(wish.dpi) if form in ("png", "zpl") else 0
    most = zpl.coarsest(wish.dpi) if form == "zpl" else inf
    made = lay_out(wish.sheet.wide, wish.sheet.high, address(printer.base, subject.code), said, dot=dot, coarsest=most)
    if form == "pdf":
        _check_on_paper(wish.sheet, made)
    return made


def _check_on_paper(sheet: Sheet, layout: Layout) -> None:
    """What a printer is off may move a code over the edge of the paper, where it is cut. Raises Invalid."""
    first, last = sheet.place(0), sheet.place(sheet.count - 1)
    side = len(layout.matrix) * layout.module
    for axis in (0, 1):
        begin, end = first[axis] + layout.at[axis], last[axis] + layout.at[axis] + side
        if begin < -0.01 or end > sheet.page[axis] + 0.01:
            said = _("Codes would lie beyond the edge of the paper: give a smaller offset, or other margins.")
            raise Invalid.field(("offset_x", "offset_y")[axis], said)


def printed(subjects_: Iterable[Subject], wish: Wish, printer: Printer, form: str) -> bytes:
    if form == "zpl":
        return "".join(
            zpl.zpl(laid(one, wish, printer, form), address(printer.base, one.code), wish.dpi, copies=wish.copies)
            for one in subjects_
        ).encode()
    layouts = (layout for one in subjects_ for layout in [laid(one, wish, printer, form)] * wish.copies)
    if form == "svg":
        return pictures.svg(next(layouts)).encode()
    if form == "png":
        return pictures.png(next(layouts), wish.dpi)
    return drawing.pdf(wish.sheet, layouts, start=wish.start, title=_("Labels"))

"""Papers of a box, on its way to us or back: the packing slip, the label on its outside; and which papers there are."""

from collections.abc import Mapping
from datetime import date

from registry.sdk import (
    BESIDE_CODE,
    Actor,
    Col,
    Conflict,
    Paper,
    _,
    day,
    grouped,
    issuer,
    ngettext,
    postal_address,
)
from registry_rma import custody
from registry_rma.cases import lines_of
from registry_rma.facts import tests_of
from registry_rma.models import Custody, Line, Track
from registry_rma.moving import unit_of
from registry_rma.papers import Bundle, begin, contact, our_address, signatures
from registry_rma.proofs import scrapping
from registry_rma.tracks import tracks_of
from registry_rma.words import word

AWAY = frozenset({"cancelled", "rejected", "scrapped", "refund_or_return"})  # of these nothing is sent
BOX_LABEL = "box-label"
PACKED = {"advance": ("promised", "shipped"), "loaner": ("promised", "out")}


def parties(bundle: Bundle, *, inbound: bool) -> tuple[str, str]:
    """(from, to): who sends the box, and who gets it."""
    ours = "\n".join(part for part in (issuer(), our_address()) if part)
    place = postal_address(bundle.actor, bundle.asset) if bundle.asset else ""
    theirs = "\n".join(part for part in (bundle.customer.name, place, contact(bundle)) if part)
    return (theirs, ours) if inbound else (ours, theirs)


def travelling(bundle: Bundle) -> tuple[bool, list[Line]]:
    """(whether they come to us, the lines of the case that travel as this one does). Raises Conflict if it does not."""
    inbound = bundle.line.received_on is None
    if not travels(bundle.line):
        raise Conflict(_("This unit is not sent anywhere, so there is nothing to pack."), code="not_sent")
    same = [line for line in lines_of(bundle.actor, bundle.case) if travels(line)]
    return inbound, [line for line in same if (line.received_on is None) == inbound]


def travels(line: Line) -> bool:
    """Whether its box is still to be sent, or was. A line that ended without it was sent nowhere: what was sent ahead
    took its place, or it was lost."""
    return line.state not in AWAY and (line.state not in ("delivered", "closed") or line.ready_on is not None)


def packing_slip(bundle: Bundle) -> Paper:
    """What is in the box: on its way to us, or back."""
    inbound, lines = travelling(bundle)
    sent = _sent(bundle)
    rows = [[unit_of(line), line.product, "1", _remark(line, inbound)] for line in lines]
    return _slip(bundle, rows, inbound=inbound, details=sent.details if sent else {}, sent_on=bundle.line.ready_on)


def _slip(
    bundle: Bundle, rows: list[list[str]], *, inbound: bool, details: Mapping[str, str], sent_on: date | None = None
) -> Paper:
    paper = begin(_("Packing slip"), _("RMA %(number)s", number=bundle.number), bundle.case.number)
    sender, receiver = parties(bundle, inbound=inbound)
    paper.facts([(_("Sender"), sender), (_("Receiver"), receiver)], room=BESIDE_CODE)
    paper.facts([
        (_("Carrier"), details.get("carrier", "")), (_("Tracking number"), details.get("tracking", "")),
        (_("Sent on"), day(sent_on)), (_("Printed on"), day(bundle.today)),
    ])  # fmt: skip
    paper.heading(_("Contents"))
    columns = [
        Col(_("Serial number"), 26, bold=True),
        Col(_("Product"), 28),
        Col(_("Quantity"), 10),
        Col(_("Remarks"), 36),
    ]
    paper.table(columns, rows)
    paper.skip(4)
    paper.text(ngettext("%(num)s unit", "%(num)s units", len(rows)), bold=True)
    signatures(paper, _("Received complete by"))
    return paper


def slip_beside(kind: str, bundle: Bundle) -> Paper:
    """With a unit that is lent, on its way to the customer or back, or with a replacement that is sent ahead."""
    track = travelling_beside(bundle.actor, bundle.line).get(kind)
    if track is None:
        raise Conflict(_("This unit is not sent anywhere, so there is nothing to pack."), code="not_sent")
    if kind == "advance":
        remark = _("Replaces %(serial)s, which is due back by %(day)s", serial=bundle.line.serial, day=track.due_on)
    else:
        remark = _("Lent in place of %(serial)s, due back by %(day)s", serial=bundle.line.serial, day=track.due_on)
    return _slip(bundle, [[track.serial, bundle.line.product, "1", remark]], inbound=track.state == "out", details={})


def travelling_beside(actor: Actor, line: Line) -> dict[str, Track]:
    """What is lent or sent ahead and still to be packed, by its kind; the latest of each."""
    return {one.kind: one for one in tracks_of(actor, line) if one.state in PACKED[one.kind]}


def _sent(bundle: Bundle) -> Custody | None:
    """The entry of the latest sending, with carrier and tracking number."""
    rows = custody.rows_of(bundle.actor, bundle.line)
    return next((row for row in reversed(rows) if row.state == "shipped" and row.details.get("carrier")), None)


def _remark(line: Line, inbound: bool) -> str:
    if inbound:
        return str(line.fault)
    if line.replacement_serial:
        return _("Replaces %(serial)s", serial=line.serial)
    if line.no_fault:
        return word("state", "no_fault_found")
    return str(line.action) if line.work == "repair" else _("As it came")


def box_label(bundle: Bundle) -> list[tuple[str, bool]]:
    """What stands on the box beside the line's code: (text, bold), the most important first."""
    inbound, _lines = travelling(bundle)
    sender, receiver = parties(bundle, inbound=inbound)
    return [
        (_("RMA %(number)s", number=bundle.number), True),
        (_("Serial number: %(serial)s", serial=unit_of(bundle.line)), True),
        (bundle.line.product, False),
        (_("To:"), True),
        (receiver, True),
        (_("From:"), True),
        (sender, False),
        (grouped(bundle.line.code), False),
    ]


def offered(actor: Actor, line: Line) -> list[dict[str, str]]:
    """The papers that there is something to say on: {paper, title}."""
    beside = travelling_beside(actor, line)
    found = [
        ("form", _("RMA form"), line.state != "cancelled"),
        ("packing-slip", _("Packing slip"), travels(line)),
        (BOX_LABEL, _("Box label"), travels(line)),
        ("loaner-slip", _("Packing slip of the lent unit"), "loaner" in beside),
        ("advance-slip", _("Packing slip of what is sent ahead"), "advance" in beside),
        ("test-report", _("Test report"), bool(tests_of(actor, line))),
        ("custody-record", _("Custody record"), True),
        ("scrap-certificate", _("Scrap certificate"), scrapping(actor, line) is not None),
    ]
    return [{"paper": paper, "title": title} for paper, title, there in found if there]

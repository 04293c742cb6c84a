"""Papers of a box, on its way to us or back: the packing slip, the label on its outside; and which papers there are."""

from typing import Any

from registry.sdk import (
    BESIDE_CODE,
    Col,
    Conflict,
    Paper,
    _,
    day,
    grouped,
    issuer,
    ngettext,
    postal_address,
    visible,
)
from registry_rma.cases import lines_of
from registry_rma.models import Custody, Line
from registry_rma.moving import unit_of
from registry_rma.papers import Bundle, begin, contact, our_address, signatures
from registry_rma.words import word

AWAY = frozenset({"cancelled", "rejected", "scrapped", "refund_or_return"})  # of these nothing is sent
BOX_LABEL = "box-label"


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
    """Whether its box is still to be sent, or was. A line that closed without it was sent nowhere."""
    return line.state not in AWAY and (line.state != "closed" or line.ready_on is not None)


def packing_slip(bundle: Bundle) -> Paper:
    """What is in the box: on its way to us, or back."""
    inbound, lines = travelling(bundle)
    paper = begin(_("Packing slip"), _("RMA %(number)s", number=bundle.number), bundle.case.number)
    sender, receiver = parties(bundle, inbound=inbound)
    sent = _sent(bundle)
    paper.facts([(_("Sender"), sender), (_("Receiver"), receiver)], room=BESIDE_CODE)
    carried = (_("Carrier"), sent.details.get("carrier", "")) if sent else ("", "")
    tracking = (_("Tracking number"), sent.details.get("tracking", "")) if sent else ("", "")
    paper.facts([carried, tracking, (_("Sent on"), day(bundle.line.ready_on)), (_("Printed on"), day(bundle.today))])
    paper.heading(_("Contents"))
    columns = [
        Col(_("Serial number"), 26, bold=True),
        Col(_("Product"), 28),
        Col(_("Quantity"), 10),
        Col(_("Remarks"), 36),
    ]
    paper.table(columns, ([unit_of(line), line.product, "1", _remark(line, inbound)] for line in lines))
    paper.skip(4)
    paper.text(ngettext("%(num)s unit", "%(num)s units", len(lines)), bold=True)
    signatures(paper, _("Received complete by"))
    return paper


def _sent(bundle: Bundle) -> Custody | None:
    """The entry of the latest sending, with carrier and tracking number."""
    rows = visible(Custody, bundle.actor).where((Custody.line == bundle.line.id) & (Custody.state == "shipped"))
    found: Custody | None = rows.order_by(Custody.number.desc()).first()
    return found


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


def offered(line: Line, *, tested: bool, scrapped: bool) -> list[dict[str, Any]]:
    """Links of the page of a line: what there is something to say on."""
    found = [
        ("form", _("RMA form"), line.state != "cancelled"),
        ("packing-slip", _("Packing slip"), travels(line)),
        (BOX_LABEL, _("Box label"), travels(line)),
        ("test-report", _("Test report"), tested),
        ("custody-record", _("Custody record"), True),
        ("scrap-certificate", _("Scrap certificate"), scrapped),
    ]
    return [{"paper": paper, "title": title} for paper, title, there in found if there]

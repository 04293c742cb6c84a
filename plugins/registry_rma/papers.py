"""What all papers share, and the RMA form: what a customer sends along with his units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.sdk import (
    BESIDE_CODE,
    Actor,
    Col,
    Customer,
    Invalid,
    NotFound,
    Paper,
    _,
    contact_by,
    day,
    get_asset,
    grouped,
    issuer,
    label_address,
    moment,
    new_paper,
    settings_of,
)
from registry_rma import custody
from registry_rma.cases import lines_of
from registry_rma.models import Case, Line
from registry_rma.words import word

BEFORE = frozenset({"draft", "requested", "triage", "quoted"})  # nothing has been approved yet
LONG = 200  # characters that still fit beside their name
GAP = "\n\n"  # room to write by hand


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a paper about a line is made from. `today`: where the customer is."""

    actor: Actor
    customer: Customer
    case: Case
    line: Line
    today: date

    @property
    def number(self) -> str:
        return grouped(self.case.number)

    @property
    def asset(self) -> Any | None:
        """None for a unit that was removed while nobody asked the desk."""
        try:
            return get_asset(self.actor, self.line.asset_id) if self.line.asset_id else None
        except NotFound:
            return None

    def at(self, when: Any) -> str:
        """A moment on the customer's clocks."""
        return moment(when.isoformat(), self.customer.time_zone)


# --- What all papers share -----------------------------------------------------------------------------------


def begin(title: str, below: str, code: str) -> Paper:
    """`code`: of the line or the case; whoever scans it is led to the unit."""
    paper = new_paper(f"{title} {below}".strip())
    paper.code(label_address(code))
    paper.title(title, below, room=BESIDE_CODE)
    return paper


def said(paper: Paper, pairs: Iterable[tuple[str, str]]) -> None:
    """What is called how. A long text stands below its name, and is never cut."""
    for name, text in pairs:
        if len(text) <= LONG and text.count("\n") < 6:
            paper.facts([(name, text)])
        else:
            paper.text(name, bold=True)
            paper.text(text)
            paper.skip(3)


def signatures(paper: Paper, who: str) -> None:
    paper.skip(10)
    paper.table([Col(who, 40), Col(_("Date"), 20), Col(_("Signature"), 40)], [[GAP, "", ""]])


def limits(reading: Mapping[str, Any]) -> str:
    """-8.2 … 0.5, with a dash where there is no limit."""
    return f"{reading.get('limit_min') or '–'} … {reading.get('limit_max') or '–'}"


def measured(reading: Mapping[str, Any]) -> str:
    told = f"{reading['parameter']} {reading['value']} {reading.get('unit') or ''}".strip()
    return _("%(reading)s, limits %(limits)s", reading=told, limits=limits(reading))


def conditions(line: Line) -> list[tuple[str, str]]:
    """What was measured when it failed, and how it was used."""
    readings = [line.facts] if line.facts.get("parameter") else []
    return [
        (_("Measured at the fault"), _("; ").join(measured(one) for one in readings)),
        (_("Conditions of use"), _("; ").join(measured(one) for one in line.facts.get("operating") or ())),
    ]


def charged(line: Line) -> str:
    return "" if line.charge is None else _("charged") if line.charge else _("free of charge")


def decision(actor: Actor, line: Line) -> str:
    """What was decided, in a line."""
    if line.state == "rejected":
        rows = [row for row in custody.rows_of(actor, line) if row.state == "rejected"]
        return _("; ").join(part for part in (word("state", line.state), rows[-1].reason if rows else "") if part)
    if line.state in BEFORE or line.state == "cancelled":
        return word("state", line.state)
    remedy, charge = word("remedy", line.remedy), charged(line)
    return _("%(remedy)s, %(charge)s", remedy=remedy, charge=charge) if charge else remedy


def why(line: Line) -> str:
    if line.overruled:
        told = _("Decided otherwise than the terms by %(name)s.", name=line.overruled_by)
        return f"{told} {line.overruled_reason}"
    return str(line.charge_reason)


def contact(bundle: Bundle) -> str:
    """Who asked for it, as far as we may still know."""
    case = bundle.case
    try:
        person = contact_by(bundle.actor, case.contact_id, case.customer_id) if case.contact_id else None
    except Invalid:
        person = None
    if person is None:
        return str(case.contact_name or case.opened_by)
    return ", ".join(part for part in (person.name, person.phone, person.email) if part)


def our_address() -> str:
    return str(settings_of("rma")["return_address"]).strip()


# --- RMA form ------------------------------------------------------------------------------------------------


def form(bundle: Bundle) -> Paper:
    """What the customer sends along: the number, what is wrong with which unit, what to enclose, and where to."""
    case = bundle.case
    lines = [line for line in lines_of(bundle.actor, case) if line.state != "cancelled"] or [bundle.line]
    paper = begin(_("RMA form"), bundle.number, case.number)
    channel = word("channel", case.channel)
    pairs = [
        (_("RMA number"), bundle.number),
        (_("Valid through"), day(case.valid_until)),
        (_("Customer"), bundle.customer.name),
        (_("Contact"), contact(bundle)),
        (_("Reported"), _("%(when)s (%(channel)s)", when=bundle.at(case.notified_at), channel=channel)),
        (_("Issued by"), issuer()),
        (_("Issued on"), day(bundle.today)),
    ]
    paper.facts(pairs, room=BESIDE_CODE)
    paper.skip(6)
    paper.text(_validity(bundle), 11, bold=True)
    _units(paper, bundle.actor, lines)
    if case.note:
        said(paper, [(_("Note"), case.note)])
    _enclose(paper, bundle.number)
    signatures(paper, _("For %(customer)s", customer=bundle.customer.name))
    return paper


def _validity(bundle: Bundle) -> str:
    until = bundle.case.valid_until
    if until is None:
        return _("Not approved yet: send nothing before this number is valid.")
    if until < bundle.today:
        return _("This number is no longer valid: ask for a new one before you send anything.")
    return _("Approved: send the units so that they are with us by %(day)s.", day=until)


def _units(paper: Paper, actor: Actor, lines: Sequence[Line]) -> None:
    paper.heading(_("What is sent"))
    columns = [
        Col(_("Serial number"), 26, bold=True),
        Col(_("Product"), 30),
        Col(_("Decision"), 26),
        Col(_("Code"), 20),
    ]
    paper.table(columns, ([line.serial, line.product, decision(actor, line), grouped(line.code)] for line in lines))
    for line in lines:
        paper.heading(_("What is wrong with %(unit)s", unit=line.serial))
        told = [(_("Fault"), line.fault), (_("Failed on"), day(line.fault_on)), *conditions(line)]
        said(paper, [*told, (_("Why decided so"), why(line))])


def _enclose(paper: Paper, number: str) -> None:
    paper.heading(_("What to enclose"), keep=80)
    paper.bullets([
        _("Each unit in packing that protects it against shocks and static electricity."),
        _("This form, signed, inside of the box."),
        _("The label of the box on its outside, with the RMA number %(number)s.", number=number),
        _("What you have measured, as far as it does not stand on this form."),
        _("No cables, accessories or media that we have not asked for; delete data and passwords that you can delete."),
    ])  # fmt: skip
    paper.heading(_("Where to send it"))
    address = our_address()
    to = "\n".join(part for part in (issuer(), address, _("RMA %(number)s", number=number)) if part)
    paper.text(to if address else _("Ask us for the address before you send anything."), 11)

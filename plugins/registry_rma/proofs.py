"""Papers that prove something: test report, custody record, scrap certificate."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    BESIDE_CODE,
    GREY,
    N_,
    Actor,
    Col,
    Conflict,
    Paper,
    _,
    day,
    grouped,
    issuer,
    product_of,
)
from registry_rma import custody
from registry_rma.facts import outside, tests_of
from registry_rma.models import Custody, Line, RepairTest
from registry_rma.moving import unit_of
from registry_rma.papers import Bundle, begin, conditions, limits, said, signatures
from registry_rma.words import word

SHORT = 12  # characters of a hash that tell two of them apart
DETAILS = {
    "carrier": N_("Carrier"), "tracking": N_("Tracking number"), "receiver": N_("Receiver"),
    "consent": N_("Consent of the customer"),
}  # fmt: skip


def identity(bundle: Bundle, serial: str) -> list[tuple[str, str]]:
    line, asset = bundle.line, bundle.asset
    return [
        (_("Customer"), bundle.customer.name),
        (_("Product"), line.product),
        (_("Part number"), (product_of(bundle.actor, asset).part_number or "") if asset else ""),
        (_("Serial number"), serial),
        (_("Tag"), (asset.tag or "") if asset and serial == line.serial else ""),
        (_("RMA number"), bundle.number),
        (_("Code"), grouped(line.code)),
        (_("Issued by"), issuer()),
        (_("Issued on"), day(bundle.today)),
    ]


# --- Test report ---------------------------------------------------------------------------------------------


def test_report(bundle: Bundle) -> Paper:
    """Every test of the case, the latest first: each reading against its limits, the verdict, by whom and when."""
    line, tests = bundle.line, tests_of(bundle.actor, bundle.line)
    paper = begin(_("Test report"), unit_of(line), line.code)
    paper.facts(identity(bundle, unit_of(line)), room=BESIDE_CODE)
    said(
        paper,
        [(_("Fault"), line.fault), *conditions(line), (_("What was done"), line.action), (_("Parts"), line.parts)],
    )
    paper.skip(6)
    if not tests:
        paper.text(_("No test has been recorded yet."), 11, bold=True)
        return paper
    for number, test in enumerate(reversed(tests)):
        told = {"what": word("after", test.after), "outcome": word("outcome", test.outcome)}
        if number == 0:
            paper.text(_("Latest test: %(outcome)s", **told), 11, bold=True)
        paper.heading(_("%(what)s: %(outcome)s", **told), keep=80)
        readings(paper, bundle, test)
    paper.skip(8)
    paper.text(
        _("A unit passes when every value lies within its limits; a value equal to a limit is within."), 8, shade=GREY
    )
    return paper


def readings(paper: Paper, bundle: Bundle, test: RepairTest) -> None:
    """One test as a table, with who measured which unit, and when."""
    told = {"unit": test.serial, "who": test.by, "when": bundle.at(test.at)}
    paper.text(_("Unit %(unit)s, tested by %(who)s, %(when)s", **told))
    paper.skip(3)
    columns = [
        Col(_("Parameter"), 34),
        Col(_("Limits"), 24),
        Col(_("Measured"), 16, bold=True),
        Col(_("In"), 10),
        Col(_("Verdict"), 16),
    ]
    paper.table(columns, (
        [one["parameter"], limits(one), one["value"], one.get("unit") or "", _verdict(one)] for one in test.readings
    ))  # fmt: skip


def _verdict(reading: Mapping[str, Any]) -> str:
    return word("outcome", "failed" if outside(reading) else "passed")


# --- Custody record ------------------------------------------------------------------------------------------


def custody_record(bundle: Bundle) -> Paper:
    """The chain of custody with its hashes, and whether it is whole."""
    line, actor = bundle.line, bundle.actor
    rows, chain = custody.rows_of(actor, line), custody.verify(actor, line)
    paper = begin(_("Custody record"), line.serial, line.code)
    paper.facts(identity(bundle, line.serial), room=BESIDE_CODE)
    paper.skip(6)
    paper.text(_verified(chain), 11, bold=True)
    if not rows:
        return paper
    paper.facts([(_("Last hash"), rows[-1].hash)])
    paper.heading(_("Who had it, and when"))
    columns = [
        Col(_("No."), 8), Col(_("When"), 25), Col(_("What"), 20, bold=True), Col(_("Unit and place"), 28),
        Col(_("Who"), 19), Col(_("Hash"), 21),
    ]  # fmt: skip
    paper.table(columns, ([str(row.number), bundle.at(row.at), word("event", row.state), _whereabouts(row), row.who,
                           row.hash[:SHORT]] for row in rows))  # fmt: skip
    _remarks(paper, bundle, rows)
    paper.skip(8)
    rule = _("Each entry carries a SHA-256 over itself and the one before; here its first %(count)s characters are "
             "shown. Times are those of %(zone)s.", count=SHORT, zone=bundle.customer.time_zone)  # fmt: skip
    paper.text(rule, 8, shade=GREY)
    return paper


def _verified(chain: custody.Verified) -> str:
    if chain.whole and not chain.rows:
        return _("Nothing has been written down yet.")
    if chain.whole:
        return _("Verified: all %(count)s entries are as they were written.", count=chain.rows)
    if chain.broken is not None and chain.broken > chain.rows:
        return _("Not verified: what came after entry %(count)s is missing.", count=chain.rows)
    return _(
        "Not verified: entry %(number)s of %(count)s is not as it was written.", number=chain.broken, count=chain.rows
    )


def _whereabouts(row: Custody) -> str:
    place = word("place", row.place_to)
    if row.place_from != row.place_to:
        place = f"{word('place', row.place_from)} → {place}"
    return "\n".join(part for part in (row.serial, place, row.spot) if part)


def _remarks(paper: Paper, bundle: Bundle, rows: list[Custody]) -> None:
    """Reasons, carriers and photos: whole, which a column would not be."""
    told = [(row.number, _remark(bundle, row)) for row in rows]
    if any(text for _number, text in told):
        paper.heading(_("Remarks"))
    said(paper, ((_("To no. %(number)s", number=number), text) for number, text in told if text))


def _remark(bundle: Bundle, row: Custody) -> str:
    told = [(name, row.details[name]) for name in DETAILS if row.details.get(name)]
    parts = [row.reason, *(_("%(name)s: %(value)s", name=_(DETAILS[name]), value=value) for name, value in told)]
    if row.device_at:
        parts.append(_("on the device: %(when)s", when=bundle.at(row.device_at)))
    if row.photo_sha256:
        parts.append(_("photo %(hash)s", hash=row.photo_sha256[:SHORT]))
    return _("; ").join(part for part in parts if part)


# --- Scrap certificate ---------------------------------------------------------------------------------------


def scrapping(actor: Actor, line: Line) -> Custody | None:
    """The entry by which the unit was scrapped, if it was."""
    return next((row for row in reversed(custody.rows_of(actor, line)) if row.state == "scrapped"), None)


def scrap_certificate(bundle: Bundle) -> Paper:
    """Raises Conflict for a unit that has not been scrapped."""
    row: Any = scrapping(bundle.actor, bundle.line)
    if row is None:
        raise Conflict(_("This unit has not been scrapped, so there is nothing to certify."), code="not_scrapped")
    chain = custody.verify(bundle.actor, bundle.line)
    paper = begin(_("Scrap certificate"), row.serial, bundle.line.code)
    paper.text(
        _("The unit below was taken out of service and scrapped. It does not come back into use."), 11, room=BESIDE_CODE
    )
    paper.skip(6)
    paper.facts(identity(bundle, row.serial), room=BESIDE_CODE)
    paper.heading(_("How it came to it"))
    said(paper, [
        (_("Scrapped on"), bundle.at(row.at)),
        (_("Scrapped by"), row.who),
        (_("Reason"), row.reason),
        (_("Consent of the customer"), row.details.get("consent", "")),
        (_("Fault"), bundle.line.fault),
        (_("Custody record"), _("entry %(number)s, %(hash)s", number=row.number, hash=row.hash)),
        (_("State of the record"), _verified(chain)),
    ])  # fmt: skip
    signatures(paper, _("For %(customer)s", customer=issuer() or _("the service centre")))
    return paper

"""The maintenance file of a unit: every case, test, record and replacement of its life, the oldest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from registry.sdk import (
    CAUSES,
    Actor,
    Col,
    Customer,
    Paper,
    _,
    day,
    get_asset,
    grouped,
    issuer,
    new_paper,
    ngettext,
    product_of,
    status_of,
    today_of,
    visible,
)
from registry_rma import sheets
from registry_rma.facts import case_of, tests_of
from registry_rma.models import Line, Record
from registry_rma.papers import Bundle, conditions, decision, said, why
from registry_rma.proofs import readings
from registry_rma.trials import file_of
from registry_rma.words import word


def lines_about(actor: Actor, asset: Any) -> list[Line]:
    """The cases that tell of the unit, as the one that failed or the one that took its place; the oldest first."""
    mine = (Line.asset_id == asset.id) | (Line.replacement_id == asset.id)
    return list(visible(Line, actor).where((Line.customer_id == asset.customer_id) & mine).order_by(Line.id))


def maintenance_file(actor: Actor, customer: Customer, asset_id: int) -> Paper:
    """A unit that never had a case has a file, too: it says so. Cases name what the unit was when they were opened."""
    asset = get_asset(actor, asset_id)
    actor.must("rma.view", asset.customer_id)
    lines, today = lines_about(actor, asset), today_of(actor, asset.customer_id)
    paper = new_paper(_("Maintenance file %(unit)s", unit=asset.label))
    paper.title(_("Maintenance file"), asset.label)
    paper.facts([*_identity(actor, customer, asset), (_("Issued by"), issuer()), (_("Issued on"), day(today))])
    paper.heading(_("At a glance"))
    paper.facts(_summary(lines, asset))
    if not lines:
        paper.text(_("No fault of this unit has been reported."))
        return paper
    columns = [Col(_("RMA number"), 28, bold=True), Col(_("Reported"), 20), Col(_("Role"), 30), Col(_("State"), 26)]
    paper.skip(6)
    paper.table(columns, (
        [grouped(case_of(actor, line).number), day(line.notified_on), _role(line, asset), word("state", line.state)]
        for line in lines
    ))  # fmt: skip
    for line in lines:
        _of_case(paper, Bundle(actor, customer, case_of(actor, line), line, today), asset)
    return paper


RECORDED = ("serial", "fault", "cause", "action", "parts", "started_at", "finished_at", "staff")


def records_as_csv(actor: Actor, asset_id: int) -> str:
    """The maintenance records of the unit with the RMA number of each, the oldest first; headings are the API's."""
    rows = (
        [_plain(getattr(one, name)) for name in RECORDED] + [one.line.case.number] for one in file_of(actor, asset_id)
    )
    return sheets.as_csv((*RECORDED, "number"), rows)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _identity(actor: Actor, customer: Customer, asset: Any) -> list[tuple[str, str]]:
    product = product_of(actor, asset)
    return [
        (_("Customer"), customer.name),
        (_("Product"), product.label),
        (_("Part number"), product.part_number or ""),
        (_("Serial number"), asset.serial or ""),
        (_("Tag"), asset.tag or ""),
        (_("Name"), asset.name or ""),
        (_("Delivered on"), day(asset.delivered_on)),
        (_("Status"), _(status_of(asset).name)),
    ]


def _summary(lines: Sequence[Line], asset: Any) -> list[tuple[str, str]]:
    own = [line for line in lines if line.asset_id == asset.id]
    days = sum(line.repair_days or 0 for line in own)
    replaced = next((line for line in reversed(own) if line.replacement_serial), None)
    before = next((line for line in lines if line.replacement_id == asset.id), None)
    return [
        (_("Cases"), f"{len(own):,}"),
        (_("Time in repair"), ngettext("%(num)s day", "%(num)s days", days)),
        (_("No fault found"), ngettext("%(num)s time", "%(num)s times", sum(line.no_fault for line in own))),
        (_("Came in place of"), before.serial if before else ""),
        (_("Was replaced by"), replaced.replacement_serial if replaced else ""),
    ]


def _role(line: Line, asset: Any) -> str:
    return _("Came in place of %(unit)s", unit=line.serial) if line.asset_id != asset.id else _("Had the fault")


def _of_case(paper: Paper, bundle: Bundle, asset: Any) -> None:
    line, actor = bundle.line, bundle.actor
    paper.heading(_("RMA %(number)s, %(day)s", number=bundle.number, day=line.notified_on), keep=80)
    said(paper, [
        (_("State"), word("state", line.state)),
        (_("About"), line.serial if line.asset_id != asset.id else ""),
        (_("Fault"), line.fault),
        (_("Failed on"), day(line.fault_on)),
        *conditions(line),
        (_("Cause"), _(CAUSES[line.cause].title) if line.cause else ""),
        (_("Decision"), decision(actor, line)),
        (_("Why decided so"), why(line)),
        (_("What was done"), line.action),
        (_("Parts"), line.parts),
        (_("Received on"), day(line.received_on)),
        (_("Sent back on"), day(line.ready_on)),
        (_("Closed on"), day(line.closed_on)),
        (_("No fault found"), _("Yes") if line.no_fault else ""),
        (_("Replaced by"), line.replacement_serial),
    ])  # fmt: skip
    for test in tests_of(actor, line):
        paper.skip(4)
        told = {"what": word("after", test.after), "outcome": word("outcome", test.outcome)}
        paper.text(_("%(what)s: %(outcome)s", **told), bold=True)
        readings(paper, bundle, test)
    for record in visible(Record, actor).where(Record.line == line.id).order_by(Record.finished_at, Record.id):
        _of_record(paper, bundle, record)


def _of_record(paper: Paper, bundle: Bundle, record: Record) -> None:
    paper.skip(4)
    paper.text(_("Maintenance record of %(unit)s", unit=record.serial), bold=True)
    cause = CAUSES.get(record.cause)
    said(paper, [
        (_("What was done"), record.action),
        (_("Parts"), record.parts),
        (_("Cause"), _(cause.title) if cause else ""),
        (_("Begun"), bundle.at(record.started_at)),
        (_("Finished"), bundle.at(record.finished_at)),
        (_("Done by"), record.staff),
    ])  # fmt: skip

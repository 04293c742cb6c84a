"""The warranty certificate of a unit: what is promised on it from when to when, on which conditions, as a paper."""

from collections.abc import Iterable, Sequence
from datetime import date

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.customers.models import Customer
from registry.kernel import language
from registry.kernel.access import Actor
from registry.kernel.errors import Invalid
from registry.kernel.language import _, ngettext
from registry.kernel.paper import GREY, LEFT, RIGHT, Col, Paper
from registry.warranty.claims import case_on
from registry.warranty.decision import Decision, decide
from registry.warranty.facts import WarrantyFacts
from registry.warranty.terms import Coverage, TermsBody
from registry.web.shell import day as said_day
from registry.web.unit.view import own_asset
from registry.web.words.codes import WORDS, word
from registry.web.words.promises import said_period

BESIDE_CODE = RIGHT - LEFT - 110


def certificate(who: Actor, customer: Customer, asset_id: int, today: date, *, issuer: str, link: str) -> Paper:
    """In the language of the moment. `link`: the address of the unit's page, for the QR code.

    Raises Invalid for a unit that neither has a warranty nor is covered by a contract.
    """
    asset = own_asset(who, customer, asset_id)
    case = case_on(who, asset, today)
    if not case.warranties:
        raise Invalid(_("No warranty or contract covers this unit, so there is nothing to certify."))
    paper = Paper(_("Warranty certificate %(unit)s", unit=asset.label), issuer, language.current())
    paper.code(link)
    paper.title(_("Warranty certificate"), asset.label, room=BESIDE_CODE)
    paper.facts(_identity(who, customer, asset, today, issuer), room=BESIDE_CODE)
    paper.heading(_("State on %(day)s", day=said_day(today)))
    paper.text(_state(decide(case, today)), 11, bold=True)
    warranties = sorted(case.warranties, key=lambda each: _over(each, today))
    _promises(paper, warranties, today)
    for warranty in _each_version(warranties):
        _conditions(paper, warranty)
    paper.skip(8)
    paper.text(_("What is excluded is not covered, whatever else is said."), 8, shade=GREY)
    paper.text(_("This paper says what was known on %(day)s. The code at its head leads to the page of the unit, which "
                 "says how it stands today.", day=said_day(today)), 8, shade=GREY)  # fmt: skip
    return paper


def _identity(who: Actor, customer: Customer, asset: Asset, today: date, issuer: str) -> Iterable[tuple[str, str]]:
    row = ASSETS.one(who, asset.id)
    place = ", ".join(part for part in (row["site"], row["place"]) if part)
    if row["parent_id"]:
        place = _("in %(unit)s", unit=row["parent"] or _("another unit"))
    return [
        (_("Customer"), customer.name),
        (_("Product"), " ".join(part for part in (row["maker"], row["product"]) if part)),
        (_("Part number"), row["part_number"] or ""),
        (_("Serial number"), row["serial"] or ""),
        (_("Tag"), row["tag"] or ""),
        (_("Name"), row["name"] or ""),
        (_("Where"), place),
        (_("Issued by"), issuer),
        (_("Issued on"), said_day(today)),
    ]


def _state(found: Decision) -> str:
    if found.until is not None and found.state in ("active", "expiring"):
        return _("Covered through %(day)s", day=said_day(found.until))
    if found.until is not None and found.state == "expired":
        return _("Not covered: the warranty ended on %(day)s", day=said_day(found.until))
    return word("covered", found.state)


# --- What is promised --------------------------------------------------------------------------------------


def _promises(paper: Paper, warranties: Sequence[WarrantyFacts], today: date) -> None:
    paper.heading(_("What is promised"))
    columns = [Col(_("Remedy"), 18, bold=True), Col(_("From"), 15), Col(_("Through"), 22), Col(_("Conditions"), 36)]
    paper.table(columns, _rows(warranties, today))


def _over(warranty: WarrantyFacts, today: date) -> bool:
    """Whether nothing of it is left: such warranties come last."""
    return all(span.ends_on < today for span in warranty.live_spans)


def _rows(warranties: Iterable[WarrantyFacts], today: date) -> Iterable[list[str]]:
    for warranty in warranties:
        yield [" · ".join(part for part in (_label(warranty), _cut(warranty)) if part)]
        if warranty.start_missing:
            start = word("basis", warranty.body.start_basis)
            yield [_("Not started"), "", "", _("Starts with %(basis)s; that day is not known yet.", basis=start)]
        for span in warranty.live_spans:
            promise = warranty.body.coverage(span.remedy)
            conditions = _of_promise(promise) if promise else ""
            through = said_day(span.ends_on) + (f" {_('(ended)')}" if span.ends_on < today else "")
            yield [word("remedy", span.remedy), said_day(span.starts_on), through, conditions]


def _label(warranty: WarrantyFacts) -> str:
    if warranty.contract:
        return _("%(terms)s, version %(version)s (contract %(contract)s)", terms=_(warranty.terms),
                 version=warranty.version, contract=warranty.contract)  # fmt: skip
    return _("%(terms)s, version %(version)s", terms=_(warranty.terms), version=warranty.version)


def _cut(warranty: WarrantyFacts) -> str:
    if warranty.void_on:
        return _("void from %(day)s", day=said_day(warranty.void_on))
    return _("moved to another unit on %(day)s", day=said_day(warranty.closed_on)) if warranty.closed_on else ""


def _of_promise(promise: Coverage) -> str:
    parts = [
        ngettext("%(num)s a year", "%(num)s a year", promise.per_year) if promise.per_year else "",
        word("requirement", promise.requires) if promise.requires else "",
        _("The customer chooses it") if promise.chosen_by else "",
    ]
    return _("; ").join(part for part in parts if part)


# --- On which conditions -----------------------------------------------------------------------------------


def _each_version(warranties: Iterable[WarrantyFacts]) -> list[WarrantyFacts]:
    """One warranty for each version of terms: several may be under the same."""
    return list({(warranty.terms, warranty.version): warranty for warranty in warranties}.values())


def _conditions(paper: Paper, warranty: WarrantyFacts) -> None:
    body = warranty.body
    paper.heading(_("Conditions: %(terms)s", terms=_label(warranty)))
    paper.facts(_rules(body))
    if warranty.functions:
        paper.text(_("Agreed functions:"), bold=True)
        paper.bullets(function.name for function in warranty.functions)


def _rules(body: TermsBody) -> list[tuple[str, str]]:
    within = body.notify_within_days
    return [
        (_("Starts with"), word("basis", body.start_basis)),
        (_("Covered causes"), _causes(body.covers_causes)),
        (_("Excluded causes"), _causes(body.exclusions)),
        (_("Evidence asked for"), _(", ").join(word("evidence", code) for code in body.evidence)),
        (_("Functions"), _("Only those that both sides agreed on") if body.functions_only else ""),
        (_("Report a failure within"), "" if within is None else ngettext("%(num)s day", "%(num)s days", within)),
        (_("A repair is covered for"), said_period(body.repair_warranty) if body.repair_warranty else ""),
        (_("Time in repair"), _("Extends the term") if body.repair_extends else ""),
        (_("After the term"), word("after_term", body.after_term)),
        (_("Notes"), _(body.notes)),
    ]


def _causes(codes: Iterable[str]) -> str:
    return _("; ").join(word("cause_class" if code in WORDS["cause_class"] else "cause", code) for code in codes)

"""What is owed on a unit, and the record of what was chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from registry.actions import Action
from registry.assets.models import Asset
from registry.assets.service import get_asset, product_of
from registry.customers.service import today_of
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.writing import create
from registry.licences.models import Licence
from registry.warranty.causes import resolve_cause
from registry.warranty.choice import Approval, Quote, check_test_record, validate_choice
from registry.warranty.coverage import CoverageSpan
from registry.warranty.decision import NO_FACTS, Decision, decide
from registry.warranty.facts import AgreedFunction, Facts, FactsSchema, WarrantyFacts
from registry.warranty.facts import Subject as Case
from registry.warranty.limits import with_specified_limits
from registry.warranty.models import Coverage, DecisionRecord, ScopeFunction, Terms, TermsVersion, Warranty
from registry.warranty.service import Subject, subject_of
from registry.warranty.terms_service import body_of
from registry.warranty.vocabulary import START_BASES

# Whether the contract that a decision names covers the unit on that day: raises Invalid when it does not.
CONTRACT_CHECKS: list[Callable[[Actor, Subject, date, str], Any]] = []
# What else owes something on a unit: answered by rooms above this one (contracts), asked with every decision.
FURTHER_WARRANTIES: list[Callable[[Actor, Subject, date], Sequence[WarrantyFacts]]] = []


def coverage_of(
    actor: Actor, asset_id: int, *, on: date | None = None, cause: str | None = None, facts: Facts = NO_FACTS
) -> dict[str, Any]:
    """What is owed on the asset on a day (today where the customer is), in order, by which warranty, and why not."""
    return decision_on(actor, get_asset(actor, asset_id), on, cause, facts).as_dict()


def coverage_of_licence(
    actor: Actor, licence_id: int, *, on: date | None = None, cause: str | None = None, facts: Facts = NO_FACTS
) -> dict[str, Any]:
    """The same for a licence; `asset` is None, `licence` its id."""
    licence = fetch(Licence, actor, licence_id)
    found = decision_on(actor, licence, on, cause, facts).as_dict()
    return {**found, "asset": None, "licence": licence.id}


def decision_on(actor: Actor, subject: Subject, on: date | None, cause: str | None, facts: Facts) -> Decision:
    """The decision as data. The number of statements is the same however many warranties there are."""
    actor.must("warranty.view", subject.customer_id)
    try:
        resolve_cause(cause)
    except ValueError as error:
        raise Invalid.field("cause", str(error)) from None
    facts = specified(actor, subject, facts)
    day = on or today_of(actor, subject.customer_id)
    return decide(case_on(actor, subject, day), day, cause, facts)


def case_on(actor: Actor, subject: Subject, day: date) -> Case:
    """The unit with everything that may owe something on it that day: its warranties, and contracts in force."""
    actor.must("warranty.view", subject.customer_id)
    further = [found for ask in FURTHER_WARRANTIES for found in ask(actor, subject, day)]
    return Case(subject.id, (*warranty_facts(actor, subject), *further))


def specified(actor: Actor, subject: Subject, facts: Facts) -> Facts:
    """The facts with the limits that the unit's product specifies, where a value was measured and none were given."""
    if facts.value is None:
        return facts
    parameters = product_of(actor, subject).parameters if isinstance(subject, Asset) else ()
    try:
        return with_specified_limits(facts, parameters)
    except ValueError as error:
        raise Invalid(errors={"facts": {"limit_min": [str(error)]}}) from None


def warranty_facts(actor: Actor, subject: Subject) -> tuple[WarrantyFacts, ...]:
    """Every warranty of the unit as a decision sees it, oldest first."""
    owner = "asset" if isinstance(subject, Asset) else "licence"
    rows = list(
        visible(Warranty, actor, Warranty, TermsVersion, Terms)
        .join(TermsVersion)
        .join(Terms)
        .where(getattr(Warranty, owner) == subject.id)
        .order_by(Warranty.id)
    )
    spans: dict[int, list[CoverageSpan]] = {}
    coverages = visible(Coverage, actor).where(getattr(Coverage, owner) == subject.id)
    for row in coverages.order_by(Coverage.position, Coverage.id):
        spans.setdefault(row.warranty_id, []).append(CoverageSpan(row.remedy, row.starts_on, row.ends_on, row.position))
    functions = tuple(
        AgreedFunction(row.name, row.agreed_on)
        for row in visible(ScopeFunction, actor).where(getattr(ScopeFunction, owner) == subject.id)
    )
    return tuple(_facts(row, tuple(spans.get(row.id, ())), functions) for row in rows)


def _facts(row: Warranty, spans: tuple[CoverageSpan, ...], functions: tuple[AgreedFunction, ...]) -> WarrantyFacts:
    version = row.terms_version
    missing = None
    if row.starts_on is None:
        missing = _("the date of %(basis)s is not known yet", basis=_(START_BASES[row.basis]))
    return WarrantyFacts(
        id=row.id,
        kind=row.kind,
        terms=version.terms.name,
        version=version.number,
        body=body_of(version),
        spans=spans,
        void_on=row.void_on,
        void_reason=row.void_reason,
        closed_on=row.closed_on,
        functions=functions,
        start_missing=missing,
        contract=row.contract or None,
    )


def agree_function(actor: Actor, values: Mapping[str, Any]) -> ScopeFunction:
    """Add a function to the agreed list. values: asset or licence, name, agreed_on, customer_party, our_party."""
    subject = subject_of(actor, values)
    actor.must("warranty.edit", subject.customer_id)
    owner = {"asset": subject.id} if isinstance(subject, Asset) else {"licence": subject.id}
    row = {name: values[name] for name in ("name", "agreed_on", "customer_party", "our_party")}
    return create(actor, ScopeFunction, {**row, **owner, "customer_id": subject.customer_id}, Action.FUNCTION_AGREED)


def functions_of(actor: Actor, subject: Subject) -> list[ScopeFunction]:
    owner = ScopeFunction.asset if isinstance(subject, Asset) else ScopeFunction.licence
    return list(visible(ScopeFunction, actor).where(owner == subject.id).order_by(ScopeFunction.id))


def record_decision(actor: Actor, asset_id: int, values: Mapping[str, Any]) -> DecisionRecord:
    """Store which remedy was chosen. values: remedy, charge, charge_reason, contract (number or none), and maybe on,
    cause, facts, deviation_reason, approval, quote, work_on, closes.

    Raises Invalid naming every condition that is not met; nothing is stored then.
    """
    asset = get_asset(actor, asset_id)
    actor.must("decision.record", asset.customer_id)
    facts = specified(actor, asset, values.get("facts") or NO_FACTS)
    decision = decision_on(actor, asset, values.get("on"), values.get("cause"), facts)
    problems = validate_choice(
        decision,
        facts,
        values["remedy"],
        charge=values.get("charge"),
        charge_reason=values.get("charge_reason", ""),
        deviation_reason=values.get("deviation_reason", ""),
        contract=values.get("contract"),
        approval=values.get("approval"),
        quote=values.get("quote"),
        work_on=values.get("work_on"),
    )
    if values.get("closes"):
        problems = {**problems, **check_test_record(facts.tests, values["closes"])}
    if "contract" not in problems:
        for check in CONTRACT_CHECKS:
            check(actor, asset, decision.on, values["contract"])
    if problems:
        raise Invalid(_("This choice cannot be recorded yet."), errors=problems)
    row = {"customer_id": asset.customer_id, "asset": asset.id, **_recorded(decision, facts, values)}
    with transaction():
        return create(actor, DecisionRecord, {**row, "decided_by": actor.name}, Action.DECISION_RECORDED)


def _recorded(decision: Decision, facts: Facts, values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was known and said when the choice was made, word for word."""
    return {
        "on": decision.on,
        "cause": decision.cause,
        "facts": FactsSchema().dump(facts),
        "answer": decision.as_dict(),
        "remedy": values["remedy"],
        "charge": values["charge"],
        "charge_reason": values.get("charge_reason", ""),
        "deviation_reason": values.get("deviation_reason", ""),
        "contract": values["contract"],
        "approval": _plain(values.get("approval")),
        "quote": _plain(values.get("quote")),
        "work_on": values.get("work_on"),
    }


def _plain(value: Approval | Quote | None) -> dict[str, Any] | None:
    """A frozen record as JSON data."""
    if value is None:
        return None
    return {name: item.isoformat() if isinstance(item, date) else item for name, item in asdict(value).items()}


def decisions_on(actor: Actor, asset_id: int) -> list[DecisionRecord]:
    asset = get_asset(actor, asset_id)
    return list(visible(DecisionRecord, actor).where(DecisionRecord.asset == asset.id).order_by(DecisionRecord.id))

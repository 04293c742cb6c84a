"""Verbs about contracts: make, change, renew, end. History stays: a term, once agreed, is never deleted."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from registry.actions import Action
from registry.contracts.lending import tell
from registry.contracts.models import Contract
from registry.contracts.renewal import ONE_DAY, Term, last_day
from registry.contracts.rules import CONDITIONS, check_conditions, period_of
from registry.contracts.standing import add_term, agreed_terms, agreement_of, correct_term, settle
from registry.customers.service import customer_by, policy_by, today_of
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, PreconditionRequired, Stale
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.writing import ANY_VERSION, change, create
from registry.warranty.periods import last_covered

access.declare(
    Permission("contract.view", "See contracts, what they cover and their duties"),
    Permission("contract.edit", "Make, change, renew and end contracts; record duties done", customer=False),
)

LAST_YEAR = 2999  # of any date that is typed in; what is calculated keeps to it as well


def get_contract(actor: Actor, contract_id: int) -> Contract:
    return fetch(Contract, actor, contract_id)


def for_reading(actor: Actor, contract_id: int) -> Contract:
    contract = get_contract(actor, contract_id)
    actor.must("contract.view", contract.customer_id)
    return contract


def for_writing(actor: Actor, contract_id: int) -> Contract:
    """The contract, for who may change it; on PostgreSQL locked until the transaction ends."""
    contract = fetch(Contract, actor, contract_id, lock=True)
    actor.must("contract.edit", contract.customer_id)
    return contract


def contract_by(actor: Actor, value: int | str, field: str, customer_id: int) -> Contract:
    """One of the customer's own contracts, by number or id."""
    mine = Contract.customer_id == customer_id
    return refer(Contract, actor, value, field=field, keys=("number",), where=mine)


def create_contract(actor: Actor, values: Mapping[str, Any]) -> Contract:
    """Make a contract with its first term. `values` as in ContractIn. Raises Invalid naming the field."""
    ready = dict(values)
    customer = customer_by(actor, ready.pop("customer", None))
    actor.must("contract.edit", customer.id)
    ready = _resolve(actor, customer.id, ready)
    check_conditions(ready)
    first = Term(ready["starts_on"], ready.get("ends_on"))
    ready["in_force_until"] = last_day(agreement_of(ready, (first,)))
    with transaction():
        contract = create(actor, Contract, {**ready, "customer_id": customer.id}, Action.CONTRACT_CREATED)
        add_term(contract, 1, first)
    return contract


def change_contract(actor: Actor, contract_id: int, values: Mapping[str, Any], version: int | None) -> Contract:
    """Change what is given: starts_on corrects the first term, ends_on the last one.

    Tacit renewals that have begun become terms of their own first: new conditions leave the past alone.
    """
    with transaction():
        contract = for_writing(actor, contract_id)
        _check_version(contract, version)
        ready = _resolve(actor, contract.customer_id, dict(values), contract)
        if CONDITIONS & ready.keys():
            ready = _with_conditions(actor, contract, ready)
        change(actor, contract, ready, Action.CONTRACT_CHANGED, version=version)
        if CONDITIONS & ready.keys():
            tell(contract.customer_id)
        return contract


def _with_conditions(actor: Actor, contract: Contract, ready: dict[str, Any]) -> dict[str, Any]:
    """Settle the past, check the new conditions as a whole, correct first and last term, derive the end."""
    terms = settle(actor, contract, today_of(actor, contract.customer_id))
    held = {name: contract.__data__[name] for name in (*CONDITIONS, "notice_on", "terminated_on")}
    merged = {**held, "ends_on": terms[-1].ends_on, **ready}
    check_conditions(merged)
    corrected = list(terms)
    corrected[0] = Term(merged["starts_on"], corrected[0].ends_on, corrected[0].tacit)
    corrected[-1] = Term(corrected[-1].starts_on, merged["ends_on"], corrected[-1].tacit)
    for number, (old, new) in enumerate(zip(terms, corrected, strict=True), 1):
        if old != new:
            correct_term(contract, number, new)
    until = last_day(agreement_of(merged, tuple(corrected)))
    return {**ready, "ends_on": merged["ends_on"], "in_force_until": until}


def renew_contract(actor: Actor, contract_id: int, values: Mapping[str, Any], version: int | None) -> Contract:
    """Agree on one more term, from the day after the last; a notice is taken back.

    values: ends_on, or period (default: renewal_period); agreed_on (default: today), note.
    Raises Conflict for a contract that is open-ended, terminated, or not renewed at all.
    """
    with transaction():
        contract = for_writing(actor, contract_id)
        _check_version(contract, version)
        _check_renewable(contract)
        today = today_of(actor, contract.customer_id)
        terms = settle(actor, contract, today)
        term = _next_term(contract, terms[-1], values)
        agreed_on = values.get("agreed_on") or today
        add_term(contract, len(terms) + 1, term, agreed_on=agreed_on, note=values.get("note", ""))
        facts = {**contract.__data__, "notice_on": None}
        until = last_day(agreement_of(facts, (*terms, term)))
        ready = {"ends_on": term.ends_on, "notice_on": None, "in_force_until": until}
        change(actor, contract, ready, Action.CONTRACT_RENEWED, version=ANY_VERSION)
        tell(contract.customer_id)
        return contract


def _check_renewable(contract: Contract) -> None:
    if contract.terminated_on is not None:
        raise Conflict(_("It was terminated. Make a new contract and name this one as previous."), code="ended")
    if contract.ends_on is None:
        raise Conflict(_("It is open-ended: there is nothing to renew."), code="open_ended")
    if contract.renewal == "none":
        raise Conflict(
            _("It is not renewed (renewal is none). Make a new contract and name this one as previous."),
            code="not_renewable",
        )


def _next_term(contract: Contract, last: Term, values: Mapping[str, Any]) -> Term:
    first = cast(date, last.ends_on) + ONE_DAY  # an open-ended one was refused before
    period = values.get("period") or contract.renewal_period
    end = values.get("ends_on")
    if end is None:
        if not period:
            raise Invalid.field(
                "ends_on", _("Say until when, or for which period; the contract names no renewal period.")
            )
        end = last_covered(first, period_of(period, "period"))
    if end.year > LAST_YEAR:
        raise Invalid.field("period", _("The next term would end after the year %(last_year)s.", last_year=LAST_YEAR))
    if end < first:
        raise Invalid.field(
            "ends_on", _("The next term starts on %(first)s; give that day or a later one.", first=first)
        )
    return Term(first, end)


def terminate_contract(actor: Actor, contract_id: int, values: Mapping[str, Any], version: int | None) -> Contract:
    """End it. values: notice_on or terminated_on, reason.

    By notice it ends with the term that the notice is in time for; terminated_on is the last day in any case.
    """
    with transaction():
        contract = for_writing(actor, contract_id)
        _check_version(contract, version)
        given = {name: values[name] for name in ("notice_on", "terminated_on") if values.get(name)}
        if len(given) != 1:
            raise Invalid.field(
                "notice_on", _("Give the day of the notice, or terminated_on (the last day); one of the two.")
            )
        if "notice_on" in given and contract.ends_on is not None and contract.renewal != "tacit":
            raise Invalid.field(
                "notice_on",
                _("It ends on %(ends_on)s without notice; or give terminated_on.", ends_on=contract.ends_on),
            )
        terms = agreed_terms(actor, [contract.id])[contract.id]
        until = last_day(agreement_of({**contract.__data__, **given}, terms))
        day = given.get("terminated_on")
        if day is not None and until != day:
            raise Invalid.field("terminated_on", _("It ends on %(until)s anyway; give an earlier day.", until=until))
        ready = {**given, "in_force_until": until, "termination_reason": values.get("reason", "")}
        change(actor, contract, ready, Action.CONTRACT_TERMINATED, version=version)
        tell(contract.customer_id)
        return contract


def _check_version(contract: Contract, version: int | None) -> None:
    """Before anything is derived from the row; change() compares once more while it writes."""
    if version is None:
        raise PreconditionRequired()
    if version not in (ANY_VERSION, contract.version):
        raise Stale()


def _resolve(actor: Actor, customer_id: int, values: dict[str, Any], current: Contract | None = None) -> dict[str, Any]:
    ready = dict(values)
    if ready.get("policy") is not None:
        ready["policy"] = policy_by(ready["policy"]).id
    if ready.get("previous") is not None:
        previous = contract_by(actor, ready["previous"], "previous", customer_id)
        if current is not None and _leads_to(actor, previous, current.id):
            raise Invalid.field("previous", _("A contract cannot come before itself."))
        ready["previous"] = previous.id
    return ready


def _leads_to(actor: Actor, contract: Contract, wanted: int) -> bool:
    seen: set[int] = set()
    step: Contract | None = contract
    while step is not None and step.id not in seen:
        if step.id == wanted:
            return True
        seen.add(step.id)
        step = visible(Contract, actor).where(Contract.id == step.previous_id).first()
    return False

"""The terms of contracts as stored, and what follows: whether a contract is in force on a day, and why."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from registry.contracts.models import Contract, ContractTerm
from registry.contracts.renewal import Agreement, Standing, Term, in_force, tacit_terms
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.warranty.periods import Period


def agreement_of(facts: Mapping[str, Any], terms: tuple[Term, ...]) -> Agreement:
    """`facts`: the columns of a contract, stored or about to be."""
    period = facts.get("renewal_period")
    return Agreement(
        terms,
        facts.get("renewal", "none"),
        Period.parse(period) if period else None,
        facts.get("notice_days", 0),
        facts.get("notice_on"),
        facts.get("terminated_on"),
    )


def agreed_terms(actor: Actor, contract_ids: Iterable[int]) -> dict[int, tuple[Term, ...]]:
    """The stored terms of these contracts, in order, read by one statement."""
    found: dict[int, list[Term]] = {contract_id: [] for contract_id in contract_ids}
    rows = visible(ContractTerm, actor).where(ContractTerm.contract.in_(list(found)))
    for row in rows.order_by(ContractTerm.contract, ContractTerm.number):
        found[row.contract_id].append(Term(row.starts_on, row.ends_on, row.tacit))
    return {contract_id: tuple(terms) for contract_id, terms in found.items()}


def agreements(actor: Actor, contracts: Iterable[Contract]) -> dict[int, Agreement]:
    """What decides whether each of these contracts is in force, by contract id."""
    by_id = {contract.id: contract for contract in contracts}
    terms = agreed_terms(actor, by_id)
    return {key: agreement_of(contract.__data__, terms[key]) for key, contract in by_id.items()}


def agreement(actor: Actor, contract: Contract) -> Agreement:
    return agreements(actor, [contract])[contract.id]


def standing(actor: Actor, contract: Contract, on: date) -> Standing:
    """Whether the contract is in force on a day, in which term, and why."""
    return in_force(agreement(actor, contract), on)


def history(actor: Actor, contract: Contract, on: date) -> list[dict[str, Any]]:
    """Every term up to `on` in order, tacit ones included, as plain values."""
    stored = list(
        visible(ContractTerm, actor).where(ContractTerm.contract == contract.id).order_by(ContractTerm.number)
    )
    agreed = tuple(Term(row.starts_on, row.ends_on, row.tacit) for row in stored)
    rolled = tacit_terms(agreement_of(contract.__data__, agreed), on)
    told = [(row.agreed_on, row.note) for row in stored] + [(None, "")] * len(rolled)
    return [
        {
            "number": number,
            "starts_on": term.starts_on,
            "ends_on": term.ends_on,
            "tacit": term.tacit,
            "agreed_on": agreed_on,
            "note": note,
        }
        for number, (term, (agreed_on, note)) in enumerate(zip((*agreed, *rolled), told, strict=True), 1)
    ]


def settle(actor: Actor, contract: Contract, today: date) -> tuple[Term, ...]:
    """Write the tacit renewals that have begun as terms, which nothing new can move. Answers all terms."""
    terms = agreed_terms(actor, [contract.id])[contract.id]
    begun = tacit_terms(agreement_of(contract.__data__, terms), today)
    for number, term in enumerate(begun, len(terms) + 1):
        add_term(contract, number, term)
    return (*terms, *begun)


def add_term(contract: Contract, number: int, term: Term, *, agreed_on: date | None = None, note: str = "") -> None:
    ContractTerm.insert(
        customer_id=contract.customer_id,
        contract=contract.id,
        number=number,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        tacit=term.tacit,
        agreed_on=agreed_on,
        note=note,
    ).execute()


def correct_term(contract: Contract, number: int, term: Term) -> None:
    if term.ends_on is not None and term.ends_on < term.starts_on:
        field = "starts_on" if number == 1 else "ends_on"
        raise Invalid.field(field, _("Term %(number)s would end before it starts.", number=number))
    mine = (ContractTerm.contract == contract.id) & (ContractTerm.number == number)
    ContractTerm.update(starts_on=term.starts_on, ends_on=term.ends_on).where(mine).execute()

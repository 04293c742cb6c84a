"""Which contracts cover a unit on a day and why; and the contract that a service is based on, or none."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.assets.models import Asset
from registry.contracts.line_days import holds, within
from registry.contracts.models import COVERS, Contract, ContractLine
from registry.contracts.renewal import Standing, in_force
from registry.contracts.service import contract_by
from registry.contracts.standing import agreements
from registry.contracts.whereabouts import site_of
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Invalid
from registry.kernel.language import N_, _, quoted
from registry.licences.models import Licence
from registry.warranty.choice import NO_CONTRACT

Unit = Asset | Licence
_WHY = {
    "asset": N_("Contract %(contract)s names this unit."),
    "licence": N_("Contract %(contract)s names this licence."),
    "product": N_("Contract %(contract)s covers every unit of this product."),
    "site": N_("Contract %(contract)s covers everything at its site."),
    "everything": N_("Contract %(contract)s covers everything the customer has."),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """One line of one contract that covers the unit. `until`: as far as is known, for this line."""

    contract_id: int
    number: str
    title: str
    line_id: int
    by: str
    terms_version_id: int | None
    policy_id: int | None
    since: date
    until: date | None
    reason: str


def covering(actor: Actor, unit: Unit, on: date) -> list[Cover]:
    """The contract lines that cover the unit on that day, the most particular first. Three statements."""
    actor.must("contract.view", unit.customer_id)
    lines = _lines_about(actor, unit)
    contracts = {line.contract_id: line.contract for line in lines}
    facts = agreements(actor, contracts.values())
    found = []
    for line in lines:
        standing = in_force(facts[line.contract_id], on)
        if standing.in_force and holds(line, on):
            found.append(_cover(line, standing))
    return sorted(found, key=lambda cover: (COVERS.index(cover.by), cover.contract_id, cover.line_id))


def _lines_about(actor: Actor, unit: Unit) -> list[ContractLine]:
    about = ContractLine.product == unit.product_id
    about |= ContractLine.everything == True  # noqa: E712 - SQL
    if isinstance(unit, Licence):
        about |= ContractLine.licence == unit.id
    else:
        about |= ContractLine.asset == unit.id
        site = site_of(actor, unit)
        if site is not None:
            about |= ContractLine.site == site
    mine = ContractLine.customer_id == unit.customer_id
    return list(visible(ContractLine, actor, ContractLine, Contract).join(Contract).where(mine & about))


def _cover(line: ContractLine, standing: Standing) -> Cover:
    contract: Any = line.contract
    since, until = within(line, standing)
    return Cover(
        contract.id,
        contract.number,
        contract.title,
        line.id,
        line.covers,
        line.terms_version_id,
        contract.policy_id,
        since,
        until,
        f"{_(_WHY[line.covers], contract=contract.number)} {standing.reason}",
    )


@dataclass(frozen=True, slots=True)
class ServiceBasis:
    """What a service stands on. Without a contract it is charged, and somebody must approve it first."""

    contract_id: int | None
    line_id: int | None
    chargeable: bool
    needs_approval: bool
    reason: str


def service_basis(actor: Actor, unit: Unit, on: date, contract: int | str | None) -> ServiceBasis:
    """The contract that a service for the unit is based on: its number or id, or "none" in so many words.

    Raises Invalid when nothing is said, or when that contract does not cover the unit on that day.
    """
    if contract is None or contract == "":
        text = _(
            "Name the contract that this service is based on, or give %(no_contract)s if there is none.",
            no_contract=quoted(NO_CONTRACT),
        )
        raise Invalid.field("contract", text)
    covers = covering(actor, unit, on)
    if contract == NO_CONTRACT:
        return ServiceBasis(None, None, True, True, _("No contract: it is charged, and wants approval first."))
    named = contract_by(actor, contract, "contract", unit.customer_id)
    for cover in covers:
        if cover.contract_id == named.id:
            return ServiceBasis(named.id, cover.line_id, False, False, cover.reason)
    known = ", ".join(dict.fromkeys(cover.number for cover in covers)) or _("no contract does")
    raise Invalid.field(
        "contract",
        _(
            "%(named)s does not cover this unit on %(on)s; covering it: %(known)s.",
            named=named.number,
            on=on,
            known=known,
        ),
    )

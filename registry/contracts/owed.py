"""What a contract owes on a unit beside its warranties: the terms of the lines that cover it, while it is in force."""

from datetime import date

from registry.contracts.covering import Cover, Unit, covering
from registry.contracts.line_days import spans_of
from registry.kernel.access import Actor, visible
from registry.warranty.facts import WarrantyFacts
from registry.warranty.models import Terms, TermsVersion
from registry.warranty.terms_service import body_of


def contract_warranties(actor: Actor, unit: Unit, on: date) -> list[WarrantyFacts]:
    """Each covering line with terms, as a warranty of kind contract. It holds for the term that the day is in:
    how long a contract lasts is said by the contract, not by the terms."""
    if not actor.can("contract.view", unit.customer_id):
        return []
    covers = [cover for cover in covering(actor, unit, on) if cover.terms_version_id is not None]
    if not covers:
        return []
    ids = {cover.terms_version_id for cover in covers}
    rows = visible(TermsVersion, actor, TermsVersion, Terms).join(Terms).where(TermsVersion.id.in_(ids))
    versions = {row.id: row for row in rows}
    return [_facts(cover, versions[cover.terms_version_id], on) for cover in covers]


def _facts(cover: Cover, version: TermsVersion, on: date) -> WarrantyFacts:
    body = body_of(version)
    return WarrantyFacts(
        id=cover.line_id,
        kind="contract",
        terms=version.terms.name,
        version=version.number,
        body=body,
        spans=tuple(spans_of(body, cover.since, cover.until, on)),
        contract=cover.number,
    )

"""What can end: where its ends are found, and what it is called. Notices and calendars go by the same list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from registry.assets.models import Asset
from registry.assets.statuses import gone
from registry.contracts.afterwards import End, carried_on, left_uncovered
from registry.contracts.ends import ends_of_contracts, ends_of_parts
from registry.contracts.models import Contract
from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.ends import ends_of_cover
from registry.warranty.models import Coverage


class Subject(NamedTuple):
    """What ends, as people know it. `path`: its page."""

    label: str
    path: str


class Beside(NamedTuple):
    """What else is to be said of some ends: by a sentence of words.WORDS that holds {line}. `permission`: the right to
    see that. `values(actor, ends)`: what else it names, of those ends where there is anything."""

    word: str
    permission: str
    values: Callable[[Actor, Iterable[End]], dict[End, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Topic:
    """One way in which something ends. `kind`: one of models.KINDS. `permission`: the right to see the subject.

    `ends(actor, first, last)` is SELECT customer_id, subject_id, ends_on, changed_at; None: it takes a calendar, see
    contracts.ends.notice_days. `said`: the words for an end to come, and for one that has passed.
    """

    name: str
    kind: str
    permission: str
    subjects: Callable[[Actor, Iterable[int]], dict[int, Subject]]
    ends: Callable[[Actor, date, date], Any] | None
    beside: Beside | None = None
    said: tuple[str, str] = ("ends", "ended")


def _assets(actor: Actor, first: date, last: date) -> Any:
    query = ends_of_cover(actor, Coverage.asset, first, last)
    return query.join_from(Coverage, Asset, on=(Asset.id == Coverage.asset)).where(Asset.status.not_in(gone()))


def _covered_licences(actor: Actor, first: date, last: date) -> Any:
    return ends_of_cover(actor, Coverage.licence, first, last)


def _licences(column: Any) -> Callable[[Actor, date, date], Any]:
    def ends(actor: Actor, first: date, last: date) -> Any:
        columns = (
            Licence.customer_id,
            Licence.id.alias("subject_id"),
            column.alias("ends_on"),
            Licence.changed_at.alias("changed_at"),
        )
        return visible(Licence, actor, *columns).where(column.between(first, last))

    return ends


def _asset_subjects(actor: Actor, ids: Iterable[int]) -> dict[int, Subject]:
    columns = (Asset.id, Customer.slug, Asset.serial, Asset.tag, Asset.name, Product.name)
    query = visible(Asset, actor, *columns).join_from(Asset, Product, on=(Product.id == Asset.product))
    rows = query.join_from(Asset, Customer, on=(Customer.id == Asset.customer_id)).where(Asset.id.in_(list(ids)))
    return {
        row_id: Subject(f"{serial or tag or name or row_id} ({product})", f"/c/{slug}/assets/{row_id}")
        for row_id, slug, serial, tag, name, product in rows.tuples()
    }


def _licence_subjects(actor: Actor, ids: Iterable[int]) -> dict[int, Subject]:
    query = visible(Licence, actor, Licence.id, Customer.slug, Licence.name).where(Licence.id.in_(list(ids)))
    rows = query.join_from(Licence, Customer, on=(Customer.id == Licence.customer_id))
    return {row_id: Subject(name, f"/c/{slug}/licences/{row_id}") for row_id, slug, name in rows.tuples()}


def _contract_subjects(actor: Actor, ids: Iterable[int]) -> dict[int, Subject]:
    columns = (Contract.id, Customer.slug, Contract.number, Contract.title)
    query = visible(Contract, actor, *columns).where(Contract.id.in_(list(ids)))
    rows = query.join_from(Contract, Customer, on=(Customer.id == Contract.customer_id))
    return {
        row_id: Subject(f"{number} ({title})", f"/c/{slug}/contracts/{row_id}")
        for row_id, slug, number, title in rows.tuples()
    }


def _carried_on(model: Any) -> Beside:
    def values(actor: Actor, ends: Iterable[End]) -> dict[End, dict[str, Any]]:
        return {end: {"contract": number} for end, number in carried_on(actor, model, ends).items()}

    return Beside("carried", "contract.view", values)


def _left_uncovered(actor: Actor, ends: Iterable[End]) -> dict[End, dict[str, Any]]:
    return {end: {"count": count} for end, count in left_uncovered(actor, ends).items()}


_LEFT = Beside("uncovered", "asset.view", _left_uncovered)
TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("asset_warranty", "warranty", "asset.view", _asset_subjects, _assets, _carried_on(Asset)),
        Topic("licence_warranty", "warranty", "licence.view", _licence_subjects, _covered_licences,
              _carried_on(Licence)),
        Topic("licence", "licence", "licence.view", _licence_subjects, _licences(Licence.ends_on)),
        Topic("maintenance", "licence", "licence.view", _licence_subjects, _licences(Licence.maintenance_until)),
        Topic("contract", "contract", "contract.view", _contract_subjects, ends_of_contracts, _LEFT),
        Topic("contract_part", "contract", "contract.view", _contract_subjects, ends_of_parts, _LEFT,
              said=("part_ends", "part_ended")),
        Topic("contract_notice", "contract", "contract.view", _contract_subjects, None, said=("notice", "notice")),
    )
}  # fmt: skip

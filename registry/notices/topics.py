"""What can end: where its ends are found, and what it is called. Notices and calendars go by the same list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from registry.assets.models import Asset, AssetStatus
from registry.contracts.ends import ends_of_contracts
from registry.contracts.models import Contract
from registry.customers.models import Customer
from registry.kernel.access import Actor, visible
from registry.licences.models import Licence
from registry.products.models import Product
from registry.warranty.ends import ends_of_cover
from registry.warranty.models import Coverage

GONE = ("retired", "lost")  # units that nobody serves any more


class Subject(NamedTuple):
    """What ends, as people know it. `path`: its page, "" where it has none of its own."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One way in which something ends. `kind`: one of models.KINDS. `permission`: the right to see the subject.

    `ends(actor, first, last)` is SELECT customer_id, subject_id, ends_on, changed_at; None: it takes a calendar, see
    contracts.ends.notice_days.
    """

    name: str
    kind: str
    permission: str
    subjects: Callable[[Actor, Iterable[int]], dict[int, Subject]]
    ends: Callable[[Actor, date, date], Any] | None


def _assets(actor: Actor, first: date, last: date) -> Any:
    gone = AssetStatus.select(AssetStatus.id).where(AssetStatus.meta.in_(GONE))
    query = ends_of_cover(actor, Coverage.asset, first, last)
    return query.join_from(Coverage, Asset, on=(Asset.id == Coverage.asset)).where(Asset.status.not_in(gone))


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
    rows = visible(Licence, actor, Licence.id, Licence.name).where(Licence.id.in_(list(ids)))
    return {row_id: Subject(name, "") for row_id, name in rows.tuples()}


def _contract_subjects(actor: Actor, ids: Iterable[int]) -> dict[int, Subject]:
    rows = visible(Contract, actor, Contract.id, Contract.number, Contract.title).where(Contract.id.in_(list(ids)))
    return {row_id: Subject(f"{number} ({title})", "") for row_id, number, title in rows.tuples()}


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("asset_warranty", "warranty", "asset.view", _asset_subjects, _assets),
        Topic("licence_warranty", "warranty", "licence.view", _licence_subjects, _covered_licences),
        Topic("licence", "licence", "licence.view", _licence_subjects, _licences(Licence.ends_on)),
        Topic("maintenance", "licence", "licence.view", _licence_subjects, _licences(Licence.maintenance_until)),
        Topic("contract", "contract", "contract.view", _contract_subjects, ends_of_contracts),
        Topic("contract_notice", "contract", "contract.view", _contract_subjects, None),
    )
}

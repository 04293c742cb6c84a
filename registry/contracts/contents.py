"""The products that a contract is about, line by line: named outright, or through what the lines cover."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import JOIN, fn

from registry.assets.models import Asset
from registry.contracts.models import Contract, ContractLine
from registry.contracts.whereabouts import products_at
from registry.kernel.access import Actor, visible
from registry.licences.models import Licence
from registry.products.models import Product


class Contents:
    """Products by line. Every answer is a list of {"id", "product", "part_number"}, each product once."""

    def __init__(self, by_line: dict[int, set[int]], open_lines: set[int], products: dict[int, Any]) -> None:
        self._by_line = by_line
        self._open = open_lines
        self._products = products

    def of(self, line_id: int | None, product: Product | None) -> list[dict[str, Any]]:
        """What a duty is about: the product it names, else those of its line, else all of the contract."""
        if product is not None:
            return [_shown(product)]
        return self._listed([line_id] if line_id is not None else self._by_line)

    def open(self) -> list[dict[str, Any]]:
        """The products of the lines that have not ended."""
        return self._listed(self._open)

    def _listed(self, lines: Iterable[int]) -> list[dict[str, Any]]:
        ids = {product_id for line_id in lines for product_id in self._by_line[line_id]}
        return [_shown(self._products[product_id]) for product_id in sorted(ids)]


def _shown(product: Product) -> dict[str, Any]:
    return {"id": product.id, "product": product.name, "part_number": product.part_number}


def contents(actor: Actor, contract: Contract, on: date) -> Contents:
    """What the lines are about, with the units that are in use now. Five statements at most."""
    lines = list(_lines(actor, contract))
    by_line = defaultdict(set, {row["id"]: {row["product"]} - {None} for row in lines})
    _add_sites(actor, contract, lines, by_line)
    whole = [row["id"] for row in lines if row["everything"]]
    if whole:
        owned = _owned(actor, contract)
        by_line.update(dict.fromkeys(whole, owned))
    open_lines = {row["id"] for row in lines if row["ends_on"] is None or row["ends_on"] >= on}
    wanted = {product_id for ids in by_line.values() for product_id in ids}
    products = visible(Product, actor).where(Product.id.in_(list(wanted)))
    return Contents(by_line, open_lines, {product.id: product for product in products})


def _lines(actor: Actor, contract: Contract) -> Any:
    """One row per line; `product` is named by the line, or by the asset or licence that it names."""
    product = ContractLine.product_id, Asset.product_id, Licence.product_id
    query = visible(
        ContractLine,
        actor,
        ContractLine.id,
        ContractLine.site_id.alias("site"),
        ContractLine.everything,
        ContractLine.ends_on,
        fn.COALESCE(*product).alias("product"),
    )
    query = query.join(Asset, JOIN.LEFT_OUTER).switch(ContractLine).join(Licence, JOIN.LEFT_OUTER)
    return query.where(ContractLine.contract == contract.id).order_by(ContractLine.id).dicts()


def _add_sites(actor: Actor, contract: Contract, lines: list[Any], by_line: dict[int, set[int]]) -> None:
    sites = {row["site"] for row in lines if row["site"] is not None}
    if not sites:
        return
    found: dict[int, set[int]] = defaultdict(set)
    for site_id, product_id in products_at(actor, contract.customer_id, sites):
        found[site_id].add(product_id)
    for row in lines:
        if row["site"] is not None:
            by_line[row["id"]] = found[row["site"]]


def _owned(actor: Actor, contract: Contract) -> set[int]:
    """The products of everything the customer has in use."""
    mine = (Asset.customer_id == contract.customer_id) & Asset.retired_on.is_null()
    assets = visible(Asset, actor, Asset.product).where(mine).distinct().tuples()
    own = Licence.customer_id == contract.customer_id
    licences = visible(Licence, actor, Licence.product).where(own).distinct().tuples()
    return {row[0] for row in (*assets, *licences)}

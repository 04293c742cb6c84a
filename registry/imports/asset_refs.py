"""What names in an asset file stand for: products, sites, statuses, people - each looked up once, then remembered."""

from collections.abc import Callable
from typing import Any

from registry.assets.service import asset_by
from registry.assets.statuses import statuses
from registry.customers.models import Contact
from registry.customers.places import create_site, site_by
from registry.imports.run import Run
from registry.kernel.errors import Problem
from registry.kernel.refs import refer
from registry.products.models import Product
from registry.products.service import create_product, product_by

LARGEST_MEMORY = 50_000  # entries a cache may hold before it begins anew


class Unknown(Exception):
    """A name in the file that means nothing here. Carries the field and a sentence."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


class References:
    """Resolves the names of one run, within its customer. Missing products and sites are made when asked for."""

    def __init__(self, run: Run, *, writes: bool | None = None) -> None:
        self.run = run
        self.writes = run.write if writes is None else writes
        self.status_ids = {row.code: row.id for row in statuses()}
        self._known: dict[tuple[str, Any], Any] = {}
        self.new_products: set[Any] = set()
        self.new_sites: set[str] = set()

    def _remember(self, field: str, key: Any, look: Callable[[], Any]) -> Any:
        found = self._known.get((field, key))
        if found is None:
            if len(self._known) > LARGEST_MEMORY:
                self._known.clear()
            try:
                found = look()
            except Problem as problem:
                texts = problem.errors.get(field) or [problem.message]
                found = Unknown(field, " ".join(str(text) for text in texts))
            self._known[(field, key)] = found
        if isinstance(found, Unknown):
            raise found
        return found

    def product(self, values: dict[str, Any]) -> tuple[int, str]:
        """(id, kind) of the product that the row names by part number or name; made when it is not there."""
        key = tuple(values.get(name) for name in ("product", "part_number", "maker", "kind"))
        return self._remember("product", key, lambda: self._product(*key))  # type: ignore[no-any-return]

    def _product(self, name: str | None, part: str | None, maker: str | None, kind: str | None) -> tuple[int, str]:
        for given in (part, name):
            if given:
                try:
                    found = product_by(self.run.actor, given, customer_id=self.run.customer.id)
                    return found.id, found.kind
                except Problem as problem:
                    if "more than one" in str(problem.errors):
                        raise
        if not name and not part:
            raise Unknown("product", "Name the product, or give its part number.")
        if not self.run.create_missing:
            raise Unknown("product", f"There is no product {part or name!r}; create it first, or allow new products.")
        return self._new_product(name or part or "", part, maker, kind)

    def _new_product(self, name: str, part: str | None, maker: str | None, kind: str | None) -> tuple[int, str]:
        self.new_products.add((maker, name, part))
        chosen = kind or "hardware"
        if not self.writes:
            return -len(self.new_products), chosen
        values = {"name": name, "part_number": part or "", "maker": maker or "", "kind": chosen}
        made: Product = create_product(self.run.actor, values, self.run.customer.id)
        return made.id, chosen

    def site(self, name: str) -> int:
        return self._remember("site", name, lambda: self._site(name))  # type: ignore[no-any-return]

    def _site(self, name: str) -> int:
        try:
            return int(site_by(self.run.actor, name, self.run.customer.id).id)
        except Problem:
            if not self.run.create_missing:
                raise
        self.new_sites.add(name)
        if not self.writes:
            return -len(self.new_sites)
        return int(create_site(self.run.actor, {"customer": self.run.customer.id, "name": name}).id)

    def holder(self, name: str) -> int:
        """A contact of the customer, by e-mail address or name."""
        where = Contact.customer_id == self.run.customer.id

        def look() -> int:
            return int(refer(Contact, self.run.actor, name, field="holder", keys=("email", "name"), where=where).id)

        return self._remember("holder", name, look)  # type: ignore[no-any-return]

    def parent(self, code: str) -> int:
        """Not remembered: the parent may have come with an earlier row."""
        try:
            return int(asset_by(self.run.actor, code, "parent", customer_id=self.run.customer.id).id)
        except Problem as problem:
            texts = problem.errors.get("parent") or [problem.message]
            raise Unknown("parent", " ".join(str(text) for text in texts)) from None

    def notices(self) -> list[str]:
        """What was, or would be, made beside the rows themselves."""
        verb = "were created" if self.run.write else "will be created"
        found = []
        if self.new_products:
            names = ", ".join(sorted({str(name) for _, name, _ in self.new_products})[:5])
            found.append(f"{len(self.new_products)} products that did not exist {verb}: {names} ...")
        if self.new_sites:
            found.append(f"{len(self.new_sites)} sites that did not exist {verb}: {', '.join(sorted(self.new_sites)[:5])} ...")
        return found

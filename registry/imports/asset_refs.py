"""What names in a file stand for: products, sites, people - each looked up once, then remembered."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from registry.assets.statuses import statuses
from registry.customers.models import Contact
from registry.customers.places import create_site, site_by
from registry.imports.run import Run, Unknown
from registry.kernel.access import visible
from registry.kernel.codes import Codes
from registry.kernel.errors import Forbidden, Problem
from registry.kernel.language import _, ngettext, quoted
from registry.products.kinds import offered
from registry.products.models import Product
from registry.products.service import create_product

LARGEST_MEMORY = 50_000  # entries a cache may hold before it begins anew
NAMED = 5  # how many of what was made on the way a notice names


class Fit(NamedTuple):
    """A product that a row may mean."""

    id: int
    kind: str
    own: bool  # the customer's, not the house's
    maker: str
    name: str
    part_number: str


class References:
    """Resolves the names of one run, within its customer. Missing products and sites are made when asked for."""

    def __init__(self, run: Run) -> None:
        self.run = run
        rows = statuses()
        self.status_ids = {row.code: row.id for row in rows}
        self.status_meta = {row.id: row.meta for row in rows}
        self._known: dict[tuple[str, Any], Any] = {}
        self._of_row: list[tuple[str, Any]] = []
        self._made = {"products": 0, "sites": 0}
        self._names: dict[str, list[str]] = {"products": [], "sites": []}
        self._before_row = dict(self._made)

    def begin_row(self) -> None:
        """A row follows that may be taken back."""
        self._of_row.clear()
        self._before_row = dict(self._made)

    def take_back_row(self) -> None:
        """The row was taken back, and what was made for it with it."""
        for key in self._of_row:
            self._known.pop(key, None)
        self._made = dict(self._before_row)
        for what, count in self._made.items():
            del self._names[what][count:]

    def _remember(self, field: str, key: Any, look: Callable[[], Any]) -> Any:
        found = self._known.get((field, key))
        if found is None:
            if len(self._known) > LARGEST_MEMORY:
                self._known.clear()
            try:
                found = look()
            except Unknown as unknown:
                found = unknown
            except Problem as problem:
                texts = problem.errors.get(field) or [problem.message]
                found = Unknown(field, " ".join(str(text) for text in texts))
            self._known[(field, key)] = found
            self._of_row.append((field, key))
        if isinstance(found, Unknown):
            raise Unknown(found.name, found.message)
        return found

    def product(self, values: dict[str, Any], current: int | None = None) -> tuple[int, str]:
        """(id, kind) of the product that the row names by part number or name; made when it is not there.

        `current`: the product that the row to be updated has now; where it fits, it is meant.
        """
        get = values.get
        key = get("product"), get("part_number"), get("maker"), get("kind")
        fits: list[Fit] = self._remember("product", key, lambda: self._products(*key))
        if current is not None:
            for fit in fits:
                if fit.id == current:
                    return fit.id, fit.kind
        if len(fits) > 1:
            raise Unknown("product", _("This fits more than one product: give maker and part number too."))
        return fits[0].id, fits[0].kind

    def _told_by_part(self) -> bool:
        """Whether the file tells products apart by part number: then a row without one means one without."""
        return "part_number" in self.run.headers

    def _products(self, name: str | None, part: str | None, maker: str | None, kind: str | None) -> list[Fit]:
        if not name and not part:
            raise Unknown("product", _("Name the product, or give its part number."))
        fits = self._narrowed(self._candidates(name, part), name, part, maker)
        if kind and fits:
            of_kind = [fit for fit in fits if fit.kind == kind]
            if not of_kind:
                raise Unknown(
                    "kind",
                    _(
                        "%(part)s is %(kind)s, not %(kind2)s: correct the kind, or the product.",
                        part=part or name,
                        kind=fits[0].kind,
                        kind2=kind,
                    ),
                )
            fits = of_kind
        if len(fits) > 1 and not part and self._told_by_part() and all(fit.part_number for fit in fits):
            fits = []
        return fits or [self._new_product(name or part or "", part or "", maker or "", kind or "hardware")]

    def _candidates(self, name: str | None, part: str | None) -> list[Fit]:
        columns = Product.id, Product.kind, Product.customer_id, Product.maker, Product.name, Product.part_number
        mine = Product.customer_id.is_null() | (Product.customer_id == self.run.customer.id)
        fitting = Product.part_number == part if part else (Product.name == name) | (Product.part_number == name)
        rows = visible(Product, self.run.actor, *columns).where(mine & fitting).order_by(Product.id).limit(100).tuples()
        return [Fit(id_, kind, owner is not None, *texts) for id_, kind, owner, *texts in rows]

    def _narrowed(self, fits: list[Fit], name: str | None, part: str | None, maker: str | None) -> list[Fit]:
        """Only those that fit everything given; of exact fits the customer's own before the house's."""
        if maker:
            fits = [fit for fit in fits if fit.maker.casefold() == maker.casefold()]
        if part and name and len(fits) > 1:
            fits = [fit for fit in fits if fit.name == name] or fits
        exact = [fit for fit in fits if (fit.maker, fit.name, fit.part_number) == (maker or "", name, part or "")]
        fits = exact or fits
        own = [fit for fit in fits if fit.own]
        return own if len(own) == 1 else fits

    def _new_product(self, name: str, part: str, maker: str, kind: str) -> Fit:
        if not self.run.create_missing:
            raise Unknown(
                "product",
                _("There is no product %(part)s; create it first, or allow new products.", part=quoted(part or name)),
            )
        if kind not in (choices := offered()):
            raise Unknown("kind", _("Choose one of: %(known)s.", known=Codes(choices, "kind")))
        values = {"name": name, "part_number": part, "maker": maker, "kind": kind}
        made: Product = create_product(self.run.actor, values, self.run.customer.id)
        self._note("products", name)
        return Fit(made.id, kind, True, maker, name, part)

    def site(self, name: str) -> int:
        return self._remember("site", name, lambda: self._site(name))  # type: ignore[no-any-return]

    def _site(self, name: str) -> int:
        try:
            return int(site_by(self.run.actor, name, self.run.customer.id).id)
        except Problem:
            if not self.run.create_missing:
                raise
        try:
            made = create_site(self.run.actor, {"customer": self.run.customer.id, "name": name})
        except Forbidden:
            raise Unknown(
                "site", _("There is no site %(name)s, and you may not create sites: ask who may.", name=quoted(name))
            ) from None
        self._note("sites", name)
        return int(made.id)

    def holder(self, name: str, current: int | None = None) -> int:
        """A contact of the customer, by e-mail address or name; of several the one that it is `current`ly with."""
        fits: list[int] = self._remember("holder", name, lambda: self._contacts(name))
        if current in fits:
            return current  # type: ignore[return-value]
        if len(fits) > 1:
            raise Unknown(
                "holder",
                _(
                    "There are %(count)s contacts %(name)s; give the e-mail address.",
                    count=len(fits),
                    name=quoted(name),
                ),
            )
        return fits[0]

    def _contacts(self, name: str) -> list[int]:
        mine = visible(Contact, self.run.actor, Contact.id).where(Contact.customer_id == self.run.customer.id)
        for column in (Contact.email, Contact.name):
            found = [row[0] for row in mine.where(column == name).limit(20).tuples()]
            if found:
                return found
        raise Unknown("holder", _("There is no contact %(name)s; create the contact first.", name=quoted(name)))

    def _note(self, what: str, name: str) -> None:
        self._made[what] += 1
        if len(self._names[what]) < NAMED:
            self._names[what].append(name)

    def notices(self) -> Sequence[str]:
        """What was, or would be, made beside the rows themselves."""
        told = {"products": _of_products, "sites": _of_sites}
        return [
            told[what](count, self.run.write, ", ".join([*self._names[what], *(["..."] if count > NAMED else [])]))
            for what, count in self._made.items()
            if count
        ]


def _of_products(count: int, done: bool, names: str) -> str:
    if done:
        return ngettext("%(num)s product that did not exist was created: %(names)s",
                        "%(num)s products that did not exist were created: %(names)s", count, names=names)  # fmt: skip
    return ngettext("%(num)s product that does not exist will be created: %(names)s",
                    "%(num)s products that do not exist will be created: %(names)s", count, names=names)  # fmt: skip


def _of_sites(count: int, done: bool, names: str) -> str:
    if done:
        return ngettext("%(num)s site that did not exist was created: %(names)s",
                        "%(num)s sites that did not exist were created: %(names)s", count, names=names)  # fmt: skip
    return ngettext("%(num)s site that does not exist will be created: %(names)s",
                    "%(num)s sites that do not exist will be created: %(names)s", count, names=names)  # fmt: skip

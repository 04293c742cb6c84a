"""What the numbers in an entry mean: the names of what it refers to, and what it is about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from registry.assets.models import Asset, AssetField, AssetStatus
from registry.contracts.models import Contract, ContractLine, Duty, DutyDone
from registry.customers.models import Contact, Customer, ServicePolicy, Site
from registry.handover.models import Approval, CustodyTask
from registry.imports.models import ImportSession
from registry.kernel.access import Actor, Scoped, visible
from registry.kernel.language import _
from registry.licences.models import Licence, LicenceAssignment
from registry.people.models import User
from registry.people.service import users
from registry.products.models import Product
from registry.warranty.models import DecisionRecord, Terms, TermsVersion, Warranty
from registry.web.words.codes import word

Known = Mapping[str, Any]
NameOf = Callable[[str, Any], str]
# Which columns hold the id of something, and the column that it is called by.
REFERENCES: dict[str, tuple[Any, str]] = {
    "site": (Site, "name"), "product": (Product, "name"), "parent": (Asset, "serial"), "asset": (Asset, "serial"),
    "holder": (Contact, "name"), "contact": (Contact, "name"), "licence": (Licence, "name"),
    "contract": (Contract, "number"), "policy": (ServicePolicy, "name"), "user": (User, "name"),
    "owner": (User, "name"), "users": (User, "name"), "customer_id": (Customer, "name"),
    "status": (AssetStatus, "name"), "terms": (Terms, "name"), "duty": (Duty, "title"), "task": (CustodyTask, "title"),
    "approval": (Approval, "recipient"), "asset_field": (AssetField, "title"),
    "import_session": (ImportSession, "filename"), "session": (ImportSession, "filename"),
}  # fmt: skip
# What a kind of thing is called by now, where its entry has no more than a code or a number for it.
CALLED = {
    "customer": "customer_id", "asset_status": "status", "service_policy": "policy", "terms": "terms",
    "asset_field": "asset_field", "import_session": "import_session", "disclosure_approval": "approval",
}  # fmt: skip
SHIPPED = (AssetStatus, ServicePolicy, Terms)  # of which some come with the product, and have translations
NAMELESS = frozenset({"", 0, None})


def _unit(it: Known, name_of: NameOf) -> str:
    """The first of what a row may be about."""
    columns = ("asset", "licence", "product", "site", "contact")
    return next((name_of(name, it[name]) for name in columns if it.get(name)), "")


def _warranty(it: Known, name_of: NameOf) -> str:
    return _("%(unit)s: %(terms)s", unit=_unit(it, name_of), terms=name_of("terms_version", it.get("terms_version")))


def _version(it: Known, name_of: NameOf) -> str:
    return _("%(name)s, version %(number)s", name=name_of("terms", it.get("terms")), number=it.get("number"))


def _line(it: Known, name_of: NameOf) -> str:
    what = word("covers", "everything") if it.get("everything") else _unit(it, name_of)
    return _("%(unit)s: %(terms)s", unit=name_of("contract", it.get("contract")), terms=what)


def _assignment(it: Known, name_of: NameOf) -> str:
    used_by = _unit({"asset": it.get("asset"), "contact": it.get("contact")}, name_of)
    return _("%(licence)s for %(user)s", licence=name_of("licence", it.get("licence")), user=used_by)


def _done(it: Known, name_of: NameOf) -> str:
    return name_of("duty", it.get("duty"))


def _decision(it: Known, name_of: NameOf) -> str:
    return _("%(unit)s: %(terms)s", unit=_unit(it, name_of), terms=word("remedy", it.get("remedy")))


# Things called by what they are about: reference -> model, the columns that say it, how.
MADE_UP: dict[str, tuple[Any, tuple[str, ...], Callable[[Known, NameOf], str]]] = {
    "terms_version": (TermsVersion, ("terms", "number"), _version),
    "warranty": (Warranty, ("asset", "licence", "terms_version"), _warranty),
    "line": (ContractLine, ("contract", "asset", "licence", "product", "site", "everything"), _line),
    "licence_assignment": (LicenceAssignment, ("licence", "asset", "contact"), _assignment),
    "duty_done": (DutyDone, ("duty",), _done),
    "decision": (DecisionRecord, ("asset", "remedy"), _decision),
}
OBJECTS = {"contract_line": "line"}  # kinds of things that references call otherwise


class Names:
    """What ids are called, looked up together: a statement for each kind of thing, however many there are."""

    def __init__(self, who: Actor) -> None:
        self.who = who
        self.wanted: dict[str, set[int]] = defaultdict(set)
        self.found: dict[tuple[str, int], str] = {}
        self.rows: dict[tuple[str, int], Known] = {}
        self.slugs: dict[int, str] = {}
        self.titles: dict[str, str] = {}  # of custom fields, by their names; wanted while empty

    def want(self, field: str, value: Any) -> None:
        for one in value if isinstance(value, list) else (value,):
            known = field in REFERENCES or field in MADE_UP
            if known and isinstance(one, int) and not isinstance(one, bool) and one:
                self.wanted[field].add(one)

    def want_thing(self, kind: str, number: int | None, known: Known) -> None:
        """A thing that an entry is about; `known`: what the entry itself has of it, which is all there is once the
        thing is gone."""
        self.want(CALLED.get(kind, OBJECTS.get(kind, kind)), number)
        if (made_up := OBJECTS.get(kind, kind)) in MADE_UP and number:
            self._keep(made_up, number, known)

    def look(self) -> None:
        for field in ("warranty", *(name for name in MADE_UP if name not in ("warranty", "terms_version"))):
            self._look_made_up(field)
        self._look_made_up("terms_version")  # warranties refer to them
        by_model: dict[tuple[Any, str], set[int]] = defaultdict(set)
        for field in self.wanted.keys() & REFERENCES.keys():
            by_model[REFERENCES[field]] |= self.wanted[field]
        known = {place: dict(self._names(*place, ids)) for place, ids in by_model.items()}
        for field in self.wanted.keys() & REFERENCES.keys():
            names = known[REFERENCES[field]]
            self.found.update({(field, one): names[one] for one in self.wanted[field] if one in names})

        if self.titles:
            fields = visible(AssetField, self.who, AssetField.name, AssetField.title)
            self.titles |= dict(fields.where(AssetField.name.in_(sorted(self.titles))).tuples())

    def _look_made_up(self, field: str) -> None:
        if not self.wanted.get(field):
            return
        model, columns, _says = MADE_UP[field]
        chosen = [model.id, *(getattr(model, name) for name in columns)]
        for number, *values in self._rows(model, chosen, self.wanted[field]):
            self._keep(field, number, dict(zip(columns, values, strict=True)))

    def _keep(self, field: str, number: int, row: Known) -> None:
        kept = {name: row[name] for name in MADE_UP[field][1] if row.get(name) is not None}
        self.rows[field, number] = {**self.rows.get((field, number), {}), **kept}
        for name, value in kept.items():
            self.want(name, value)

    def _rows(self, model: Any, columns: list[Any], ids: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        if model is User:
            query = users(self.who).select(*columns)
        else:
            query = visible(model, self.who, *columns) if issubclass(model, Scoped) else model.select(*columns)
        yield from query.where(model.id.in_(sorted(ids))).tuples()

    def _names(self, model: Any, column: str, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        columns = [model.id, getattr(model, column), *([Customer.slug] if model is Customer else [])]
        columns += [Asset.tag, Asset.name] if model is Asset else []
        for number, *names in self._rows(model, columns, ids):
            if model is Customer:
                self.slugs[number] = names.pop()
            name = next((one for one in names if one), "")
            yield number, _(name) if model in SHIPPED else name

    def slug(self, customer_id: int) -> str | None:
        return self.slugs.get(customer_id)

    def known(self, field: str, value: Any) -> str | None:
        """The name of what `field` refers to by `value`; None where that is no reference."""
        if isinstance(value, bool) or not isinstance(value, int) or not (field in REFERENCES or field in MADE_UP):
            return None
        if field in MADE_UP:
            says = MADE_UP[field][2]
            row = self.rows.get((field, value))
            return says(row, self.name_of) if row else _("No. %(id)s", id=value)
        return self.found.get((field, value)) or _("No. %(id)s", id=value)

    def name_of(self, field: str, value: Any) -> str:
        return self.known(field, value) or ("" if value in NAMELESS else str(value))

    def thing(self, kind: str, number: int | None) -> str | None:
        """What a thing that an entry is about is called; None where its own label says it."""
        reference = CALLED.get(kind, OBJECTS.get(kind, kind))
        if number is None:
            return None
        if reference in MADE_UP:
            return self.known(reference, number) if self.rows.get((reference, number)) else None
        return self.found.get((reference, number)) if kind in CALLED else None

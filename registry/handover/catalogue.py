"""Rows of another house's catalogue that a package refers to: the same here, or brought along.

A product or terms with all their parts (versions, documents) that are here word for word are used as they are. Whatever
differs becomes the customer's own, since his warranties rest on what was said there. Statuses and policies have no
owner: one that differs gets a code of its own. The people of the other house come as shut accounts without a role.
"""

from collections import defaultdict
from typing import Any

from registry.handover import belongings, values
from registry.handover.belongings import links_of, table_of
from registry.handover.numbers import Numbers
from registry.handover.packing import HOUSE_USER, columns
from registry.handover.shared import parts_of
from registry.kernel.access import Shared, visible
from registry.kernel.language import _
from registry.kernel.writing import BOOKKEEPING
from registry.people.models import User

Row = dict[str, Any]
WHEN = frozenset({"added_at", "published_at"})


def natural_key(model: Any) -> list[str]:
    """The columns that make a row of the house unique, beside its id."""
    unique = [field.name for field in model._meta.sorted_fields if field.unique and field.name != "id"]
    if unique:
        return unique[:1]
    for columns_, is_unique in (index for index in model._meta.indexes if isinstance(index, tuple)):
        if is_unique and "customer_id" not in columns_:
            return list(columns_)
    found = [index._expressions for index in model._meta.indexes if not isinstance(index, tuple) and index._unique]
    names = next(([each.name for each in one] for one in found if all(each.name != "customer_id" for each in one)), [])
    return names


class Catalogue:
    """Decides for each row of the other house what becomes of it here. `rows`: model -> those rows, as in the package.

    `met` (model -> old id -> id here) and `own` (model -> rows to bring along) are the answer.
    """

    def __init__(self, rows: dict[Any, list[Row]], slug: str) -> None:
        self.slug, self.rows = slug, rows
        self.met: dict[Any, dict[int, int]] = defaultdict(dict)
        self.own: dict[Any, list[Row]] = defaultdict(list)
        self.notices: list[str] = []
        self._parts: set[Any] = {other for model in rows for other, _ in parts_of(model)}

    def decide(self) -> None:
        for model in belongings.models():
            if model in self.rows and model not in self._parts:
                for row in self.rows[model]:
                    self._decide(model, row)

    def _decide(self, model: Any, row: Row) -> None:
        here = self._same_key(model, row)
        if model is User:
            self._person(row, here)
        elif here is not None and self._alike(model, row, here) and self._parts_alike(model, row, here):
            self.met[model][row["id"]] = here.id
        elif issubclass(model, Shared):
            self._bring(model, row)
        else:
            self._bring_renamed(model, row, here)

    def _same_key(self, model: Any, row: Row) -> Any:
        names = natural_key(model)
        query = visible(model, belongings.HOUSE)
        if issubclass(model, Shared):
            query = query.where(model.customer_id.is_null())
        for name in names:
            field = model._meta.fields[name]
            query = query.where(field == self._here(field, row[field.column_name]))
        return query.first() if names else None

    def _here(self, field: Any, value: Any) -> Any:
        if values.kind_of(field) == "reference":
            return self.met[field.rel_model].get(value, -1)
        return values.told(field, value)

    def _alike(self, model: Any, row: Row, here: Any) -> bool:
        for field in columns(model):
            if field.name in BOOKKEEPING | WHEN or field.name == "customer_id" or field.name in links_of(model):
                continue
            if values.kind_of(field) == "reference" and field.rel_model not in self.rows:
                continue
            if values.plain(here.__data__.get(field.name)) != self._plain(field, row[field.column_name]):
                return False
        return True

    def _plain(self, field: Any, value: Any) -> Any:
        if values.kind_of(field) == "reference":
            return self.met[field.rel_model].get(value) if value is not None else None
        return values.plain(values.told(field, value))

    def _parts_alike(self, model: Any, row: Row, here: Any) -> bool:
        """Whether every part of it is here, too; then they are the same from now on."""
        found: list[tuple[Any, int, int]] = []
        self.met[model][row["id"]] = here.id
        for other, field in parts_of(model):
            there = list(visible(other, belongings.HOUSE).where((field == here.id) & other.customer_id.is_null()))
            for part in self._parts_of(other, field, row):
                same = next((one for one in there if self._alike(other, part, one)), None)
                if same is None:
                    del self.met[model][row["id"]]
                    return False
                found.append((other, part["id"], same.id))
        for other, old, new in found:
            self.met[other][old] = new
        return True

    def _parts_of(self, other: Any, field: Any, row: Row) -> list[Row]:
        return [part for part in self.rows.get(other, ()) if part[field.column_name] == row["id"]]

    def _bring(self, model: Any, row: Row) -> None:
        self.own[model].append(row)
        for other, field in parts_of(model):
            for part in self._parts_of(other, field, row):
                self._bring(other, part)

    def _bring_renamed(self, model: Any, row: Row, here: Any) -> None:
        """A status or a policy: new here, or another one of the same code."""
        if here is not None:
            name = natural_key(model)[0]
            longest = model._meta.fields[name].max_length
            row = {**row, name: f"{row[name]}"[: longest - len(self.slug) - 1] + f"-{self.slug}"}
            self.notices.append(
                _(
                    "%(model)s %(here)s is another one here; his is called %(row)s.",
                    model=table_of(model),
                    here=here.label,
                    row=row[name],
                )
            )
        self.own[model].append(row)

    def _person(self, row: Row, here: Any) -> None:
        if here is not None:
            self.met[User][row["id"]] = here.id
            return
        self.own[User].append({name: row[name] for name in ("id", *HOUSE_USER)})


def numbers_of(model: Any, old: list[int], fresh: Any, met: dict[int, int]) -> Numbers:
    made = Numbers(old, fresh)
    for before, now in met.items():
        made.is_here(before, now)
    return made


def unmapped(model: Any) -> list[str]:
    """Columns that look like an id and are neither a reference nor declared in LINKS: a guard for tests."""
    return [
        field.column_name
        for field in columns(model)
        if field.column_name.endswith("_id")
        and field.name not in ("customer_id", *links_of(model))
        and values.kind_of(field) == "integer"
    ]

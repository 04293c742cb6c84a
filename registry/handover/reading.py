"""Reading a package into this house: all of it or nothing, with new ids, shut accounts, and the old history beside."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zoneinfo import available_timezones

from peewee import Field, IntegrityError

from registry.actions import Action
from registry.contracts.lending import lend_to_all
from registry.customers.models import Customer
from registry.handover import belongings, values
from registry.handover.belongings import files_of, links_of, references, sealed_of, table_of
from registry.handover.catalogue import Catalogue, Row, numbers_of
from registry.handover.models import PriorChain
from registry.handover.numbers import Numbers
from registry.handover.packing import columns
from registry.handover.problems import refuse
from registry.handover.unpacking import Unpacked
from registry.kernel import access, files
from registry.kernel.access import Actor, Permission, Shared, visible
from registry.kernel.db import problem_of, reserve_ids, transaction
from registry.kernel.errors import Conflict
from registry.kernel.language import _, quoted
from registry.kernel.secrets import vault
from registry.kernel.writing import note
from registry.people.models import Membership, User
from registry.people.roles import ROLES

access.declare(Permission("package.read", "Read a package into this installation", customer=False))

CHUNK = 200
DEEPEST = 64  # how far things may be nested in one another


@dataclass
class Outcome:
    """What came of it. `notices`: what somebody has to look at."""

    customer: Customer
    rows: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def read_package(actor: Actor, path: Path, slug: str | None = None, key: str | None = None) -> Outcome:
    """Bring the customer of the package at `path` into this house, as `slug` if that is given. `key`: the public key
    that must have signed it.

    Raises BadPackage before anything is stored, Conflict when the short name is taken here, Invalid for one that none
    can have.
    """
    actor.must("package.read")
    with Unpacked(path, key) as package:
        reading = Reading(actor, package, package.slug(slug))
        try:
            with transaction():
                return reading.read()
        except IntegrityError as error:
            reading.give_up()
            refuse(f"its rows contradict one another ({problem_of(error).message})")
        except BaseException:
            reading.give_up()
            raise


class Reading:
    def __init__(self, actor: Actor, package: Unpacked, slug: str) -> None:
        self.actor, self.package, self.slug = actor, package, slug
        self.old_id = int(package.manifest["customer"]["id"])
        self.numbers: dict[Any, Numbers] = {}
        self.brought: dict[Any, list[Row]] = {}
        self.rows: dict[str, int] = {}
        self.notices: list[str] = []
        self._kept: list[str] = []  # files put into the store so far

    def read(self) -> Outcome:
        if visible(Customer, belongings.HOUSE).where(Customer.slug == self.slug).exists():
            raise Conflict(
                _(
                    "There is a customer %(slug)s here already; choose another short name (--slug).",
                    slug=quoted(self.slug),
                )
            )
        models = self._models()
        self._number(models)
        for model in models:
            self.rows[table_of(model)] = self._insert_all(model)
        customer = visible(Customer, belongings.HOUSE).where(Customer.id == self.new_id).get()
        lend_to_all(customer.id)
        self._remember(customer)
        return Outcome(customer, self.rows, self.notices)

    def give_up(self) -> None:
        for key in self._kept:
            with suppress(Exception):  # the cause matters more than the tidying up
                files.store().delete(key)

    @property
    def new_id(self) -> int:
        found = self.numbers[Customer].get(self.old_id)
        if found is None:
            refuse("it does not hold its customer")
        return found

    # --- What is in it ---

    def _models(self) -> list[Any]:
        known = {table_of(model): model for model in belongings.models()}
        told = set(self.package.manifest["tables"])
        strange = sorted(name for name in told if name not in known or not self.package.has(f"data/{name}.jsonl"))
        if strange:
            refuse(f"this installation has no table {strange[0]!r}; install the plugin that it belongs to")
        silent = [name for name in told if belongings.way(known[name]) == "through" or belongings.left_out(known[name])]
        if silent:
            refuse(f"the table {silent[0]!r} does not belong into a package")
        for name in sorted(told):
            reason, count = belongings.not_read(known[name]), self.package.manifest["tables"][name]
            if reason and count:
                self.notices.append(
                    _("Not read: %(count)s rows of %(name)s (%(reason)s).", count=count, name=name, reason=reason)
                )
        return [model for model in belongings.models() if table_of(model) in told and not belongings.not_read(model)]

    def _rows(self, model: Any) -> Iterator[Row]:
        yield from self.package.lines(f"data/{table_of(model)}.jsonl")

    def _is_own(self, model: Any, row: Row) -> bool:
        if model is Customer:
            return bool(row["id"] == self.old_id) or refuse("it holds more than one customer")
        if "customer_id" in model._meta.fields:
            owner = row.get("customer_id")
            if owner not in (self.old_id, None) or (owner is None and not issubclass(model, Shared)):
                refuse(f"a row of {table_of(model)} belongs to somebody else")
            return bool(owner == self.old_id)
        return model is User and "active" in row

    def _number(self, models: list[Any]) -> None:
        """New ids for all that comes, before the first row is written: whatever refers can be written in one go."""
        shared = {model: [row for row in self._rows(model) if not self._is_own(model, row)] for model in models}
        found = Catalogue({model: rows for model, rows in shared.items() if rows}, self.slug)
        found.decide()
        self.notices += found.notices
        self.brought = found.own
        for model in models:
            mine = [self._id(model, row) for row in self._rows(model) if self._is_own(model, row)]
            met = dict(found.met.get(model, {}))
            if model is User:
                met |= self._known_people()
                mine = [number for number in mine if number not in met]
            old = sorted([*mine, *(row["id"] for row in found.own.get(model, ()))])
            if len(set(old)) != len(old):
                refuse(f"an id is twice in {table_of(model)}")
            self.numbers[model] = numbers_of(model, old, reserve_ids(table_of(model), len(old)), met)

    def _id(self, model: Any, row: Row) -> int:
        number = row.get("id")
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            refuse(f"a row of {table_of(model)} has no id")
        return number

    def _known_people(self) -> dict[int, int]:
        """Accounts of his people whose address has an account here: it is left as it is."""
        met = {}
        for row in self._rows(User):
            here = User.get_or_none(User.email == row["email"]) if self._is_own(User, row) else None
            if here is not None:
                met[row["id"]] = here.id
                self.notices.append(
                    _("%(email)s has an account here already; give it a role by hand if it is his.", email=row["email"])
                )
        return met

    # --- Rows ---

    def _insert_all(self, model: Any) -> int:
        itself = next((one for one in references(model) if one.rel_model is model), None)
        if itself is None:
            return self._insert(model, self._wanted(model))
        return self._insert_nested(model, itself)

    def _wanted(self, model: Any) -> Iterator[Row]:
        yield from self.brought.get(model, ())
        for row in self._rows(model):
            if self._is_own(model, row) and self._comes_along(model, row):
                yield row

    def _comes_along(self, model: Any, row: Row) -> bool:
        if model is User:
            return row["id"] not in self.numbers[User]._met
        if model is Membership:
            role = ROLES.get(row["role"])
            if role is None or role.operator:
                refuse(f"it gives a role {row['role']!r} that no customer's people can have")
            return row["user_id"] not in self.numbers[User]._met
        return True

    def _insert_nested(self, model: Any, itself: Field) -> int:
        """What is inside of something else comes after it: level by level, however it is numbered."""
        done: set[int] = set()
        total, column = 0, itself.column_name
        for _step in range(DEEPEST):
            before = frozenset(done)
            level = (
                row for row in self._wanted(model)
                if row["id"] not in before and (row[column] is None or row[column] in before)
            )  # fmt: skip
            count = self._insert(model, _noted(level, done))
            total += count
            if not count:
                break
        if total != len(self.numbers[model]):
            refuse(f"rows of {table_of(model)} are nested in a ring, or in something that is not there")
        return total

    def _insert(self, model: Any, rows: Iterable[Row]) -> int:
        remaining, total = iter(rows), 0
        while chunk := list(islice(remaining, CHUNK)):
            model.insert_many([self._ready(model, row) for row in chunk]).execute()
            total += len(chunk)
        return total

    def _ready(self, model: Any, row: Row) -> dict[str, Any]:
        fields = {one.column_name: one for one in columns(model)}
        strange = sorted(row.keys() - fields.keys() - {"id"})
        if strange:
            refuse(f"{table_of(model)} has no column {strange[0]!r} here; it comes from a newer version")
        ready = {"id": self.numbers[model].get(row["id"])}
        for name, one in fields.items():
            if name in row:
                ready[one.name] = self._value(model, one, row[name])
            elif one.default is None and not one.null:
                refuse(f"a row of {table_of(model)} lacks {name}")
        return {**ready, **self._changed(model)}

    def _changed(self, model: Any) -> dict[str, Any]:
        """What is never taken over as it was."""
        if model is Customer:
            return {"slug": self.slug}
        if model is User:
            return {"active": False, "password_hash": None}
        return {"customer_id": self.new_id} if "customer_id" in model._meta.fields else {}

    def _value(self, model: Any, one: Field, value: Any) -> Any:
        if one.name == "customer_id":
            return self.new_id
        if one.name in links_of(model):
            target = next(each for each in belongings.models() if table_of(each) == links_of(model)[one.name])
            return self.numbers[target].get(value) if target in self.numbers else None
        if value is not None and values.kind_of(one) == "reference":
            return self._referred(model, one, values.told(one, value))
        if one.name == "time_zone" and value is not None and value not in available_timezones():
            refuse(f"{table_of(model)}.time_zone: {str(value)[:64]!r} is no time zone that is known here")
        if one.name in files_of(model):
            return self._put(str(value)) if value else value
        if value is not None and one.name in sealed_of(model):
            return vault().seal(values.told(one, value))
        return values.told(one, value)

    def _referred(self, model: Any, one: Field, old: int) -> int:
        numbers = self.numbers.get(one.rel_model)
        new = numbers.get(old) if numbers is not None else None
        if new is None:
            refuse(f"a row of {table_of(model)} refers to {table_of(one.rel_model)} {old}, which is not in it")
        return new

    # --- Files and history ---

    def _put(self, part: str) -> str:
        if not part.startswith("files/") or not self.package.has(part):
            refuse(f"the file {part[:100]!r} is not in it")
        with self.package.open(part) as stream:
            return self._store(stream).key

    def _store(self, stream: IO[bytes]) -> files.Kept:
        key = files.new_key(self.new_id)
        self._kept.append(key)
        return files.store().put(key, stream)

    def _remember(self, customer: Customer) -> None:
        """The old chain stays as it was, in a file: with new ids in it, it would not verify any more. The new one
        begins with an entry that names its end."""
        length, head = self.package.chain
        with self.package.open("audit/chain.jsonl") as stream:
            kept = self._store(stream)
        manifest = self.package.manifest
        signed_by, whole = str(manifest["public_key"]), self.package.sha256()
        PriorChain.create(
            customer_id=customer.id, file_key=kept.key, sha256=kept.sha256, length=length, head=head,
            signed_by=signed_by, package_sha256=whole,
        )  # fmt: skip
        told = {"length": length, "head": head, "signed_by": signed_by, "package_sha256": whole}
        after = {"made_at": manifest["made_at"], "prior_chain": told, "rows": sum(self.rows.values())}
        note(self.actor, Action.PACKAGE_READ, customer, after=after)


def _noted(rows: Iterable[Row], done: set[int]) -> Iterator[Row]:
    for row in rows:
        done.add(row["id"])
        yield row

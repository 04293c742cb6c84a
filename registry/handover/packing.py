"""Writing a package: every row of one customer, the rows of the house they refer to, his files, his audit chain.

All of it as of one moment, read in steps, so that neither memory nor other people's work depend on its size.
"""

from collections.abc import Callable, Iterator
from itertools import compress
from pathlib import Path
from typing import IO, Any

import orjson
from peewee import Field

from registry import __version__
from registry.customers.models import Customer
from registry.handover import belongings, values
from registry.handover.archive import Archive
from registry.handover.belongings import Owner
from registry.handover.readme import README
from registry.handover.shared import referred
from registry.kernel import audit, clock, db, files, signing, tabular
from registry.kernel.access import Actor, visible
from registry.kernel.listing import LISTINGS, Listing
from registry.kernel.secrets import vault
from registry.people.models import User

FORMAT = 1
CHAIN_COLUMNS = audit.COLUMNS
PROOF = Path(__file__).with_name("proof.py")
NOT_AS_LIST = frozenset({"audit", "package"})  # the chain is in the package as a whole; packages stay behind
HOUSE_USER = ("email", "name")  # all that a package tells of the operator's own people

Told = Callable[[int, int], None]


class Packing:
    """One package in the making. `told(rows, total)` hears how far it is."""

    def __init__(self, customer: Customer, target: IO[bytes], *, with_keys: bool, made_for: str, told: Told) -> None:
        self.customer, self.with_keys, self.made_for = customer, with_keys, made_for
        self._archive = Archive(target)
        self._told = told
        self._owner = Owner(customer.id)
        self._files: dict[str, str] = {}  # key in the store -> path in the package
        self.rows = self.total = 0
        self.tables: dict[str, int] = {}
        self.lists: dict[str, int] = {}
        self.chain: dict[str, Any] = {}

    def write(self) -> dict[str, Any]:
        """All of it; answers the manifest."""
        try:
            with db.snapshot():
                self._owner = belongings.owner_of(self.customer.id)
                self._write_all()
        finally:
            self._archive.close()
        return self._manifest

    def _write_all(self) -> None:
        packed = belongings.packed()
        self.total = sum(belongings.count(model, self._owner) for model in packed)
        self._archive.write("README.txt", README.encode())
        self._archive.write("schema.json", _pretty(schema()))
        shared = referred(self._owner)
        for model in belongings.models():
            if model in packed or shared.get(model):
                self._table(model, own=model in packed, shared=sorted(shared.get(model, ())))
        for kind in sorted(LISTINGS):
            if kind not in NOT_AS_LIST:
                self._list(LISTINGS[kind])
        for key, path in self._files.items():
            self._file(key, path)
        self._chain()
        self._archive.write("audit/proof.py", PROOF.read_bytes())
        self._manifest = self._summary()
        data = _pretty(self._manifest)
        self._archive.write("manifest.json", data, listed=False)
        seal = {"algorithm": "Ed25519", "public_key": signing.public_key(), "signature": signing.sign(data)}
        self._archive.write("signature.json", _pretty({**seal, "over": "manifest.json"}), listed=False)

    # --- Tables ---

    def _table(self, model: Any, *, own: bool, shared: list[int]) -> None:
        name, count = belongings.table_of(model), 0
        with self._archive.part(f"data/{name}.jsonl") as part:
            for row in self._rows(model, own, shared):
                part.write(values.line(row))
                count += 1
        self.tables[name] = count

    def _rows(self, model: Any, own: bool, shared: list[int]) -> Iterator[dict[str, Any]]:
        """The house's rows first, so that what others refer to comes before them."""
        if shared:
            fields = columns(model) if model is not User else [User._meta.fields[name] for name in HOUSE_USER]
            for chunk in belongings.batches(shared):
                query = visible(model, belongings.HOUSE).where(model.id.in_(chunk))
                yield from self._dicts(query, model, fields)
        if own:
            yield from self._dicts(belongings.select(model, self._owner), model, columns(model))

    def _dicts(self, query: Any, model: Any, fields: list[Field]) -> Iterator[dict[str, Any]]:
        names = [field.column_name for field in fields]
        opened, kept = belongings.sealed_of(model), belongings.files_of(model)
        for row_id, *row in belongings.rows(query, model, fields):
            found = {"id": row_id, **{name: values.plain(value) for name, value in zip(names, row, strict=True)}}
            for name in opened:
                found[name] = self._opened(found[name])
            for name in kept:
                found[name] = self._kept(found[name])
            self._count()
            yield found

    def _opened(self, sealed: str | None) -> str | None:
        return vault().open(sealed) if sealed and self.with_keys else None

    def _kept(self, key: str | None) -> str | None:
        """A file that is gone already (of an import that is done) leaves an empty name."""
        if not key or not files.KEY.match(key) or not files.store().exists(key):
            return key and ""
        return self._files.setdefault(key, f"files/{len(self._files) + 1:06d}")

    def _count(self) -> None:
        self.rows += 1
        if self.rows % belongings.STEP == 0:
            self._told(self.rows, self.total)

    # --- Lists, files, chain ---

    def _list(self, listing: Listing) -> None:
        """What people see on screen, as CSV: lists that can be asked for one customer."""
        actor = Actor.system(self.customer.id, name="package", kind="job")
        word = {"customer": "slug"}.get(listing.kind, "customer")
        if word not in listing.filters:
            return
        chosen = {word: self.customer.slug}
        fit = [not _is_secret(column.expression) for column in listing.exported()]
        shown = list(compress(listing.exported(), fit))
        counted = _Counted(tuple(compress(row, fit)) for row in listing.stream(actor, chosen))
        with self._archive.part(f"csv/{listing.kind}.csv") as part:
            for piece in tabular.write_csv(tabular.columns_of(shown), tabular.flat(shown, counted), bom=True):
                part.write(piece)
        self.lists[listing.kind] = counted.count

    def _file(self, key: str, path: str) -> None:
        with files.store().open(key) as stream, self._archive.part(path) as part:
            while piece := stream.read(files.PIECE):
                part.write(piece)

    def _chain(self) -> None:
        length, head = 0, audit.GENESIS
        with self._archive.part("audit/chain.jsonl") as part:
            for *row, head, _id in audit.rows_of(self.customer.id):
                entry = dict(zip((*CHAIN_COLUMNS, "hash"), (*row, head), strict=True))
                part.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
                length += 1
        self.chain = {"columns": list(CHAIN_COLUMNS), "length": length, "head": head}

    def _summary(self) -> dict[str, Any]:
        left_out = {belongings.table_of(model): belongings.left_out(model) for model in _left_out()}
        return {
            "format": FORMAT,
            "product": "assetcare",
            "version": __version__,
            "made_at": values.plain(clock.now()),
            "made_for": self.made_for,
            "customer": {"id": self.customer.id, "slug": self.customer.slug, "name": self.customer.name},
            "keys": "opened" if self.with_keys else "withheld",
            "public_key": signing.public_key(),
            "chain": self.chain,
            "tables": self.tables,
            "lists": self.lists,
            "left_out": left_out,
            "files": self._archive.parts,
        }


def _is_secret(expression: Any) -> bool:
    """A list may show its reader what a file that goes from hand to hand must not hold."""
    return isinstance(expression, Field) and expression.name in belongings.secrets_of(expression.model)


class _Counted:
    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.count += 1
            yield row


def _pretty(body: Any) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def columns(model: Any) -> list[Field]:
    """The columns of a table that go into a package, beside the id: not what is worked out again where it is read."""
    hidden = (belongings.secrets_of(model) - belongings.sealed_of(model)) | getattr(model, "WORKED_OUT", frozenset())
    return [field for field in model._meta.sorted_fields if field.name not in hidden and field.name != "id"]


def _left_out() -> list[Any]:
    return [one for one in belongings.models() if belongings.way(one) != "house" and belongings.left_out(one)]


def schema() -> dict[str, Any]:
    """What the columns of data/*.jsonl hold, for programs that read a package."""
    tables = {belongings.table_of(model): _described(model) for model in belongings.models() if _goes_along(model)}
    moments = "moment: ISO 8601 in UTC; day: ISO 8601; decimal: text; file: a path in this package"
    return {"format": FORMAT, "values": moments, "tables": tables}


def _goes_along(model: Any) -> bool:
    return belongings.way(model) == "house" or belongings.left_out(model) is None


def _described(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"id": {"kind": "integer"}}
    for field in columns(model):
        column: dict[str, Any] = {"kind": values.kind_of(field), "null": field.null}
        if values.kind_of(field) == "reference":
            column["table"] = belongings.table_of(field.rel_model)
        if field.name in belongings.files_of(model):
            column["kind"] = "file"
        if field.name in belongings.sealed_of(model):
            column["secret"] = True
        found[field.column_name] = column
    return {"columns": found, "withheld": sorted(belongings.secrets_of(model) - belongings.sealed_of(model))}

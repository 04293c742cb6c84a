"""A company with a row in every table that can hold one of a customer's, ready to be handed over and to leave."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from registry.handover import belongings, values
from registry.handover.belongings import Owner, owner_of, table_of, way
from registry.handover.handing import make_to
from registry.imports import store as imports
from registry.kernel import clock, db, files, schema
from registry.kernel.access import visible
from registry.kernel.secrets import vault
from registry.people.models import Token
from tests.houses import House, Person
from tests.two_companies import CANARY, Companies

V1 = "/api/v1"
# What nobody else's data holds: the mark of every text of acme's, and the addresses of its people.
SONGS = (CANARY, "@acme.example", "zqxcanary")


def done(answer: Any, *codes: int) -> Any:
    assert answer.status_code in (codes or (200, 201, 204)), f"{answer.status_code} {answer.text[:500]}"
    return answer.json if answer.is_json else answer


def settle(companies: Companies, slug: str = "acme") -> None:
    """Everything is given back, ended and fetched: nothing stands in the way of an erasure."""
    house, people, ids = companies.house, companies.people, getattr(companies, slug)
    manager = people.owner if slug == "acme" else people.stranger
    admin, any_version = people.admin, {"headers": {"If-Match": "*"}}
    done(admin.post(f"{V1}/custody-tasks/{ids['task']}/finish"))
    done(admin.post(f"{V1}/custody-items/{ids['item']}/return", {"returned_to": "Ann"}))
    done(admin.post(f"{V1}/custody-tasks/{ids['task']}/close"))
    done(manager.post(f"{V1}/disclosure-approvals/{ids['approval']}/revoke", {"reason": CANARY}))
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    end = {"terminated_on": yesterday, "reason": CANARY}
    done(admin.post(f"{V1}/contracts/{ids['contract']}/terminate", end, **any_version))
    fetch_package(manager, slug)
    assert house.system


def fetch_package(person: Person, slug: str = "acme") -> bytes:
    made = done(person.post(f"{V1}/customers/{slug}/packages", {}))
    answer = get_file(person, f"{V1}/packages/{made['id']}/file")
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def get_file(person: Person, path: str, **options: Any) -> Any:
    """GET, read to the end and closed, as a server does."""
    answer = person.get(path, **options)
    answer.get_data()
    answer.close()
    return answer


def empty_tables(owner: Owner) -> list[Any]:
    """Tables that could hold something of the owner's, and do not."""
    return [one for one in belongings.models() if way(one) != "house" and not belongings.count(one, owner)]


def fill_the_rest(slug_id: int) -> list[str]:
    """A row full of canaries in every table of the customer that has none yet; answers which tables that were."""
    owner, filled = owner_of(slug_id), []
    for model in reversed(empty_tables(owner)):
        if table_of(model) not in ("audit_entry", "chain_head"):
            filled.append(table_of(model))
    for model in belongings.models():
        if table_of(model) in filled:
            db.database.execute_sql(*model.insert(**_canaries(model, owner)).sql())
    return filled


def _canaries(model: Any, owner: Owner) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in model._meta.sorted_fields:
        if field.name == "id":
            continue
        if isinstance(field, ForeignKeyField):
            if way(field.rel_model) != "house" and field.rel_model is not model:
                found[field.name] = belongings.select(field.rel_model, owner, field.rel_model.id).tuples().first()[0]
        elif field.name == "customer_id":
            found[field.name] = owner.id
        elif field.name in belongings.files_of(model):
            found[field.name] = files.store().put(files.new_key(owner.id), io.BytesIO(CANARY.encode())).key
        elif isinstance(field, CharField | TextField):
            found[field.name] = f"{CANARY} {table_of(model)} {field.name}"[: getattr(field, "max_length", None) or 500]
        else:
            found[field.name] = {
                "integer": 1, "boolean": True, "json": {"song": CANARY}, "moment": clock.now(), "day": clock.today(),
                "decimal": 1,
            }[values.kind_of(field)]  # fmt: skip
    for name in belongings.sealed_of(model):
        found[name] = vault().seal(CANARY)
    return found


def add_songs(companies: Companies) -> None:
    """Where people leave traces besides: sign-ins, searches, letters, waiting jobs, files, changed texts."""
    people, ids = companies.people, companies.acme
    owner, admin = people.owner, people.admin
    done(owner.patch(f"{V1}/assets/{ids['asset']}", {"name": "zqxcanary was here"}))
    done(owner.patch(f"{V1}/assets/{ids['asset']}", {"name": f"{CANARY} again"}))
    done(owner.post(f"{V1}/tokens", {"name": f"{CANARY} token", "days": 1}))
    done(admin.get(f"{V1}/exports/assets.csv?serial={CANARY}-SN"))
    done(admin.get(f"{V1}/exports/assets.json?customer=acme"))
    done(owner.get(f"{V1}/exports/assets.xlsx"))
    client = companies.house.app.test_client()
    for password in ("wrong", CANARY):
        client.post("/sign-in", data={"email": "alice@acme.example", "password": password})
    both = companies.house.person("both@both.example", "manager", "acme")  # somebody with two customers, who stays
    done(people.admin.put(f"{V1}/users/{both.user.id}/role", {"role": "reader", "customer": "globex"}))
    done(both.post(f"{V1}/tokens", {"name": f"{CANARY} of both", "days": 1}))
    Token.delete().where(Token.name.contains(CANARY) & (Token.user == both.user)).execute()
    store = files.store()
    store.put(files.new_key(ids["customer"]), io.BytesIO(CANARY.encode()))
    scratch = imports.scratch(imports.new_key(ids["customer"]))
    assert scratch.parent.is_dir()


def package_of(house: House, slug: str, path: Path, **options: Any) -> dict[str, Any]:
    with path.open("w+b") as file:
        return make_to(house.system, slug, file, **options)


def lines(path: Path, part: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as opened:
        return [json.loads(line) for line in opened.read(part).splitlines()]


def comparable(path: Path) -> dict[str, list[Any]]:
    """table -> its rows without ids: each reference is replaced by what the row that it refers to says."""
    links = {table_of(model): belongings.links_of(model) for model in schema.models()}
    with zipfile.ZipFile(path) as opened:
        about = json.loads(opened.read("schema.json"))["tables"]
        tables = json.loads(opened.read("manifest.json"))["tables"]
        rows = {
            t: {row["id"]: row for row in map(json.loads, opened.read(f"data/{t}.jsonl").splitlines())} for t in tables
        }

    def told(table: str, row: dict[str, Any], depth: int = 4) -> Any:
        shown = {}
        for name, value in row.items():
            column = about[table]["columns"].get(name, {})
            if (
                name in ("id", "customer_id", *DROPPED.get(table, ()), *links.get(table, ()))
                or column.get("kind") == "file"
            ):
                continue
            if column.get("kind") == "reference" and value is not None:
                other = column["table"]
                value = told(other, rows[other][value], depth - 1) if depth else "..."
            shown[name] = value
        return shown

    ordered = {}
    not_read = {table_of(model) for model in schema.models() if belongings.not_read(model)}
    for table, found in rows.items():
        if table not in ("prior_chain", *not_read):
            ordered[table] = sorted((told(table, row) for row in found.values()), key=repr)
    return ordered


# What is never taken over as it was.
DROPPED = {"app_user": ("active", "password_hash", "version", "created_at", "changed_at"), "customer": ("slug",),
           "asset_status": ("created_at", "changed_at"),
           "service_policy": ("created_at", "changed_at"), "terms": ("created_at", "changed_at"),
           "terms_version": ("published_at",)}  # fmt: skip


def every_text(house: House) -> Iterator[tuple[str, str]]:
    """(table, all that a row says) of every row of every table there is, whoever it belongs to."""
    for model in schema.models():
        names = [f'"{column}"' for column in model._meta.columns]
        for row in db.run_sql(f"SELECT {', '.join(names)} FROM {table_of(model)}").fetchall():
            yield table_of(model), repr(tuple(bytes(one) if isinstance(one, memoryview) else one for one in row))
    assert visible and house


def raw_files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()

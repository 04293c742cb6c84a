"""What was handed over can be read into an empty house - the same engine or the other - and nothing bad with it."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.assets.models import Asset
from registry.customers.service import customer_by
from registry.demo import fill
from registry.handover.models import PriorChain
from registry.handover.problems import BadPackage
from registry.handover.reading import Outcome, read_package
from registry.handover.unpacking import Unpacked
from registry.kernel import db, files, signing
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry, verify
from registry.kernel.errors import Conflict, Forbidden, Invalid
from registry.kernel.secrets import vault
from registry.licences.models import Licence
from registry.people.models import Membership, User
from registry.people.service import create_user
from tests.handover.world import comparable, fill_the_rest, package_of
from tests.houses import House, opened
from tests.two_companies import CANARY, Companies


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, stocked: Companies) -> Path:
    """Of a company with a row in every table."""
    folder = tmp_path_factory.mktemp("package")
    for companies in stocked.living_in(folder / "house"):
        fill_the_rest(companies.acme["customer"])
        package_of(companies.house, "acme", folder / "acme.zip")
    return folder / "acme.zip"


def bring(house: House, path: Path, slug: str | None = None) -> Outcome:
    return read_package(house.system, path, slug)


def test_what_was_packed_here_is_packed_there_again(package: Path, any_house: House, tmp_path: Path) -> None:
    found = bring(any_house, package)
    again = tmp_path / "again.zip"
    package_of(any_house, "acme", again)
    before, after = comparable(package), comparable(again)
    assert before.keys() == after.keys()
    for table in before:
        assert before[table] == after[table], table
    assert sum(map(len, before.values())) > 50 and found.rows["asset"] == len(before["asset"])
    assert all(state.fault is None for state in verify())


@pytest.mark.slow
@pytest.mark.postgres
def test_the_demo_companies_move_from_one_engine_to_the_other(
    house: House, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fill(house.settings)
    slugs = [row[0] for row in db.run_sql("SELECT slug FROM customer ORDER BY id").fetchall()]
    for slug in slugs:
        package_of(house, slug, tmp_path / f"{slug}.zip")
    house.close()
    other: House = request.getfixturevalue("postgres_house")
    for slug in slugs:
        bring(other, tmp_path / f"{slug}.zip")
        package_of(other, slug, tmp_path / f"{slug}-again.zip")
        before, after = comparable(tmp_path / f"{slug}.zip"), comparable(tmp_path / f"{slug}-again.zip")
        for table in before:
            assert before[table] == after[table], f"{slug} {table}"
    other.close()
    for back in opened(House(tmp_path / "back", f"sqlite:///{tmp_path / 'back.db'}")):
        back.prepare()
        bring(back, tmp_path / f"{slugs[0]}-again.zip")
        package_of(back, slugs[0], tmp_path / "third.zip")
        assert comparable(tmp_path / "third.zip")["asset"] == comparable(tmp_path / f"{slugs[0]}.zip")["asset"]


def test_accounts_come_shut_and_roles_stay(package: Path, house: House) -> None:
    bring(house, package)
    people = {user.email: user for user in User.select()}
    assert not any(user.active or user.password_hash for user in people.values())
    owner, manager = people["alice@acme.example"], people["manager@operator.example"]
    assert [row.role for row in Membership.select().where(Membership.user == owner)] == ["manager"]
    assert not Membership.select().where(Membership.user == manager).exists(), "no one's people here"
    assert db.run_sql("SELECT count(*) FROM token").fetchone()[0] == 0


def test_an_address_that_has_an_account_here_keeps_it_and_gets_nothing(package: Path, house: House) -> None:
    admin = create_user(house.system, email="alice@acme.example", role="admin", password="correct horse battery 9")
    found = bring(house, package)
    here = User.get_by_id(admin.id)
    assert here.active and here.password_hash and here.name == admin.name
    assert [row.role for row in Membership.select().where(Membership.user == admin)] == ["admin"]
    assert any("alice@acme.example" in notice for notice in found.notices)


def test_keys_are_sealed_with_this_houses_secret(package: Path, house: House) -> None:
    bring(house, package)
    licence = visible(Licence, house.system).where(Licence.name == f"{CANARY} licence").get()
    assert licence.key_sealed != "CANARY-KEY-0001" and vault().open(licence.key_sealed) == "CANARY-KEY-0001"


def test_the_old_history_stays_as_it_was_and_the_new_one_names_it(package: Path, house: House) -> None:
    found = bring(house, package)
    prior = visible(PriorChain, house.system).where(PriorChain.customer_id == found.customer.id)
    newest = prior.order_by(PriorChain.id.desc()).first()
    with files.store().open(newest.file_key) as stream, zipfile.ZipFile(package) as opened_:
        assert stream.read() == opened_.read("audit/chain.jsonl")
    first = AuditEntry.get((AuditEntry.customer_id == found.customer.id) & (AuditEntry.seq == 1))
    told = json.loads(first.after)["prior_chain"]
    manifest = json.loads(zipfile.ZipFile(package).read("manifest.json"))
    assert first.action == "package.read"
    assert (told["length"], told["head"]) == (manifest["chain"]["length"], manifest["chain"]["head"])
    assert told["signed_by"] == signing.public_key()


def test_search_finds_what_was_brought(package: Path, any_house: House) -> None:
    bring(any_house, package)
    admin = any_house.person("root@operator.example", "admin")
    found = admin.get(f"/api/v1/search?q={CANARY}-SN").json["items"]
    assert [item["label"] for item in found if item["kind"] == "asset"]


def test_terms_that_differ_here_become_his_own(package: Path, house: House) -> None:
    db.run_sql("UPDATE product SET notes = 'another thing' WHERE part_number = 'COMMON'")
    house.product("Common switch", part_number="COMMON", notes="something else")
    found = bring(house, package)
    asset = visible(Asset, house.system).where(Asset.serial == f"{CANARY}-SN").get()
    owner = db.run_sql("SELECT customer_id, notes FROM product WHERE id = ?", (asset.product_id,)).fetchone()
    assert tuple(owner) == (found.customer.id, "")


def test_a_status_that_means_something_else_here_gets_a_name_of_its_own(package: Path, house: House) -> None:
    db.run_sql("UPDATE asset_status SET meta = 'retired' WHERE code = 'in_stock'")
    found = bring(house, package)
    asset = visible(Asset, house.system).where(Asset.serial == f"{CANARY}-SN").get()
    status = db.run_sql("SELECT code, meta FROM asset_status WHERE id = ?", (asset.status_id,)).fetchone()
    assert tuple(status) == ("in_stock-acme", "in_stock") and any("in_stock-acme" in text for text in found.notices)


def test_a_short_name_that_is_taken_is_another_ones(package: Path, house: House) -> None:
    house.customer("acme")
    with pytest.raises(Conflict, match="--slug"):
        bring(house, package)
    found = bring(house, package, "acme-2")
    assert found.customer.slug == "acme-2" and customer_by(house.system, "acme").id != found.customer.id


@pytest.mark.parametrize("slug", ["../evil", "Acme", "a b", "x" * 65, "-"])
def test_a_short_name_has_to_be_one(package: Path, house: House, slug: str) -> None:
    about = {"id": 1, "slug": slug, "name": "Evil"}
    with pytest.raises(Invalid):
        bring(house, forged(package, told(customer=about)))
    with pytest.raises(Invalid):
        bring(house, package, slug)
    assert bring(house, package, "fine").customer.slug == "fine"


def test_only_the_operators_administrator_reads(package: Path, house: House) -> None:
    people = house.people()
    for person in (people.owner, people.account_manager, people.engineer):
        with pytest.raises(Forbidden):
            read_package(person.actor, package, "x")


# --- Packages that are not sound ---------------------------------------------------------------------------

Change = Callable[[dict[str, bytes]], None]


def forged(package: Path, change: Change, *, signed: bool = True) -> Path:
    """The package with its parts changed, and signed anew by somebody who knows how."""
    with zipfile.ZipFile(package) as opened_:
        parts = {name: opened_.read(name) for name in opened_.namelist()}
    change(parts)
    if signed:
        _sign(parts)
    target = package.with_name("forged.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return target


def _sign(parts: dict[str, bytes]) -> None:
    import hashlib

    manifest = json.loads(parts["manifest.json"])
    manifest["files"] = [
        {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in parts.items()
        if name not in ("manifest.json", "signature.json")
    ]
    data = parts["manifest.json"] = json.dumps(manifest).encode()
    seal = {"public_key": signing.public_key(), "signature": signing.sign(data)}
    parts["signature.json"] = json.dumps(seal).encode()


def rows(parts: dict[str, bytes], table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in parts[f"data/{table}.jsonl"].splitlines()]


def put(parts: dict[str, bytes], table: str, found: list[dict[str, Any]]) -> None:
    parts[f"data/{table}.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in found)


def with_row(table: str, at: int = -1, **values: Any) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        found = rows(parts, table)
        found[at] |= values
        put(parts, table, found)

    return change


def told(**values: Any) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **values}).encode()

    return change


def part(name: str, data: bytes = b"x") -> Change:
    return lambda parts: parts.update({name: data})


def nested_in_itself(parts: dict[str, bytes]) -> None:
    found = rows(parts, "asset")
    found[0] |= {"parent_id": found[1]["id"], "slot": None, "site_id": None, "place": ""}
    found[1] |= {"parent_id": found[0]["id"], "slot": None, "site_id": None, "place": ""}
    put(parts, "asset", found)


def twice(parts: dict[str, bytes]) -> None:
    put(parts, "site", [*rows(parts, "site"), *rows(parts, "site")])


def another_customer(parts: dict[str, bytes]) -> None:
    put(parts, "customer", [*rows(parts, "customer"), {**rows(parts, "customer")[0], "id": 77}])


UNSOUND: dict[str, tuple[Change, str]] = {
    "format": (told(format=99), "format 99"),
    "table": (told(tables={"no_such_table": 1}), "no_such_table"),
    "secret table": (lambda p: (told(tables={"token": 0})(p), part("data/token.jsonl", b"")(p))[0], "token"),
    "path": (part("../evil"), "does not belong"),
    "absolute path": (part("/etc/passwd"), "does not belong"),
    "odd name": (part("data/asset.jsonl\n"), "does not belong"),
    "no chain": (lambda p: p.update({"audit/chain.jsonl": b""}), "another end"),
    "operator's role": (with_row("membership", role="admin"), "role"),
    "house role": (with_row("membership", customer_id=None), "somebody else"),
    "another owner": (with_row("site", customer_id=99), "somebody else"),
    "two customers": (
        lambda p: put(p, "customer", [*rows(p, "customer"), {**rows(p, "customer")[0], "id": 77}]),
        "more",
    ),
    "unknown column": (with_row("site", colour="red"), "no column"),
    "dangling": (with_row("asset", product_id=12345678), "not in it"),
    "ring": (nested_in_itself, "ring"),
    "text in a number": (with_row("licence", quantity="many"), "licence.quantity"),
    "long text": (with_row("site", name="x" * 256), "site.name"),
    "NUL": (with_row("site", name="a\0b"), "site.name"),
    "NUL in JSON": (with_row("asset", custom={"a": "\0"}), "asset.custom"),
    "no day": (with_row("contract", starts_on="2026-13-45"), "contract.starts_on"),
    "unknown time zone": (with_row("customer", time_zone="Moon/Tranquility"), "customer.time_zone"),
    "unknown time zone of a person": (with_row("app_user", time_zone="../../etc/passwd"), "app_user.time_zone"),
    "no zone": (with_row("warranty", created_at="2026-01-01T00:00:00"), "warranty.created_at"),
    "huge id": (with_row("site", id=2**70), "id"),
    "id as text": (with_row("site", id="1"), "id"),
    "the same id twice": (twice, "twice"),
    "a broken rule": (with_row("custody_item", quantity=0), "contradict"),
    "a file elsewhere": (with_row("prior_chain", file_key="customer/2/" + "a" * 32), "not in it"),
    "no object": (lambda p: p.update({"data/site.jsonl": b"[1]\n"}), "no object"),
    "no JSON": (lambda p: p.update({"data/site.jsonl": b"{\n"}), ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", UNSOUND)
def test_what_is_not_sound_is_refused_as_a_whole(package: Path, house: House, what: str) -> None:
    change, text = UNSOUND[what]
    before, kept = _everything(), list(files.store().keys())
    with pytest.raises(BadPackage) as refused:
        bring(house, forged(package, change))
    assert text in refused.value.message, refused.value.message
    assert _everything() == before and list(files.store().keys()) == kept


def _everything() -> dict[str, int]:
    from registry.kernel import schema

    return {
        model._meta.table_name: db.run_sql(f"SELECT count(*) FROM {model._meta.table_name}").fetchone()[0]
        for model in schema.models()
    }


def test_without_the_signature_nothing_is_believed(package: Path, house: House) -> None:
    for change in (with_row("site", name="x"), told(made_at="never"), part("files/000001")):
        with pytest.raises(BadPackage):
            bring(house, forged(package, change, signed=False))

    def another_key(parts: dict[str, bytes]) -> None:
        seal = json.loads(parts["signature.json"])
        parts["signature.json"] = json.dumps({**seal, "public_key": "00" * 32}).encode()

    with pytest.raises(BadPackage, match="signed"):
        bring(house, forged(package, another_key, signed=False))


@pytest.mark.slow
def test_a_package_of_another_house_than_the_expected_is_refused(package: Path, house: House) -> None:
    with pytest.raises(BadPackage, match="another key"):
        read_package(house.system, package, key="00" * 32)
    with Unpacked(package) as opened_:
        maker = str(opened_.manifest["public_key"])
    assert read_package(house.system, package, key=maker.upper()).rows["customer"] == 1


def test_bombs_are_refused_before_they_go_off(package: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", b" " * 100_000_000)
    with pytest.raises(BadPackage, match="times its size"):
        Unpacked(bomb)
    lying = bytearray(package.read_bytes())  # a directory that says 0 bytes where there are more
    at = lying.index(b"PK\x01\x02")
    struct.pack_into("<I", lying, at + 24, 0)
    (tmp_path / "lying.zip").write_bytes(lying)
    with pytest.raises(BadPackage):
        Unpacked(tmp_path / "lying.zip")


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_other_files_are_no_packages(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(BadPackage):
        Unpacked(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_package_is_none(package: Path, tmp_path: Path, share: float) -> None:
    data = package.read_bytes()
    path = tmp_path / "half.zip"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadPackage):
        Unpacked(path)


@pytest.mark.slow
def test_a_file_of_his_comes_along(house: House, tmp_path: Path) -> None:
    """As a row names it; here a chain that he brought along from an earlier house."""
    first = tmp_path / "first.zip"
    house.customer("acme")
    package_of(house, "acme", first)
    bring(house, first, "moved-1")
    package_of(house, "moved-1", tmp_path / "second.zip")
    moved = bring(house, tmp_path / "second.zip", "moved-2")
    chains = list(visible(PriorChain, house.system).where(PriorChain.customer_id == moved.customer.id))
    assert len(chains) == 2, "the one before the last, and the last"
    for row in chains:
        with files.store().open(row.file_key) as stream:
            entries = [json.loads(line) for line in io.BytesIO(stream.read())]
        assert len(entries) == row.length and entries[-1]["hash"] == row.head
        assert row.file_key.startswith(files.folder_of(moved.customer.id))

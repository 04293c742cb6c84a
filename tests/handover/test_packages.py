"""A package holds everything about one customer and nothing of anybody else, and proves itself without us."""

import io
import json
import re
import secrets
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.handover import belongings, packages
from registry.handover.belongings import owner_of, table_of
from registry.handover.catalogue import unmapped
from registry.handover.models import Package
from registry.handover.packing import columns
from registry.kernel import clock, db, files, signing
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry, verify
from registry.kernel.errors import Problem
from registry.notices.webhook_models import Webhook
from tests import seaweed
from tests.handover.world import V1, done, fetch_package, fill_the_rest, get_file, lines, package_of
from tests.houses import House
from tests.needs import lacking
from tests.two_companies import CANARY, Companies

DOCS = Path(__file__).parents[2] / "docs" / "handover.md"
PROOF = Path(packages.__file__).with_name("proof.py")


@pytest.fixture
def package(companies: Companies, tmp_path: Path) -> Path:
    path = tmp_path / "acme.zip"
    path.write_bytes(fetch_package(companies.people.owner))
    return path


def read(path: Path, part: str) -> Any:
    with zipfile.ZipFile(path) as opened:
        return opened.read(part)


def test_every_row_of_every_table_is_in_it(any_companies: Companies, tmp_path: Path) -> None:
    fill_the_rest(any_companies.acme["customer"])
    owner, path = owner_of(any_companies.acme["customer"]), tmp_path / "acme.zip"
    manifest = package_of(any_companies.house, "acme", path)
    for model in belongings.packed():
        name, count = table_of(model), belongings.count(model, owner)
        rows = lines(path, f"data/{name}.jsonl")
        mine = {row["id"] for row in rows if row.get("customer_id", owner.id) == owner.id}
        assert count and len(rows) == manifest["tables"][name] and len(mine) >= count, name
        assert {row[0] for row in belongings.select(model, owner, model.id).tuples()} <= mine, name
        hidden = belongings.secrets_of(model) - belongings.sealed_of(model)
        assert not hidden & set(rows[-1]), name
        assert {"id", *(field.column_name for field in columns(model))} == set(rows[-1]), name
    for model in belongings.models():
        if belongings.way(model) != "house" and model not in belongings.packed():
            assert manifest["left_out"][table_of(model)], "with a reason"


HOUSE = {"asset_status", "bucket", "erasure", "file_move", "installation", "job_ticket", "job_turn", "mail_text",
         "plugin_incident", "progress", "service_policy"}  # fmt: skip


def test_every_table_says_what_becomes_of_it() -> None:
    """A new table fails here until somebody has thought about packages and erasure."""
    house = {table_of(model) for model in belongings.models() if belongings.way(model) == "house"}
    assert house == HOUSE, "holds it nothing about a customer or his people? then add it to HOUSE; else: customer_id"
    for model in belongings.models():
        if belongings.way(model) == "through":
            assert belongings.left_out(model), f"{table_of(model)}: give it a customer_id, or a reason in LEFT_OUT"
    tables = {table_of(model) for model in belongings.models()}
    assert tables >= {*belongings.LEFT_OUT, *belongings.NOT_READ}, "no longer there"


def test_nothing_of_anybody_else_is_in_it(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        for name in opened.namelist():
            data = opened.read(name)
            for song in (b"GLOBEX", b"globex", b"argon2", b"gAAAA"):  # the neighbour, password hashes, sealed texts
                assert song not in data, (name, song)
    assert CANARY.encode() in read(package, "data/asset.jsonl")


def test_what_it_refers_to_comes_along(package: Path) -> None:
    about = json.loads(read(package, "schema.json"))["tables"]
    tables = json.loads(read(package, "manifest.json"))["tables"]
    ids = {table: {row["id"] for row in lines(package, f"data/{table}.jsonl")} for table in tables}
    looked = 0
    for table in tables:
        for row in lines(package, f"data/{table}.jsonl"):
            for name, column in about[table]["columns"].items():
                if column["kind"] == "reference" and row.get(name) is not None:
                    assert row[name] in ids[column["table"]], f"{table}.{name} {row[name]}"
                    looked += 1
    assert looked > 40
    assert {row["email"] for row in lines(package, "data/app_user.jsonl") if "active" not in row} == {
        "manager@operator.example"
    }, "of our people the account manager alone, with name and address and nothing else"


def test_columns_that_name_rows_say_so() -> None:
    for model in belongings.packed():
        if not belongings.not_read(model):
            assert not unmapped(model), f"{table_of(model)}: declare LINKS for {unmapped(model)}"
        for name in belongings.secrets_of(model) - belongings.sealed_of(model):
            field = model._meta.fields[name]
            fine = field.null or field.default is not None or belongings.not_read(model)
            assert fine, f"{table_of(model)}.{name} is not in packages, and nothing takes its place"


def test_a_list_does_not_hold_what_its_table_holds_back(companies: Companies, tmp_path: Path) -> None:
    fill_the_rest(companies.acme["customer"])
    Webhook.update(url="https://hooks.example/s3cret").where(
        Webhook.customer_id == companies.acme["customer"]
    ).execute()
    path = tmp_path / "acme.zip"
    package_of(companies.house, "acme", path)
    table = read(path, "csv/webhook.csv").decode()
    assert table.count("\n") > 1 and "s3cret" not in table and "Address" not in table
    for name in zipfile.ZipFile(path).namelist():
        assert b"s3cret" not in read(path, name), name


def test_lists_for_people_are_the_lists_on_screen(companies: Companies, package: Path) -> None:
    manifest = json.loads(read(package, "manifest.json"))
    with zipfile.ZipFile(package) as opened:
        found = {name for name in opened.namelist() if name.startswith("csv/")}
    assert found == {f"csv/{kind}.csv" for kind in manifest["lists"]} and len(found) > 10
    shown = companies.people.owner.get(f"{V1}/exports/assets.csv").get_data()
    assert read(package, "csv/asset.csv").removeprefix(b"\xef\xbb\xbf") == shown


# --- Proof -------------------------------------------------------------------------------------------------


def prove(path: Path, script: Path = PROOF) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", str(script), str(path)], capture_output=True, text=True, check=False)


def test_the_documents_show_the_proof_that_is_in_every_package(package: Path, tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.S)
    assert found and found.group(1) == PROOF.read_text() == read(package, "audit/proof.py").decode()
    script = tmp_path / "proof.py"
    script.write_text(found.group(1))
    proved = prove(package, script)
    assert proved.returncode == 0 and proved.stdout.startswith("sound: "), proved.stderr


def rewritten(path: Path, part: str, change: Any) -> Path:
    target = path.with_name(f"forged-{secrets.token_hex(4)}.zip")
    with zipfile.ZipFile(path) as opened, zipfile.ZipFile(target, "w") as forged:
        for name in opened.namelist():
            data = opened.read(name)
            forged.writestr(name, change(data) if name == part else data)
    return target


def test_a_changed_file_and_a_changed_history_show(package: Path) -> None:
    forged = rewritten(package, "data/asset.jsonl", lambda data: data.replace(CANARY.encode(), b"CANARX"))
    assert "data/asset.jsonl was changed" in prove(forged).stderr

    def honest_sums(path: Path) -> Path:
        """Whoever changes the history also writes a new manifest."""
        import hashlib

        chain = read(path, "audit/chain.jsonl")

        def change(data: bytes) -> bytes:
            manifest = json.loads(data)
            for file in manifest["files"]:
                if file["path"] == "audit/chain.jsonl":
                    file |= {"size": len(chain), "sha256": hashlib.sha256(chain).hexdigest()}
            return json.dumps(manifest).encode()

        return rewritten(path, "manifest.json", change)

    for change, told in (
        (lambda data: data.replace(b"site.created", b"site.changed", 1), "was changed"),
        (lambda data: b"".join(data.splitlines(keepends=True)[:-1]), "another end"),
        (lambda data: b"".join(data.splitlines(keepends=True)[1:]), "entry 1 of the audit chain"),
    ):
        forged = honest_sums(rewritten(package, "audit/chain.jsonl", change))
        assert told in prove(forged).stderr


def test_the_signature_is_over_the_manifest_and_openssl_agrees(package: Path, tmp_path: Path) -> None:
    manifest, seal = read(package, "manifest.json"), json.loads(read(package, "signature.json"))
    assert signing.genuine(manifest, seal["signature"], seal["public_key"])
    assert not signing.genuine(manifest + b" ", seal["signature"], seal["public_key"])
    assert json.loads(manifest)["public_key"] == seal["public_key"] == signing.public_key()
    (tmp_path / "key.pem").write_text(signing.public_pem())
    (tmp_path / "manifest.json").write_bytes(manifest)
    (tmp_path / "signature").write_bytes(bytes.fromhex(seal["signature"]))
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile signature"
    assert subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_its_chain_is_the_customers_own_chain(companies: Companies, package: Path) -> None:
    told = json.loads(read(package, "manifest.json"))["chain"]
    entries = lines(package, "audit/chain.jsonl")
    assert len(entries) == told["length"] and {one["customer_id"] for one in entries} == {companies.acme["customer"]}
    stored = AuditEntry.get((AuditEntry.customer_id == companies.acme["customer"]) & (AuditEntry.seq == told["length"]))
    assert stored.hash == told["head"] == entries[-1]["hash"]


def test_the_same_rows_are_the_same_bytes(companies: Companies, tmp_path: Path) -> None:
    """But for the entry that tells of the first."""
    for name in ("one", "two"):
        with clock.frozen(clock.now()), db.connection():
            package_of(companies.house, "acme", tmp_path / name)
    with zipfile.ZipFile(tmp_path / "one") as one, zipfile.ZipFile(tmp_path / "two") as two:
        assert one.namelist() == two.namelist()
        differing = {name for name in one.namelist() if one.read(name) != two.read(name)}
    assert differing == {"audit/chain.jsonl", "manifest.json", "signature.json"}


# --- Keys --------------------------------------------------------------------------------------------------


def test_licence_keys_are_readable_for_whoever_may_see_keys(companies: Companies, tmp_path: Path) -> None:
    owner, admin = companies.people.owner, companies.people.admin
    with_keys = tmp_path / "with.zip"
    with_keys.write_bytes(fetch_package(owner))
    assert lines(with_keys, "data/licence.jsonl")[0]["key_sealed"] == "CANARY-KEY-0001"
    narrow = done(owner.post(f"{V1}/tokens", {"name": "n", "scope": ["package.make"], "days": 1}))["token"]
    bearer = {"Authorization": f"Bearer {narrow}"}
    made = done(owner.post(f"{V1}/customers/acme/packages", {}, headers=bearer))
    assert not made["with_keys"]
    answer = get_file(owner, f"{V1}/packages/{made['id']}/file", headers=bearer)
    (tmp_path / "without.zip").write_bytes(answer.data)
    assert lines(tmp_path / "without.zip", "data/licence.jsonl")[0]["key_sealed"] is None
    assert json.loads(read(tmp_path / "without.zip", "manifest.json"))["keys"] == "withheld"
    full = done(admin.post(f"{V1}/customers/acme/packages", {}))
    refused = get_file(owner, f"{V1}/packages/{full['id']}/file", headers=bearer)
    assert full["with_keys"] and refused.status_code == 403, "what holds keys is for those who may see keys"


# --- Asking and fetching -----------------------------------------------------------------------------------


def test_who_may_have_one(companies: Companies) -> None:
    people = companies.people
    for person, code in (
        (people.owner, 201), (people.account_manager, 201), (people.colleague, 403), (people.reader, 403),
        (people.engineer, 403), (people.stranger, 404), (people.auditor, 403),
    ):  # fmt: skip
        assert person.post(f"{V1}/customers/acme/packages", {}).status_code == code


def test_every_fetching_is_on_record(companies: Companies) -> None:
    owner, acme = companies.people.owner, companies.acme["customer"]
    made = done(owner.post(f"{V1}/customers/acme/packages", {}))
    for _ in range(2):
        get_file(owner, f"{V1}/packages/{made['id']}/file")
    get_file(companies.people.admin, f"{V1}/packages/{made['id']}/file")
    query = AuditEntry.select().where((AuditEntry.customer_id == acme) & (AuditEntry.action == "package.taken"))
    found = list(query.order_by(AuditEntry.id))
    assert [json.loads(one.after)["purpose"] for one in found] == ["own data", "own data", "own work"]
    assert {json.loads(one.after)["sha256"] for one in found} == {made["sha256"]}
    shown = done(owner.get(f"{V1}/packages/{made['id']}"))
    assert shown["handed_over_at"] and shown["state"] == "done"


def test_it_is_handed_over_when_the_last_byte_has_left(companies: Companies) -> None:
    owner = companies.people.owner
    path = f"{V1}/packages/{done(owner.post(f'{V1}/customers/acme/packages', {}))['id']}"
    assert owner.request("HEAD", f"{path}/file").status_code == 200
    assert get_file(owner, f"{path}/file", headers={"Range": "bytes=0-9"}).status_code == 206
    get_file(companies.people.admin, f"{path}/file")
    broken_off = owner.request("GET", f"{path}/file", buffered=False)
    next(iter(broken_off.response))
    broken_off.close()
    assert done(owner.get(path))["handed_over_at"] is None
    get_file(owner, f"{path}/file")
    assert done(owner.get(path))["handed_over_at"]


@pytest.mark.rule("S0-25")
def test_a_package_for_a_third_party_needs_an_approval(companies: Companies) -> None:
    people, path = companies.people, f"{V1}/customers/acme/packages"
    wanted = {"for_third_party": "Successor Ltd"}
    assert people.account_manager.post(path, wanted).status_code == 403
    own = done(people.account_manager.post(path, {}))
    file = f"{V1}/packages/{own['id']}/file"
    assert get_file(people.account_manager, f"{file}?for_third_party=Successor Ltd").status_code == 403
    approval = {"customer": "acme", "recipient": "Successor Ltd", "purpose": "x", "scope": ["package"]}
    number = done(people.owner.post(f"{V1}/disclosure-approvals", approval))["id"]
    made = done(people.account_manager.post(path, wanted))
    assert get_file(people.account_manager, f"{V1}/packages/{made['id']}/file").status_code == 200
    done(people.owner.post(f"{V1}/disclosure-approvals/{number}/revoke", {"reason": "x"}))
    assert get_file(people.account_manager, f"{V1}/packages/{made['id']}/file").status_code == 403, (
        "it was made for them"
    )


def test_the_file_comes_as_an_attachment_and_in_pieces(companies: Companies) -> None:
    owner = companies.people.owner
    made = done(owner.post(f"{V1}/customers/acme/packages", {}))
    path = f"{V1}/packages/{made['id']}/file"
    whole = get_file(owner, path)
    assert (
        whole.headers["Content-Disposition"].startswith("attachment") and "no-store" in whole.headers["Cache-Control"]
    )
    assert whole.headers["X-Content-Type-Options"] == "nosniff" and len(whole.data) == made["size"]
    part = get_file(owner, path, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206 and part.data == whole.data[100:200]
    assert get_file(owner, path, headers={"Range": f"bytes={made['size']}-"}).status_code == 416


def test_one_at_a_time_and_not_for_ever(companies: Companies) -> None:
    owner, acme = companies.people.owner, companies.acme["customer"]
    actor = owner.actor
    packages.request_package(actor, "acme")
    assert owner.post(f"{V1}/customers/acme/packages", {}).json["code"] == "already_running"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        packages.expire_packages()
        first = visible(Package, Actor.system()).where(Package.customer_id == acme).order_by(Package.id.desc()).get()
        assert first.state == "failed" and "ask for it again" in first.error
    data = fetch_package(owner)
    assert data
    kept = list(files.store().keys(files.folder_of(acme)))
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert packages.expire_packages() >= 1
    left = list(files.store().keys(files.folder_of(acme)))
    assert len(left) < len(kept)
    expired = visible(Package, Actor.system()).where((Package.customer_id == acme) & (Package.state == "expired"))
    assert expired.count() >= 1
    for row in expired:
        assert get_file(owner, f"{V1}/packages/{row.id}/file").status_code == 404


def test_a_failure_is_told_and_leaves_no_file(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, acme = companies.people.owner, companies.acme["customer"]
    before = list(files.store().keys(files.folder_of(acme)))

    def full(*_: Any) -> Any:
        raise Problem("The file store is full.")

    monkeypatch.setattr(files.FolderStore, "put", full)
    made = done(owner.post(f"{V1}/customers/acme/packages", {}))
    assert made["state"] == "failed" and made["error"] == "The file store is full."
    assert list(files.store().keys(files.folder_of(acme))) == before
    assert get_file(owner, f"{V1}/packages/{made['id']}/file").status_code == 404


def test_a_killed_worker_begins_anew_and_leaves_one_file(companies: Companies) -> None:
    owner, acme = companies.people.owner, companies.acme["customer"]
    made = packages.request_package(owner.actor, "acme")
    lost = files.store().put(files.new_key(acme), io.BytesIO(b"half")).key
    Package.update(state="running", file_key=lost).where(Package.id == made.id).execute()
    packages.make_package(package_id=made.id, customer_id=acme)
    found = done(owner.get(f"{V1}/packages/{made.id}"))
    assert found["state"] == "done" and not files.store().exists(lost)


def test_all_of_it_is_as_of_one_moment(
    any_companies: Companies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes while it is written is in none of its parts: here between the first table and the last."""
    import threading

    from registry.handover.packing import Packing

    plain, acme = Packing._table, any_companies.acme
    wrote = []

    def meanwhile(self: Packing, model: Any, **options: Any) -> None:
        plain(self, model, **options)
        if not wrote:
            wrote.append(True)

            def write() -> None:
                with db.connection(), db.transaction():
                    db.run_sql("UPDATE asset SET name = 'LATECOMER' WHERE id = ?", (acme["asset"],))
                db.database.close()

            other = threading.Thread(target=write)
            other.start()
            other.join()

    monkeypatch.setattr(Packing, "_table", meanwhile)
    path = tmp_path / "x.zip"
    package_of(any_companies.house, "acme", path)
    assert wrote and b"LATECOMER" not in read(path, "data/asset.jsonl") + read(path, "csv/asset.csv")
    assert db.run_sql("SELECT count(*) FROM asset WHERE name = 'LATECOMER'").fetchone()[0] == 1
    assert all(one.fault is None for one in verify())


@pytest.mark.slow
def test_the_file_comes_from_an_s3_store_too(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := seaweed.unavailable_reason():
        lacking("s3", reason)
    owner, acme = companies.people.owner, companies.acme["customer"]
    with seaweed.Server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        files.use(server.url)
        made = done(owner.post(f"{V1}/customers/acme/packages", {}))
        assert made["state"] == "done", made
        answer = get_file(owner, f"{V1}/packages/{made['id']}/file")
        assert answer.status_code == 200 and len(answer.data) == made["size"]
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert len(list(files.store().keys(files.folder_of(acme)))) == 1
        files.use(companies.house.settings.storage_url)


def test_a_product_brings_its_documents_and_terms_bring_all_their_versions(house: House, tmp_path: Path) -> None:
    people = house.people()
    common = house.product("Common switch", part_number="COMMON")
    house.product("Unused", part_number="UNUSED")
    asset = house.asset("acme", "S-1", product=common.id, delivered_on=clock.today())
    guide = {"kind": "guide", "title": "Guide of the house", "url": "https://x.example/guide"}
    done(people.admin.post(f"{V1}/products/{common.id}/documents", guide))
    done(people.admin.post(f"{V1}/warranties", {"asset": asset.id, "terms": "hardware"}))
    terms = done(people.admin.get(f"{V1}/warranty-terms?code=hardware"))["items"][0]["id"]
    path, body = f"{V1}/warranty-terms/{terms}/versions", done(people.admin.get(f"{V1}/warranty-terms/{terms}"))["body"]
    done(people.admin.post(path, {"body": body, "note": "said again"}, headers={"If-Match": "*"}))
    package = tmp_path / "acme.zip"
    package_of(house, "acme", package)
    assert [row["part_number"] for row in lines(package, "data/product.jsonl")] == ["COMMON"], "and no other product"
    assert [row["title"] for row in lines(package, "data/product_document.jsonl")] == ["Guide of the house"]
    versions = lines(package, "data/terms_version.jsonl")
    assert [row["number"] for row in versions] == [1, 2] and {row["terms_id"] for row in versions} == {terms}
    for name in (f"{table_of(one)}" for one in belongings.packed()):
        assert "globex" not in str(lines(package, f"data/{name}.jsonl")), name

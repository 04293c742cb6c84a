"""Keys: unreadable where they are kept, shown only to who may see them, and never without a trace."""

from pathlib import Path

import orjson
import pytest

from registry.kernel import audit, secrets
from registry.kernel.audit import AuditEntry
from registry.kernel.db import database, run_sql
from registry.kernel.errors import Conflict, Forbidden, NotFound
from registry.licences import keys, service
from registry.licences.listing import LICENCES
from tests.licences.world import both_engines

KEY = "QZXJ-7734-KWPV-0192"
NEW = {"product": "Editor", "name": "Editor 5", "metric": "install", "key": KEY}


@pytest.fixture
def licence(world):
    return service.create_licence(world.owner, NEW)


def _shown() -> list[AuditEntry]:
    return list(AuditEntry.select().where(AuditEntry.action == "licence.key_shown"))


def test_the_files_of_the_database_do_not_hold_it(world, licence):
    service.change_licence(world.owner, licence.id, {"key": KEY[::-1], "name": "visible-marker"}, 1)
    run_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    folder = Path(database.obj.database).parent
    raw = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    assert b"visible-marker" in raw
    for key in (KEY, KEY[::-1]):
        assert key.encode() not in raw


@both_engines
def test_it_is_shown_on_record(world, licence):
    assert _shown() == []
    assert keys.reveal_key(world.owner, licence.id) == KEY
    (entry,) = _shown()
    assert (entry.actor_name, entry.object_id, entry.customer_id) == (
        world.owner.name,
        licence.id,
        world.acme.id,
    )
    assert next(audit.verify(world.acme.id)).fault is None


@pytest.mark.parametrize("who", ["colleague", "reader", "engineer"])
def test_who_may_see_the_licence_may_not_see_its_key(world, licence, who):
    with pytest.raises(Forbidden):
        keys.reveal_key(getattr(world, who), licence.id)
    assert _shown() == []


def test_to_a_stranger_it_does_not_exist(world, licence):
    with pytest.raises(NotFound):
        keys.reveal_key(world.stranger, licence.id)
    assert _shown() == []


@both_engines
def test_lists_and_history_tell_no_more_than_its_end(world, licence):
    service.change_licence(world.owner, licence.id, {"key": "ANOTHER-KEY-4455"}, 1)
    shown = LICENCES.one(world.owner, licence.id)
    assert (shown["has_key"], shown["key_hint"]) == (True, "4455")
    stored = run_sql("SELECT key_sealed FROM licence").fetchone()[0]
    told = orjson.dumps([shown, LICENCES.page(world.owner, {})]).decode()
    told += "".join(f"{row.before}{row.after}" for row in AuditEntry.select())
    for secret in (KEY, "ANOTHER-KEY", stored):
        assert secret not in told


@pytest.mark.parametrize(("key", "hint"), [("12345678", None), ("123456789", "6789")])
def test_a_short_key_gets_no_hint(world, key, hint):
    made = service.create_licence(world.owner, {**NEW, "key": key})
    assert LICENCES.one(world.owner, made.id)["key_hint"] == hint


def test_the_same_key_again_changes_nothing(world, licence):
    assert service.change_licence(world.owner, licence.id, {"key": KEY}, 1).version == 1


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_key_can_be_forgotten(world, licence, nothing):
    service.change_licence(world.owner, licence.id, {"key": nothing}, 1)
    assert LICENCES.one(world.owner, licence.id)["has_key"] is False
    with pytest.raises(NotFound):
        keys.reveal_key(world.owner, licence.id)


def test_a_key_sealed_with_another_secret_says_so_and_can_be_replaced(world, licence):
    secrets.use_secret("another installation's own words 42")
    with pytest.raises(Conflict) as caught:
        keys.reveal_key(world.owner, licence.id)
    assert caught.value.code == "sealed_elsewhere"
    assert _shown() == []
    service.change_licence(world.owner, licence.id, {"key": KEY}, 1)
    assert keys.reveal_key(world.owner, licence.id) == KEY


def test_two_seals_of_one_key_differ(world, licence):
    service.create_licence(world.owner, NEW)
    first, second = (row[0] for row in run_sql("SELECT key_sealed FROM licence").fetchall())
    assert first != second

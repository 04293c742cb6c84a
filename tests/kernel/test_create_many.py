"""Many rows made at once stand on the chain like those that were made one by one."""

from peewee import Database
from pytest import MonkeyPatch

from registry.actions import Action
from registry.customers.models import Contact
from registry.kernel import audit, events
from registry.kernel.access import Actor, visible
from registry.kernel.writing import create, create_many
from tests.houses import House


def test_each_has_its_entry_and_its_event(any_house: House, monkeypatch: MonkeyPatch) -> None:
    actor = any_house.people().admin.actor
    acme = min(any_house.people().owner.actor.customers or ())
    rows = [{"customer_id": acme, "name": f"N{number}", "email": f"n{number}@x.example"} for number in range(12)]
    run, asked = Database.execute_sql, []

    def counted(self: Database, sql: str, *rest: object, **more: object) -> object:
        asked.append(sql)
        return run(self, sql, *rest, **more)

    one = create(actor, Contact, rows[0], Action.CONTACT_CREATED)
    monkeypatch.setattr(Database, "execute_sql", counted)
    made = create_many(actor, Contact, rows[1:], Action.CONTACT_CREATED)
    monkeypatch.undo()
    assert len([sql for sql in asked if "SAVEPOINT" not in sql]) <= 4 * len(made)
    ids = [each.id for each in (one, *made)]
    assert [row.name for row in visible(Contact, Actor.system()).where(Contact.id.in_(ids)).order_by(Contact.id)] == [
        row["name"] for row in rows
    ]
    entries = list(
        audit.AuditEntry.select()
        .where(audit.AuditEntry.object_type == "contact", audit.AuditEntry.object_id.in_(ids))
        .order_by(audit.AuditEntry.id)
    )
    assert [entry.object_id for entry in entries] == ids
    assert {entry.after.count("@x.example") for entry in entries} == {1}
    told = events.Event.select().where(events.Event.object_type == "contact", events.Event.object_id.in_(ids))
    assert told.count() == len(ids)
    assert next(iter(audit.verify(acme))).fault is None
    assert create_many(actor, Contact, [], Action.CONTACT_CREATED) == []

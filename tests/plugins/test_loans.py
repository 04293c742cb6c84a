"""A plugin as partners write it, in a running installation: on and off, settings, failures, the end of its data."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest

from registry import sdk
from registry.kernel import clock, db, events, files, schema, wall
from registry.kernel.access import Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.mail import Mail
from registry.plugins import checking, dropping, incidents, overview, switches, tables, values
from registry.plugins.host import MOST_FAILURES, Host
from registry.plugins.models import PluginIncident
from tests.houses import House, Person


@pytest.fixture
def house(any_house: House, loans: Host) -> House:
    any_house.people()
    return any_house


def acme(house: House) -> int:
    return next(iter(house.people().owner.actor.grants))


def remind(house: House, **values: object) -> int:
    from acme_loans import service  # type: ignore[import-not-found]

    asset = house.asset(serial="SN-LOAN")
    service.remind(Actor.system(), asset.id, "Clean the fans", values.get("due", date(2030, 1, 1)))
    return int(asset.id)


def shown(who: Person, path: str) -> str:
    answer = who.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


# --- On and off --------------------------------------------------------------------------------------------


def test_it_is_part_of_the_pages(house: House) -> None:
    asset, people = remind(house), house.people()
    for who in (people.owner, people.admin, people.reader):
        assert "Clean the fans" in shown(who, f"/c/acme/assets/{asset}")
    assert "/c/acme/x/acme_loans/reminders" in shown(people.owner, "/c/acme")
    assert people.stranger.get("/c/acme/x/acme_loans/reminders").status_code in (403, 404)


def test_a_sum_over_all_customers_is_whole_whomever_the_request_works_for(house: House) -> None:
    from acme_loans.models import Reminder

    asset = remind(house)
    with wall.carried(wall.scope_of([acme(house) + 1000])):
        assert sdk.sum_over_all(Reminder, Reminder.asset_id, Reminder.text != "") == asset
        assert sdk.sum_over_all(Reminder, Reminder.asset_id, Reminder.text == "") == 0
    with pytest.raises(LookupError):
        sdk.sum_over_all(sdk.Customer, sdk.Customer.id, sdk.Customer.id > 0)


def test_switched_off_for_one_customer_it_is_gone_there_and_keeps_its_data(house: House) -> None:
    asset, people = remind(house), house.people()
    switches.switch(Actor.system(), "acme_loans", on=False, customer_id=acme(house))
    assert "Clean the fans" not in shown(people.owner, f"/c/acme/assets/{asset}")
    assert people.owner.get("/c/acme/x/acme_loans/reminders").status_code == 404
    assert people.admin.get("/c/globex/x/acme_loans/reminders").status_code == 200
    with pytest.raises(NotFound):
        from acme_loans import service

        service.remind(Actor.system(), asset, "More", date(2030, 1, 1))
    switches.switch(Actor.system(), "acme_loans", on=True, customer_id=acme(house))
    assert "Clean the fans" in shown(people.owner, f"/c/acme/assets/{asset}")


def test_switched_off_for_the_house_it_is_gone_everywhere(house: House) -> None:
    people = house.people()
    switches.switch(people.admin.actor, "acme_loans", on=False)
    assert people.admin.get("/c/globex/x/acme_loans/reminders").status_code == 404
    assert people.admin.get("/api/v1/x/acme_loans/reminders?customer=acme").status_code == 404
    assert overview.row("acme_loans")["state"] == "off"


def test_only_who_may_switch_switches(house: House) -> None:
    people = house.people()
    for who in (people.engineer, people.owner):
        with pytest.raises(Forbidden):
            switches.switch(who.actor, "acme_loans", on=False)
    with pytest.raises(NotFound):
        switches.switch(people.admin.actor, "not_there", on=False)


def test_pages_about_plugins(house: House) -> None:
    people = house.people()
    assert "Acme loans" in shown(people.admin, "/settings/plugins")
    page = shown(people.admin, "/settings/plugins/acme_loans")
    assert "acme_loans_reminder" in page and "acme_loans.tell_due" in page
    for path in ("/settings/plugins", "/settings/plugins/acme_loans"):
        assert people.engineer.get(path).status_code == 403 and people.owner.get(path).status_code == 403
    assert people.admin.get("/settings/plugins/not_there").status_code == 404
    assert people.admin.post("/settings/plugins/acme_loans/off").status_code == 303
    assert "plugin_switch" in {row.object_type for row in events.Event.select()}
    assert not switches.is_open("acme_loans", None)
    assert people.admin.post("/settings/plugins/acme_loans/on").status_code == 303
    sent = {"customer": "acme"}
    assert people.admin.post("/settings/plugins/acme_loans/customers", data=sent).status_code == 303
    assert not switches.is_open("acme_loans", acme(house)) and switches.is_open("acme_loans", None)
    assert "Off for acme" in shown(people.admin, "/settings/plugins/acme_loans")
    assert people.admin.post("/settings/plugins/acme_loans/customers", data={**sent, "on": "true"}).status_code == 303
    assert switches.is_open("acme_loans", acme(house))


# --- Settings ----------------------------------------------------------------------------------------------


def test_settings_of_one_customer(house: House) -> None:
    people, path = house.people(), "/c/acme/plugins/acme_loans"
    assert values.settings_of("acme_loans", acme(house)) == {"days_ahead": 0}
    assert "Tell so many days ahead" in shown(people.owner, path)
    assert people.reader.get(path).status_code == 403 and people.stranger.get(path).status_code == 404
    wrong = people.owner.post(path, data={"days_ahead": "400", "version": ""})
    assert wrong.status_code == 422 and "400" in wrong.text, "what was typed is kept"
    assert people.owner.post(path, data={"days_ahead": "5", "version": ""}).status_code == 303
    assert values.settings_of("acme_loans", acme(house)) == {"days_ahead": 5}
    stale = people.owner.post(path, data={"days_ahead": "6", "version": ""})
    assert stale.status_code in (412, 428) and values.settings_of("acme_loans", acme(house)) == {"days_ahead": 5}
    assert people.owner.post(path, data={"days_ahead": "6", "version": "1"}).status_code == 303
    with pytest.raises(NotFound):
        values.settings_of("acme_loans")


def test_secrets_are_sealed_and_never_shown(house: House, loans: Host) -> None:
    from marshmallow import fields, validate

    from registry.kernel.shapes import Line, Shape
    from registry.plugins.records import SettingsForm

    class Account(Shape):
        host = Line(required=True)
        password = fields.String(load_only=True, required=True, validate=validate.Length(min=8))

    plugin = loans.plugins["acme_loans"]
    plugin.declared.settings = [SettingsForm(Account())]
    path, people = "/settings/plugins/acme_loans/settings", house.people()
    assert people.admin.post(path, data={"host": "mail", "password": "hunter2!", "version": ""}).status_code == 303
    assert values.settings_of("acme_loans") == {"host": "mail", "password": "hunter2!"}
    assert "hunter2" not in shown(people.admin, path) and "mail" in shown(people.admin, path)
    kept = db.run_sql("SELECT given, secrets FROM plugin_setting").fetchone()
    assert "hunter2" not in str(kept)
    assert "hunter2" not in str(db.run_sql("SELECT * FROM audit_entry").fetchall())
    assert people.admin.post(path, data={"host": "new", "password": "", "version": "1"}).status_code == 303
    assert values.settings_of("acme_loans") == {"host": "new", "password": "hunter2!"}, "left empty it stays"


# --- Failures ----------------------------------------------------------------------------------------------


def break_it(loans: Host) -> None:
    [one] = loans.implementations("panels")

    def fail(*_: object) -> None:
        raise RuntimeError("the shelf is empty")

    loans._hooks["panels"] = (one._replace(function=fail),)


def test_a_card_that_fails_says_its_number_and_the_page_stands(house: House, loans: Host) -> None:
    asset, people = remind(house), house.people()
    break_it(loans)
    page = shown(people.owner, f"/c/acme/assets/{asset}")
    number = re.search(r'data-incident="([0-9a-f]{8})"', page)
    assert number and "SN-LOAN" in page and "the shelf is empty" not in page
    [incident] = incidents.latest("acme_loans")
    assert (incident.number, incident.times) == (number[1], 1) and "the shelf is empty" in incident.error
    shown(people.owner, f"/c/acme/assets/{asset}")
    assert [one.times for one in incidents.latest("acme_loans")] == [2], "the same again is counted"
    assert incident.number in shown(people.admin, "/settings/plugins/acme_loans")


def test_who_fails_for_ever_is_stopped_in_every_process_and_the_administrator_is_told(
    house: House, loans: Host
) -> None:
    asset, people = remind(house), house.people()
    break_it(loans)
    for _ in range(MOST_FAILURES):
        shown(people.owner, f"/c/acme/assets/{asset}")
    assert overview.row("acme_loans")["state"] == "suspended"
    assert not switches.is_open("acme_loans", None), "other processes read it"
    while events.deliver_due():
        pass
    [letter] = [mail for mail in Mail.select() if mail.name == "plugin_stopped"]
    assert letter.language == "en"
    assert "Stopped after failures" in shown(people.admin, "/settings/plugins")
    switches.switch(people.admin.actor, "acme_loans", on=True)
    assert overview.row("acme_loans")["state"] == "working"


def test_old_incidents_are_forgotten(house: House, loans: Host) -> None:
    loans.failed(loans.plugins["acme_loans"], "panels", RuntimeError("once"))
    incidents.write_down()
    assert incidents.counts() == {"acme_loans": 1}
    assert incidents.forget_old() == 0
    PluginIncident.update(last_at=clock.now() - incidents.KEPT_FOR - timedelta(minutes=1)).execute()
    assert incidents.forget_old() == 1 and incidents.counts() == {}


def test_health_is_asked_and_a_failure_there_is_a_fault(house: House, loans: Host) -> None:
    assert [(one.state, one.text) for one in checking.findings()] == [("ok", "reminders: 0 reminders are open.")]
    [check] = loans.plugins["acme_loans"].declared.health
    loans.plugins["acme_loans"].declared.health = [type(check)(check.name, lambda: 1 / 0)]  # type: ignore[arg-type, return-value]
    [found] = checking.findings("acme_loans")
    assert found.state == "fault" and "ZeroDivisionError" in found.text


# --- Data --------------------------------------------------------------------------------------------------


def test_its_tables_belong_to_the_house(house: House) -> None:
    assert "acme_loans_reminder" in {model._meta.table_name for model in schema.models()}
    assert tables.pending() == []


def test_dropping_its_data(house: House) -> None:
    remind(house)
    with pytest.raises(Conflict):
        dropping.drop_data(Actor.system(), "acme_loans")
    with pytest.raises(NotFound):
        dropping.drop_data(Actor.system(), "core")
    switches.switch(Actor.system(), "acme_loans", on=False)
    assert dropping.drop_data(Actor.system(), "acme_loans") == (["acme_loans_reminder"], 0)
    assert not [table for table in db.database.get_tables() if "acme_loans" in table]
    assert not switches.is_open("acme_loans", None), "other processes still know it, without its tables"
    with pytest.raises(Conflict, match="Restart"):
        switches.switch(Actor.system(), "acme_loans", on=True)
    tables.settle(may_migrate=True)
    assert switches.switch(Actor.system(), "acme_loans", on=True).on
    assert db.database.table_exists("acme_loans_reminder"), "it can begin anew"


def test_a_value_that_a_newer_shape_refuses_is_as_if_nobody_had_given_it(house: House, loans: Host) -> None:
    from marshmallow import fields, validate

    from registry.kernel.shapes import Shape
    from registry.plugins.records import SettingsForm

    values.keep(Actor.system(), "acme_loans", {"days_ahead": 80}, version=None, customer_id=acme(house))

    class Newer(Shape):
        days_ahead = fields.Integer(load_default=3, validate=validate.Range(0, 7))

    loans.plugins["acme_loans"].declared.settings = [SettingsForm(Newer(), scope="customer")]
    assert values.settings_of("acme_loans", acme(house)) == {"days_ahead": 3}


def test_rows_of_the_house_are_refused(house: House) -> None:
    from acme_loans.models import Reminder  # type: ignore[import-not-found]

    from registry import sdk

    with pytest.raises(Invalid):
        sdk.create(Actor.system(), Reminder, {"text": "Whose?", "customer_id": None}, "acme_loans.written")


# --- What happened, and to whom ----------------------------------------------------------------------------


def test_events_are_those_of_whom_one_sees(house: House) -> None:
    from registry import sdk

    remind(house)
    house.asset("globex", serial="SN-2")
    people = house.people()

    def seen(who: Actor, **more: int) -> list[int | None]:
        return [one.customer_id for one in sdk.events_of(who, "asset.created", **more)]

    assert not hasattr(sdk.Event, "select"), "a table of everybody's is no part of the contract"
    [mine] = seen(people.owner.actor)
    assert mine == acme(house) and seen(people.stranger.actor) == [next(iter(people.stranger.actor.grants))]
    assert len(seen(people.admin.actor)) == 2 and len(seen(people.admin.actor, limit=1)) == 1
    [event] = sdk.events_of(people.owner.actor, "acme_loans.written")
    assert event.object_type == "acme_loans_reminder" and event.at.tzinfo is not None


def test_a_list_leaves_out_where_the_plugin_is_off(house: House) -> None:
    """Also when the same list was read before, and its statement kept."""
    from acme_loans import service
    from acme_loans.models import Reminder

    from registry import sdk

    listing = sdk.Listing(
        "acme_loans_reminder", Reminder, "asset.view", columns=[sdk.Column("text", "Text", Reminder.text)]
    )
    remind(house)
    service.remind(Actor.system(), house.asset("globex", serial="SN-2").id, "Theirs", date(2030, 1, 1))
    admin, owner = house.people().admin.actor, house.people().owner.actor

    def texts(who: Actor) -> list[str]:
        return [row["text"] for row in listing.page(who, {})["items"]]

    for _ in range(2):
        assert texts(admin) == ["Clean the fans", "Theirs"] and texts(owner) == ["Clean the fans"]
    switches.switch(Actor.system(), "acme_loans", on=False, customer_id=acme(house))
    for _ in range(2):
        assert texts(admin) == ["Theirs"] and texts(owner) == []
    assert [row for row in listing.stream(admin, {})] == [("Theirs",)]
    switches.switch(Actor.system(), "acme_loans", on=True, customer_id=acme(house))
    assert texts(admin) == ["Clean the fans", "Theirs"]


def test_the_core_s_rows_are_written_by_its_verbs_alone(house: House) -> None:
    from registry import sdk

    asset = sdk.get_asset(Actor.system(), remind(house))
    with pytest.raises(LookupError, match="by its verbs"):
        sdk.change(Actor.system(), asset, {"serial": "SN-X"}, "acme_loans.meddled", version=asset.version)
    with pytest.raises(LookupError, match="by its verbs"):
        sdk.remove(Actor.system(), asset, "acme_loans.meddled", version=asset.version)
    with pytest.raises(LookupError, match="by its verbs"):
        sdk.create(Actor.system(), sdk.Customer, {"slug": "mine", "name": "Mine"}, "acme_loans.meddled")


def test_files_of_its_rows_go_with_its_data_and_no_others(house: House) -> None:
    from acme_loans import service

    from registry.sdk import keep_file

    asset, owner = remind(house), acme(house)
    photo = {"kind": "photo", "file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "rack.png")}
    assert house.people().owner.post(f"/api/v1/assets/{asset}/files", data=photo).status_code == 201
    [(ours,)] = db.run_sql("SELECT file_key FROM asset_file").fetchall()
    kept, other = (keep_file(owner, BytesIO(b"photo"))[0] for _ in range(2))
    for text in (kept, ours, "customer/1/nothing"):
        service.remind(Actor.system(), asset, text, date(2030, 1, 1))
    switches.switch(Actor.system(), "acme_loans", on=False)
    assert dropping.drop_data(Actor.system(), "acme_loans").files == 1
    assert [files.store().exists(key) for key in (kept, other, ours)] == [False, True, True]

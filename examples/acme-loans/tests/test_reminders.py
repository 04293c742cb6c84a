from datetime import date

import pytest

from registry.sdk import Actor, Forbidden, events_of

from acme_loans import service


def test_a_reminder_shows_on_the_asset_and_goes_when_it_is_done(installation, people):
    asset = installation.asset("acme", serial="SN-1")
    page = f"/c/acme/assets/{asset.id}"
    answer = people.manager.post(f"/c/acme/x/acme_loans/assets/{asset.id}/reminders", text="Clean the fans", due_on="2030-01-01")
    assert answer.status_code == 303 and "Clean the fans" in people.manager.get(page).text
    [reminder] = service.of_asset(installation.system, asset.id)
    people.manager.post(f"/c/acme/x/acme_loans/reminders/{reminder.id}/done", version=reminder.version)
    assert "Clean the fans" not in people.manager.get(page).text


def test_who_may_only_read_writes_nothing(installation, people):
    asset = installation.asset("acme")
    with pytest.raises(Forbidden):
        service.remind(people.reader.actor, asset.id, "No", date(2030, 1, 1))


def test_a_wrong_date_is_said_beside_its_field(installation, people):
    asset = installation.asset("acme")
    answer = people.manager.post(f"/c/acme/x/acme_loans/assets/{asset.id}/reminders", text="Clean", due_on="tomorrow")
    assert answer.status_code == 422 and "Clean" in answer.text


def test_the_job_tells_once(installation):
    asset = installation.asset("acme")
    service.remind(installation.system, asset.id, "Yesterday", date(2020, 1, 1))
    assert (service.tell_due(), service.tell_due()) == (1, 0)
    assert len(events_of(installation.system, "acme_loans.due")) == 1


def test_json_tells_how_many_are_open(installation, people):
    asset = installation.asset("acme")
    service.remind(Actor.system(), asset.id, "Once", date(2030, 1, 1))
    assert people.manager.json(f"/api/v1/assets/{asset.id}")["extra"] == {"acme_loans": {"open": 1}}


def test_the_command_lists(installation):
    asset = installation.asset("acme")
    service.remind(installation.system, asset.id, "Clean the fans", date(2030, 1, 1))
    assert "2030-01-01  Clean the fans" in installation.command("acme_loans", "list", "--customer", "acme")

"""Who hears of what ends: one mail for each reader and run, in his language, of what he may see and wants to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from registry.customers.service import assign_manager
from registry.kernel.mail import Mail
from registry.notices import announcing, digest
from registry.notices.choices import mute
from registry.notices.plans import change_plan
from registry.people.models import User
from registry.people.roles import ROLES
from registry.people.service import deactivate_user, set_role
from tests.houses import House
from tests.notices.world import Calendar, at, words_of

END = date(2027, 6, 30)
OWNER, COLLEAGUE = "alice@acme.example", "bob@acme.example"


@pytest.fixture
def world(house: House) -> Calendar:
    made = house.furnished(Calendar)
    made.plan()
    return made


@pytest.fixture
def week_before() -> Iterator[None]:
    with at(END - timedelta(days=7)):
        yield


pytestmark = pytest.mark.usefixtures("week_before")


def readers(world: Calendar) -> list[str]:
    world.run()
    return [str(message["To"]) for message in world.mails()]


def test_the_managers_of_the_customer_hear_and_nobody_else(world: Calendar) -> None:
    world.unit("SN-1", END)
    assert readers(world) == [OWNER]


def test_one_mail_says_it_all_by_kind(world: Calendar) -> None:
    asset = world.unit("SN-1", END)
    licence = world.licence("Editor <Pro>", END + timedelta(days=1))
    contract = world.contract("C-9", END, renewal="tacit", renewal_period="P1Y")
    world.run()
    (message,) = world.mails()
    assert message["Subject"] == "Acme: coming to an end (3)"
    assert message.get_content_type() == "text/plain"
    text = words_of(message)
    link = "http://127.0.0.1:8000"
    block = f"""Acme
{link}/c/acme

Warranties of assets (1)
- SN-1 (Switch): ends on 30 June 2027
  {link}/c/acme/assets/{asset.id}

Licences (1)
- Editor <Pro>: ends on 1 July 2027
  {link}/c/acme/licences/{licence.id}

Contracts that renew themselves unless notice is given (1)
- C-9 (Care C-9): give notice by 30 June 2027
  {link}/c/acme/contracts/{contract.id}
"""
    assert block in text.replace("\r\n", "\n"), text


@pytest.mark.rule("S0-01")
def test_each_reader_gets_it_in_his_language(world: Calendar) -> None:
    world.unit("SN-1", END)
    world.run()
    (english,) = world.mails()
    User.update(language="zh-Hant").where(User.email == OWNER).execute()
    world.unit("SN-2", END)
    world.run()
    (chinese,) = world.mails()
    assert (english["Content-Language"], chinese["Content-Language"]) == ("en", "zh-Hant")
    assert chinese["Subject"] == "Acme：1 項即將到期"
    text = words_of(chinese)
    assert "資產保固 (1)" in text and "SN-2 (Switch)：2027年6月30日 到期" in text
    assert not [word for word in ("ends on", "Warranties", "Good day", "{", "}") if word in text]


def test_the_plan_names_roles_people_and_the_account_manager(world: Calendar) -> None:
    system, people = world.house.system, world.people
    assign_manager(system, "acme", people.account_manager.user.id)
    world.unit("SN-1", END)
    assert readers(world) == [OWNER, "manager@operator.example"]
    world.plan(roles=["reader"], users=[people.colleague.user.id], account_manager=False)
    world.unit("SN-2", END)
    assert readers(world) == [COLLEAGUE, "carol@acme.example"]
    world.plan(roles=[], users=[], account_manager=False)
    world.unit("SN-3", END)
    assert readers(world) == []
    world.plan(roles=["manager"])
    assert readers(world) == [], "announced is announced, whoever heard"


def test_whoever_has_left_hears_nothing(world: Calendar) -> None:
    system, people = world.house.system, world.people
    world.plan(users=[people.colleague.user.id])
    deactivate_user(system, people.owner.user.id)
    world.unit("SN-1", END)
    assert readers(world) == [COLLEAGUE]
    User.update(kind="machine").where(User.email == COLLEAGUE).execute()
    world.unit("SN-2", END)
    assert readers(world) == []


def test_kinds_that_a_reader_switched_off_are_left_out_for_him(world: Calendar) -> None:
    owner = world.people.owner.actor
    world.unit("SN-1", END)
    world.licence("Editor", END)
    mute(owner, ["warranty"], 1)
    world.run()
    (message,) = world.mails()
    assert "Licences (1)" in words_of(message) and "SN-1" not in words_of(message)
    world.unit("SN-2", END)
    assert readers(world) == []


def test_somebody_with_several_customers_gets_one_mail(world: Calendar) -> None:
    system, lead = world.house.system, world.people.account_manager.user.id
    for number, slug in enumerate(("north", "south", "east", "west")):
        world.house.customer(slug)
        world.plan(slug)
        assign_manager(system, slug, lead)
        world.unit(f"SN-{number}", END, slug=slug)
    world.run()
    (message,) = world.mails()
    assert message["Subject"] == "North, South, East and 1 more: coming to an end (4)"
    assert words_of(message).count("Warranties of assets (1)") == 4


def test_a_mail_about_one_customer_goes_when_he_goes_and_tells_no_other_ones_things(world: Calendar) -> None:
    world.plan("globex")
    world.unit("SN-1", END)
    world.unit("SN-SECRET", END, slug="globex")
    set_role(world.house.system, world.people.stranger.user.id, "manager", 1)
    world.run()
    rows = {row.to: row.customer_id for row in Mail.select()}
    assert rows == {OWNER: 1, "mallory@globex.example": None}
    assert ["SN-SECRET" in words_of(message) for message in world.mails()] == [False, True]


def test_of_two_workers_one_mails(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have written their letters when the first one queues them."""
    from registry.notices import announcing

    world.unit("SN-1", END)
    monkeypatch.setattr(announcing, "mail_runs", lambda *_: 0)
    world.run()
    house, awake, letter = world.house.system, announcing._awake(world.house.system), digest._letter

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(digest, "_letter", letter)
        assert digest.mail_runs(house, awake) == 1
        return letter(*arguments)

    monkeypatch.setattr(digest, "_letter", late)
    assert digest.mail_runs(house, awake) == 0
    assert len(world.mails()) == 1


def test_a_reader_hears_only_of_what_he_may_see(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = ROLES["manager"]
    monkeypatch.setitem(ROLES, "manager", replace(manager, names=manager.permissions - {"licence.view"}))
    world.unit("SN-1", END)
    world.licence("Editor", END)
    world.run()
    (message,) = world.mails()
    assert "SN-1" in words_of(message) and "Editor" not in words_of(message)


def test_what_waits_for_somebody_in_his_quiet_hours_takes_nobodys_place(
    world: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "RUNS_AT_ONCE", 1)
    world.unit("SN-1", END)
    world.unit("SN-2", END, slug="globex")
    world.plan("globex")
    with monkeypatch.context() as broken:
        broken.setattr(announcing, "mail_runs", lambda *_: 0)
        world.run()
    change_plan(world.house.system, "acme", {"enabled": False}, 0)
    assert readers(world) == ["mallory@globex.example"]


def test_long_lists_are_cut(world: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MOST_LINES", 4)
    for number in range(7):
        world.unit(f"SN-{number}", END)
    world.run()
    (message,) = world.mails()
    text = words_of(message)
    assert (text.count("- SN-"), "... and 3 more" in text, "(7)" in text) == (4, True, True)


def test_names_cannot_forge_lines_or_headers(world: Calendar) -> None:
    from registry.customers.models import Customer

    evil = "Evil\r\nBcc: x@y.example\n\nAll is well {name}"
    Customer.update(name=evil).where(Customer.slug == "acme").execute()
    User.update(name=evil).where(User.email == OWNER).execute()
    world.unit("SN-1", END)
    world.run()
    (message,) = world.mails()
    assert message["Bcc"] is None and "Bcc: x@y.example" in message["Subject"]
    assert not [line for line in words_of(message).splitlines() if line.startswith(("Bcc", "All is well"))]


def test_a_subject_that_is_gone_by_then_is_counted_and_left_out(world: Calendar) -> None:
    """Announced in one breath, mailed in the next: what was removed in between has no name any more."""
    from registry.licences.models import Licence
    from registry.notices import announcing

    licence = world.licence("Editor", END)
    world.licence("Viewer", END)
    real = announcing.mail_runs

    def after_removal(house: object, awake: object) -> int:
        Licence.delete().where(Licence.id == licence.id).execute()
        return real(house, awake)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcing, "mail_runs", after_removal)
        world.run()
    (message,) = world.mails()
    assert "Viewer" in words_of(message) and "Editor" not in words_of(message)


def test_what_was_announced_is_listed(world: Calendar) -> None:
    asset = world.unit("SN-1", END)
    world.unit("SN-9", END, slug="globex")
    world.plan("globex")
    world.run()
    people = world.people
    (item,) = people.reader.get("/api/v1/notices").json["items"]
    assert {name: item[name] for name in ("customer", "topic", "subject_id", "subject", "ends_on", "step")} == {
        "customer": "acme", "topic": "asset_warranty", "subject_id": asset.id, "subject": "SN-1",
        "ends_on": "2027-06-30", "step": 7,
    }  # fmt: skip
    assert item["announced_at"] and item["mailed_at"]
    assert [one["subject"] for one in people.stranger.get("/api/v1/notices").json["items"]] == ["SN-9"]
    assert len(people.admin.get("/api/v1/notices").json["items"]) == 2
    assert people.admin.get("/api/v1/notices?customer=acme&topic=asset_warranty").json["items"] == [item]
    assert people.stranger.get("/api/v1/notices?customer=acme").status_code in (404, 422)

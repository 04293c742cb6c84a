"""Mails of plugins: their own texts, by the same outbox, to nobody but people whom the customer knows."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.customers.places import create_contact
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import NotFound
from registry.kernel.mail import Mail
from registry.kernel.mail_texts import MailText
from registry.kernel.secrets import vault
from registry.plugins import dropping, switches
from registry.plugins.host import Host
from registry.sdk import MailKind, link, post
from tests.houses import House
from tests.plugins.making import entry, guest
from tests.plugins.world import taken_in

ENGLISH = "Subject: {unit} is late\n\nIt was due on {due_on}. See {link}\n"
CHINESE = "Subject: {unit} 已逾期\n\n到期日為 {due_on}。詳見 {link}\n"
LATE = MailKind("guest.late", "A unit is late", {"unit": "the unit", "due_on": "when", "link": "where"})
VALUES = {"unit": "SN-1", "due_on": date(2030, 1, 2), "link": "https://x.example/"}


def with_texts(folder: Path, **texts: str) -> str:
    """Writes the texts of guest.late; answers where its module would lie."""
    for language, text in texts.items():
        path = folder / "mails" / language.replace("_", "-") / "late.txt"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return str(folder / "plugin.py")


@pytest.fixture
def host(any_house: House, tmp_path: Path) -> Iterator[Host]:
    any_house.people()
    with guest(file=with_texts(tmp_path, en=ENGLISH, zh_Hant=CHINESE), mails=lambda: [LATE]) as made:
        assert made.plugins["guest"].works, made.plugins["guest"].reason
        yield made


def customer_id(house: House) -> int:
    return next(iter(house.people().owner.actor.grants))


def contact(slug: str = "acme", **values: Any) -> int:
    given = {"customer": slug, "name": "Ms Lin", "email": "lin@acme.example", **values}
    return int(create_contact(Actor.system(), given).id)


def letters() -> list[tuple[str, str]]:
    """(to, subject and body)"""
    return [(one.to, "\n".join(json.loads(vault().open(one.sealed)))) for one in Mail.select().order_by(Mail.id)]


def test_a_contact_is_written_to_in_his_language_about_his_company(any_house: House, host: Host) -> None:
    acme, owner = customer_id(any_house), any_house.people().owner.actor
    with transaction():
        assert post(owner, "guest.late", VALUES, customer=acme, contact=contact())
        assert post(owner, "guest.late", VALUES, customer=acme, contact=contact(language="zh-Hant"))
        assert not post(owner, "guest.late", VALUES, customer=acme, contact=contact(email=""))
    english, chinese = letters()
    assert english[0] == "lin@acme.example" and "SN-1 is late\nIt was due on 2 January 2030." in english[1]
    assert "SN-1 已逾期\n到期日為 2030年1月2日" in chinese[1]
    assert {one.customer_id for one in Mail.select()} == {acme}, "so that it goes when the customer does"
    assert link("/c/acme").startswith("http")


def test_the_house_s_own_words_are_used_and_go_with_the_plugin_s_data(any_house: House, host: Host) -> None:
    acme, owner, admin = customer_id(any_house), any_house.people().owner.actor, any_house.people().admin
    MailText.create(name="guest.late", language="en", subject="Hurry: {unit}", body="{due_on} {link}")
    MailText.create(name="mail_test", language="en", subject="Ours", body="{link} {now}")
    post(owner, "guest.late", VALUES, customer=acme, contact=contact())
    assert letters()[0][1].startswith("Hurry: SN-1")
    page = admin.get("/settings/mail-texts/guest.late/en")
    assert page.status_code == 200 and "Hurry" in page.text
    switches.switch(admin.actor, "guest", on=False)
    dropping.drop_data(Actor.system(), "guest")
    assert [one.name for one in MailText.select()] == ["mail_test"]


def test_users_are_those_of_the_customer_and_the_house_s_for_the_house(any_house: House, host: Host) -> None:
    acme, people = customer_id(any_house), any_house.people()
    owner, reader, admin, stranger = (
        each.actor for each in (people.owner, people.reader, people.admin, people.stranger)
    )

    def write(who: Actor, to: Actor) -> bool:
        return post(who, "guest.late", VALUES, customer=acme, user=to.user_id)

    assert write(owner, reader) and write(admin, owner) and write(admin, admin)
    assert write(Actor.system(acme), owner), "a job of one customer's"
    for who, to in (
        (owner, stranger),
        (admin, stranger),
        (owner, admin),
        (stranger, owner),
        (Actor.system(acme), admin),
    ):
        with pytest.raises(NotFound):
            write(who, to)
    assert len(letters()) == 4


def test_nobody_is_written_to_whom_the_customer_does_not_know(any_house: House, host: Host) -> None:
    acme, people = customer_id(any_house), any_house.people()
    theirs, ours = contact("globex"), contact()
    for who, customer, to in (
        (people.owner.actor, acme, theirs), (people.admin.actor, acme, theirs), (people.owner.actor, acme, 2**70),
        (people.stranger.actor, acme, ours), (people.stranger.actor, acme, theirs),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            post(who, "guest.late", VALUES, customer=customer, contact=to)
    switches.switch(people.admin.actor, "guest", on=False, customer_id=acme)
    with pytest.raises(NotFound):
        post(people.owner.actor, "guest.late", VALUES, customer=acme, contact=ours)
    assert letters() == []


def test_a_plugin_sends_its_own_mails_only(any_house: House, host: Host) -> None:
    acme, owner = customer_id(any_house), any_house.people().owner.actor
    with pytest.raises(LookupError, match="no plugin has a mail"):
        post(owner, "invitation", VALUES, customer=acme, contact=contact())
    with pytest.raises(LookupError, match="takes"):
        post(owner, "guest.late", {"unit": "SN-1"}, customer=acme, contact=contact())
    with pytest.raises(TypeError):
        post(owner, "guest.late", VALUES, customer=acme)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({}, "The text mails/en/late.txt is missing."),
        ({"zh_Hant": CHINESE}, "The text mails/en/late.txt is missing."),
        ({"en": ENGLISH.replace("{unit}", "{units}")}, "There is no {units} here."),
        ({"en": ENGLISH.replace("{link}", "")}, "Without {link} this mail is of no use"),
        ({"en": ENGLISH, "zh_Hant": CHINESE.replace("{unit}", "{")}, "mails/zh-Hant/late.txt: { is no placeholder"),
        ({"en": ENGLISH.removeprefix("Subject: ")}, "its first line has to be: Subject: ..."),
    ],
)
def test_a_text_that_could_not_be_sent_keeps_its_plugin_out(tmp_path: Path, texts: dict[str, str], reason: str) -> None:
    with guest(file=with_texts(tmp_path, **texts), mails=lambda: [LATE]) as host:
        assert reason in host.plugins["guest"].reason


def test_names_of_mails(tmp_path: Path) -> None:
    for name in ("late", "guest.", "Guest.late", "guest.late/../x", f"{'g' * 31}.{'l' * 33}"):
        with pytest.raises(ValueError, match="mail"):
            MailKind(name, "Late", {})
    file = with_texts(tmp_path, en=ENGLISH)
    with taken_in([entry("other", file=file, mails=lambda: [LATE]), entry("invitation", file=file)]) as host:
        assert "must begin with 'other.'" in host.plugins["other"].reason

"""A call is confirmed in writing, and somebody hears of what nobody has done."""

import json
from datetime import timedelta
from typing import Any

import pytest

from registry.customers.models import Contact
from registry.customers.places import create_contact
from registry.customers.service import assign_manager
from registry.kernel import clock
from registry.kernel.language import speaking
from registry.kernel.mail import Mail
from registry.kernel.secrets import vault
from registry.people.models import Membership, User
from registry_rma import cases
from registry_rma.moving import move
from registry_rma.papers import grouped
from registry_rma.tests.world import Desk
from registry_rma.words import word


def letters() -> list[tuple[str, str, str]]:
    """(to, subject, body)"""
    return [(one.to, *json.loads(vault().open(str(one.sealed)))) for one in Mail.select().order_by(Mail.id)]


def called(desk: Desk, *, units: int = 1, **more: Any) -> Any:
    lines = [{"asset": desk.unit().id, "fault": f"Fault {number}"} for number in range(units)]
    return cases.open_case(desk.engineer, {"lines": lines, "channel": "telephone", **more})


@pytest.fixture
def lin(desk: Desk) -> int:
    who = {"name": "Ms Lin", "email": "lin@acme.example", "language": "en"}
    return int(create_contact(desk.system, {"customer": "acme", **who}).id)


@pytest.mark.rule("S4-07")
def test_a_call_is_confirmed_in_writing_at_once(desk: Desk, lin: int) -> None:
    case = called(desk, units=2, contact=lin)
    [(to, subject, body)] = letters()
    assert to == "lin@acme.example" and grouped(case.number) in subject
    assert all(part in body for part in ("Ms Lin", "SN-1", "Fault 0", "SN-2", "Fault 1", f"/lines/{case.id}"))
    assert case.confirmed_at and not case.to_be_confirmed
    assert case.version == cases.get_case(desk.engineer, case.id).version, (
        "what is answered can be changed with its ETag"
    )


@pytest.mark.rule("S4-07")
@pytest.mark.parametrize("address", ["", None])
def test_without_an_address_somebody_confirms_it_by_hand(desk: Desk, lin: int, address: str | None) -> None:
    Contact.update(email="").where(Contact.id == lin).execute()
    case = called(desk, **({} if address is None else {"contact": lin}))
    assert letters() == [] and case.to_be_confirmed
    assert cases.confirm(desk.engineer, case.id, case.version).confirmed_at


def test_a_draft_is_confirmed_when_it_is_sent_and_a_letter_never(desk: Desk, lin: int) -> None:
    called(desk, contact=lin, channel="letter")
    case = called(desk, contact=lin, send=False)
    assert letters() == []
    [line] = cases.lines_of(desk.system, case)
    move(desk.engineer, line.id, "requested", {}, version=line.version)
    assert len(letters()) == 1


def test_the_mail_is_in_the_language_of_its_reader(desk: Desk, lin: int) -> None:
    Contact.update(language="zh-Hant").where(Contact.id == lin).execute()
    called(desk, contact=lin)
    [(_to, subject, body)] = letters()
    assert subject.startswith("我們已受理") and "您好" in body and "Fault 0" in body


def test_what_was_discarded_is_not_confirmed(desk: Desk, lin: int) -> None:
    case = called(desk, units=2, contact=lin, send=False)
    first, second = cases.lines_of(desk.system, case)
    move(desk.engineer, first.id, "cancelled", {}, version=first.version)
    move(desk.engineer, second.id, "requested", {}, version=second.version)
    [(_to, _subject, body)] = letters()
    assert "Fault 1" in body and "Fault 0" not in body and body.rstrip().endswith(f"/lines/{second.id}")


def test_an_alarm_is_in_the_language_of_whom_it_wakes(desk: Desk) -> None:
    manager = desk.people.engineer.user.id
    assign_manager(desk.system, "acme", manager)
    User.update(language="zh-Hant").where(User.id == manager).execute()
    desk.line()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        cases.alarm_idle()
    [(_to, _subject, body)] = letters()
    with speaking("zh-Hant"):
        assert f"「{word('state', 'requested')}」" in body
    assert "Requested" not in body


def test_a_manager_without_a_role_is_not_written_to(desk: Desk) -> None:
    assign_manager(desk.system, "acme", desk.people.engineer.user.id)
    desk.line()
    Membership.delete().where(Membership.user == desk.people.engineer.user.id).execute()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert cases.alarm_idle() == 1
    assert letters() == []


@pytest.mark.rule("S4-08")
def test_who_looks_after_the_customer_hears_of_what_nobody_has_done(desk: Desk) -> None:
    assign_manager(desk.system, "acme", desk.people.engineer.user.id)
    line = desk.line(fault="No light")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert (cases.alarm_idle(), cases.alarm_idle()) == (1, 0)
    [(to, subject, body)] = letters()
    assert to == desk.people.engineer.user.email and line.serial in subject and "No light" in body

"""Each customer has exactly one active account manager, whom he sees; who it was before stays."""

import threading
from datetime import UTC, datetime

import pytest

from registry.customers.models import AccountManager
from registry.customers.service import (
    assign_manager,
    get_customer,
    manager_history,
    manager_of,
    without_manager,
)
from registry.kernel import clock, db
from registry.kernel.access import visible
from registry.kernel.errors import Invalid, Problem
from registry.people.service import activate_user, deactivate_user
from tests.houses import House, People

URL = "/api/v1/customers/acme/account-manager"


@pytest.mark.rule("S0-22")
def test_exactly_one_is_active_and_history_stays(any_house: House) -> None:
    people = any_house.people()
    assert people.owner.get(URL).json == {"items": []}
    first, second = people.account_manager.user, people.engineer.user
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)):
        assert people.admin.put(URL, {"user": first.id}).status_code == 200
    with clock.frozen(datetime(2026, 2, 1, tzinfo=UTC)):
        people.admin.put(URL, {"user": second.id})
        people.admin.put(URL, {"user": second.id})
    shown = people.owner.get(URL).json["items"]
    assert [(row["email"], row["until"] is None) for row in shown] == [(first.email, False), (second.email, True)]
    assert shown[0]["until"] == shown[1]["since"]
    assert people.owner.get("/api/v1/customers/acme").json["account_manager"] == second.name
    history = people.admin.get("/api/v1/audit?action=customer.manager_assigned").json["items"]
    assert [(entry["before"], entry["after"]) for entry in history] == [
        ({"account_manager": None}, {"account_manager": first.email}),
        ({"account_manager": first.email}, {"account_manager": second.email}),
    ]


@pytest.mark.rule("S0-22")
def test_a_customer_without_one_is_on_the_list_of_gaps(people: People) -> None:
    listed = [item["slug"] for item in people.admin.get("/api/v1/customers?without_manager=true").json["items"]]
    assert listed == ["acme", "globex"]
    people.admin.put(URL, {"user": people.account_manager.user.id})
    assert [row.slug for row in without_manager(people.admin.actor)] == ["globex"]
    assert [item["slug"] for item in people.admin.get("/api/v1/customers?without_manager=false").json["items"]] == [
        "acme"
    ]


@pytest.mark.rule("S0-22")
def test_the_table_itself_refuses_a_second_active_one(any_house: House) -> None:
    people = any_house.people()
    acme = get_customer(any_house.system, "acme")
    assign_manager(any_house.system, "acme", people.account_manager.user.id)
    from peewee import IntegrityError

    with pytest.raises(IntegrityError), db.transaction():
        AccountManager.create(customer_id=acme.id, user=people.engineer.user)
    assert len(manager_history(any_house.system, acme)) == 1


@pytest.mark.rule("S0-22")
def test_of_many_who_assign_at_once_one_stays_active(any_house: House) -> None:
    people = any_house.people()
    system, acme = any_house.system, get_customer(any_house.system, "acme")
    candidates = [people.admin, people.engineer, people.account_manager, people.auditor] * 2
    start, failed = threading.Barrier(len(candidates)), []

    def assign(user_id: int) -> None:
        with db.connection():
            start.wait(120)
            try:
                assign_manager(system, "acme", user_id)
            except Problem as problem:
                failed.append(problem.status)
            except Exception as error:
                failed.append(db.problem_of(error).status if "IntegrityError" in type(error).__name__ else error)

    threads = [threading.Thread(target=assign, args=(person.user.id,)) for person in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(failed) <= {409, 503}, failed
    rows = list(
        visible(AccountManager, system).where(AccountManager.customer_id == acme.id).order_by(AccountManager.id)
    )
    assert [row.until is None for row in rows].count(True) == 1
    if db.is_sqlite():
        assert not failed and len(rows) >= 4


@pytest.mark.rule("S0-22")
def test_who_has_left_looks_after_nobody_and_who_comes_back_does_again(any_house: House) -> None:
    people = any_house.people()
    chief, admin = people.account_manager.user, people.admin
    admin.put(URL, {"user": chief.id})
    acme = get_customer(any_house.system, "acme")

    def shown() -> tuple[object, ...]:
        one = admin.get("/api/v1/customers/acme").json
        listed = admin.get("/api/v1/customers").json["items"][0]
        gaps = [row.slug for row in without_manager(admin.actor)]
        last = admin.get(URL).json["items"][-1]
        found = manager_of(any_house.system, acme)
        return one["account_manager"], listed["account_manager_email"], "acme" in gaps, last["active"], bool(found)

    assert shown() == (chief.name, chief.email, False, True, True)
    deactivate_user(admin.actor, chief.id)
    assert shown() == (None, None, True, False, False)
    activate_user(admin.actor, chief.id)
    assert shown() == (chief.name, chief.email, False, True, True)
    deactivate_user(admin.actor, chief.id)
    admin.put(URL, {"user": people.engineer.user.id})
    rows = admin.get(URL).json["items"]
    assert [(row["email"], row["until"] is None, row["active"]) for row in rows] == [
        (chief.email, False, False), (people.engineer.user.email, True, True),
    ]  # fmt: skip


def test_only_an_active_user_of_the_operator_can_be_one(people: People) -> None:
    gone = people.engineer.user.id
    deactivate_user(people.admin.actor, gone)
    for user_id in (people.owner.user.id, gone, 999):
        answer = people.admin.put(URL, {"user": user_id})
        assert answer.status_code == 422 and list(answer.json["errors"]) == ["user"]
    with pytest.raises(Invalid):
        assign_manager(people.admin.actor, "acme", people.stranger.user.id)
    for person in (people.owner, people.engineer):
        assert person.put(URL, {"user": people.admin.user.id}).status_code in (401, 403)
    assert people.stranger.get(URL).status_code == 404

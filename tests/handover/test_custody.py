"""What was taken from a customer goes back when the task is finished (S0-26)."""

from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from registry.handover import custody
from registry.handover.models import CustodyItem, CustodyTask
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Conflict
from tests.handover.world import V1, done
from tests.houses import House, People

DISK = {"what": "backup disk", "kind": "media", "taken_from": "Ann"}
COPY = {"what": "disk image", "kind": "digital_copy", "taken_from": "Ann"}


@pytest.fixture
def people(any_house: House) -> People:
    return any_house.people()


def task(people: People, *items: dict[str, Any]) -> tuple[int, list[int]]:
    number = done(people.engineer.post(f"{V1}/custody-tasks", {"customer": "acme", "title": "Migration"}))["id"]
    taken = [done(people.engineer.post(f"{V1}/custody-tasks/{number}/items", item))["id"] for item in items]
    return number, taken


def overdue(people: People, **query: Any) -> list[int]:
    answer = people.owner.get(f"{V1}/custody-items", query_string={"overdue": "true", **query})
    return [item["id"] for item in done(answer)["items"]]


@pytest.mark.rule("S0-26")
def test_finishing_the_task_makes_everything_due_and_closing_waits_for_it(people: People) -> None:
    number, [disk, papers] = task(people, DISK, {**DISK, "what": "wiring plans", "kind": "document", "quantity": 3})
    assert overdue(people) == []
    act = people.engineer.post
    assert act(f"{V1}/custody-tasks/{number}/close").status_code == 409, "not finished yet"
    finished = done(act(f"{V1}/custody-tasks/{number}/finish"))
    assert finished["state"] == "finished" and overdue(people) == [disk, papers]
    for item in done(people.owner.get(f"{V1}/custody-items"))["items"]:
        assert item["due_at"] == finished["finished_at"], "due at once"
    refused = act(f"{V1}/custody-tasks/{number}/close")
    assert refused.status_code == 409 and refused.json["code"] == "items_out" and "wiring plans" in refused.text
    back = done(act(f"{V1}/custody-items/{disk}/return", {"returned_to": "Ann Li"}))
    assert back["returned_to"] == "Ann Li" and back["returned_at"] and overdue(people) == [papers]
    assert act(f"{V1}/custody-tasks/{number}/close").status_code == 409
    done(act(f"{V1}/custody-items/{papers}/return", {"returned_to": "Ann Li"}))
    assert overdue(people) == []
    closed = done(act(f"{V1}/custody-tasks/{number}/close"))
    assert closed["state"] == "closed" and closed["closed_at"]


@pytest.mark.rule("S0-26")
def test_of_a_copy_the_deletion_is_recorded(people: People) -> None:
    number, [copy, disk] = task(people, COPY, DISK)
    act = people.engineer.post
    done(act(f"{V1}/custody-tasks/{number}/finish"))
    assert act(f"{V1}/custody-items/{copy}/return", {"returned_to": "Ann"}).status_code == 409
    assert act(f"{V1}/custody-items/{disk}/deletion", {"deletion_method": "x"}).status_code == 409
    assert act(f"{V1}/custody-items/{copy}/deletion", {}).status_code == 422, "how?"
    gone = done(act(f"{V1}/custody-items/{copy}/deletion", {"deletion_method": "overwritten once"}))
    assert gone["deleted_by"] == "engineer" and gone["deleted_at"] and gone["deletion_method"] == "overwritten once"
    assert act(f"{V1}/custody-items/{copy}/deletion", {"deletion_method": "again"}).status_code == 409
    assert act(f"{V1}/custody-tasks/{number}/close").status_code == 409
    done(act(f"{V1}/custody-items/{disk}/return", {"returned_to": "Ann"}))
    done(act(f"{V1}/custody-tasks/{number}/close"))


@pytest.mark.rule("S0-26")
def test_what_came_back_before_the_end_is_never_due(people: People) -> None:
    number, [disk, other] = task(people, DISK, DISK)
    done(people.engineer.post(f"{V1}/custody-items/{disk}/return", {"returned_to": "Ann"}))
    done(people.engineer.post(f"{V1}/custody-tasks/{number}/finish"))
    assert overdue(people) == [other]
    assert done(people.owner.get(f"{V1}/custody-items/{disk}"))["due_at"] is None


def test_nothing_is_taken_for_a_task_that_is_over(people: People) -> None:
    number, _ = task(people)
    done(people.engineer.post(f"{V1}/custody-tasks/{number}/finish"))
    assert people.engineer.post(f"{V1}/custody-tasks/{number}/items", DISK).status_code == 409
    done(people.engineer.post(f"{V1}/custody-tasks/{number}/close"))
    assert people.engineer.post(f"{V1}/custody-tasks/{number}/finish").status_code == 409


def test_moments_are_possible_ones(people: People) -> None:
    number, [disk] = task(people, DISK)
    act = people.engineer.post
    for moment in ("2999-01-01T00:00:00Z", "2026-01-01T00:00:00", "yesterday", "1700-01-01T00:00:00Z"):
        assert act(f"{V1}/custody-tasks/{number}/items", {**DISK, "taken_at": moment}).status_code == 422, moment
    early = {"returned_to": "Ann", "returned_at": "2020-01-01T00:00:00Z"}
    assert act(f"{V1}/custody-items/{disk}/return", early).status_code == 422, "before it was taken"


def test_the_customer_looks_on_and_the_operator_acts(people: People, any_house: House) -> None:
    asset = any_house.asset("acme", "S-1")
    number, [disk] = task(people, {**DISK, "asset": "S-1"})
    assert done(people.reader.get(f"{V1}/custody-items/{disk}"))["asset"] == asset.serial
    for person, code in ((people.owner, 403), (people.reader, 403), (people.stranger, 403)):
        assert person.post(f"{V1}/custody-tasks/{number}/finish").status_code == code
    assert people.stranger.get(f"{V1}/custody-items/{disk}").status_code == 404
    any_house.asset("globex", "S-2")
    foreign = people.engineer.post(f"{V1}/custody-tasks/{number}/items", {**DISK, "asset": "S-2"})
    assert foreign.status_code == 422


def test_it_is_all_in_the_customers_history(people: People) -> None:
    number, [disk] = task(people, DISK)
    done(people.engineer.post(f"{V1}/custody-tasks/{number}/finish"))
    done(people.engineer.post(f"{V1}/custody-items/{disk}/return", {"returned_to": "Ann"}))
    done(people.engineer.post(f"{V1}/custody-tasks/{number}/close"))
    query = AuditEntry.select(AuditEntry.action).where(
        (AuditEntry.customer_id == 1) & AuditEntry.action.startswith("custody.")
    )
    told = [row[0].removeprefix("custody.") for row in query.order_by(AuditEntry.id).tuples()]
    assert told == ["opened", "taken", "finished", "due", "returned", "closed"]


# --- Whatever is done in whatever order --------------------------------------------------------------------


class Custody(RuleBasedStateMachine):
    """Random acts on a few tasks, against what they must come to."""

    house: House

    def __init__(self) -> None:
        super().__init__()
        self.actor: Actor = self.house.system
        self.tasks: dict[int, str] = {}
        self.out: dict[int, set[int]] = {}
        self.kinds: dict[int, str] = {}

    @rule()
    def open(self) -> None:
        made = custody.open_task(self.actor, {"customer": "acme", "title": "t"})
        self.tasks[made.id], self.out[made.id] = "open", set()

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), kind=st.sampled_from(["media", "digital_copy"]))
    def take(self, data: st.DataObject, kind: str) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        try:
            item = custody.take(self.actor, task_id, {"what": "x", "kind": kind, "taken_from": "y"})
        except Conflict:
            assert self.tasks[task_id] != "open"
            return
        assert self.tasks[task_id] == "open"
        self.out[task_id].add(item.id)
        self.kinds[item.id] = kind

    @precondition(lambda self: self.kinds)
    @rule(data=st.data(), by_return=st.booleans())
    def settle(self, data: st.DataObject, by_return: bool) -> None:
        item_id = data.draw(st.sampled_from(sorted(self.kinds)))
        out = any(item_id in items for items in self.out.values())
        fits = by_return == (self.kinds[item_id] == "media")
        try:
            if by_return:
                custody.give_back(self.actor, item_id, {"returned_to": "z"})
            else:
                custody.delete_copy(self.actor, item_id, {"deletion_method": "z"})
        except Conflict:
            assert not (out and fits)
            return
        assert out and fits
        for items in self.out.values():
            items.discard(item_id)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), last=st.booleans())
    def move(self, data: st.DataObject, last: bool) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.tasks)))
        before = self.tasks[task_id]
        allowed = (before == "finished" and not self.out[task_id]) if last else before == "open"
        try:
            custody.close(self.actor, task_id) if last else custody.finish(self.actor, task_id)
        except Conflict:
            assert not allowed
            return
        assert allowed
        self.tasks[task_id] = "closed" if last else "finished"

    @invariant()
    def table_and_model_agree(self) -> None:
        tasks = {
            row.id: row.state for row in visible(CustodyTask, self.actor).where(CustodyTask.id.in_(list(self.tasks)))
        }
        assert tasks == self.tasks
        items = visible(CustodyItem, self.actor).where(CustodyItem.task.in_(list(self.tasks)))
        out = {row.id for row in items.where(custody.OUT)}
        assert out == {item for found in self.out.values() for item in found}
        late = {row.id for row in items.where(custody.OUT & CustodyItem.due_at.is_null(False))}
        assert late == {item for task_id, found in self.out.items() for item in found if tasks[task_id] == "finished"}
        assert all(row.due_at <= clock.now() for row in items.where(CustodyItem.due_at.is_null(False)))


@pytest.mark.slow
def test_whatever_the_order_nothing_is_lost(house: House) -> None:
    house.people()
    machine = type("CustodyOfThisHouse", (Custody,), {"house": house})

    run_state_machine_as_test(
        machine, settings=hypothesis_settings(max_examples=15, stateful_step_count=25, deadline=None)
    )

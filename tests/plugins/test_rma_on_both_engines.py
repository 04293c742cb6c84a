"""The RMA desk where its own tests do not go: on PostgreSQL behind the wall, handed over, and erased."""

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from peewee import DatabaseError

from registry.kernel import db, wall
from registry.kernel.errors import Problem
from registry_rma import custody, moving, statistics
from registry_rma.models import Custody, Line
from registry_rma.tests.world import BAD, GOOD, Desk
from tests.houses import House


@pytest.fixture
def desk(any_house: House) -> Desk:
    people = any_house.people()
    known = SimpleNamespace(
        engineer=people.engineer, manager=people.owner, member=people.colleague, admin=people.admin,
        reader=people.reader,
        stranger=people.stranger,
    )  # fmt: skip
    made = Desk(any_house, known)  # type: ignore[arg-type]
    made.price()
    return made


def test_the_ladder_is_walked(desk: Desk) -> None:
    line = desk.closed(desk.replaced(desk.repaired(value=BAD)))
    assert custody.verify(desk.system, line).whole and line.ended and line.replacement_id


def test_the_chain_is_guarded(desk: Desk) -> None:
    line = desk.received()
    for statement in (Custody.update(who="me"), Custody.delete()):
        with pytest.raises(DatabaseError, match="append-only"):
            statement.where(Custody.line == line.id).execute()


def test_papers_are_printed(desk: Desk) -> None:
    line = desk.closed(desk.replaced(desk.repaired(value=BAD)))
    about = f"/c/acme/x/rma/lines/{line.id}/papers"
    for kind in ("form", "packing-slip", "box-label", "test-report", "custody-record"):
        answer = desk.people.reader.get(f"{about}/{kind}.pdf")
        assert answer.status_code == 200 and ("NEW-1" in answer.text or kind == "form"), f"{kind}: {answer.text}"
    file = desk.people.reader.get(f"/c/acme/x/rma/assets/{line.asset_id}/maintenance.pdf").text
    assert "Was replaced by\nNEW-1" in file
    assert desk.people.reader.get(f"/L/{line.code}").headers["Location"].endswith(f"/{line.replacement_id}")


def at_once(*works: Callable[[], Any]) -> list[str]:
    """What became of each, done at the same moment by threads with connections of their own."""
    start, came = threading.Barrier(len(works)), list[str]()

    def run(work: Callable[[], Any]) -> None:
        with db.connection():
            start.wait(120)
            try:
                work()
                came.append("done")
            except Problem as problem:
                came.append(problem.code)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(came)


def test_of_two_who_move_the_same_unit_at_once_one_wins_and_the_other_is_told(desk: Desk) -> None:
    for turn in range(3):
        line = desk.line()
        press = partial(moving.move, desk.lead, line.id, version=line.version, facts={"reason": "x"})
        came = at_once(
            *(partial(press, to, key=f"key-{turn}-{at}") for at, to in enumerate(["triage", "cancelled"] * 2))
        )
        assert came == ["done", "stale", "stale", "stale"]
        rows, line = custody.rows_of(desk.system, line), desk.fresh(line)
        assert [row.state for row in rows] == ["requested", line.state] and custody.verify(desk.system, line).whole


def test_a_key_that_is_sent_twice_at_once_moves_once(desk: Desk) -> None:
    line = desk.line()
    press = partial(moving.move, desk.lead, line.id, "triage", {}, version=line.version, key="device-00001")
    assert at_once(press, press, press) == ["done"] * 3
    assert len(custody.rows_of(desk.system, line)) == 2


def test_jobs_are_counted_as_by_hand(desk: Desk) -> None:
    desk.twenty_jobs()
    names = ("key", "jobs", "repaired", "no_fault", "repeats", "days_in_repair", "days_between_failures")

    def counted(by: str, **asked: Any) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in names) for row in statistics.count(desk.engineer, {"by": by, **asked})]

    ann, bob = ("Ann", 12, 8, 4, 7, 5.5, 14.3), ("Bob", 8, 8, 0, 7, 3.5, 5.0)
    assert counted("staff") == [ann, bob]
    assert counted("range") == [("A-1··", *ann[1:]), ("B-2··", *bob[1:])]
    assert [row[:2] for row in counted("month")] == [("2026-04", 3), ("2026-03", 3), ("2026-02", 3), ("2026-01", 11)]
    inside = {"since": date(2026, 1, 5), "until": date(2026, 1, 31), "serial_from": "B", "serial_to": "B-999"}
    assert counted("serial", **inside) == [("B-200", 6, 6, 0, 6, 3.5, 5.0)]
    for by in statistics.GROUPS:
        assert sum(row[1] for row in counted(by, product="")) == 20


@pytest.mark.postgres
def test_a_query_that_forgot_its_scope_finds_nothing(postgres_house: House) -> None:
    people: Any = postgres_house.people()
    known = SimpleNamespace(
        engineer=people.engineer,
        manager=people.owner,
        admin=people.admin,
        reader=people.reader,
        stranger=people.stranger,
    )
    desk = Desk(postgres_house, known)  # type: ignore[arg-type]
    line = desk.repaired(value=GOOD)
    unscoped = Line.update(serial="mine").where(Line.id == line.id)
    wall.stand(wall.scope_of(people.stranger.actor.customers))
    assert unscoped.execute() == 0
    wall.stand(wall.EVERYWHERE)
    assert desk.fresh(line).serial == line.serial

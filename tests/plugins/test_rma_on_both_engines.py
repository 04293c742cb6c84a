"""The RMA desk where its own tests do not go: on PostgreSQL behind the wall, handed over, and erased."""

from types import SimpleNamespace
from typing import Any

import pytest
from peewee import DatabaseError

from registry.kernel import wall
from registry_rma import custody
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

"""Nothing goes to a third party without the customer's approval, stored before (S0-25)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.customers.models import Customer
from registry.customers.service import customer_by
from registry.handover import disclosure
from registry.handover.disclosure import Refused
from registry.handover.models import Approval
from registry.kernel import clock, db
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid
from registry.people.signin import actor_of
from tests.handover.world import V1, done
from tests.houses import House, People, Person

WHO = "Northern Auditors"


@pytest.fixture
def people(any_house: House) -> People:
    made = any_house.people()
    any_house.asset("acme", "S-1")
    return made


def approve(person: Person, **values: Any) -> Any:
    given = {"customer": "acme", "recipient": WHO, "purpose": "yearly audit", "scope": ["assets"], **values}
    return person.post(f"{V1}/disclosure-approvals", given)


def export(person: Person, kind: str = "assets", recipient: str = WHO, customer: str | None = "acme") -> Any:
    query = f"for_third_party={recipient}" + (f"&customer={customer}" if customer else "")
    answer = person.get(f"{V1}/exports/{kind}.csv?{query}")
    answer.get_data()
    return answer


def entries(action: str) -> list[AuditEntry]:
    query = AuditEntry.select().where((AuditEntry.customer_id == 1) & (AuditEntry.action == action))
    return list(query.order_by(AuditEntry.id))


@pytest.mark.rule("S0-25")
def test_without_an_approval_it_is_refused_and_that_is_on_record(people: People) -> None:
    answer = export(people.engineer)
    assert answer.status_code == 403 and answer.json["code"] == "no_approval" and b"S-1" not in answer.data
    [refused] = entries("disclosure.refused")
    assert refused.actor_id == people.engineer.user.id and f'"recipient":"{WHO}"' in refused.after
    assert '"what":"assets"' in refused.after
    assert not entries("disclosure.made") and not entries("export.made")


@pytest.mark.rule("S0-25")
def test_with_an_approval_it_goes_out_under_its_number(people: People) -> None:
    number = done(approve(people.owner))["id"]
    answer = export(people.engineer)
    assert answer.status_code == 200 and b"S-1" in answer.data
    [made] = entries("disclosure.made")
    assert f'"approval":{number}' in made.after and made.actor_id == people.engineer.user.id
    [exported] = entries("export.made")
    assert f'"approval":{number}' in exported.after and '"purpose":"third party"' in exported.after


@pytest.mark.rule("S0-25")
def test_an_approval_dated_after_covers_nothing_before(people: People) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    done(approve(people.owner, approved_on=tomorrow))
    assert export(people.engineer).status_code == 403
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert export(people.account_manager).status_code == 200


@pytest.mark.rule("S0-25")
def test_an_approval_on_paper_is_recorded_but_never_stored_before_it_came(people: People) -> None:
    long_ago = "2026-01-05"
    paper = {"approved_by": "A. Long", "approved_on": long_ago, "written_reference": "letter 17"}
    assert export(people.engineer).status_code == 403
    for missing in paper:
        given = {name: value for name, value in paper.items() if name != missing}
        assert approve(people.account_manager, **given).status_code == 422, missing
    assert approve(people.account_manager, **paper, stored_at=long_ago).status_code == 422, "nobody says when"
    before = clock.now()
    made = done(approve(people.account_manager, **paper))
    assert made["stored_at"] >= before.isoformat()[:19] and made["approved_by"] == "A. Long"
    assert made["recorded_by"] == people.account_manager.actor.name
    acme = customer_by(people.admin.actor, "acme")
    with clock.frozen(before - timedelta(hours=1)), pytest.raises(Refused):
        disclosure.check(people.engineer.actor, acme, WHO, "assets")  # what left before it was stored
    assert export(people.engineer).status_code == 200
    assert len(entries("disclosure.refused")) == 2, "the refusals stay on record"


@pytest.mark.rule("S0-25")
@pytest.mark.parametrize("values, ask", [
    ({"recipient": "Somebody else"}, {}),
    ({"scope": ["licences"]}, {}),
    ({"scope": ["package"]}, {}),
    ({"valid_until": "2026-01-31", "approved_on": "2026-01-01"}, {}),
    ({}, {"recipient": "Northern Auditor"}),
    ({}, {"kind": "contacts"}),
])  # fmt: skip
def test_an_approval_covers_what_it_says_and_no_more(people: People, values: Any, ask: Any) -> None:
    done(approve(people.owner, **values))
    assert export(people.engineer, **ask).status_code == 403


@pytest.mark.rule("S0-25")
def test_the_last_day_is_that_of_the_customers_clocks(people: People) -> None:
    Customer.update(time_zone="Pacific/Honolulu").where(Customer.slug == "acme").execute()
    evening = datetime(2026, 6, 2, 5, tzinfo=UTC)  # still the first of June there
    with clock.frozen(evening - timedelta(days=9)):
        done(approve(people.owner, valid_until="2026-06-01"))
    acme = customer_by(people.admin.actor, "acme")
    with clock.frozen(evening):
        assert disclosure.check(people.engineer.actor, acme, WHO, "assets")
        assert disclosure.open_approvals(acme), "so it is in the way of an erasure"
    with clock.frozen(evening + timedelta(hours=6)), pytest.raises(Refused):
        assert not disclosure.open_approvals(acme)
        disclosure.check(people.engineer.actor, acme, WHO, "assets")


@pytest.mark.rule("S0-25")
def test_revoked_is_over(people: People) -> None:
    number = done(approve(people.owner, scope=["everything"]))["id"]
    assert export(people.engineer, recipient="northern  AUDITORS").status_code == 200
    path = f"{V1}/disclosure-approvals/{number}/revoke"
    assert people.colleague.post(path, {"reason": "x"}).status_code == 403
    assert people.stranger.post(path, {"reason": "x"}).status_code == 404
    done(people.owner.post(path, {"reason": "audit is over"}))
    assert people.owner.post(path, {"reason": "again"}).status_code == 409
    assert export(people.engineer).status_code == 403


@pytest.mark.rule("S0-25")
def test_only_somebody_of_the_customers_own_approves(people: People) -> None:
    assert approve(people.colleague).status_code == 403
    assert approve(people.reader).status_code == 403
    assert approve(people.stranger).status_code == 422, "acme is not for him to name"
    for operator in (people.admin, people.account_manager):
        assert approve(operator).status_code == 422, "in the customer's name he cannot; on paper he can"
    assert approve(people.engineer).status_code == 403
    assert approve(people.owner, approved_by="somebody").status_code == 422
    assert Approval.delete().execute() == 0


@pytest.mark.rule("S0-25")
def test_another_customers_approval_is_none_of_his(people: People) -> None:
    done(approve(people.stranger, customer="globex"))
    assert export(people.engineer).status_code == 403
    assert export(people.engineer, customer="globex").status_code == 200
    assert b"S-1" not in export(people.engineer, customer="globex").data
    assert people.stranger.get(f"{V1}/disclosure-approvals").json["items"][0]["customer"] == "globex"
    assert people.owner.get(f"{V1}/disclosure-approvals").json["items"] == []


@pytest.mark.rule("S0-25")
def test_what_goes_to_a_third_party_is_one_customers(people: People) -> None:
    for kind in ("assets", "customers", "policies"):
        answer = export(people.engineer, kind, customer=None)
        assert answer.status_code == 422 and "customer" in answer.json["errors"], kind
    done(approve(people.owner))
    assert export(people.owner, customer=None).status_code == 200, "his own company is the only one he has"


def test_own_work_and_own_data_need_no_approval_and_say_so(people: People) -> None:
    assert people.engineer.get(f"{V1}/exports/assets.csv?customer=acme").get_data()
    assert people.owner.get(f"{V1}/exports/assets.csv").get_data()
    assert ['"purpose":"own work"' in one.after for one in entries("export.made")] == [True, False]
    assert '"purpose":"own data"' in entries("export.made")[1].after


def test_the_houses_chain_does_not_repeat_what_was_searched_for(people: People) -> None:
    people.engineer.get(f"{V1}/exports/assets.csv?serial=S-1").get_data()
    [entry] = list(AuditEntry.select().where((AuditEntry.customer_id == 0) & (AuditEntry.action == "export.made")))
    assert "S-1" not in entry.after and "serial" in entry.after


def test_a_scope_names_lists_that_there_are(people: People) -> None:
    assert approve(people.owner, scope=["assets", "toothbrushes"]).status_code == 422
    assert approve(people.owner, scope=[]).status_code == 422
    assert approve(people.owner, valid_until="2020-01-01").status_code == 422


def test_a_check_inside_of_a_transaction_would_lose_the_refusal(people: People) -> None:
    acme = customer_by(people.admin.actor, "acme")
    with pytest.raises(RuntimeError, match="transaction"), db.transaction():
        disclosure.check(people.engineer.actor, acme, WHO, "assets")


def test_approving_by_verb_is_the_same(people: People) -> None:
    actor = actor_of(people.owner.user)
    made = disclosure.approve(actor, {"customer": "acme", "recipient": WHO, "purpose": "x", "scope": ["package"]})
    assert made.approved_by == actor.name
    with pytest.raises(Invalid):
        disclosure.approve(actor, {"customer": "globex", "recipient": WHO, "purpose": "x", "scope": ["package"]})

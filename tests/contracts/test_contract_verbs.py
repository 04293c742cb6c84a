"""Verbs about contracts: who may, what is refused, how terms become history."""

from datetime import UTC, date, datetime

import pytest

from registry.contracts import service
from registry.contracts.listing import CONTRACTS
from registry.contracts.standing import history, standing
from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionRequired, Stale
from tests.licences.world import both_engines

NEW = {
    "customer": "acme",
    "number": "C-1",
    "title": "Care",
    "starts_on": date(2024, 1, 1),
    "ends_on": date(2024, 12, 31),
}
TACIT = {**NEW, "renewal": "tacit", "renewal_period": "P1Y", "notice_days": 90}
BY_NOTICE = {**NEW, "renewal": "by_notice", "renewal_period": "P1Y"}


@pytest.fixture(autouse=True)
def today():
    with clock.frozen(datetime(2026, 6, 15, 12, tzinfo=UTC)):
        yield date(2026, 6, 15)


def _terms(world, contract, on=date(2026, 6, 15)):
    rows = history(world.lead, service.get_contract(world.lead, contract.id), on)
    return [(row["starts_on"].isoformat(), row["ends_on"].isoformat(), row["tacit"]) for row in rows]


def _state(world, contract, on):
    (row,) = CONTRACTS.page(world.lead, {"on": on, "customer": "acme"})["items"]
    return row["state"]


def test_the_lead_makes_contracts_and_the_customer_reads_them(world):
    contract = service.create_contract(world.lead, NEW)
    for reader in (world.owner, world.colleague, world.reader, world.engineer):
        assert CONTRACTS.one(reader, contract.id)["number"] == "C-1"
        assert service.for_reading(reader, contract.id).id == contract.id


def test_nobody_else_changes_them(world):
    contract = service.create_contract(world.lead, TACIT)
    for actor in (world.owner, world.colleague, world.reader, world.engineer):
        for verb in (
            lambda who: service.create_contract(who, {**NEW, "number": "C-2"}),
            lambda who: service.change_contract(who, contract.id, {"title": "mine"}, 1),
            lambda who: service.renew_contract(who, contract.id, {}, 1),
            lambda who: service.terminate_contract(who, contract.id, {"notice_on": date(2026, 1, 1)}, 1),
        ):
            with pytest.raises(Forbidden):
                verb(actor)


def test_to_a_stranger_they_do_not_exist(world):
    contract = service.create_contract(world.lead, TACIT)
    for verb in (
        lambda: service.for_reading(world.stranger, contract.id),
        lambda: service.change_contract(world.stranger, contract.id, {"title": "mine"}, 1),
        lambda: service.renew_contract(world.stranger, contract.id, {}, 1),
        lambda: CONTRACTS.one(world.stranger, contract.id),
    ):
        with pytest.raises(NotFound):
            verb()
    assert CONTRACTS.page(world.stranger, {})["items"] == []


@both_engines
def test_a_number_is_used_once_per_customer(world):
    service.create_contract(world.lead, NEW)
    with pytest.raises(Conflict) as caught:
        service.create_contract(world.lead, NEW)
    assert list(caught.value.errors) == ["number"]
    service.create_contract(world.lead, {**NEW, "customer": "globex"})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ends_on": date(2023, 12, 31)}, "ends_on"),
        ({"renewal": "tacit"}, "renewal_period"),
        ({"renewal": "tacit", "renewal_period": "P1Y", "ends_on": None}, "renewal"),
        ({"renewal": "by_notice", "ends_on": None}, "renewal"),
        ({"renewal": "yearly"}, "renewal"),
        ({"renewal_period": "1 year"}, "renewal_period"),
        ({"renewal_period": "P1W"}, "renewal_period"),
        ({"policy": "none-such"}, "policy"),
        ({"previous": "C-0"}, "previous"),
        ({"customer": "nobody"}, "customer"),
    ],
)
def test_what_contradicts_itself_is_refused_by_field(world, given, field):
    with pytest.raises(Invalid) as caught:
        service.create_contract(world.lead, {**NEW, **given})
    assert list(caught.value.errors) == [field]


def test_the_previous_contract_must_be_the_customers_own(world):
    theirs = service.create_contract(world.lead, {**NEW, "customer": "globex", "number": "G-1"})
    for value in ("G-1", theirs.id):
        with pytest.raises(Invalid) as caught:
            service.create_contract(world.lead, {**NEW, "previous": value})
        assert list(caught.value.errors) == ["previous"]


def test_contracts_follow_each_other_without_a_ring(world):
    first = service.create_contract(world.lead, NEW)
    second = service.create_contract(world.lead, {**NEW, "number": "C-2", "previous": "C-1"})
    assert CONTRACTS.one(world.reader, second.id)["previous"] == "C-1"
    for previous in ("C-2", "C-1"):
        with pytest.raises(Invalid):
            service.change_contract(world.lead, first.id, {"previous": previous}, 1)


@pytest.mark.rule("S0-03")
@both_engines
def test_renewed_twice_three_terms_stand_in_order(world):
    contract = service.create_contract(world.lead, BY_NOTICE)
    service.renew_contract(world.lead, contract.id, {"note": "as before"}, 1)
    service.renew_contract(world.lead, contract.id, {"ends_on": date(2026, 6, 30)}, 2)
    assert _terms(world, contract) == [
        ("2024-01-01", "2024-12-31", False),
        ("2025-01-01", "2025-12-31", False),
        ("2026-01-01", "2026-06-30", False),
    ]
    shown = CONTRACTS.one(world.owner, contract.id)
    assert (shown["starts_on"], shown["ends_on"], shown["in_force_until"]) == (
        "2024-01-01",
        "2026-06-30",
        "2026-06-30",
    )


def test_renewal_by_notice_happens_by_the_verb_alone(world):
    contract = service.create_contract(world.lead, BY_NOTICE)
    assert not standing(world.lead, contract, date(2025, 1, 1)).in_force
    service.renew_contract(world.lead, contract.id, {}, 1)
    again = service.get_contract(world.lead, contract.id)
    assert standing(world.lead, again, date(2025, 12, 31)).in_force
    assert not standing(world.lead, again, date(2026, 1, 1)).in_force


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (NEW, "not_renewable"),
        ({**NEW, "ends_on": None}, "open_ended"),
    ],
)
def test_what_is_not_renewed(world, facts, code):
    contract = service.create_contract(world.lead, facts)
    with pytest.raises(Conflict) as caught:
        service.renew_contract(world.lead, contract.id, {"period": "P1Y"}, 1)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": date(2024, 12, 31)}, "ends_on"),
        ({"period": "a year"}, "period"),
        ({"period": "P99Y", "ends_on": date(3000, 1, 1)}, "period"),
    ],
)
def test_a_next_term_that_is_none(world, values, field):
    contract = service.create_contract(world.lead, BY_NOTICE)
    with pytest.raises(Invalid) as caught:
        service.renew_contract(world.lead, contract.id, values, 1)
    assert list(caught.value.errors) == [field]


@both_engines
def test_a_double_click_renews_once(world):
    contract = service.create_contract(world.lead, BY_NOTICE)
    service.renew_contract(world.lead, contract.id, {}, 1)
    with pytest.raises(Stale):
        service.renew_contract(world.lead, contract.id, {}, 1)
    with pytest.raises(PreconditionRequired):
        service.renew_contract(world.lead, contract.id, {}, None)
    assert len(_terms(world, contract)) == 2


def test_tacit_renewals_are_seen_without_anybody_writing_them(world):
    contract = service.create_contract(world.lead, TACIT)
    assert _terms(world, contract) == [
        ("2024-01-01", "2024-12-31", False),
        ("2025-01-01", "2025-12-31", True),
        ("2026-01-01", "2026-12-31", True),
    ]
    assert standing(world.lead, contract, date(2031, 5, 5)).period_start == date(2031, 1, 1)


@both_engines
def test_new_conditions_leave_past_tacit_terms_alone(world):
    contract = service.create_contract(world.lead, TACIT)
    before = _terms(world, contract)
    service.change_contract(world.lead, contract.id, {"renewal_period": "P6M"}, 1)
    assert _terms(world, contract) == before
    assert _terms(world, contract, date(2027, 8, 1))[3:] == [
        ("2027-01-01", "2027-06-30", True),
        ("2027-07-01", "2027-12-31", True),
    ]


def test_a_tacit_contract_turned_to_none_ends_with_the_running_term(world):
    contract = service.create_contract(world.lead, TACIT)
    changed = service.change_contract(world.lead, contract.id, {"renewal": "none"}, 1)
    assert changed.in_force_until == date(2026, 12, 31)
    assert _state(world, contract, date(2027, 1, 1)) == "ended"


def test_a_correction_moves_the_first_and_last_day(world):
    contract = service.create_contract(world.lead, NEW)
    given = {"starts_on": date(2024, 2, 1), "ends_on": date(2025, 1, 31)}
    service.change_contract(world.lead, contract.id, given, 1)
    assert _terms(world, contract) == [("2024-02-01", "2025-01-31", False)]
    with pytest.raises(Invalid):
        service.change_contract(world.lead, contract.id, {"starts_on": date(2025, 2, 1)}, 2)


def test_a_correction_cannot_swallow_a_term(world):
    contract = service.create_contract(world.lead, BY_NOTICE)
    service.renew_contract(world.lead, contract.id, {}, 1)
    with pytest.raises(Invalid) as caught:
        service.change_contract(world.lead, contract.id, {"starts_on": date(2025, 1, 1)}, 2)
    assert list(caught.value.errors) == ["starts_on"]
    with pytest.raises(Invalid) as caught:
        service.change_contract(world.lead, contract.id, {"ends_on": date(2024, 6, 30)}, 2)
    assert list(caught.value.errors) == ["ends_on"]
    assert _terms(world, contract)[0] == ("2024-01-01", "2024-12-31", False)


def test_notice_in_time_and_too_late(world):
    contract = service.create_contract(world.lead, TACIT)
    late = service.terminate_contract(world.lead, contract.id, {"notice_on": date(2026, 10, 3)}, 1)
    assert late.in_force_until == date(2027, 12, 31)
    in_time = service.terminate_contract(world.lead, contract.id, {"notice_on": date(2026, 10, 2)}, 2)
    assert in_time.in_force_until == date(2026, 12, 31)
    assert _state(world, contract, date(2026, 12, 31)) == "active"
    assert _state(world, contract, date(2027, 1, 1)) == "ended"


def test_a_renewal_takes_the_notice_back(world):
    contract = service.create_contract(world.lead, TACIT)
    service.terminate_contract(world.lead, contract.id, {"notice_on": date(2026, 6, 1)}, 1)
    renewed = service.renew_contract(world.lead, contract.id, {"period": "P2Y"}, 2)
    assert (renewed.notice_on, renewed.in_force_until) == (None, None)
    assert _terms(world, contract)[-1] == ("2027-01-01", "2028-12-31", False)


@both_engines
def test_termination_on_a_day(world):
    contract = service.create_contract(world.lead, TACIT)
    given = {"terminated_on": date(2026, 6, 30), "reason": "moved"}
    service.terminate_contract(world.lead, contract.id, given, 1)
    assert _state(world, contract, date(2026, 6, 30)) == "active"
    assert _state(world, contract, date(2026, 7, 1)) == "terminated"
    assert CONTRACTS.one(world.reader, contract.id)["termination_reason"] == "moved"
    with pytest.raises(Conflict) as caught:
        service.renew_contract(world.lead, contract.id, {}, 2)
    assert caught.value.code == "ended"


@pytest.mark.parametrize(
    ("facts", "values", "field"),
    [
        (TACIT, {}, "notice_on"),
        (TACIT, {"notice_on": date(2026, 1, 1), "terminated_on": date(2026, 1, 1)}, "notice_on"),
        (NEW, {"notice_on": date(2024, 1, 1)}, "notice_on"),
        (NEW, {"terminated_on": date(2025, 1, 1)}, "terminated_on"),
    ],
)
def test_an_end_that_is_none(world, facts, values, field):
    contract = service.create_contract(world.lead, facts)
    with pytest.raises(Invalid) as caught:
        service.terminate_contract(world.lead, contract.id, values, 1)
    assert list(caught.value.errors) == [field]


def test_changes_need_the_version_that_was_read(world):
    contract = service.create_contract(world.lead, NEW)
    service.change_contract(world.lead, contract.id, {"title": "a"}, 1)
    with pytest.raises(Stale):
        service.change_contract(world.lead, contract.id, {"title": "b"}, 1)
    with pytest.raises(PreconditionRequired):
        service.change_contract(world.lead, contract.id, {"title": "b"}, None)
    with pytest.raises(Stale):
        service.terminate_contract(world.lead, contract.id, {"terminated_on": date(2024, 6, 1)}, 1)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (NEW, ["not_started", "active", "active", "ended", "ended"]),
        (TACIT, ["not_started", "active", "active", "active", "active"]),
        ({**NEW, "ends_on": None}, ["not_started", "active", "active", "active", "active"]),
    ],
)
@both_engines
def test_the_state_in_the_list_is_that_of_the_arithmetic(world, facts, expected):
    contract = service.create_contract(world.lead, facts)
    on = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2030, 1, 1)]
    assert [_state(world, contract, day) for day in on] == expected
    for day, state in zip(on, expected, strict=True):
        assert standing(world.lead, contract, day).in_force is (state == "active")
        found = CONTRACTS.page(world.lead, {"on": day, "state": state})["items"]
        assert [item["id"] for item in found] == [contract.id]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"q": "car"}, ["C-1", "C-2"]),
        ({"q": "C-2"}, ["C-2"]),
        ({"state": "active"}, ["C-2"]),
        ({"state": "ended"}, ["C-1"]),
        ({"ends_before": date(2025, 1, 1)}, ["C-1"]),
        ({"ends_before": date(2024, 12, 31)}, []),
        ({"sort": "-in_force_until"}, ["C-2", "C-1"]),
        ({"customer": "globex"}, []),
        ({"number": "C-1"}, ["C-1"]),
    ],
)
@both_engines
def test_filters(world, filters, numbers):
    service.create_contract(world.lead, NEW)
    service.create_contract(world.lead, {**TACIT, "number": "C-2", "policy": "four-priority-response"})
    assert [item["number"] for item in CONTRACTS.page(world.lead, filters)["items"]] == numbers


@both_engines
def test_the_export_shows_the_state_of_the_day_asked_for(world):
    service.create_contract(world.lead, NEW)
    place = [column.name for column in CONTRACTS.exported()].index("state")
    for day, state in ((date(2024, 5, 5), "active"), (date(2025, 5, 5), "ended")):
        assert [row[place] for row in CONTRACTS.stream(world.owner, {"on": day})] == [state]


def test_every_verb_leaves_an_audit_row(world):
    contract = service.create_contract(world.lead, TACIT)
    service.change_contract(world.lead, contract.id, {"title": "b"}, 1)
    service.renew_contract(world.lead, contract.id, {}, 2)
    service.terminate_contract(world.lead, contract.id, {"terminated_on": date(2026, 7, 1)}, 3)
    found = AuditEntry.select().where(AuditEntry.object_type == "contract").order_by(AuditEntry.seq)
    assert [row.action for row in found] == [
        "contract.created",
        "contract.changed",
        "contract.renewed",
        "contract.terminated",
    ]

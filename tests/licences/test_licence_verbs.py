"""Verbs about licences: who may, what is refused, what is stored."""

from datetime import date

import pytest

from registry.assets.models import Asset
from registry.customers.models import Contact
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionRequired, Stale
from registry.licences import assignments, service
from registry.licences.listing import ASSIGNMENTS, LICENCES
from registry.licences.models import Licence
from tests.licences.world import both_engines

NEW = {"product": "Editor", "name": "Editor 5", "metric": "install", "quantity": 2}


@pytest.fixture
def licence(world):
    return service.create_licence(world.owner, NEW)


def test_owner_and_colleague_may_enter_and_change(world, licence):
    assert licence.customer_id == world.acme.id
    changed = service.change_licence(world.colleague, licence.id, {"quantity": 3}, 1)
    assert (changed.quantity, changed.version) == (3, 2)


def test_a_stranger_learns_nothing(world, licence):
    for verb in (
        lambda: service.get_licence(world.stranger, licence.id),
        lambda: service.change_licence(world.stranger, licence.id, {"name": "mine"}, 1),
        lambda: service.remove_licence(world.stranger, licence.id, 1),
        lambda: assignments.assign(world.stranger, licence.id, {"asset": "g_SW1"}),
        lambda: LICENCES.one(world.stranger, licence.id),
    ):
        with pytest.raises(NotFound):
            verb()
    assert LICENCES.page(world.stranger, {})["items"] == []


def test_a_reader_sees_and_may_not_touch(world, licence):
    assert LICENCES.one(world.reader, licence.id)["name"] == "Editor 5"
    for verb in (
        lambda: service.create_licence(world.reader, NEW),
        lambda: service.change_licence(world.reader, licence.id, {"name": "new"}, 1),
        lambda: service.remove_licence(world.reader, licence.id, 1),
        lambda: assignments.assign(world.reader, licence.id, {"asset": "SW1"}),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_a_customer_may_not_enter_for_another(world):
    with pytest.raises(Invalid) as caught:
        service.create_licence(world.owner, {**NEW, "customer": "globex"})
    assert list(caught.value.errors) == ["customer"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("product", "g_Own tool"), ("product", "nothing"), ("product", 10**9)],
)
def test_what_belongs_to_another_customer_does_not_exist(world, field, value):
    """Even for the operator, who sees both customers."""
    for actor in (world.owner, world.operator):
        with pytest.raises(Invalid) as caught:
            service.create_licence(actor, {**NEW, "customer": "acme", field: value})
        assert list(caught.value.errors) == [field]


def test_the_customers_own_software_can_be_licensed(world):
    made = service.create_licence(world.owner, {**NEW, "product": "Own tool"})
    assert LICENCES.one(world.owner, made.id)["product"] == "Own tool"


def test_a_licence_is_for_software(world):
    with pytest.raises(Invalid) as caught:
        service.create_licence(world.owner, {**NEW, "product": "Switch"})
    assert "hardware" in caught.value.errors["product"][0]


def test_the_term_cannot_end_before_it_starts(world, licence):
    with pytest.raises(Invalid) as caught:
        service.create_licence(world.owner, {**NEW, "starts_on": date(2025, 2, 2), "ends_on": date(2025, 2, 1)})
    assert "ends_on" in caught.value.errors
    service.change_licence(world.owner, licence.id, {"starts_on": date(2025, 2, 2)}, 1)
    with pytest.raises(Invalid):
        service.change_licence(world.owner, licence.id, {"ends_on": date(2025, 2, 1)}, 2)


def test_a_cost_without_currency_is_in_the_customers(world):
    made = service.create_licence(world.owner, {**NEW, "cost_minor": 1999})
    assert made.currency == "USD"


def test_changes_need_the_version_that_was_read(world, licence):
    with pytest.raises(PreconditionRequired):
        service.change_licence(world.owner, licence.id, {"name": "a"}, None)
    service.change_licence(world.owner, licence.id, {"name": "a"}, 1)
    with pytest.raises(Stale):
        service.change_licence(world.owner, licence.id, {"name": "b"}, 1)
    with pytest.raises(Stale):
        service.remove_licence(world.owner, licence.id, 1)


@both_engines
def test_over_use_is_shown_and_not_forbidden(world, licence):
    """Two bought, three in use: short by one, on the single object, in the list, and by the filter."""
    service.create_licence(world.owner, {**NEW, "name": "unlimited", "quantity": None})
    for used_by in ({"asset": "SW1"}, {"asset": "OP1"}, {"contact": "ann@example.com"}):
        assert LICENCES.one(world.owner, licence.id)["over_used"] is False
        assignments.assign(world.owner, licence.id, used_by)
    shown = LICENCES.one(world.reader, licence.id)
    assert [shown[name] for name in ("quantity", "used", "free", "over_used")] == [2, 3, -1, True]
    over = LICENCES.page(world.reader, {"over_used": True})["items"]
    within = LICENCES.page(world.reader, {"over_used": False})["items"]
    assert [item["name"] for item in over] == ["Editor 5"]
    assert [item["name"] for item in within] == ["unlimited"]
    assert [within[0][name] for name in ("quantity", "used", "free")] == [None, 0, None]


@both_engines
def test_used_counts_quantities_and_forgets_what_was_released(world, licence):
    first = assignments.assign(world.owner, licence.id, {"asset": "SW1", "quantity": 5})
    assert LICENCES.one(world.owner, licence.id)["free"] == -3
    assignments.release(world.owner, licence.id, first.id)
    shown = LICENCES.one(world.owner, licence.id)
    assert (shown["used"], shown["free"], shown["over_used"]) == (0, 2, False)


@both_engines
def test_a_hard_limit_refuses_whoever_comes_after_the_last(world, licence):
    service.change_licence(world.owner, licence.id, {"hard_limit": True}, 1)
    assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    with pytest.raises(Conflict, match="Of 2 only 1 are free") as caught:
        assignments.assign(world.owner, licence.id, {"asset": "OP1", "quantity": 2})
    assert caught.value.code == "none_free"
    last = assignments.assign(world.owner, licence.id, {"asset": "OP1"})
    with pytest.raises(Conflict, match="Of 2 only 0 are free"):
        assignments.assign(world.owner, licence.id, {"contact": "ann@example.com"})
    assignments.release(world.owner, licence.id, last.id)
    assignments.assign(world.owner, licence.id, {"contact": "ann@example.com"})
    service.change_licence(world.owner, licence.id, {"quantity": 1}, 2)
    assert LICENCES.one(world.owner, licence.id)["over_used"], "what is in use stays, and is shown"
    service.change_licence(world.owner, licence.id, {"quantity": None}, 3)
    assignments.assign(world.owner, licence.id, {"asset": "OP1"})


@both_engines
def test_counting_use_costs_no_statement_per_licence(world, statements):
    for number in range(30):
        made = service.create_licence(world.owner, {**NEW, "name": f"Editor {number}"})
        assignments.assign(world.owner, made.id, {"asset": "SW1"})
    with statements() as sent:
        found = LICENCES.page(world.owner, {})["items"]
    assert sum(item["used"] for item in found) == 30
    assert len(sent) == 1


@pytest.mark.parametrize(
    "used_by",
    [{}, {"asset": "SW1", "contact": "ann@example.com"}],
)
def test_an_assignment_is_to_an_asset_or_a_person(world, licence, used_by):
    with pytest.raises(Invalid):
        assignments.assign(world.owner, licence.id, used_by)


@pytest.mark.parametrize("both", [True, False])
@both_engines
def test_the_database_holds_to_asset_or_person_as_well(world, licence, both):
    from peewee import IntegrityError

    from registry.licences.models import LicenceAssignment

    asset = visible(Asset, world.owner).first().id if both else None
    contact = visible(Contact, world.owner).first().id if both else None
    with pytest.raises(IntegrityError):
        LicenceAssignment.insert(
            customer_id=world.acme.id,
            licence=licence.id,
            asset=asset,
            contact=contact,
            assigned_on=date(2025, 1, 1),
        ).execute()


@pytest.mark.parametrize("used_by", [{"asset": "g_SW1"}, {"contact": "g_ann@example.com"}])
def test_an_assignment_to_what_another_customer_owns_is_refused(world, licence, used_by):
    for actor in (world.owner, world.operator):
        with pytest.raises(Invalid) as caught:
            assignments.assign(actor, licence.id, used_by)
        assert list(caught.value.errors) == list(used_by)


def test_ids_of_another_customer_are_refused_too(world, licence):
    theirs = visible(Asset, world.stranger).first().id
    with pytest.raises(Invalid):
        assignments.assign(world.operator, licence.id, {"asset": theirs})


@both_engines
def test_only_one_active_assignment_for_each(world, licence):
    first = assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    with pytest.raises(Conflict) as caught:
        assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    assert "asset" in caught.value.errors
    assignments.release(world.owner, licence.id, first.id)
    assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    every = ASSIGNMENTS.page(world.owner, {"licence": licence.id})["items"]
    active = ASSIGNMENTS.page(world.owner, {"licence": licence.id, "active": True})["items"]
    assert (len(every), len(active)) == (2, 1)


def test_released_once_and_for_this_licence_only(world, licence):
    other = service.create_licence(world.owner, {**NEW, "name": "other"})
    given = assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    with pytest.raises(NotFound):
        assignments.release(world.owner, other.id, given.id)
    assignments.release(world.owner, licence.id, given.id)
    with pytest.raises(Conflict):
        assignments.release(world.owner, licence.id, given.id)


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2999, 1, 1)])
def test_released_after_it_was_assigned_and_not_in_the_future(world, licence, day):
    given = assignments.assign(world.owner, licence.id, {"asset": "SW1", "assigned_on": date(2025, 1, 1)})
    with pytest.raises(Invalid) as caught:
        assignments.release(world.owner, licence.id, given.id, day)
    assert "released_on" in caught.value.errors


def test_a_bound_licence_stays_where_it_is(world):
    bound = service.create_licence(world.owner, {**NEW, "reassignable": False})
    given = assignments.assign(world.owner, bound.id, {"asset": "SW1"})
    with pytest.raises(Conflict) as caught:
        assignments.release(world.owner, bound.id, given.id)
    assert caught.value.code == "not_reassignable"


@both_engines
def test_a_licence_in_use_is_not_deleted(world, licence):
    assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    with pytest.raises(Conflict) as caught:
        service.remove_licence(world.owner, licence.id, 1)
    assert caught.value.code == "in_use"
    spare = service.create_licence(world.owner, NEW)
    service.remove_licence(world.owner, spare.id, 1)
    assert visible(Licence, world.owner).where(Licence.id == spare.id).first() is None


def test_every_verb_leaves_an_audit_row(world, licence):
    given = assignments.assign(world.owner, licence.id, {"asset": "SW1"})
    assignments.release(world.owner, licence.id, given.id)
    service.change_licence(world.owner, licence.id, {"name": "new"}, 1)
    about = AuditEntry.object_type.startswith("licence")
    found = [row.action for row in AuditEntry.select().where(about).order_by(AuditEntry.seq)]
    assert found == ["licence.created", "licence.assigned", "licence.released", "licence.changed"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"q": "edit"}, ["Editor 5"]),
        ({"q": "PO-77"}, ["Tool"]),
        ({"q": "megasoft"}, ["Tool"]),
        ({"metric": "named_user"}, ["Tool"]),
        ({"product": "Own tool"}, ["Tool"]),
        ({"ends_before": date(2026, 1, 1)}, ["Tool"]),
        ({"ends_before": date(2025, 12, 31)}, []),
        ({"customer": "acme", "sort": "-name"}, ["Tool", "Editor 5"]),
        ({"sort": "ends_on"}, ["Tool", "Editor 5"]),
    ],
)
@both_engines
def test_filters(world, licence, filters, names):
    more = {"supplier": "Megasoft", "order_number": "PO-77", "ends_on": date(2025, 12, 31)}
    service.create_licence(world.owner, {"product": "Own tool", "name": "Tool", "metric": "named_user", **more})
    assert [item["name"] for item in LICENCES.page(world.owner, filters)["items"]] == names


@both_engines
def test_pages_go_on_where_licences_have_no_end(world, licence):
    for number in range(4):
        service.create_licence(world.owner, {**NEW, "name": f"Perpetual {number}"})
    seen, cursor = [], None
    while True:
        found = LICENCES.page(world.owner, {"sort": "-ends_on", "limit": 2, "cursor": cursor})
        seen += [item["id"] for item in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True) and len(seen) == 5

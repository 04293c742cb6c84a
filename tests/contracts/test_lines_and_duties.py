"""What contracts cover, which contract covers a unit, and the duties with their state for every product."""

from datetime import UTC, date, datetime

import pytest
from peewee import IntegrityError

from registry.assets.service import asset_by, register_asset, retire_asset
from registry.contracts import duties, lines, service
from registry.contracts.covering import covering, service_basis
from registry.contracts.listing import LINES
from registry.contracts.models import ContractLine
from registry.kernel import clock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from registry.licences.service import create_licence
from registry.products.service import create_product
from tests.licences.world import both_engines

START, END = date(2024, 1, 1), date(2024, 12, 31)
NEW = {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": START, "ends_on": END}
ON = date(2024, 6, 15)


@pytest.fixture(autouse=True)
def today():
    with clock.frozen(datetime(2024, 6, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def contract(world):
    return service.create_contract(world.lead, NEW)


@pytest.fixture
def licence(world):
    values = {"product": "Editor", "name": "Editor 5", "metric": "install"}
    return create_licence(world.owner, values)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("asset", "g_SW1"), ("licence", "theirs"), ("product", "g_Own tool"), ("site", "g_HQ")],
)
def test_a_line_cannot_name_what_another_customer_has(world, contract, name, theirs):
    values = {"product": "Editor", "name": "theirs", "metric": "install"}
    create_licence(world.stranger, values)
    for actor in (world.lead, world.operator):
        with pytest.raises(Invalid) as caught:
            lines.add_line(actor, contract.id, {name: theirs})
        assert list(caught.value.errors) == [name]


@pytest.mark.parametrize(
    "values", [{}, {"asset": "SW1", "product": "Switch"}, {"site": "HQ", "everything": True}, {"everything": False}]
)
def test_a_line_names_exactly_one_thing(world, contract, values):
    with pytest.raises(Invalid):
        lines.add_line(world.lead, contract.id, values)


@pytest.mark.parametrize("columns", [{}, {"site": 1, "everything": True}])
@both_engines
def test_the_database_holds_to_one_thing_as_well(world, contract, columns):
    with pytest.raises(IntegrityError):
        ContractLine.insert(customer_id=world.acme.id, contract=contract.id, **columns).execute()


def test_who_may_touch_lines_and_duties(world, contract):
    line = lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    duty = duties.add_duty(world.lead, contract.id, {"kind": "patrol", "title": "Look", "per_year": 2})
    verbs = (
        lambda who: lines.add_line(who, contract.id, {"everything": True}),
        lambda who: lines.change_line(who, contract.id, line.id, {"note": "x"}, 1),
        lambda who: lines.remove_line(who, contract.id, line.id, 1),
        lambda who: duties.add_duty(who, contract.id, {"kind": "other", "title": "x"}),
        lambda who: duties.remove_duty(who, contract.id, duty.id, 1),
        lambda who: duties.record_done(who, contract.id, duty.id, {}),
    )
    for verb in verbs:
        with pytest.raises(Forbidden):
            verb(world.owner)
        with pytest.raises(NotFound):
            verb(world.stranger)
    assert duties.duties_of(world.reader, contract.id)["items"]
    with pytest.raises(NotFound):
        duties.duties_of(world.stranger, contract.id)


def test_a_line_belongs_to_its_contract(world, contract):
    other = service.create_contract(world.lead, {**NEW, "number": "C-2"})
    line = lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    with pytest.raises(NotFound):
        lines.remove_line(world.lead, other.id, line.id, 1)
    with pytest.raises(Invalid) as caught:
        duties.add_duty(world.lead, other.id, {"kind": "other", "title": "x", "line": line.id})
    assert list(caught.value.errors) == ["line"]


@both_engines
def test_one_open_line_for_each_thing(world, contract):
    line = lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    with pytest.raises(Conflict) as caught:
        lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    assert "asset" in caught.value.errors
    lines.change_line(world.lead, contract.id, line.id, {"ends_on": ON}, 1)
    lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    lines.add_line(world.lead, contract.id, {"everything": True})
    with pytest.raises(Conflict):
        lines.add_line(world.lead, contract.id, {"everything": True})


def test_a_line_is_changed_by_its_version_and_ends_after_it_starts(world, contract):
    line = lines.add_line(world.lead, contract.id, {"asset": "SW1", "starts_on": ON})
    with pytest.raises(Invalid):
        lines.change_line(world.lead, contract.id, line.id, {"ends_on": START}, 1)
    lines.change_line(world.lead, contract.id, line.id, {"note": "a"}, 1)
    with pytest.raises(Stale):
        lines.change_line(world.lead, contract.id, line.id, {"note": "b"}, 1)


@pytest.mark.parametrize(
    ("covered", "serial", "by"),
    [
        ({"asset": "SW1"}, "SW1", "asset"),
        ({"asset": "SW1"}, "OP1", None),
        ({"product": "SFP"}, "OP1", "product"),
        ({"product": "SFP"}, "SW1", None),
        ({"site": "HQ"}, "SW1", "site"),
        ({"site": "HQ"}, "OP1", "site"),  # it is in the switch that stands there
        ({"everything": True}, "OP1", "everything"),
    ],
)
@both_engines
def test_which_line_covers_which_unit(world, contract, covered, serial, by):
    lines.add_line(world.lead, contract.id, covered)
    found = covering(world.reader, asset_by(world.reader, serial), ON)
    assert [cover.by for cover in found] == ([by] if by else [])


@both_engines
def test_contracts_cover_licences(world, contract, licence):
    lines.add_line(world.lead, contract.id, {"everything": True})
    lines.add_line(world.lead, contract.id, {"licence": "Editor 5"})
    lines.add_line(world.lead, contract.id, {"product": "Editor"})
    lines.add_line(world.lead, contract.id, {"site": "HQ"})
    found = covering(world.reader, licence, ON)
    assert [cover.by for cover in found] == ["licence", "product", "everything"]
    assert "names this licence" in found[0].reason


def test_a_product_of_the_house_covers_each_customers_own_units_only(world, contract):
    lines.add_line(world.lead, contract.id, {"product": "Switch"})
    for actor in (world.stranger, world.operator):
        assert covering(actor, asset_by(actor, "g_SW1"), ON) == []
    with pytest.raises(NotFound):
        covering(world.stranger, asset_by(world.owner, "SW1"), ON)


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2023, 12, 31), False),
        (date(2024, 3, 31), False),
        (date(2024, 4, 1), True),
        (date(2024, 9, 30), True),
        (date(2024, 10, 1), False),
    ],
)
def test_the_line_has_days_of_its_own(world, contract, day, covered):
    own = {"asset": "SW1", "starts_on": date(2024, 4, 1), "ends_on": date(2024, 9, 30)}
    lines.add_line(world.lead, contract.id, own)
    found = covering(world.reader, asset_by(world.reader, "SW1"), day)
    assert bool(found) is covered
    if found:
        assert (found[0].since, found[0].until) == (date(2024, 4, 1), date(2024, 9, 30))


def test_a_contract_renewed_tacitly_still_covers(world):
    tacit = {**NEW, "renewal": "tacit", "renewal_period": "P1Y"}
    contract = service.create_contract(world.lead, tacit)
    lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    (cover,) = covering(world.reader, asset_by(world.reader, "SW1"), date(2029, 5, 5))
    assert (cover.since, cover.until) == (date(2029, 1, 1), date(2029, 12, 31))
    assert "Renewed tacitly 5 times" in cover.reason


@both_engines
def test_covering_takes_the_same_statements_for_many_contracts(world, statements):
    unit = asset_by(world.operator, "OP1")
    counts = []
    for number in range(20):
        made = service.create_contract(world.lead, {**NEW, "number": f"N-{number}"})
        lines.add_line(world.lead, made.id, {"everything": True})
        lines.add_line(world.lead, made.id, {"site": "HQ"})
        if number in (0, 19):
            with statements() as sent:
                found = covering(world.operator, unit, ON)
            counts.append(len(sent))
    assert len(found) == 40
    assert counts == [3, 3]


@pytest.mark.rule("S3-17")
def test_a_service_names_its_contract_or_says_that_there_is_none(world, contract):
    unit = asset_by(world.lead, "SW1")
    for nothing in (None, ""):
        with pytest.raises(Invalid) as caught:
            service_basis(world.lead, unit, ON, nothing)
        assert list(caught.value.errors) == ["contract"]
    none = service_basis(world.lead, unit, ON, "none")
    assert (none.contract_id, none.chargeable, none.needs_approval) == (None, True, True)
    line = lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    based = service_basis(world.lead, unit, ON, "C-1")
    assert (based.contract_id, based.line_id, based.chargeable) == (contract.id, line.id, False)
    assert (based.needs_approval, "C-1" in based.reason) == (False, True)


@pytest.mark.rule("S3-17")
def test_a_contract_that_does_not_cover_the_unit_that_day_is_no_basis(world, contract):
    unit = asset_by(world.lead, "SW1")
    with pytest.raises(Invalid):
        service_basis(world.lead, unit, ON, "C-1")
    lines.add_line(world.lead, contract.id, {"asset": "SW1"})
    service_basis(world.lead, unit, END, contract.id)
    with pytest.raises(Invalid):
        service_basis(world.lead, unit, date(2025, 1, 1), "C-1")
    theirs = service.create_contract(world.lead, {**NEW, "customer": "globex", "number": "G-1"})
    for value in ("G-1", theirs.id):
        with pytest.raises(Invalid):
            service_basis(world.lead, unit, ON, value)


def _names(products):
    return [product["product"] for product in products]


@pytest.mark.rule("S3-18")
@both_engines
def test_three_products_each_with_its_duties_and_their_state(world, contract):
    for name in ("Switch", "SFP", "Editor"):
        lines.add_line(world.lead, contract.id, {"product": name})
    lines.add_line(world.lead, contract.id, {"product": "Own tool"})
    for product, kind, when in (
        ("Own tool", "training", {"due_on": date(2024, 9, 30)}),
        ("Switch", "patrol", {"per_year": 2}),
        ("SFP", "training", {"due_on": date(2024, 5, 31)}),
        ("Editor", "report", {"due_on": date(2024, 3, 31), "every": "P3M"}),
        ("Editor", "response", {}),
    ):
        given = {"kind": kind, "title": kind.title(), "product": product, **when}
        made = duties.add_duty(world.lead, contract.id, given)
        if kind == "report":
            duties.record_done(world.lead, contract.id, made.id, {"done_on": date(2024, 3, 30)})
    found = duties.duties_of(world.reader, contract.id, ON)
    assert [(item["kind"], *_names(item["products"]), item["state"]) for item in found["items"]] == [
        ("training", "Own tool", "not_yet"),
        ("patrol", "Switch", "due"),
        ("training", "SFP", "overdue"),
        ("report", "Editor", "due"),
        ("response", "Editor", "due"),
    ]
    assert found["without_duty"] == []


@pytest.mark.rule("S3-18")
@both_engines
def test_a_product_without_any_duty_is_flagged(world, contract, licence):
    """However the product comes into the contract: by name, by asset, by licence, by site."""
    lines.add_line(world.lead, contract.id, {"product": "Own tool"})
    lines.add_line(world.lead, contract.id, {"licence": "Editor 5"})
    site = lines.add_line(world.lead, contract.id, {"site": "HQ"})
    found = duties.duties_of(world.reader, contract.id)["without_duty"]
    assert sorted(_names(found)) == ["Editor", "Own tool", "SFP", "Switch"]
    duties.add_duty(world.lead, contract.id, {"kind": "patrol", "title": "p", "line": site.id, "per_year": 2})
    duties.add_duty(world.lead, contract.id, {"kind": "training", "title": "t", "product": "Editor"})
    found = duties.duties_of(world.reader, contract.id)["without_duty"]
    assert _names(found) == ["Own tool"]
    duties.add_duty(world.lead, contract.id, {"kind": "response", "title": "r"})
    assert duties.duties_of(world.reader, contract.id)["without_duty"] == []


@both_engines
@pytest.mark.parametrize("covered", [{"everything": True}, {"site": "HQ"}])
def test_everything_means_what_is_in_use(world, contract, covered):
    lines.add_line(world.lead, contract.id, covered)
    assert _names(duties.duties_of(world.reader, contract.id)["without_duty"]) == ["Switch", "SFP"]
    optic = asset_by(world.owner, "OP1")
    retire_asset(world.owner, optic.id, optic.version)
    assert _names(duties.duties_of(world.reader, contract.id)["without_duty"]) == ["Switch"]


def test_a_line_that_has_ended_wants_no_duty_any_more(world, contract):
    lines.add_line(world.lead, contract.id, {"product": "Switch", "ends_on": date(2024, 5, 31)})
    assert _names(duties.duties_of(world.reader, contract.id, date(2024, 5, 31))["without_duty"]) == ["Switch"]
    assert duties.duties_of(world.reader, contract.id, ON)["without_duty"] == []


@pytest.mark.rule("S3-18")
def test_terms_bring_their_duties(world, contract):
    line = lines.add_line(world.lead, contract.id, {"product": "Own tool", "terms": "software"})
    found = duties.duties_of(world.reader, contract.id)
    assert [(item["kind"], item["line_id"], item["per_year"]) for item in found["items"]] == [
        ("warranty", line.id, None),
        ("patrol", line.id, 2),
    ]
    assert found["without_duty"] == []
    assert LINES.one(world.reader, line.id)["terms"] == "software"


def test_terms_of_another_customer_do_not_exist(world, contract):
    from registry.warranty.terms_service import create_terms

    create_terms(world.operator, {"code": "special", "name": "Special", "copy_of": "software"}, world.globex.id)
    with pytest.raises(Invalid) as caught:
        lines.add_line(world.operator, contract.id, {"everything": True, "terms": "special"})
    assert list(caught.value.errors) == ["terms"]
    create_terms(world.operator, {"code": "special", "name": "Ours", "copy_of": "hardware"}, world.acme.id)
    line = lines.add_line(world.operator, contract.id, {"everything": True, "terms": "special"})
    assert duties.duties_of(world.reader, contract.id)["items"][0]["title"] == "Warranty by the terms Ours"
    assert line.terms_version_id


@both_engines
def test_a_line_goes_with_its_duties_unless_something_was_done(world, contract):
    line = lines.add_line(world.lead, contract.id, {"product": "Own tool", "terms": "software"})
    lines.remove_line(world.lead, contract.id, line.id, 1)
    assert duties.duties_of(world.lead, contract.id)["items"] == []
    line = lines.add_line(world.lead, contract.id, {"product": "Own tool", "terms": "software"})
    patrol = duties.duties_of(world.lead, contract.id)["items"][1]
    duties.record_done(world.lead, contract.id, patrol["id"], {})
    with pytest.raises(Conflict):
        lines.remove_line(world.lead, contract.id, line.id, 1)
    assert len(duties.duties_of(world.lead, contract.id)["items"]) == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"every": "P1M"}, "due_on"),
        ({"every": "monthly", "due_on": ON}, "every"),
        ({"per_year": 2, "due_on": ON}, "per_year"),
        ({"product": "g_Own tool"}, "product"),
        ({"line": 999}, "line"),
    ],
)
def test_a_duty_that_cannot_be(world, contract, given, field):
    with pytest.raises(Invalid) as caught:
        duties.add_duty(world.lead, contract.id, {"kind": "other", "title": "x", **given})
    assert list(caught.value.errors) == [field]


@both_engines
def test_what_is_done_is_kept_with_who_and_what_shows_it(world, contract):
    duty = duties.add_duty(world.lead, contract.id, {"kind": "patrol", "title": "p", "per_year": 1})
    with pytest.raises(Invalid) as caught:
        duties.record_done(world.lead, contract.id, duty.id, {"done_on": date(2024, 6, 16)})
    assert list(caught.value.errors) == ["done_on"]
    duties.record_done(world.lead, contract.id, duty.id, {"evidence": "report 7", "note": "fine"})
    (item,) = duties.duties_of(world.reader, contract.id)["items"]
    assert item["state"] == "done"
    (done,) = item["done"]
    assert (done["done_on"], done["done_by"], done["evidence"]) == (ON, world.lead.name, "report 7")
    before = duties.duties_of(world.reader, contract.id, date(2024, 6, 14))["items"]
    assert before[0]["state"] != "done"
    with pytest.raises(Conflict):
        duties.remove_duty(world.lead, contract.id, duty.id, 1)


def test_today_is_the_customers_day(world, contract):
    from registry.customers.service import change_customer

    change_customer(world.operator, "acme", {"time_zone": "Pacific/Auckland"}, 1)
    duty = duties.add_duty(world.lead, contract.id, {"kind": "patrol", "title": "p", "per_year": 1})
    with clock.frozen(datetime(2024, 6, 15, 23, tzinfo=UTC)):
        done = duties.record_done(world.lead, contract.id, duty.id, {})
    assert done.done_on == date(2024, 6, 16)


@both_engines
def test_the_list_of_duties_takes_the_same_statements_however_long(world, contract, statements):
    counts = []
    for number in range(12):
        name = f"Product {number}"
        create_product(world.operator, {"kind": "hardware", "name": name})
        register_asset(world.owner, {"product": name, "serial": name})
        lines.add_line(world.lead, contract.id, {"asset": name})
        given = {"kind": "patrol", "title": name, "product": name, "per_year": 1}
        duty = duties.add_duty(world.lead, contract.id, given)
        duties.record_done(world.lead, contract.id, duty.id, {})
        if number in (1, 11):
            with statements() as sent:
                found = duties.duties_of(world.lead, contract.id, ON)
            counts.append(len(sent))
    assert len(found["items"]) == 12
    assert counts[0] == counts[1] <= 7

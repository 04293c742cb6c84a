"""Codes on their way: issued, claimed, replaced, revoked; whose they are; what the history keeps."""

import pytest
from peewee import IntegrityError

from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.db import run_sql, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionRequired, Stale
from registry.kernel.events import Event
from registry.labels import barcodes, service
from registry.labels.codes import grouped, is_sound, new_code
from registry.labels.models import AssetBarcode, LabelCode
from tests.houses import House


def actions() -> list[str]:
    query = AuditEntry.select(AuditEntry.action).where(AuditEntry.object_type.in_(("label_code", "asset_barcode")))
    return [row.action for row in query.order_by(AuditEntry.id)]


def customer(house: House, slug: str):  # type: ignore[no-untyped-def]
    from registry.customers.service import get_customer

    return get_customer(house.system, slug)


def test_a_unit_gets_one_code(any_house: House) -> None:
    people = any_house.people()
    asset = any_house.asset()
    made = service.issue(people.owner.actor, asset.id)
    assert is_sound(made.code) and made.state == "active" and made.customer_id == asset.customer_id
    with pytest.raises(Conflict) as refused:
        service.issue(people.owner.actor, asset.id)
    assert refused.value.code == "has_label" and grouped(made.code) in refused.value.message
    assert actions() == ["label.issued"]
    assert Event.select().where(Event.name == "label.issued").count() == 1
    with pytest.raises(IntegrityError), transaction():  # and no other way into the table
        LabelCode.create(code=new_code(), state="active", asset=asset.id, customer_id=asset.customer_id)


def test_what_a_row_may_be_is_kept_by_the_database(any_house: House) -> None:
    any_house.people()
    asset = any_house.asset()
    wrong = [
        {"state": "free", "asset": asset.id, "customer_id": asset.customer_id},
        {"state": "active", "asset": None, "customer_id": asset.customer_id},
        {"state": "active", "asset": asset.id, "customer_id": None},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction():
            LabelCode.create(code=new_code(), **values)


def test_a_replaced_code_knows_its_successor(any_house: House) -> None:
    people = any_house.people()
    owner, asset = people.owner.actor, any_house.asset()
    first = service.issue(owner, asset.id)
    with pytest.raises(PreconditionRequired):
        service.reissue(owner, first.id, None)
    with pytest.raises(Stale):
        service.reissue(owner, first.id, first.version + 1)
    assert service.label_of(owner, asset).code == first.code, "a refused exchange leaves everything as it was"
    second = service.reissue(owner, first.id, first.version)
    states = {row.code: (row.state, row.replaced_by_id) for row in service.labels_of(owner, asset.id)}
    assert states == {first.code: ("replaced", second.id), second.code: ("active", None)}
    with pytest.raises(Conflict):
        service.reissue(owner, first.id, 0)
    assert actions() == ["label.issued", "label.issued", "label.replaced"]


def test_a_revoked_label_makes_room_for_another(house: House) -> None:
    owner, asset = house.people().owner.actor, house.asset()
    first = service.issue(owner, asset.id)
    service.revoke(owner, first.id, "torn off", first.version)
    with pytest.raises(Conflict):
        service.revoke(owner, first.id, "again", 0)
    assert service.issue(owner, asset.id).code != first.code
    assert [row.reason for row in service.labels_of(owner, asset.id)] == ["", "torn off"]


def test_labels_in_advance_belong_to_whom_they_were_made_for(any_house: House) -> None:
    people = any_house.people()
    acme, globex = customer(any_house, "acme"), customer(any_house, "globex")
    mine, theirs = any_house.asset(), any_house.asset("globex", "SN-2")
    batch = service.make_batch(people.owner.actor, acme, 3)
    free = service.free_codes(people.owner.actor, acme, batch)
    assert [row.state for row in free] == ["free"] * 3 and {row.customer_id for row in free} == {acme.id}
    assert visible(LabelCode, people.stranger.actor).count() == 0
    with pytest.raises(Invalid):  # as if there were no such code
        service.claim(people.stranger.actor, {"code": free[0].code, "asset": theirs.id})
    with pytest.raises(Invalid) as refused:
        service.claim(people.engineer.actor, {"code": free[0].code, "asset": theirs.id})
    assert "another customer" in refused.value.errors["code"][0]
    claimed = service.claim(people.colleague.actor, {"code": grouped(free[0].code).lower(), "asset": mine.id})
    assert (claimed.state, claimed.asset_id) == ("active", mine.id)
    with pytest.raises(Conflict) as taken:
        service.claim(people.colleague.actor, {"code": free[0].code, "asset": mine.id})
    assert taken.value.code == "label_taken"
    assert list(service.batches(people.owner.actor, acme))[0]["free"] == 2
    with pytest.raises(NotFound):
        service.make_batch(people.owner.actor, globex, 1)
    with pytest.raises(Forbidden):
        service.make_batch(people.colleague.actor, acme, 1)


def test_labels_of_the_house_are_put_on_by_the_house(any_house: House) -> None:
    people = any_house.people()
    asset = any_house.asset()
    with pytest.raises(Forbidden):
        service.make_batch(people.owner.actor, None, 1)
    batch = service.make_batch(people.account_manager.actor, None, 250)  # as many as go in by COPY
    free = service.free_codes(people.account_manager.actor, None, batch)
    assert len({row.code for row in free}) == 250
    with pytest.raises(Invalid):
        service.claim(people.owner.actor, {"code": free[0].code, "asset": asset.id})
    with pytest.raises(NotFound):
        service.get_label(people.owner.actor, free[0].id)
    claimed = service.claim(people.engineer.actor, {"code": free[0].code, "asset": asset.id})
    assert claimed.customer_id == asset.customer_id
    entry = AuditEntry.select().where(AuditEntry.action == "label.claimed").get()
    assert entry.customer_id == asset.customer_id, "the claim is the customer's history"
    spoilt = service.revoke(people.account_manager.actor, free[1].id, "spoilt", free[1].version)
    assert spoilt.state == "revoked" and spoilt.asset_id is None


def test_a_label_in_advance_takes_the_place_of_another(house: House) -> None:
    people = house.people()
    owner, asset = people.owner.actor, house.asset()
    first = service.issue(owner, asset.id)
    batch = service.make_batch(owner, customer(house, "acme"), 1)
    free = service.free_codes(owner, customer(house, "acme"), batch)[0]
    with pytest.raises(Conflict) as refused:
        service.claim(owner, {"code": free.code, "asset": asset.id})
    assert refused.value.code == "has_label"
    service.claim(owner, {"code": free.code, "asset": asset.id, "replace": True})
    assert service.label_of(owner, asset).code == free.code
    assert service.get_label(owner, first.id).replaced_by_id == free.id


@pytest.mark.parametrize("who", ["reader", "auditor"])
def test_a_reader_changes_nothing(house: House, who: str) -> None:
    people = house.people()
    asset = house.asset()
    label = service.issue(people.owner.actor, asset.id)
    actor = getattr(people, who).actor
    for verb in (
        lambda: service.issue(actor, asset.id),
        lambda: service.reissue(actor, label.id, 0),
        lambda: service.revoke(actor, label.id, "", 0),
        lambda: service.claim(actor, {"code": label.code, "asset": asset.id}),
        lambda: service.codes_for(actor, [asset]),
        lambda: barcodes.link_barcode(actor, asset.id, {"text": "x"}),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_codes_for_many_are_made_once(any_house: House) -> None:
    owner = any_house.people().owner.actor
    product = any_house.product().id
    assets = [any_house.asset(serial=f"S{at}", product=product) for at in range(5)]
    first = service.issue(owner, assets[2].id)
    made = service.codes_for(owner, assets)
    assert made.keys() == {asset.id for asset in assets} and made[assets[2].id].code == first.code
    assert {row.code for row in service.codes_for(owner, assets).values()} == {row.code for row in made.values()}
    assert actions().count("label.issued") == 5

    assert run_sql("SELECT count(*) FROM label_code").fetchone()[0] == 5


def test_a_barcode_of_the_maker_is_one_customers(any_house: House) -> None:
    people = any_house.people()
    mine, theirs = any_house.asset(), any_house.asset("globex", "SN-2")
    row = barcodes.link_barcode(people.owner.actor, mine.id, {"text": " 4006381333931 ", "symbology": "ean_13"})
    assert (row.text, row.symbology) == ("4006381333931", "ean_13")
    with pytest.raises(Conflict):
        barcodes.link_barcode(people.owner.actor, mine.id, {"text": "4006381333931"})
    barcodes.link_barcode(people.stranger.actor, theirs.id, {"text": "4006381333931"})
    with pytest.raises(Invalid):
        barcodes.link_barcode(people.owner.actor, mine.id, {"text": f"https://x.example/L/{new_code()}"})
    with pytest.raises(NotFound):
        barcodes.remove_barcode(people.stranger.actor, row.id, row.version)
    barcodes.remove_barcode(people.owner.actor, row.id, row.version)
    assert visible(AssetBarcode, people.owner.actor).count() == 0
    assert actions() == ["barcode.linked", "barcode.linked", "barcode.removed"]


def test_a_unit_that_is_removed_takes_its_codes_along(any_house: House) -> None:
    from registry.assets.service import remove_asset

    owner, asset = any_house.people().owner.actor, any_house.asset()
    service.reissue(owner, service.issue(owner, asset.id).id, 0)
    remove_asset(owner, asset.id)
    assert visible(LabelCode, owner).count() == 0

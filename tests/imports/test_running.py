"""What a file does to the registry: create, update, mixed; what is refused, and why."""

from datetime import date

import pytest

from registry.assets.models import ASSET_SEARCH
from registry.customers.models import Contact, Site
from registry.customers.places import create_contact
from registry.imports import store
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid
from registry.kernel.search import find
from registry.products.models import Product
from tests.houses import House
from tests.imports.world import assert_sound, asset, assets, bring, counts, errors, table

HEADERS = ("Serial Number", "Asset Tag", "Model", "Location", "Purchase Date")


@pytest.fixture(autouse=True)
def _acme(any_house: House) -> None:
    any_house.customer("acme")


def test_new_rows_bring_their_products_and_sites(any_house: House) -> None:
    data = table(HEADERS, ("A1", "T1", "Switch", "Hall 1", "2024-02-29"), ("A2", "T2", "Switch", "Hall 2", ""))
    found = bring(any_house, data)
    assert found.state == "applied" and counts(found) == (2, 2, 0, 0, 0, 0) and found.key == "serial"
    one = asset(any_house, "A1")
    assert (one.tag, one.kind, one.purchased_on, one.version) == ("T1", "hardware", date(2024, 2, 29), 1)
    assert visible(Product, any_house.system).count() == 1
    assert {s.name for s in visible(Site, any_house.system)} == {"Hall 1", "Hall 2"}
    assert "1 product that did not exist was created: Switch" in found.notices
    assert "2 sites that did not exist were created: Hall 1, Hall 2" in found.notices
    assert not store.exists(found.file_key), "what was applied is not kept as a file too"
    assert_sound()


def test_what_was_created_is_on_the_chain_as_if_it_had_been_entered_by_hand(any_house: House) -> None:
    bring(any_house, table(HEADERS, ("A1", "T1", "Switch", "Hall 1", "2024-02-29")))
    one = asset(any_house, "A1")
    entry = AuditEntry.get(AuditEntry.object_type == "asset")
    assert (entry.action, entry.object_id, entry.label, entry.before) == ("asset.created", one.id, "A1", None)
    for part in ('"product":', '"serial":"A1"', '"purchased_on":"2024-02-29"', '"version":1'):
        assert part in entry.after


def test_mixed_updates_what_is_there_and_creates_the_rest(any_house: House) -> None:
    bring(any_house, table(HEADERS, ("A1", "T1", "Switch", "Hall 1", ""), ("A2", "T2", "Switch", "Hall 1", "")))
    again = table(
        HEADERS,
        ("A1", "T1", "Switch", "", ""),
        ("A2", "T9", "Switch", "Hall 2", "2025-01-01"),
        ("A3", "", "Router", "", ""),
    )
    assert counts(bring(any_house, again)) == (3, 1, 1, 1, 0, 0)
    two = asset(any_house, "A2")
    assert (two.tag, two.purchased_on, two.version) == ("T9", date(2025, 1, 1), 2)
    assert asset(any_house, "A1").version == 1, "a blank cell changes nothing"
    assert counts(bring(any_house, again)) == (3, 0, 0, 3, 0, 0)
    assert_sound()


@pytest.mark.parametrize(
    ("mode", "expected", "message"),
    [
        ("create", (2, 1, 0, 0, 1, 1), "There is an asset with this serial already"),
        ("update", (2, 0, 1, 0, 1, 1), "There is no asset with this serial"),
    ],
)
def test_create_and_update_refuse_the_other_half(
    any_house: House, mode: str, expected: tuple[int, ...], message: str
) -> None:
    bring(any_house, table(HEADERS, ("A1", "T1", "Switch", "", "")))
    found = bring(
        any_house,
        table(("serial", "model", "name"), ("A1", "Switch", "n"), ("A2", "Switch", "n")),
        mode=mode,
        on_error="skip",
    )
    assert counts(found) == expected
    assert message in found.errors[0]["message"]


def test_an_error_stops_everything_unless_it_may_be_skipped(any_house: House) -> None:
    data = table(
        HEADERS,
        ("A1", "", "Switch", "", "1/2/23"),
        ("A2", "", "Switch", "", "2023-02-30"),
        ("A3", "", "Switch", "", ""),
    )
    found = bring(any_house, data)
    assert (found.state, found.created, found.skipped, found.error_count) == ("failed", 0, 2, 2)
    assert assets(any_house) == [] and visible(Product, any_house.system).count() == 0
    assert [e[:3] for e in errors(found)] == [(2, "Purchase Date", "1/2/23"), (3, "Purchase Date", "2023-02-30")]
    assert "mdy, dmy or ymd" in found.errors[0]["message"]
    skipped = bring(any_house, data, on_error="skip")
    assert skipped.state == "applied" and counts(skipped) == (3, 1, 0, 0, 2, 2)
    assert [one.serial for one in assets(any_house)] == ["A3"]
    assert_sound()


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_serial_twice_in_the_file_names_the_line_of_the_first(any_house: House, dry_run: bool) -> None:
    rows = [
        ("A1", "T1", "S", "", ""),
        ("A2", "T2", "S", "", ""),
        ("A1", "T3", "S", "", ""),
        ("A4", "T2", "S", "", ""),
        ("A1", "T5", "S", "", ""),
    ]
    found = bring(any_house, table(HEADERS, *rows), on_error="skip", dry_run=dry_run)
    assert counts(found) == (5, 2, 0, 0, 3, 3)
    assert [(e["line"], e["column"]) for e in found.errors] == [
        (4, "Serial Number"),
        (5, "Asset Tag"),
        (6, "Serial Number"),
    ]
    assert "line 2" in found.errors[0]["message"] and "line 3" in found.errors[1]["message"]
    assert "line 2" in found.errors[2]["message"]


def test_with_the_tag_as_key_a_serial_still_is_unique_for_a_product(any_house: House) -> None:
    rows = [("S1", "T1", "X", "", ""), ("S1", "T2", "X", "", ""), ("S1", "T3", "Y", "", "")]
    dry = bring(any_house, table(HEADERS, *rows), key="tag", on_error="skip", dry_run=True)
    real = bring(any_house, table(HEADERS, *rows), key="tag", on_error="skip")
    assert counts(dry) == counts(real) == (3, 2, 0, 0, 1, 1)
    assert real.errors[0]["line"] == 3 and "line 2" in real.errors[0]["message"]
    later = bring(any_house, table(HEADERS, ("S1", "T7", "X", "", "")), key="tag", on_error="skip")
    assert "Another asset of this product has this serial number" in later.errors[0]["message"]


def test_a_tag_of_another_asset_is_refused(any_house: House) -> None:
    bring(any_house, table(HEADERS, ("A1", "T1", "S", "", ""), ("A2", "T2", "S", "", "")))
    found = bring(any_house, table(HEADERS, ("A2", "T1", "S", "", ""), ("A3", "T1", "S", "", "")), on_error="skip")
    assert found.updated == found.created == 0 and found.error_count == 2
    found = bring(any_house, table(HEADERS, ("A3", "T1", "S", "", "")), on_error="skip")
    assert found.errors[0]["column"] == "Asset Tag" and "Another asset has this tag" in found.errors[0]["message"]


def test_numbers_that_a_spreadsheet_rounded_are_refused(any_house: House) -> None:
    found = bring(any_house, table(HEADERS, ("6.37702E+15", "", "S", "", ""), ("A", "1,5E+10", "S", "", "")))
    assert [e[:3] for e in errors(found)] == [(2, "Serial Number", "6.37702E+15"), (3, "Asset Tag", "1,5E+10")]
    assert all("rounded" in e["message"] for e in found.errors)


def test_the_company_column_never_decides_whose_it_is(any_house: House) -> None:
    any_house.customer("globex")
    found = bring(any_house, table(("Company", "Customer", "serial", "model"), ("globex", "globex", "A1", "S")))
    assert asset(any_house, "A1").customer_id == found.customer_id
    assert "Not imported, since no field fits: Company, Customer." in found.notices


def test_part_number_and_maker_tell_products_of_one_name_apart(any_house: House) -> None:
    rows = [
        ("A1", "Pro 13", "PN-1", "Berge"),
        ("A2", "Pro 13", "PN-2", "Berge"),
        ("A3", "Pro 13", "PN-1", "Kunde"),
        ("A4", "", "PN-2", ""),
    ]
    found = bring(any_house, table(("serial", "model", "model number", "manufacturer"), *rows))
    assert counts(found) == (4, 4, 0, 0, 0, 0)
    ids = [one.product_id for one in assets(any_house)]
    assert len(set(ids)) == 3 and ids[1] == ids[3]
    unclear = bring(any_house, table(("serial", "model"), ("A5", "Pro 13")), on_error="skip")
    assert "more than one product" in unclear.errors[0]["message"]
    same = bring(any_house, table(("serial", "model"), ("A1", "Pro 13")), on_error="skip")
    assert same.unchanged == 1, "the product that it has is meant"


def test_without_new_products_unknown_ones_are_refused(any_house: House) -> None:
    any_house.product("Old")
    found = bring(
        any_house, table(("serial", "model", "site"), ("A1", "New", ""), ("A2", "Old", "Nowhere")), create_missing=False
    )
    assert [e[:2] for e in errors(found)] == [(2, "model"), (3, "site")]
    assert "no product 'New'" in found.errors[0]["message"]


def test_a_kind_that_contradicts_the_product_is_refused(any_house: House) -> None:
    any_house.product("SFP", "optic", part_number="SFP-1")
    found = bring(
        any_house,
        table(("serial", "part number", "kind"), ("A1", "SFP-1", "hardware"), ("A2", "SFP-1", "optic")),
        on_error="skip",
    )
    assert (found.created, found.errors[0]["column"]) == (1, "kind")


def test_money_takes_its_currency_from_the_other_column(any_house: House) -> None:
    rows = [
        ("A1", "12.50", ""),
        ("A2", "12.50", "EUR"),
        ("A3", "100", "JPY"),
        ("A4", "12.50", "JPY"),
        ("A5", "EUR 1", "JPY"),
    ]
    found = bring(
        any_house, table(("serial", "cost", "currency", "model"), *((*row, "S") for row in rows)), on_error="skip"
    )
    kept = [(one.serial, one.cost_minor, one.currency) for one in assets(any_house)]
    assert kept == [("A1", 1250, "USD"), ("A2", 1250, "EUR"), ("A3", 100, "JPY")]
    assert [(e["line"], e["column"]) for e in found.errors] == [(5, "cost"), (6, "currency")]


def test_holders_are_contacts_by_address_or_name(any_house: House) -> None:
    for name, email in (("Ann", "ann@acme.example"), ("Bob", "bob@acme.example"), ("Bob", "bob2@acme.example")):
        create_contact(any_house.system, {"customer": "acme", "name": name, "email": email})
    rows = [("A1", "ann@acme.example"), ("A2", "Ann"), ("A3", "Bob"), ("A4", "Eve")]
    found = bring(any_house, table(("serial", "assigned to", "model"), *((*row, "S") for row in rows)), on_error="skip")
    ann = visible(Contact, any_house.system).where(Contact.name == "Ann").get()
    assert [one.holder_id for one in assets(any_house)] == [ann.id, ann.id]
    assert [(e["line"], e["message"][:22]) for e in found.errors] == [
        (4, "There are 2 contacts '"),
        (5, "There is no contact 'E"),
    ]


def test_rows_are_found_by_search_at_once(any_house: House) -> None:
    rows = [(f"SERIAL-{number}", f"T{number}", "S", "", "") for number in range(2500)]  # more than one chunk
    bring(any_house, table(HEADERS, *rows))
    bring(any_house, table(HEADERS, ("SERIAL-7", "TAG-NEW", "S", "", ""), ("OTHER-1", "", "S", "", "")))
    for text in ("SERIAL-2400", "TAG-NEW", "OTHER-1"):
        assert [one["label"] for one in find(any_house.system, [ASSET_SEARCH], text, limit=5)], text


def test_a_file_that_breaks_off_stores_nothing_and_says_where(any_house: House) -> None:
    data = 'serial,model\nA1,S\nA2,S\nA3,"S\n'
    with pytest.raises(Invalid) as caught:
        bring(any_house, data, on_error="skip")
    assert "Line 4" in caught.value.message and assets(any_house) == []


def test_embedded_line_ends_keep_lines_true(any_house: House) -> None:
    data = 'serial,model,notes\nA1,S,"one\ntwo\n\nfour"\nA1,S,x\n'
    found = bring(any_house, data, on_error="skip")
    assert found.errors[0]["line"] == 6 and asset(any_house, "A1").notes == "one\ntwo\n\nfour"


def test_errors_are_kept_up_to_a_thousand_and_counted_beyond(any_house: House) -> None:
    found = bring(any_house, table(("serial", "model", "kind"), *((f"A{n}", "S", "bad") for n in range(1500))))
    assert (found.error_count, found.skipped, len(found.errors)) == (1500, 1500, 1000)

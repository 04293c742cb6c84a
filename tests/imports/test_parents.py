"""Units inside units: optics that name their host by serial, wherever in the file the host stands."""

import pytest

from tests.houses import House
from tests.imports.world import assert_sound, asset, bring, counts, errors, table

HEADERS = ("serial", "model", "kind", "parent", "slot", "site", "name")


@pytest.fixture(autouse=True)
def _acme(any_house: House) -> None:
    any_house.customer("acme")


def line(
    serial: str, parent: str = "", slot: str = "", *, optic: bool = False, site: str = "", name: str = ""
) -> tuple[str, ...]:
    kind = "optic" if optic else "hardware"
    return (serial, "SFP" if optic else "Chassis", kind, parent, slot, site, name)


def test_the_host_comes_earlier_or_later_or_is_there_already(any_house: House) -> None:
    bring(any_house, table(HEADERS, line("OLD")))
    rows = [
        line("O1", "LATER", "1", optic=True),
        line("O2", "OLD", "1", optic=True),
        line("FIRST", site="Hall"),
        line("O3", "FIRST", "1", optic=True),
        line("LATER", site="Hall"),
    ]
    assert counts(bring(any_house, table(HEADERS, *rows))) == (5, 5, 0, 0, 0, 0)
    for optic, host in (("O1", "LATER"), ("O2", "OLD"), ("O3", "FIRST")):
        found = asset(any_house, optic)
        assert found.parent_id == asset(any_house, host).id and found.slot == "1" and found.status_id
    assert_sound()


def test_units_three_deep_from_the_inside_out(any_house: House) -> None:
    rows = [line("SFP", "CARD", "1", optic=True), line("CARD", "BOX", "A"), line("BOX")]
    assert bring(any_house, table(HEADERS, *rows)).created == 3
    assert asset(any_house, "SFP").parent_id == asset(any_house, "CARD").id
    assert asset(any_house, "CARD").parent_id == asset(any_house, "BOX").id


def test_the_parent_may_be_named_by_its_tag(any_house: House) -> None:
    data = table(
        ("serial", "tag", "model", "parent", "slot"), ("O1", "", "SFP", "BOX-TAG", "1"), ("B", "BOX-TAG", "Box", "", "")
    )
    bring(any_house, data)
    assert asset(any_house, "O1").parent_id == asset(any_house, "B").id


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (line("O1", "NOBODY", "1", optic=True), "parent", "There is no asset with this serial number or tag"),
        (line("O1", "O1", "1"), "parent", "There is no asset"),
        (line("O1", "BOX", optic=True), "slot", "which slot"),
        (line("O1", "", "1", optic=True), "slot", "needs the parent"),
        (line("O1", "BOX", "1", site="Hall", optic=True), "parent", "never both"),
        (line("O1", "BOX", "9", optic=True), "slot", "Another asset is in this slot"),
    ],
)
def test_what_cannot_be_is_refused(any_house: House, row: tuple[str, ...], column: str, text: str) -> None:
    bring(any_house, table(HEADERS, line("BOX"), line("THERE", "BOX", "9", optic=True)))
    found = bring(any_house, table(HEADERS, row), on_error="skip")
    assert (found.created, found.errors[0]["column"]) == (0, column)
    assert text in found.errors[0]["message"]


def test_two_optics_of_one_file_cannot_share_a_slot(any_house: House) -> None:
    rows = [line("BOX"), line("O1", "BOX", "1", optic=True), line("O2", "BOX", "1", optic=True)]
    found = bring(any_house, table(HEADERS, *rows), on_error="skip")
    assert found.created == 2 and errors(found)[0][:3] == (4, "slot", "1")
    assert "line 3" in found.errors[0]["message"]


def test_nothing_ends_up_inside_itself(any_house: House) -> None:
    bring(any_house, table(HEADERS, line("A"), line("B"), line("C")))
    rows = [line("A", "B", "1"), line("B", "C", "1"), line("C", "A", "1")]
    found = bring(any_house, table(HEADERS, *rows), mode="update", on_error="skip")
    assert (found.updated, found.skipped) == (2, 1)
    assert "cannot be inside itself" in found.errors[0]["message"]
    assert asset(any_house, "C").parent_id is None


def test_nesting_has_an_end(any_house: House) -> None:
    rows = [line(f"U{n}", f"U{n + 1}" if n < 14 else "", "1" if n < 14 else "") for n in range(15)]
    found = bring(any_house, table(HEADERS, *rows), on_error="skip")
    assert found.created == 11 and "10 deep" in found.errors[0]["message"]


def test_a_thousand_optics_before_their_hosts(any_house: House) -> None:
    rows = [line(f"O{n}", f"BOX{n % 40}", str(n), optic=True) for n in range(3000)]
    rows += [line(f"BOX{n}") for n in range(40)]
    dry = bring(any_house, table(HEADERS, *rows), dry_run=True)
    assert counts(dry) == counts(bring(any_house, table(HEADERS, *rows))) == (3040, 3040, 0, 0, 0, 0)
    assert counts(bring(any_house, table(HEADERS, *rows))) == (3040, 0, 0, 3040, 0, 0)

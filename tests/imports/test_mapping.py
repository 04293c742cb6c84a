"""Headers of strangers find their fields; what is not clear is asked."""

import json

import pytest

from registry.imports.cells import code, text
from registry.imports.days import day
from registry.imports.mapping import FieldSpec, MappingError, match_headers, normalise

SERIAL = FieldSpec("serial", "Serial number", code(), ("S/N", "序列号", "Seriennummer"), required=True, key=True)
TAG = FieldSpec("tag", "Asset tag", code(), ("Inventory number",), key=True)
NOTES = FieldSpec("notes", "Notes", text())
PURCHASED = FieldSpec("purchased_on", "Purchase date", day(), ("Notes",))
FIELDS = (SERIAL, TAG, PURCHASED, NOTES)


@pytest.mark.parametrize(
    "header",
    ["serial", "SERIAL NUMBER", "Serial_Number ", "s/n", "S.N.", "序列号", "'Serial-number:", "Ｓ／Ｎ"],
)
def test_case_width_spaces_and_punctuation_do_not_count(header: str) -> None:
    assert match_headers([header], FIELDS).columns == {0: SERIAL}


def test_every_column_finds_its_place() -> None:
    found = match_headers(["Asset Tag", "", "Company", "Serial", "Purchase Date"], FIELDS)
    assert found.columns == {0: TAG, 3: SERIAL, 4: PURCHASED}
    assert found.unknown == ["Company"]
    assert found.missing == []
    assert found.problems() == []


def test_a_name_or_title_wins_over_a_synonym_of_another_field() -> None:
    assert match_headers(["Notes"], FIELDS).columns == {0: NOTES}


def test_two_headers_for_one_field_are_ambiguous() -> None:
    found = match_headers(["Serial", "Tag", "S/N"], FIELDS)
    assert found.columns == {1: TAG}
    assert found.ambiguous == {"serial": ["Serial", "S/N"]}
    assert found.missing == []
    assert found.problems() == [
        "The columns 'Serial' (column A), 'S/N' (column C) all fit the field serial. "
        "Choose one and leave out the others."
    ]


def test_a_saved_mapping_decides() -> None:
    found = match_headers(["Serial", "Tag", "S/N"], FIELDS, {"S/N": "serial", "Tag": None})
    assert found.columns == {2: SERIAL}
    assert found.unknown == ["Serial", "Tag"]
    assert found.ambiguous == {}


def test_a_saved_mapping_can_name_foreign_headers_and_is_as_forgiving() -> None:
    saved = {"Geräte Nr.": "serial", "not in this file": "tag"}
    assert match_headers(["GERÄTE-NR"], FIELDS, saved).columns == {0: SERIAL}


def test_a_saved_mapping_may_not_fill_a_field_twice() -> None:
    found = match_headers(["a", "b"], FIELDS, {"a": "serial", "b": "serial"})
    assert found.ambiguous == {"serial": ["a", "b"]}
    assert found.columns == {}


def test_a_saved_mapping_of_other_fields_is_refused() -> None:
    with pytest.raises(MappingError, match="'colour', which does not exist. Choose one of: serial, tag"):
        match_headers(["a"], FIELDS, {"a": "colour"})


def test_a_missing_required_field_is_named_with_the_columns_left() -> None:
    found = match_headers(["Asset tag", "Company"], FIELDS)
    assert found.missing == [SERIAL]
    assert found.problems() == [
        "No column fits the required field serial. Name a header 'Serial number', "
        "or choose the column for it among: 'Company'."
    ]


def test_a_mapping_can_be_saved_and_comes_back() -> None:
    headers = ["Serial", "Company", "", "Tag"]
    first = match_headers(headers, FIELDS)
    saved = json.loads(json.dumps(first.to_dict()))
    assert saved == {"Serial": "serial", "Company": None, "Tag": "tag"}
    assert match_headers(headers, FIELDS, saved) == first


def test_normalise_keeps_letters_of_every_script() -> None:
    assert normalise(" Größe_(cm) #") == "grössecm"
    assert normalise("购买-日期") == "购买日期"

"""One cell: what is taken, what is refused, and whether the refusal says what to do."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.imports.amounts import decimal, money
from registry.imports.cells import (
    CellError,
    boolean,
    choice,
    code,
    email,
    integer,
    restore,
    text,
)
from registry.imports.days import day, period
from registry.imports.problems import LossyNumber, NumberText
from registry.kernel.tabular import guard

KINDS: list[Callable[[str], Any]] = [
    text(),
    code(),
    integer(),
    decimal(),
    boolean(),
    day(),
    money("EUR"),
    period(),
    choice({"a": 1}),
    email(),
]


def refusal(parse: Callable[[str], Any], cell: str) -> str:
    with pytest.raises(CellError) as caught:
        parse(cell)
    return str(caught.value)


@pytest.mark.parametrize("parse", KINDS)
@pytest.mark.parametrize("cell", ["", " ", "\t", "\xa0"])
def test_an_empty_cell_is_no_value(parse: Callable[[str], Any], cell: str) -> None:
    assert parse(cell) is None


@pytest.mark.parametrize("parse", KINDS)
@given(cell=st.text())
def test_a_parser_answers_or_refuses_and_never_fails(parse: Callable[[str], Any], cell: str) -> None:
    try:
        parse(cell)
    except CellError as problem:
        assert any(word in str(problem) for word in ("write", "remove", "correct", "shorten", "give", "type"))


# text


def test_text_keeps_what_is_inside() -> None:
    assert text()("  two\r\nlines,  and\u3000spaces ") == "two\r\nlines,  and\u3000spaces"


def test_text_undoes_the_formula_guard() -> None:
    assert text()("'=1+1") == "=1+1"
    assert text()("'quoted'") == "'quoted'"


def test_text_refusals() -> None:
    assert refusal(text(3), "abcd") == "has 4 characters; shorten it to 3"
    assert refusal(text(), "a\x07b") == "has the control character U+0007 at position 2; remove it"
    assert refusal(text(lines=False), "a\nb") == "has a line break; write it on one line"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_restore_undoes_what_an_export_did(value: str) -> None:
    assert restore(guard(value)) == value


# code


@pytest.mark.parametrize(
    "cell", ["SN-001", "00123", "12E45", "1E5", "E12", "4e7f", "a b  c", "序列-1", "2.5E", "1.5-E+3", "'12"]
)
def test_codes_are_kept_to_the_letter(cell: str) -> None:
    assert code()(f" {cell}\t") == cell


@pytest.mark.parametrize("cell", ["6.37702E+15", "1.2E+05", "1E+20", "6,37702E+15", "-1.5e-7", "1.2E5", "5E-10"])
def test_codes_a_spreadsheet_rounded_are_refused(cell: str) -> None:
    message = refusal(code(), cell)
    assert message.startswith(cell)
    assert "format the column as text and enter the original again" in message


@pytest.mark.parametrize("cell", [LossyNumber("6377021234567890"), NumberText("12.1")])
def test_codes_stored_as_risky_numbers_are_refused(cell: str) -> None:
    assert "stored as a number" in refusal(code(), cell)


def test_codes_with_what_cannot_be_seen_are_refused() -> None:
    assert "U+200B at position 3; type it again" in refusal(code(), "SN\u200b1")
    assert "U+00A0 at position 3" in refusal(code(), "SN\xa01")
    assert "one code in a cell" in refusal(code(), "SN1\nSN2")
    assert "shorten it to 3" in refusal(code(3), "SN12")


def test_codes_undo_the_formula_guard() -> None:
    assert code()("'-5X") == "-5X"


# numbers


@pytest.mark.parametrize(("cell", "value"), [("12", 12), ("-3", -3), ("+3", 3), ("5.0", 5), ("5.00", 5), ("007", 7)])
def test_integers(cell: str, value: int) -> None:
    assert integer()(cell) == value


@pytest.mark.parametrize("cell", ["1,000", "1.000", "1.5", "x", "1e3", "１２", "9" * 5000])
def test_what_is_no_integer(cell: str) -> None:
    assert "write digits only" in refusal(integer(), cell)


def test_integers_have_a_range() -> None:
    assert refusal(integer(0, 10), "11") == "11 is out of range; give a number from 0 to 10"


# yes and no, choices


@pytest.mark.parametrize("cell", ["yes", "Y", "TRUE", "1", "是"])
def test_yes(cell: str) -> None:
    assert boolean()(cell) is True


@pytest.mark.parametrize("cell", ["no", "N", "False", "0", "否"])
def test_no(cell: str) -> None:
    assert boolean()(cell) is False


def test_neither_yes_nor_no() -> None:
    assert refusal(boolean(), "ja") == "'ja' is neither yes nor no; write yes or no"


def test_choices() -> None:
    parse = choice({"In use": "in_use", "In stock": "in_stock"})
    assert parse(" in  USE ") == "in_use"
    assert refusal(parse, "lost") == "'lost' is not known here; write one of: In use, In stock"


# days


@pytest.mark.parametrize("cell", ["2024-02-29", "2024-02-29 00:00:00", "2024-02-29T00:00", "2024-02-29T00:00:00.000Z"])
def test_iso_days_need_no_order(cell: str) -> None:
    for order in (None, "ymd", "dmy", "mdy"):
        assert day(order)(cell) == date(2024, 2, 29)  # type: ignore[arg-type]


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_in_every_order(value: date) -> None:
    assert day()(value.isoformat()) == value
    assert day("mdy")(f"{value.month}/{value.day}/{value.year}") == value
    assert day("dmy")(f"{value.day:02}.{value.month:02}.{value.year}") == value
    assert day("ymd")(f"{value.year}-{value.month}-{value.day}") == value


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_years_of_two_digits_turn_at_seventy(value: date) -> None:
    assert day("mdy")(value.strftime("%m/%d/%y")) == value


def test_us_dates_are_asked_for_and_not_guessed() -> None:
    message = refusal(day(), "1/23/23")
    assert "which order? give date_order=mdy, dmy or ymd" in message
    assert "as mdy it is 23 Jan 2023" in message
    assert "as dmy" not in message
    assert "as mdy it is 24 Nov 2008" in refusal(day(), "11/24/2008")
    assert day("mdy")("1/23/23") == date(2023, 1, 23)


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("2023-02-29", None),
        ("2024-13-01", None),
        ("24/11/2008", "mdy"),
        ("31.4.2024", "dmy"),
        ("0000-01-01", None),
    ],
)
def test_impossible_days(cell: str, order: Any) -> None:
    assert refusal(day(order), cell) == f"{cell!r} is no day of the calendar; correct it"


def test_other_refusals_of_days() -> None:
    assert "date_order=dmy" in refusal(day("dmy"), "2024/1/2")
    assert "give the date alone, such as 2024-01-02" in refusal(day(), "2024-01-02T10:00:00")
    assert "leave the cell empty" in refusal(day(), "9999-12-31")
    for cell in ("45292", "24-Nov-2008", "2024-W01-1", "2024", "20240102", "1/2-2024"):
        assert "write it as YYYY-MM-DD" in refusal(day(), cell)


# periods, addresses


@pytest.mark.parametrize("cell", ["P3Y", "P18M", "P1Y6M", "P90D", "P2W", "PT4H", "P1DT12H"])
def test_periods(cell: str) -> None:
    assert period()(cell) == cell


@pytest.mark.parametrize("cell", ["36", "3 years", "P", "PT", "p3y", "P3", "P1M1Y"])
def test_what_is_no_period(cell: str) -> None:
    assert "write P36M for 36 months" in refusal(period(), cell)


def test_addresses() -> None:
    assert email()(" jgoodsell0@amazon.de ") == "jgoodsell0@amazon.de"
    for cell in ("x", "a@b", "a@b.c, d@e.f", "a b@c.de", "@c.de", f"{'a' * 250}@c.de"):
        assert "write one address such as name@example.com" in refusal(email(), cell)

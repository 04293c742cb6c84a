"""Decimals and money as people of many countries write them: clear, or asked for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.imports.amounts import EXPONENTS, decimal, money
from registry.imports.cells import CellError
from registry.imports.problems import NumberText


def refusal(parse: Callable[[str], Any], cell: str) -> str:
    with pytest.raises(CellError) as caught:
        parse(cell)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("-2.345", None, "-2.345"),
        ("1.234", None, "1.234"),
        ("1,5", None, "1.5"),
        ("\u22121,5", None, "-1.5"),
        ("1.234", ",", "1234"),
        ("1,234", ".", "1234"),
        ("1.234,5", None, "1234.5"),
        (NumberText("1.234"), ",", "1.234"),
    ],
)
def test_decimals(cell: str, mark: str | None, value: str) -> None:
    assert decimal(decimal_mark=mark)(cell) == Decimal(value)


def test_decimals_that_cannot_be_told() -> None:
    message = refusal(decimal(), "1,234")
    assert "'1,234' can be 1234 or 1.234" in message
    assert "give decimal_mark=',' or decimal_mark='.'" in message
    assert "write digits" in refusal(decimal(), "1.5E-3")
    assert "give a number from 0 to 1" in refusal(decimal(Decimal(0), Decimal(1)), "2")


@pytest.mark.parametrize(
    ("cell", "default", "value"),
    [
        ("$12.58", "USD", (1258, "USD")),
        ("$12.58", "HKD", (1258, "HKD")),
        ("2,266.13", "USD", (226613, "USD")),
        ("2.266,13 €", "USD", (226613, "EUR")),
        ("HKD 12.5", "USD", (1250, "HKD")),
        ("12.5hkd", "USD", (1250, "HKD")),
        ("HK$12.50", "USD", (1250, "HKD")),
        ("1200", "JPY", (1200, "JPY")),
        ("¥1200", "CNY", (120000, "CNY")),
        ("TND 1.5", "USD", (1500, "TND")),
        ("1'234.50", "CHF", (123450, "CHF")),
        ("1 234,50", "EUR", (123450, "EUR")),
        ("1 234", "EUR", (123400, "EUR")),
        ("1.234.567", "EUR", (123456700, "EUR")),
        ("12,34,567.00", "INR", (123456700, "INR")),
        ("0.125", "TND", (125, "TND")),
        ("1234.567", "TND", (1234567, "TND")),
        (NumberText("1.234"), "TND", (1234, "TND")),
        ("0", "EUR", (0, "EUR")),
    ],
)
def test_money(cell: str, default: str, value: tuple[int, str]) -> None:
    assert money(default)(cell) == value


@pytest.mark.parametrize(("cell", "value"), [("-12.5", -1250), ("(12.50)", -1250), ("-$12.50", -1250), ("$-5", -500)])
def test_money_below_zero_only_where_allowed(cell: str, value: int) -> None:
    assert money("USD", negative=True)(cell) == (value, "USD")
    assert "give an amount of zero or more" in refusal(money("USD"), cell)


@pytest.mark.parametrize("cell", ["1.234", "1,234", "$1,234", "12.500"])
def test_thousands_are_not_guessed(cell: str) -> None:
    message = refusal(money("USD"), cell)
    assert "can be" in message
    assert "give decimal_mark=" in message


def test_thousands_with_a_mark_given() -> None:
    assert money("USD", decimal_mark=".")("$1,234") == (123400, "USD")
    assert money("EUR", decimal_mark=",")("1.234") == (123400, "EUR")
    assert "does not fit decimal_mark='.'" in refusal(money("USD", decimal_mark="."), "1,5")
    assert "several decimal marks" in refusal(money("USD", decimal_mark="."), "1.234.567")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("$5", "write the code, such as USD 12.50"),
        ("XYZ 5", "write its code of three letters"),
        ("12.345,6.7", "write"),
        ("1,23", "more decimals than JPY has (0); round it"),
        ("12 34", "write it without thousands"),
        ("12,34,5", "write it without thousands"),
        ("abc", "write it such as 1234.50"),
        ("(5", "write it such as"),
        ("$5€", "write it such as"),
        ("9" * 25, "correct the amount"),
    ],
)
def test_refusals_of_money(cell: str, words: str) -> None:
    assert words in refusal(money("JPY"), cell)


@given(st.integers(0, 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_money_as_people_write_it(minor: int, currency: str) -> None:
    exponent = EXPONENTS[currency]
    amount = Decimal(minor).scaleb(-exponent)
    assert money("USD", decimal_mark=".")(f"{currency} {amount:,.{exponent}f}") == (minor, currency)
    german = f"{amount:,.{exponent}f}".translate(str.maketrans(",.", ".,"))
    assert money(currency, decimal_mark=",")(german) == (minor, currency)


def test_an_unknown_default_currency_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="unknown currency 'EURO'"):
        money("EURO")

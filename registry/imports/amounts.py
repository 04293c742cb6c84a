"""Parsers of cells with decimals and of amounts of money; the rules are those of `cells`."""

import re
from collections.abc import Callable
from decimal import Decimal

from registry.imports.cells import CellError
from registry.imports.problems import NumberText
from registry.kernel.language import _, quoted
from registry.kernel.money import EXPONENTS

# What a sign may stand for; where it is several, the default currency decides or nobody.
_SIGNS: dict[str, str] = {
    "$": "USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP HKD JMD KYD MXN NAD NZD SGD SRD TTD TWD UYU XCD",
    "US$": "USD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "A$": "AUD",
    "C$": "CAD",
    "NZ$": "NZD",
    "R$": "BRL",
    "€": "EUR",
    "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP",
    "¥": "JPY CNY",
    "￥": "JPY CNY",
    "元": "CNY HKD TWD",
    "円": "JPY",
    "₩": "KRW KPW",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₪": "ILS",
    "₴": "UAH",
    "zł": "PLN",
    "Kč": "CZK",
    "kr": "SEK NOK DKK ISK",
}
_PLAIN = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_AMOUNT = re.compile(
    r"(\(?)\s*([+-]?)\s*([^\d().,+-]*?)\s*([+-]?)\s*([0-9][0-9., '\u2019\xa0\u202f]*)([^\d()]*?)\s*(\)?)"
)
_SPACED = re.compile("[ '\u2019\xa0\u202f]")
_SPACED_NUMBER = re.compile("([0-9]{1,3}(?:[ '\u2019\xa0\u202f][0-9]{3})+)(?:[.,]([0-9]{1,30}))?")


def decimal(
    low: Decimal | None = None, high: Decimal | None = None, decimal_mark: str | None = None
) -> Callable[[str], Decimal | None]:
    """A decimal number; a point is the decimal mark; a comma where `decimal_mark` says so, or where
    it can be nothing else (`1,5`)."""

    def parse(cell: str) -> Decimal | None:
        stored = isinstance(cell, NumberText)
        cell = cell.strip()
        if not cell:
            return None
        plain = _PLAIN.fullmatch(cell) if stored or decimal_mark != "," else None
        number = Decimal(cell) if plain else _signed(cell, decimal_mark)
        if (low is not None and number < low) or (high is not None and number > high):
            raise CellError(
                _("%(number)s is out of range; give a number %(range)s", number=number, range=_range(low, high))
            )
        return number

    return parse


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return _("up to %(high)s", high=high)
    return _("of %(low)s or more", low=low) if high is None else _("from %(low)s to %(high)s", low=low, high=high)


def _signed(cell: str, mark: str | None) -> Decimal:
    sign, digits = ("-", cell[1:]) if cell[0] in "-\u2212" else ("", cell.removeprefix("+"))
    if not digits or not digits[0].isdigit():
        raise CellError(_("%(cell)s is no number; write digits, such as 12.5", cell=quoted(cell[:40])))
    return Decimal(sign + _digits(digits, mark))


def money(
    default_currency: str, *, decimal_mark: str | None = None, negative: bool = False
) -> Callable[[str], tuple[int, str] | None]:
    """An amount as (minor units, currency): `HKD 12.5` is (1250, "HKD"), `12` by default JPY is (12, "JPY").

    A sign that several currencies share ($) is read as the default currency if that is one of them.
    """
    if default_currency not in EXPONENTS:
        raise ValueError(f"unknown currency {default_currency!r}")

    def parse(cell: str) -> tuple[int, str] | None:
        stored = isinstance(cell, NumberText)
        cell = cell.strip()
        if not cell:
            return None
        plain = _PLAIN.fullmatch(cell)
        clear = stored or cell.isdecimal() or (decimal_mark != "," and cell[-4:-3] != ".")
        if plain and clear:
            return _minor(cell, cell, default_currency, negative), default_currency
        below, currency, digits = _taken_apart(cell, default_currency)
        return _minor(cell, below + _digits(digits, decimal_mark), currency, negative), currency

    return parse


def _taken_apart(cell: str, default: str) -> tuple[str, str, str]:
    """(minus or nothing, currency, digits with their marks)."""
    found = _AMOUNT.fullmatch(cell)
    if not found:
        raise CellError(_("%(cell)s is no amount; write it such as 1234.50 or EUR 1234.50", cell=quoted(cell[:40])))
    opened, sign, before, inner, digits, after, closed = found.groups()
    if bool(opened) != bool(closed) or (sign and inner) or (before and after.strip()):
        raise CellError(_("%(cell)s is no amount; write it such as 1234.50 or EUR 1234.50", cell=quoted(cell[:40])))
    minus = "-" if opened or "-" in (sign, inner) else ""
    return minus, _currency(before.strip() or after.strip(), default), digits


def _currency(written: str, default: str) -> str:
    if not written:
        return default
    if written.upper() in EXPONENTS:
        return written.upper()
    possible = _SIGNS.get(written, "").split()
    if default in possible:
        return default
    if len(possible) == 1:
        return possible[0]
    if possible:
        raise CellError(
            _(
                "%(written)s stands for several currencies; write the code, such as %(possible)s 12.50",
                written=written,
                possible=possible[0],
            )
        )
    raise CellError(
        _(
            "%(written)s is no currency; write its code of three letters, such as USD 12.50",
            written=quoted(written[:20]),
        )
    )


def _minor(cell: str, number: str, currency: str, negative: bool) -> int:
    exponent = EXPONENTS[currency]
    scaled = Decimal(number).scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise CellError(
            _(
                "%(cell)s has more decimals than %(currency)s has (%(exponent)s); round it",
                cell=quoted(cell[:40]),
                currency=currency,
                exponent=exponent,
            )
        )
    if scaled < 0 and not negative:
        raise CellError(_("%(cell)s is below zero; give an amount of zero or more", cell=quoted(cell[:40])))
    if abs(scaled) >= 2**63:
        raise CellError(_("%(cell)s is too large; correct the amount", cell=quoted(cell[:40])))
    return int(scaled)


def _digits(written: str, mark: str | None) -> str:
    """The number as digits and one decimal point. CellError where thousands and decimals look alike."""
    digits = written.strip()
    if _SPACED.search(digits):
        return _spaced(written, digits)
    marks = [char for char in digits if char in ".,"]
    if not marks:
        decimals_by = ""
    elif len(set(marks)) == 2:
        decimals_by = marks[-1]
    elif len(marks) > 1:
        decimals_by = ""
    else:
        decimals_by = _one_mark(written, digits, marks[0], mark)
    if mark and decimals_by not in ("", mark):
        raise CellError(
            _(
                "%(written)s does not fit decimal_mark=%(mark)s; correct the amount or the option",
                written=quoted(written[:40]),
                mark=quoted(mark),
            )
        )
    if mark and not decimals_by and mark in marks:
        raise CellError(_("%(written)s has several decimal marks; correct it", written=quoted(written[:40])))
    whole, _mark, fraction = digits.partition(decimals_by) if decimals_by else (digits, "", "")
    return f"{_grouped(written, whole)}.{_only_digits(written, fraction or '0')}"


def _spaced(written: str, digits: str) -> str:
    """Thousands set apart by spaces or apostrophes: the only mark left is the decimal one."""
    found = _SPACED_NUMBER.fullmatch(digits)
    if not found:
        raise CellError(
            _("%(written)s has its thousands in odd places; write it without thousands", written=quoted(written[:40]))
        )
    return f"{_SPACED.sub('', found[1])}.{found[2] or '0'}"


def _one_mark(written: str, digits: str, found: str, mark: str | None) -> str:
    """What the only mark in a number is: itself as decimal mark, or "" for thousands."""
    whole, _mark, fraction = digits.partition(found)
    if mark:
        return mark if mark == found else ("" if len(fraction) == 3 else found)
    if len(fraction) == 3 and len(whole) <= 3 and whole != "0":
        other = "," if found == "." else "."
        raise CellError(
            _(
                "%(written)s can be %(whole)s%(fraction)s or %(whole)s.%(fraction)s; give "
                "decimal_mark=%(found)s or decimal_mark=%(other)s, or write it without thousands",
                written=quoted(written[:40]),
                whole=whole,
                fraction=fraction,
                found=quoted(found),
                other=quoted(other),
            )
        )
    return found


def _grouped(written: str, whole: str) -> str:
    """Thousands taken out, if they stand where thousands stand (Indian groups of two included)."""
    if "." in whole or "," in whole:
        head, *groups = re.split(r"[.,]", whole)
        if not 1 <= len(head) <= 3 or len(groups[-1]) != 3 or any(len(group) not in (2, 3) for group in groups):
            raise CellError(
                _(
                    "%(written)s has its thousands in odd places; write it without thousands",
                    written=quoted(written[:40]),
                )
            )
        whole = "".join((head, *groups))
    return _only_digits(written, whole)


def _only_digits(written: str, text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 30):
        raise CellError(_("%(written)s is no number; write digits, such as 1234.50", written=quoted(written[:40])))
    return text

"""The closed language of texts that operators may change: `{name}` stands for a value, `{{` and `}}` for braces.

Nothing else has a meaning: no attribute, no index, no format, no expression. Which names there are is declared
beside the text's use; any other is refused when a text is saved and again when it is read. A value is plain text and
is never looked at for placeholders.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.locales import BABEL, supported

LONGEST_NUMBER = 10**15  # beyond it Babel's arithmetic gives up
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_MARK = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
# What some program or other takes for the end of a line, and what a terminal or mail reader might act on.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_BLANK = re.compile(r"\s+")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """("text", words) and ("name", placeholder) in order. Raises Invalid for a brace that is neither."""
    position = 0
    for found in _MARK.finditer(text):
        if found.start() > position:
            yield "text", text[position : found.start()]
        position = found.end()
        mark = found.group()
        if mark in ("{{", "}}"):
            yield "text", mark[0]
        elif found.group(1) is not None and NAME.match(found.group(1)):
            yield "name", found.group(1)
        else:
            told = _(
                "%(mark)s is no placeholder: write {name}, or {{ and }} for braces that are to be seen.", mark=mark[:40]
            )
            raise Invalid.field("text", told)
    if position < len(text):
        yield "text", text[position:]


def names_in(text: str) -> set[str]:
    return {piece for kind, piece in pieces(text) if kind == "name"}


def check(text: str, allowed: Collection[str], field: str = "text") -> None:
    """Raise Invalid, under `field`, for a text that `render` would refuse."""
    try:
        unknown = sorted(names_in(text) - set(allowed))
    except Invalid as error:
        raise Invalid.field(field, error.errors["text"][0]) from None
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
        raise Invalid.field(
            field,
            _("There is no {%(unknown)s} here. Placeholders of this text: %(known)s.", unknown=unknown[0], known=known),
        )


def render(text: str, values: Mapping[str, Any], language: str, time_zone: str = "UTC") -> str:
    """`text` with its placeholders replaced. `values`: text, whole numbers, decimals, dates, aware instants, lists of
    lines. Raises Invalid for a placeholder without a value."""
    check(text, values.keys())
    said = {name: said_in(value, language, time_zone) for name, value in values.items()}
    return "".join(said[piece] if kind == "name" else piece for kind, piece in pieces(text))


def said_in(value: Any, language: str, time_zone: str = "UTC") -> str:
    """A value as readers of `language` write it; an instant on the clocks of `time_zone`."""
    locale = BABEL[supported(language)]
    if isinstance(value, bool) or value is None:
        raise TypeError("a value is text, a number, a date, an instant or a list of them")
    if isinstance(value, int | Decimal):
        return format_decimal(value, locale=locale) if -LONGEST_NUMBER < value < LONGEST_NUMBER else str(value)
    if isinstance(value, datetime):
        return _instant(value.astimezone(ZoneInfo(time_zone)), locale)
    if isinstance(value, date):
        return format_date(value, "long", locale=locale)
    if isinstance(value, list | tuple):
        return "\n".join(said_in(item, language, time_zone) for item in value)
    return plain(str(value))


def money_in(amount: Decimal, currency: str, language: str) -> str:
    """HK$12,500.50 as readers of `language` write it."""
    return format_currency(amount, currency, locale=BABEL[supported(language)])


def month_in(day: date, language: str, skeleton: str = "yMMM") -> str:
    """Its month as readers of `language` write it in little room: Mar 2026. `skeleton`: yMMMM for March 2026, MMM for
    Mar."""
    return format_skeleton(skeleton, day, locale=BABEL[supported(language)])


def _instant(local: datetime, locale: str) -> str:
    """With the distance from Greenwich: an abbreviation such as CST means three different clocks."""
    ahead = f"{local:%z}"
    return f"{format_date(local, 'long', locale=locale)} {local:%H:%M} (GMT{ahead[:3]}:{ahead[3:5]})"


def plain(text: str) -> str:
    """Text without control characters; lines end in a line feed."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """For a header: no line break of any kind, single blanks."""
    return _BLANK.sub(" ", plain(text)).strip()

"""The language of placeholders: closed, and nothing that stands in a value is ever read as part of it."""

import string
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.kernel.errors import Invalid
from registry.kernel.locales import LANGUAGES, supported
from registry.kernel.phrases import check, names_in, one_line, plain, render, said_in

ALLOWED = ("name", "link", "count")
names = st.sampled_from(ALLOWED)
harmless = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]))
values = st.one_of(
    st.text(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC)),
    st.lists(st.text(), max_size=3),
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear {name}!", "Dear Ann!"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{Ann}"),
        ("{name}{name}", "AnnAnn"),
        ("}}{{", "}{"),
        ("", ""),
        ("no braces %s $name", "no braces %s $name"),
    ],
)
def test_what_it_says(text: str, said: str) -> None:
    assert render(text, {"name": "Ann"}, "en") == said


@pytest.mark.parametrize(
    "text",
    [
        "{name.__class__}", "{name[0]}", "{name!r}", "{name:>10}", "{0}", "{}", "{ name }", "{name", "name}", "{{name}",
        "{Name}", "{name}}", "{_name}", "{na{me}}", "{\nname}", "{naïve}",
    ],
)  # fmt: skip
def test_nothing_but_a_name_is_a_placeholder(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(text, ["name"], "body")
    assert "body" in refused.value.errors
    with pytest.raises(Invalid):
        render(text, {"name": "Ann"}, "en")


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        check("{nome}", ALLOWED)
    assert refused.value.errors["text"] == [
        "There is no {nome} here. Placeholders of this text: {count}, {link}, {name}."
    ]


@given(st.lists(st.one_of(names.map(lambda n: f"{{{n}}}"), harmless, st.sampled_from(["{{", "}}"]))), st.data())
@settings(max_examples=30)
def test_what_was_checked_can_always_be_said(parts: list[str], data: st.DataObject) -> None:
    """And it says the words, with each value as it would stand alone, in order."""
    text = "".join(parts)
    given_values: dict[str, Any] = {name: data.draw(values) for name in ALLOWED}
    language = data.draw(st.sampled_from(sorted(LANGUAGES)))
    alone = {name: said_in(value, language, "Asia/Taipei") for name, value in given_values.items()}
    expected = "".join(alone.get(part[1:-1], part[0]) if part[:1] in ("{", "}") else part for part in parts)
    assert render(text, given_values, language, "Asia/Taipei") == expected


@given(st.text(alphabet="{}!.:[]abname"))
def test_any_text_is_either_refused_or_said(text: str) -> None:
    try:
        check(text, ["name", "a"])
    except Invalid:
        with pytest.raises(Invalid):
            render(text, {"name": "", "a": ""}, "en")
    else:
        render(text, {"name": "{a}", "a": "{name}"}, "en")


@given(st.text(), st.text())
def test_a_value_is_never_read_as_a_text(name: str, link: str) -> None:
    said = render("<{name}|{link}>", {"name": name, "link": link}, "en")
    assert said == f"<{plain(name)}|{plain(link)}>"


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1 and line == line.strip() and not set(line) & set(map(chr, range(32)))


def test_values_are_written_as_the_reader_writes_them() -> None:
    moment = datetime(2027, 6, 30, 16, 5, tzinfo=UTC)
    assert said_in(date(2027, 6, 30), "en") == "30 June 2027"
    assert said_in(date(2027, 6, 30), "zh-Hant") == "2027年6月30日"
    assert said_in(moment, "en", "Asia/Taipei") == "1 July 2027 00:05 (GMT+08:00)"
    assert said_in(moment, "zh-Hant", "America/St_Johns") == "2027年6月30日 13:35 (GMT-02:30)"
    assert said_in(1234567, "en") == "1,234,567"
    assert said_in(Decimal("-8.20"), "en") == "-8.2"
    assert said_in(["a", "b\r\nc"], "en") == "a\nb\nc"
    for nothing in (None, True):
        with pytest.raises(TypeError):
            said_in(nothing, "en")


@pytest.mark.parametrize(
    ("asked", "ours"),
    [("en", "en"), ("en-GB", "en"), ("zh-Hant", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("zh-TW", "zh-Hant"),
     ("zh-HK", "zh-Hant"), ("zh-Hans", "en"), ("fr", "en"), ("", "en"), (None, "en")],
)  # fmt: skip
def test_the_nearest_language(asked: str | None, ours: str) -> None:
    assert supported(asked) == ours


def test_names_are_plain() -> None:
    assert names_in("{a1_b} {{x}}") == {"a1_b"}
    assert not set(string.punctuation) - {"_"} & set("".join(names_in("{a1_b}")))

"""The fields of input: what they take, what they refuse, and that a refusal says what to do."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from registry.kernel.shapes import (
    CODE,
    MAX_ID,
    Date,
    Flag,
    FlagText,
    JsonObject,
    Line,
    Prose,
    Real,
    Ref,
    Shape,
    Slug,
    Whole,
    currency,
    language,
    time_zone,
)

TAKEN: list[tuple[Any, Any, Any]] = [
    (Line(max=5), "abc", "abc"),
    (Line(max=9), "  Zürich ", "Zürich"),
    (Line(max=5), "", ""),
    (Line(max=5), "日本語🙂x", "日本語🙂x"),
    (Prose(max=9), "a\nb\tc\r\n", "a\nb\tc\r\n"),
    (Slug(), "a", "a"),
    (Slug(), "northern-rail-2", "northern-rail-2"),
    (Slug(pattern=CODE), "v1.2_x", "v1.2_x"),
    (Ref(), 7, 7),
    (Ref(), " SN-1 ", "SN-1"),
    (Ref(), "7", "7"),
    (Date(), "2024-02-29", date(2024, 2, 29)),
    (Date(), "1900-01-01", date(1900, 1, 1)),
    (Flag(), True, True),
    (FlagText(), "false", False),
    (Whole(1, 500), "500", 500),
    (Real(), 1, 1.0),
    (time_zone(), "Asia/Hong_Kong", "Asia/Hong_Kong"),
    (language(), "zh-Hant", "zh-Hant"),
    (language(), "pt-BR", "pt-BR"),
    (currency(), "HKD", "HKD"),
    (JsonObject(), {"a": [1, 2.5, None, True, {"b": "c\n"}]}, {"a": [1, 2.5, None, True, {"b": "c\n"}]}),
    (JsonObject(), {"n": 2**53}, {"n": 2**53}),
]

CONTROL = ["\x00", "a\nb", "a\tb", "\x7f", "\x1b[31m", "a\rb", "\ud800"]
deep: dict[str, Any] = {}
for _ in range(12):
    deep = {"a": deep}

REFUSED: list[tuple[Any, Any]] = [
    *((Line(max=20), text) for text in CONTROL),
    (Line(max=5), "123456"),
    (Line(max=5, min=1), "   "),
    (Line(max=5), 5),
    (Line(max=5), None),
    (Line(max=5), ["a"]),
    (Prose(), "a\x00"),
    (Prose(), "\x0b"),
    (Prose(), "\udfff"),
    (Prose(max=3), "abcd"),
    *((Slug(), text) for text in ("", "A", "-a", "a-", "a b", "ä", "a\n", "a" * 65, "../x", "a.b", 5)),
    *((Slug(pattern=CODE), text) for text in (".a", "a.", "A", "a\n")),
    *((Ref(), value) for value in (True, False, 1.5, None, [], {}, "", "  ", "a\x00", "x" * 256, "\ud800")),
    *((Date(), text) for text in (
        "", "2026-1-1", "01/02/2026", "2026-02-30", "2023-02-29", "2026-13-01", "1899-12-31", "3000-01-01",
        "0001-01-01",
        "2026-01-01T00:00", " 2026-01-01", "2026-01-01\n", "٢٠٢٦-01-01", "20260101", 20260101, None, True)),
    *((Flag(), value) for value in (1, 0, "true", "yes", None, [])),
    *((FlagText(), value) for value in ("1", "yes", "TRUE", "", "on")),
    *((Whole(1, 500), text) for text in ("0", "501", "1.0", " 5", "5 ", "1_0", "1e2", "+5", "٥", "9" * 30, "", "x")),
    *((Real(), value) for value in ("1", True, float("nan"), float("inf"), None)),
    *((time_zone(), text) for text in ("", "Hong Kong", "../etc/passwd", "asia/hong_kong", "UTC+8", 5)),
    *((language(), text) for text in ("", "EN", "english", "en_GB", "e")),
    *((currency(), text) for text in ("", "hkd", "HK", "HKDX", "HKD\n")),
    *((JsonObject(), value) for value in (
        [], "x", 5, deep, {"a": "\x00"}, {"a\x00": 1}, {"a": 2**53 + 1}, {"a": -(2**60)}, {"a": float("nan")},
        {"a": float("inf")}, {"a": ["\ud800"]}, {"a": "x" * 20_001})),
]  # fmt: skip


@pytest.mark.parametrize(("field", "given", "value"), TAKEN, ids=lambda part: repr(part)[:40])
def test_what_is_taken(field: Any, given: Any, value: Any) -> None:
    taken = field.deserialize(given)
    assert taken == value and type(taken) is type(value)


@pytest.mark.parametrize(("field", "given"), REFUSED, ids=lambda part: ascii(part)[:40])
def test_what_is_refused_says_why(field: Any, given: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        field.deserialize(given)
    assert all(isinstance(text, str) and len(text) > 5 for text in refused.value.messages)


@given(st.text(max_size=40))
def test_a_line_never_holds_a_control_character_nor_blanks_around_it(text: str) -> None:
    try:
        taken = Line(max=40).deserialize(text)
    except ValidationError:
        assert not text.strip() or not text.isprintable(), "what can be printed is taken"
        return
    assert taken == text.strip()
    assert not any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in taken)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.recursive(PLAIN, lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(max_size=3), it, max_size=3)))
def test_a_json_object_is_taken_whole_or_refused(value: Any) -> None:
    import orjson

    try:
        taken = JsonObject().deserialize({"value": value})
    except ValidationError:
        return
    assert taken == {"value": value}
    assert orjson.loads(orjson.dumps(taken)) == taken, "what is stored can be read again"


def test_shapes_are_closed() -> None:
    shape = Shape.from_dict({"name": Line(max=5, required=True), "site": Ref()})()
    with pytest.raises(ValidationError) as refused:
        shape.load({"site": None, "customer_id": 1})
    assert refused.value.normalized_messages().keys() == {"name", "site", "customer_id"}
    assert shape.load({"name": "a"}) == {"name": "a"}, "what is not given is not there"


def test_ids_reach_as_far_as_the_tables() -> None:
    assert MAX_ID == 2**63 - 1
    assert Whole(1, MAX_ID).deserialize(str(MAX_ID)) == MAX_ID
    with pytest.raises(ValidationError):
        Whole(1, MAX_ID).deserialize(str(MAX_ID + 1))

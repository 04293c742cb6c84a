"""Versions in their natural order, in Python and as SQL compares their keys."""

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry_sendbig.releases.versions import LONGEST, affected, key, sound

TEXTS = st.text(max_size=LONGEST)
PARTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("15.2(4)E7", "15.2(4)E10"), ("1.2", "1.10"), ("9", "10"), ("1.2", "1.2.0"), ("1.2.0", "1.2.1"),
        ("2.0-rc1", "2.0"), ("2.0-beta2", "2.0-rc1"), ("2.0-rc1", "2.0-rc2"), ("12.1R3", "12.1R3-S2"),
        ("1.2a", "1.2b"), ("1.2a", "1.2.1"), ("V200R005C00", "V200R019C10"), ("7.0(3)I7(9)", "7.0(3)I7(10)"),
        ("1.999999999999999999999", "1.1000000000000000000000"), ("3.0.0", "3.0.0build2"), ("字", "學"),
    ],
)  # fmt: skip
def test_one_comes_before_the_other(lower: str, higher: str) -> None:
    assert key(lower) < key(higher)


@pytest.mark.parametrize("texts", [("1.2", "v1.2", "1-2", "01.02", "V 1.2"), ("1.2A", "1.2a"), ("2.0RC1", "2.0-rc1")])
def test_what_is_one_version(texts: tuple[str, ...]) -> None:
    assert len({key(text) for text in texts}) == 1


@given(PARTS, PARTS)
def test_numbers_compare_as_numbers(one: list[int], other: list[int]) -> None:
    written = [".".join(map(str, each)) for each in (one, other)]
    assert (key(written[0]) < key(written[1])) == (one < other)
    assert (key(written[0]) == key(written[1])) == (one == other)


@given(TEXTS)
@example("\u1f80" * LONGEST)
@example("\u1fb7" * LONGEST)
def test_a_key_fits_its_column_and_every_collation(text: str) -> None:
    found = key(text)
    assert len(found) <= 1000 and set(found) <= set("0123456789abcdef")
    assert sound(text) == (found != "1")


@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_the_order_is_total(texts: list[str]) -> None:
    a, b, c = sorted(texts, key=key)
    assert key(a) <= key(b) <= key(c) and key(a) <= key(c)


@given(st.text(alphabet="ab1.", max_size=6), st.text(alphabet="ab1.", max_size=6))
def test_what_follows_never_turns_the_order_round(one: str, other: str) -> None:
    """Of two that differ in a part, the part decides, whatever stands behind it."""
    if (
        key(one)[:-1] != key(other)[:-1]
        and not key(one).startswith(key(other)[:-1])
        and not key(other).startswith(key(one)[:-1])
    ):
        assert (key(one) < key(other)) == (key(f"{one}.9") < key(f"{other}.1"))


def test_the_database_sorts_keys_as_we_do() -> None:
    texts = ["1.2", "1.10", "2.0-rc1", "2.0", "15.2(4)E7", "15.2(4)E10", "a", "10"]
    with sqlite3.connect(":memory:") as db:
        rows = db.execute(
            "SELECT value FROM json_each(?) ORDER BY value", [str([key(t) for t in texts]).replace("'", '"')]
        )
        assert [row[0] for row in rows] == sorted(key(text) for text in texts)
    db.close()


def test_who_is_affected() -> None:
    low, high = key("1.2"), key("1.10")
    assert [affected(key(version), low, high) for version in ("1.1", "1.2", "1.9", "1.10", "2")] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert affected(None, low, high), "nobody knows, so it may be"
    assert affected(key("99"), "", ""), "a release without a version is about every unit"
    assert affected(key("0.1"), "", high)

"""The code on a label: what a slip of the eye or of the finger makes of it is never another code."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.errors import Invalid
from registry.labels.codes import (
    ALPHABET,
    LENGTH,
    PRIME,
    RANDOM,
    WEIGHTS,
    address,
    check_of,
    grouped,
    is_like_ours,
    is_sound,
    new_code,
    read,
)

SIZE = len(ALPHABET)
CODES = st.builds(lambda _n: new_code(), st.integers())


def test_the_alphabet_has_no_two_letters_that_look_alike() -> None:
    assert SIZE == 30 == len(set(ALPHABET)) and not set("0O1ILU") & set(ALPHABET)
    assert ALPHABET.isupper() and ALPHABET.isalnum() and ALPHABET.isascii()


# The sum of a code is linear: what a slip adds to it depends on the places and characters of the slip alone. So these
# walk every slip there is, not samples.


def test_every_single_wrong_character_is_found() -> None:
    slips = [(new - old) * weight % PRIME for weight in WEIGHTS for old, new in permutations(range(SIZE), 2)]
    assert len(slips) == LENGTH * SIZE * (SIZE - 1) and 0 not in slips


def test_every_swap_of_two_characters_is_found_however_far_apart() -> None:
    slips = [
        (a - b) * (later - first) % PRIME
        for first, later in combinations(WEIGHTS, 2)
        for a, b in permutations(range(SIZE), 2)
    ]
    assert len(slips) == 78 * SIZE * (SIZE - 1) and 0 not in slips


@pytest.mark.parametrize("apart", [1, 2], ids=["AA for BB", "ABA for CBC"])
def test_every_pair_taken_for_another_pair_is_found(apart: int) -> None:
    pairs = zip(WEIGHTS, WEIGHTS[apart:], strict=False)
    assert all((a - b) * (one + two) % PRIME for one, two in pairs for a, b in permutations(range(SIZE), 2))


@given(CODES, st.data())
def test_a_code_with_a_slip_is_no_code(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, LENGTH - 1))
    wrong = data.draw(st.sampled_from(ALPHABET.replace(code[place], "")))
    assert is_sound(code) and not is_sound(code[:place] + wrong + code[place + 1 :])
    left = data.draw(st.integers(0, LENGTH - 2))
    swapped = code[:left] + code[left + 1] + code[left] + code[left + 2 :]
    assert swapped == code or not is_sound(swapped)


@given(st.text(ALPHABET, min_size=RANDOM, max_size=RANDOM))
def test_a_body_has_one_check_character_or_none(body: str) -> None:
    fitting = [char for char in ALPHABET if is_sound(body + char)]
    assert fitting == [check_of(body)] or (fitting == [] and check_of(body) is None)


def test_codes_are_random_and_use_every_character() -> None:
    made = [new_code() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert all(set(ALPHABET) == {code[place] for code in made} for place in range(LENGTH))


@given(CODES, st.sampled_from(["", "https://assets.example.com/L/", "HTTP://127.0.0.1:8000/l/"]), st.booleans())
def test_a_code_is_read_however_it_is_written(code: str, before: str, lower: bool) -> None:
    written = before + (grouped(code).lower() if lower else code)
    assert read(f" {written} ") == code and is_like_ours(written)


@pytest.mark.parametrize(
    "text",
    ["", "SN-1", "X" * 5000, "https://x.example/L/", "https://x.example/x/L/SN", "L/23456789ABCDE", "javascript:/L/2",
     "//evil.example/L/2222222222222x", "2222222222222\u0660", "\u0662" * 13],
)  # fmt: skip
def test_what_is_no_code_is_none(text: str) -> None:
    assert read(text) is None


def test_an_address_stays_in_capitals_and_in_what_qr_codes_write_shortest() -> None:
    assert address("https://assets.example.com", "2222222222222") == "HTTPS://ASSETS.EXAMPLE.COM/L/2222222222222"
    for base in ("https://a_b.example", "http://[::1]:8000", "https://é.example"):
        with pytest.raises(Invalid) as refused:
            address(base, "2222222222222")
        assert "ASSETCARE_PUBLIC_URL" in refused.value.errors["address"][0]

"""Passwords that are refused: what everybody tries first, and what one can guess from a visiting card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from registry.kernel.errors import Invalid
from registry.people import passwords
from registry.people.passwords import MOST_COMMON, common, hash_password
from registry.people.service import set_password
from tests.houses import House
from tests.people.browser import Browser

CARD = ("alice.smith@acme.example", "Alice Smith", "acme", "Acme Rail Ltd")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is refused before the slow part."""
    monkeypatch.setattr(passwords, "_hasher", type("Quick", (), {"hash": lambda self, text: "hashed"})())


def refused(password: str, context: tuple[str, ...] = CARD) -> bool:
    try:
        return hash_password(password, context=context) != "hashed"
    except Invalid as problem:
        assert list(problem.errors) == ["password"] and problem.errors["password"][0].endswith(".")
        return True


def test_all_of_the_ten_thousand_are_refused() -> None:
    assert len(common()) == MOST_COMMON == 10_000
    assert all(refused(word) for word in FREQUENCY_LISTS["passwords"][:MOST_COMMON])


@pytest.mark.parametrize(
    "password",
    ["Password1", "PASSWORD123!", "qwertyuiop", "Sunshine2026!", "!!dragon!!", "1q2w3e4r5t", "trustno1", "iloveyou!",
     "aaaaaaaaaaaaaaaa", "abababababab", "alice.smith@acme.example", "AliceSmith1", "alice-acme-2026", "Smith!Acme!1",
     "ACMErail2026", "acme rail ltd", "assetcare2026", "Assetcare-Acme", "12 acme 34 rail", "Alice@1234567"],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert refused(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "alice likes purple trains", "a quiet lighthouse", "x7#kQ9!bZ", "пароль с пробелами",
     "密碼密碼很長很長的", "acme-gravel-moon", "dragon93820475", "🙂🙃😉😊😇🥲😍🤩", " leading and trailing "],
)  # fmt: skip
def test_no_rules_of_composition(password: str) -> None:
    assert not refused(password)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300), st.lists(st.text(max_size=20), max_size=4)
)
def test_any_text_is_refused_or_hashed_whatever_the_names(password: str, context: list[str]) -> None:
    assert refused(password, tuple(context)) in (True, False)


@given(st.sampled_from(("alice", "smith", "acme", "rail")), st.text("0123456789!?-_. ", min_size=4, max_size=12))
def test_a_name_with_digits_and_signs_is_refused(name: str, rest: str) -> None:
    assert refused(name + rest) and refused(rest + name.upper())


def test_length_is_bounded_in_characters_and_bytes() -> None:
    assert refused("x7#kQ9!") and not refused("x7#kQ9!b")
    assert not refused("ab c" * 256) and refused("ab c" * 256 + "d")
    assert refused("€uro" * 171), "in bytes"


def test_companies_are_known_where_a_password_is_set(alice: Browser, house: House) -> None:
    with pytest.raises(Invalid):
        set_password(house.system, alice.user.id, "Acme-Rail-2026")
    assert set_password(house.system, alice.user.id, "Globex-Rail-2026")
    manager = house.person("chief@acme.example", "manager", "acme")
    body = {"email": "new@acme.example", "role": "reader", "customer": "acme"}
    answer = manager.post("/api/v1/users", {**body, "password": "acme-rail-acme"})
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["password"]

"""The texts of mails: in every language, sound, and the operator's own to change."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from registry.kernel import clock, phrases
from registry.kernel.locales import LANGUAGES
from registry.kernel.mail import Mail
from registry.kernel.mail_texts import KINDS, MailText, check, rendered, shipped, text_for
from registry.kernel.paths import resource_dir
from registry.notices.texts import examples
from registry.notices.words import WORDS
from tests.houses import House, People
from tests.ladder import API

PLAIN = {"subject": "Sent {now}", "body": "See {link} {{and}} so on.\n"}
TEXT = f"{API}/mail-texts/mail_test/en"


@pytest.fixture(autouse=True)
def _noon(house: House) -> Iterator[None]:
    with clock.frozen(datetime(2027, 3, 1, 12, 0, tzinfo=UTC)):
        yield


# --- What is shipped ---------------------------------------------------------------------------------------


def files(language: str) -> set[str]:
    return {path.stem for path in (resource_dir("mails") / language).glob("*.txt")}


def test_every_mail_has_a_text_in_every_language_and_no_text_is_left_over() -> None:
    assert {path.name for path in resource_dir("mails").iterdir()} == set(LANGUAGES)
    ours = {name for name, kind in KINDS.items() if kind.folder is None}
    assert {language: files(language) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, ours)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.rule("S0-01")
def test_the_texts_are_sound_and_say_the_same_things_in_each_language(language: str) -> None:
    for name, kind in KINDS.items():
        first, blank, *_ = kind.path(language).read_text("utf-8").splitlines()
        assert (first[:9], blank) == ("Subject: ", ""), f"{language}/{name}"
        text = shipped(name, language)
        check(name, text.subject, text.body)
        used = phrases.names_in(text.body) | phrases.names_in(text.subject)
        english = shipped(name, "en")
        assert used == phrases.names_in(english.body) | phrases.names_in(english.subject), f"{language}/{name}"
        assert used == set(kind.placeholders), f"{language}/{name} leaves out what it could say"


@pytest.mark.rule("S0-01")
def test_no_text_is_left_in_another_language() -> None:
    for name in KINDS:
        english, chinese = shipped(name, "en"), shipped(name, "zh-Hant")
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in "".join(english)), name
        for text in chinese:
            assert sum("\u4e00" <= sign <= "\u9fff" for sign in text) >= 2, name
    assert WORDS.keys() == LANGUAGES.keys()
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys()
        for word, text in words.items():
            assert phrases.names_in(text) == phrases.names_in(WORDS["en"][word]), (language, word)
            translated = word in ("calendar", "and") or text != WORDS["en"][word]
            assert language == "en" or translated, word


def test_every_text_can_be_said_with_its_examples() -> None:
    for name in KINDS:
        for language in LANGUAGES:
            said = rendered(text_for(name, language), language, examples(name), "UTC")
            assert not set("{}") & set("".join(said)), (name, language)


# --- The operator's own ------------------------------------------------------------------------------------


def test_the_operator_puts_his_own_words(people: People) -> None:
    admin = people.admin
    before = admin.get(TEXT).json
    assert (before["own"], before["version"], set(before["placeholders"])) == (False, 1, {"now", "link"})
    changed = admin.put(TEXT, PLAIN, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["own"], changed.headers["ETag"]) == (200, True, '"2"')
    assert admin.put(TEXT, PLAIN, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.put(TEXT, PLAIN).status_code == 428
    tried = admin.post(f"{TEXT}/try", {})
    assert tried.json == {
        "subject": "Sent 1 March 2027 09:30 (GMT+00:00)",
        "body": "See http://127.0.0.1:8000/ {and} so on.\n",
    }
    assert admin.get(f"{API}/mail-texts/mail_test/zh-Hant").json["own"] is False
    restored = admin.delete(TEXT, 2)
    assert (restored.json["body"], restored.json["own"], restored.json["version"]) == (before["body"], False, 3)
    entries = admin.get(f"{API}/audit?action=mail_text.changed").json["items"]
    assert len(entries) == 1


def test_all_texts_are_listed(people: People) -> None:
    items = people.admin.get(f"{API}/mail-texts").json["items"]
    assert {(item["name"], item["language"]) for item in items} == {(n, lang) for n in KINDS for lang in LANGUAGES}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": "See {link.x}"}, "body"),
        ({"body": "See {link} {nobody}"}, "body"),
        ({"body": "There is no address in this."}, "body"),
        ({"subject": "{nobody}"}, "subject"),
        ({"subject": "Two\nlines"}, "subject"),
        ({"subject": " "}, "subject"),
        ({"body": " \n"}, "body"),
        ({"body": "{link}" + "x" * 10_000}, "body"),
        ({"body": "{link}\x00"}, "body"),
    ],
)
def test_a_text_that_could_not_be_said_is_refused_where_it_is_wrong(
    people: People, change: dict[str, str], field: str
) -> None:
    for method, path in (("PUT", TEXT), ("POST", f"{TEXT}/try")):
        refused = people.admin.request(method, path, json={**PLAIN, **change}, headers={"If-Match": "*"})
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), method
    assert not MailText.select().where(MailText.body.is_null(False)).count()


def test_a_preview_is_mailed_to_oneself_alone(people: People) -> None:
    answer = people.admin.post(f"{TEXT}/try", {**PLAIN, "send": True})
    assert answer.status_code == 200
    assert [row.to for row in Mail.select()] == ["admin@operator.example"]
    assert people.admin.post(f"{TEXT}/try", {"subject": "x"}).status_code == 422


def test_the_texts_are_the_administrators_business(people: People) -> None:
    for person in (people.owner, people.engineer, people.account_manager):
        assert person.get(TEXT).status_code == 403
    assert people.admin.get(f"{API}/mail-texts/nothing/en").status_code == 404
    assert people.admin.get(f"{API}/mail-texts/mail_test/fr").status_code == 404


def test_a_stored_text_that_is_no_longer_sound_gives_way_to_the_shipped_one(people: People) -> None:
    """A newer version may know other placeholders."""
    MailText.create(name="mail_test", language="en", subject="x", body="{gone} {link}")
    assert text_for("mail_test", "en") == shipped("mail_test", "en")


def test_what_has_no_text_in_a_language_is_said_in_english() -> None:
    assert shipped("mail_test", "xx") == shipped("mail_test", "en")

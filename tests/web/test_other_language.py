"""Pages in Traditional Chinese: no English sentence is left on them, and nothing is said that has no translation."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import url_for

from registry.kernel import language
from registry.kernel.writing import ANY_VERSION
from registry.people.service import change_user
from tests.houses import House, Person
from tests.web.world import World

SHOWN = {"title", "aria-label", "placeholder", "alt"}
SENTENCE = re.compile(r"[A-Za-z][a-z’']+ (?:[a-z’']+[ .,;:!?]){1,}|[A-Z][a-z]+ [a-z]{2,}")
DATA = re.compile(  # what the world holds, and names that the operator gives
    r"T-1 core|Main hall|(?:PN-)?Core switch|Acme|Globex|Ilze Ozola|(?:PN-)?Product of|SN-\w+-\w+"
    r"|Optical module|In use|Spare power supply in the cabinet"
    r"|8 hours on working days|Dear customers|Thank you for your interest in our products and services"
    r"|[\w.]+@\w+\.example"
)


class Texts(HTMLParser):
    """What people read or hear on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in QUIET or dict(attrs).get("lang") == "en"
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in QUIET

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.quiet:
            self.found.append(data.strip())


SAME = {"API", "QR code", "RMA", "SendBig", "SHA-256", "Webhook", "Webhooks"}  # in both languages
# Forms that both languages share, names of languages, and what the shipped service policies say to customers.
AS_WRITTEN = {
    "%(name)s %(value)s", "%(thing)s %(number)s", "English", "8 hours on working days", "Dear customers",
    "Thank you for your interest in our products and services.",
}  # fmt: skip
# Not for people, and what the operator has written himself.
ELSEWHERE = ("/api/", "/static/", "/metrics")
QUIET = {"code", "pre", "script", "kbd"}


def english(page: str) -> Iterator[str]:
    """Sentences on a page that are not Chinese."""
    texts = Texts()
    texts.feed(page)
    for text in texts.found:
        other_names = re.fullmatch("[^A-Z]+, [^A-Z]+", text)  # under which an import knows a column
        if SENTENCE.search(DATA.sub("", text)) and not other_names and not re.search("[\u4e00-\u9fff]", text):
            yield text


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every text that is said and that the catalogue does not know."""
    told: set[str] = set()
    catalogue = language.catalogue("zh-Hant")

    class Listening:
        def gettext(self, message: str) -> str:
            found = catalogue.gettext(message)
            if found == message and re.search("[A-Za-z]{2}", message) and message not in SAME:
                told.add(message)
            return found

        ngettext = catalogue.ngettext

    monkeypatch.setattr(language, "catalogue", lambda _tag: Listening())
    return told


def switch(person: Person, house: House) -> None:
    change_user(house.system, person.user.id, {"language": "zh-Hant"}, ANY_VERSION)


def addresses(world: World) -> list[str]:
    """Every page that needs no more than the customer and the asset."""
    known = {"slug": "acme", "asset_id": world.asset, "kind": "assets", "part": "edit"}
    rules = [rule for rule in world.house.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = [rule for rule in rules if not rule.rule.startswith(ELSEWHERE)]
    with world.house.app.test_request_context():
        return [url_for(page.endpoint, **{name: known[name] for name in page.arguments})
                for page in pages if page.arguments <= known.keys()]  # fmt: skip


@pytest.mark.parametrize("who", ["admin", "owner"])
def test_no_page_is_half_english(world: World, untranslated: set[str], who: str) -> None:
    person: Person = getattr(world.people, who)
    switch(person, world.house)
    left = {}
    others = ["/find?q=SN", "/find?q=zzz", "/scan?q=zzz", "/nowhere"]
    for address in [*world.pages, *world.more_pages, *addresses(world), *others]:
        answer = person.get(address, headers={"Accept-Language": "zh-TW"})
        if answer.mimetype == "text/html" and b"<html" in answer.data and not answer.location:
            assert '<html lang="zh-Hant">' in answer.text, address
            if found := list(english(answer.text)):
                left[address] = found
    assert not left
    assert sorted(untranslated - AS_WRITTEN) == []


def test_an_answer_of_the_api_speaks_the_caller_s_language(world: World) -> None:
    switch(world.people.owner, world.house)
    answer = world.people.owner.post("/api/v1/assets", {"customer": "acme", "product": 999, "serial": 5, "odd": 1})
    assert answer.json["code"] == "invalid" and answer.json["message"] == "部分欄位無法接受；請參閱 errors。"
    assert answer.json["errors"]["serial"] == ["請填文字。"] and answer.json["errors"]["odd"] == [
        "這裡無法識別此欄位；請移除或檢查拼寫。"
    ]
    assert world.people.owner.get("/api/v1/assets/999999").json["message"] == "這裡沒有此項目。"
    english_one = world.people.colleague.get("/api/v1/assets/999999")
    assert english_one.json["message"] == "There is no such thing here."


def test_what_is_owed_is_told_in_the_reader_s_language(world: World) -> None:
    switch(world.people.owner, world.house)
    address = f"/api/v1/assets/{world.asset}/coverage"
    told = world.people.owner.get(address).json
    assert all(re.search("[\u4e00-\u9fff]", reason["text"]) for reason in told["reasons"]), told

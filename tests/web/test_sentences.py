"""What people read of the demo, in both languages: no day, code or value as a machine writes it."""

import re
from collections.abc import Iterator
from datetime import date
from string import Formatter

import pytest

from registry import demo
from registry.assets.models import Asset
from registry.contracts.models import Contract
from registry.customers.models import Customer
from registry.kernel import language
from registry.kernel.access import visible
from registry.kernel.language import _, ngettext
from registry.kernel.locales import LANGUAGES
from registry.kernel.writing import ANY_VERSION
from registry.licences.models import Licence
from registry.people.models import User
from registry.people.service import change_user, users
from registry.warranty.models import Warranty
from registry.warranty.notes import TEXTS, note
from registry.warranty.periods import Period
from tests.houses import House, Person
from tests.web.test_other_language import Texts

DAY = date(2027, 3, 1)
PARTS = {"contracts": ("", "/duties", "/lines"), "assets": ("", "/history")}
# Numbers drawn by lot: any letters and digits may stand in them, so they're taken out before the page is read.
DRAWN = re.compile(r"\b(?:\d{4}-\d{2}-\d{2}-[0-9A-Z]{4}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5})\b")
ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# As Python, JSON or a column writes it. Names of time zones and addresses are what people know.
OF_A_MACHINE = re.compile(
    r"[{}\[\]<>]|\b(?:None|True|False|null)\b|\b[a-z]+_[a-z_]+\b|\bP\d+[YMWD]\b|\b[0-9a-f]{32,}\b"
    r"|\b(?:asset|licence|product|site|contact|contract|duty|user|warranty|terms) \d+\b|\b#\d+\b|[+]00:00"
)


def texts(page: str) -> Iterator[str]:
    found = Texts()
    found.feed(page)
    yield from found.found


def undrawn(page: str) -> Iterator[str]:
    return (DRAWN.sub("", text) for text in texts(page))


def reader(house: House, tag: str) -> Person:
    user = users(house.system).where(User.email == "dana.whitlock@northgate.example").get()
    change_user(house.system, user.id, {"language": tag}, ANY_VERSION)
    return Person(house, user)


def filled(house: House) -> None:
    demo.fill(house.settings)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("code", TEXTS)
def test_no_sentence_of_a_decision_holds_a_day_of_a_machine(tag: str, code: str) -> None:
    names = [name for _text, name, _spec, _how in Formatter().parse(TEXTS[code]) if name]
    with language.speaking(tag):
        said = note(code, **{name: DAY if name in ("on", "until") else "x" for name in names}).text
    assert not ISO_DAY.search(said)
    assert ("on" in names or "until" in names) == bool(re.search(r"1 Mar 2027|2027年3月1日", said))


def test_a_sentence_writes_days_periods_and_numbers_as_its_readers_do() -> None:
    for tag, day, period, count in (
        ("en", "1 Mar 2027", "1 year and 6 months", "12,345 assets"),
        ("zh-Hant", "2027年3月1日", "1 年 6 個月", "12,345 項資產"),
    ):
        with language.speaking(tag):
            assert _("x %(day)s", day=DAY) == f"x {day}"
            assert _("x %(by)s", by=Period(years=1, months=6)) == f"x {period}"
            assert ngettext("%(num)s asset", "%(num)s assets", 12_345) == count
            assert _("x %(year)s", year=9999) == "x 9999", "a number by itself may be a name"


@pytest.mark.slow
@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_history_of_the_demo_reads_like_a_machine(house: House, tag: str) -> None:
    house.furnished(filled)
    person, read = reader(house, tag), 0
    for address in ("/history", *(f"/c/{customer.slug}/history" for customer in visible(Customer, house.system))):
        while address:
            page = person.get(address).text
            entries = page.split('class="lines entries">')[1].split("</section>")[0]
            for text in undrawn(entries):
                read += 1
                assert not ISO_DAY.search(text) and not OF_A_MACHINE.search(text), (address, text)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            address = following[1].replace("&amp;", "&") if following else ""
    assert read > 1000


@pytest.mark.slow
@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_page_of_a_thing_of_the_demo_shows_a_day_of_a_machine(house: House, tag: str) -> None:
    house.furnished(filled)
    person = reader(house, tag)
    system = house.system
    slugs = {customer.id: customer.slug for customer in visible(Customer, system)}
    voided = Warranty.void_on.is_null(False) | Warranty.closed_on.is_null(False)
    chosen = [("assets", row) for row in visible(Asset, system).where(Asset.id % 20 == 1)]
    replaced = visible(Warranty, system, Warranty.asset).where(voided)
    chosen += [("assets", row) for row in visible(Asset, system).where(Asset.id.in_(replaced))]
    chosen += [("warranties", row) for row in visible(Warranty, system).where((Warranty.id % 20 == 1) | voided)]
    chosen += [("contracts", row) for row in visible(Contract, system)]
    chosen += [("licences", row) for row in visible(Licence, system)]
    for kind, row in chosen:
        address = f"/c/{slugs[row.customer_id]}/{kind}/{row.id}"
        for part in PARTS.get(kind, ("",)):
            answer = person.get(address + part)
            assert answer.status_code == 200 and f'<html lang="{tag}">' in answer.text, address + part
            for text in undrawn(answer.text):
                assert not ISO_DAY.search(text), (address + part, text)

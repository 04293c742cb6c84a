"""The first pages: every number is as long as the list that it leads to, nobody counts another's, and the number of
statements stays what it is."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from registry.actions import Action
from registry.contracts.duties import add_duty, record_done
from registry.contracts.overdue import overdue_duties
from registry.contracts.service import create_contract
from registry.customers.service import customer_by
from registry.kernel import audit, clock, db, remembered
from registry.kernel.access import Actor
from registry.licences.assignments import assign
from registry.licences.service import create_licence
from registry.people.tokens import create_token
from registry.warranty.service import start_warranty, void_warranty
from tests.houses import House, Person
from tests.web.test_list_pages import _statements
from tests.web.test_page_html import _check
from tests.web.world import World, build

TODAY = clock.today()


class Varied:
    """acme and globex have a bit of everything; acme has more."""

    def __init__(self, house: House) -> None:
        self.house, self.system, self.people = house, house.system, house.people()
        self.switch, self.optic = house.product("Switch").id, house.product("Optic", "optic").id
        self.editor = house.product("Editor", "software").id
        for slug, size in (("acme", 9), ("globex", 4)):
            self._units(slug, size)
            self._licences(slug, size)
            self._contract(slug)

    def _units(self, slug: str, size: int) -> None:
        for number in range(size):
            product = self.optic if number % 3 == 2 else self.switch
            asset = self.house.asset(slug, f"{slug}-{number}", product=product)
            if number % 4 == 3:
                continue  # without warranty
            given = {"starts_on": TODAY - timedelta(days=58 * number)} if number != 4 else {"starts_on": None}
            terms = "optical-module" if number % 3 == 2 else "hardware"
            made = start_warranty(self.system, {"asset": asset.id, "terms": terms, **given})
            if number == 1:
                void_warranty(self.system, made.id, on=TODAY, reason="opened", version=0)
        twin = self.house.product(f"Twin of {slug}").id
        self.house.asset(slug, f"{slug}-0", product=twin)

    def _licences(self, slug: str, size: int) -> None:
        for number in range(3):
            values = {"customer": slug, "product": self.editor, "name": f"L{number}", "metric": "device", "quantity": 1}
            licence = create_licence(self.system, values)
            if number == 0:
                for unit in range(2):
                    assign(self.system, licence.id, {"asset": f"{slug}-{unit + 1}", "assigned_on": TODAY})

    def _contract(self, slug: str) -> None:
        soon = TODAY + timedelta(days=40)
        agreed = {"customer": slug, "number": f"{slug}-C", "title": "Care", "starts_on": TODAY - timedelta(days=300)}
        contract = create_contract(self.system, {**agreed, "ends_on": soon})
        create_contract(self.system, {**agreed, "number": f"{slug}-D", "ends_on": TODAY + timedelta(days=200)})
        for title, due in (("late", -20), ("done", -10), ("later", 20)):
            duty = add_duty(self.system, contract.id, {"kind": "report", "title": title,
                                                       "due_on": TODAY + timedelta(days=due)})  # fmt: skip
            if title == "done":
                record_done(self.system, contract.id, duty.id, {"done_on": TODAY - timedelta(days=12)})


@pytest.fixture
def varied(any_house: House) -> Varied:
    return Varied(any_house)


def _links(text: str) -> list[tuple[str, int]]:
    """(address, number) of every number in a table, tile or line that leads to a list."""
    found = re.findall(r'<a href="([^"]+\?[^"]+)">(?:<strong>)?(\d+)', text)
    return [(unescape(address), int(number)) for address, number in found]


def _listed(person: Person, address: str) -> int:
    """How many rows the API lists for the same question."""
    parts = urlsplit(address)
    names = parts.path.strip("/").split("/")
    mine = f"&customer={names[1]}" if names[0] == "c" else ""
    kind = "customers" if names == [""] else names[-1]
    answer = person.get(f"/api/v1/{kind}?{parts.query}{mine}&limit=500")
    assert answer.status_code == 200, answer.text
    return len(answer.json["items"])


def test_every_number_is_as_long_as_the_list_behind_it(varied: Varied) -> None:
    people = varied.people
    asked = [(people.owner, "/c/acme", 20), (people.stranger, "/c/globex", 9), (people.admin, "/c/acme", 20)]
    for person, page, least in [*asked, (people.admin, "/dashboard", 14)]:
        answer = person.get(page)
        assert answer.status_code == 200
        links = _links(answer.text)
        assert len(links) >= least, (page, links)
        for address, number in links:
            assert _listed(person, address) == number, (page, address)
        asked_for = {name for address, _number in links for name in re.findall(r"[?&](\w+)=", address)}
        assert asked_for >= ({"covered", "ends_in"} if page != "/dashboard" else {"covered_until_from", "same_serial"})
    assert re.search(r"covered_until_before=[^>]+>\s*<strong>[1-9]", people.admin.get("/dashboard").text)


@pytest.mark.parametrize("page", ["/c/acme", "/dashboard"])
def test_the_figure_above_a_bar_is_the_sum_of_its_parts(varied: Varied, page: str) -> None:
    text = varied.people.admin.get(page).text
    plot = re.findall(r'<svg class="plot plot-columns".*?</svg>', text, re.DOTALL)[0]
    bar = r'aria-label="([^"]*)"><rect class="reach".*?class="count"[^>]*>(\d+)</text></a>(.*?)<text class="t'
    bars = re.findall(bar, plot, re.DOTALL)
    assert bars
    table = text[text.index('class="table numbers"', text.index('class="plot plot-columns"')) :]
    for label, above, parts in bars:
        assert int(above) == sum(int(number) for number in re.findall(r": (\d+)(?: assets?)?</title>", parts)), label
        row = table[table.index(f'<th scope="row">{label.split(":")[0]}<') :]
        numbers = [int(number) for number in re.findall(r"<td>(?:<a [^>]*>)?(\d+)", row[: row.index("</tr>")])]
        if page == "/dashboard":
            assert numbers[-1] == int(above)
        else:
            assert sum(numbers[:-2]) == numbers[-2] == int(above) and label.endswith(f"Assets: {numbers[-1]}")
    if page != "/dashboard":
        assert any(int(above) != int(label.rpartition(" ")[2]) for label, above, _parts in bars), "nothing overlaps"


def test_what_needs_attention_comes_first_and_leads_to_it(varied: Varied) -> None:
    text = varied.people.owner.get("/c/acme").text
    lines = [line.strip() for line in re.findall(r'todo-(?:bad|warn|plain)">.*?<a[^>]*>([^<]+)<', text, re.DOTALL)]
    assert lines[:3] == ["1 duty of a contract is overdue", "1 licence is used beyond its number",
                         "1 asset has lost its warranty"]  # fmt: skip
    assert "1 contract ends within 90 days" in lines
    assert "2 assets share their serial number with another" in lines
    assert "2 licences are used by nobody" in lines
    assert "1 warranty waits for the date it starts on" in lines
    assert "Nobody is account manager" in text and "Choose somebody" not in text  # that is the operator's
    assert 'href="/c/acme/edit"' in varied.people.admin.get("/c/acme").text


def test_a_licence_that_ends_soon_needs_attention(varied: Varied) -> None:
    """By its own term, and by its cover; each number is that of the list behind it."""
    own = {"customer": "acme", "product": varied.editor, "metric": "device", "quantity": 1}
    for name, days in (("over", -1), ("soon", 40), ("later", 200)):
        create_licence(varied.system, {**own, "name": name, "ends_on": TODAY + timedelta(days=days)})
    covered = create_licence(varied.system, {**own, "name": "covered"})
    start = TODAY - timedelta(days=330)
    start_warranty(varied.system, {"licence": covered.id, "terms": "software", "starts_on": start})
    owner = varied.people.owner
    text = owner.get("/c/acme").text
    for line in ("1 licence ends within 90 days", "1 licence is covered for less than 90 more days"):
        address = unescape(re.findall(rf'<a href="([^"]+)">{line}<', text)[0])
        assert _listed(owner, address) == 1, line
    assert ">Ends soon</span>" in owner.get("/c/acme/warranties").text, "on both engines"


def test_duties_are_overdue_by_the_day_of_each_customer(varied: Varied) -> None:
    found = overdue_duties(varied.system, lambda _customer: TODAY)
    assert [(one.title, one.contract, one.missing) for one in found] == [("late", "acme-C", 1), ("late", "globex-C", 1)]
    acme = customer_by(varied.system, "acme").id
    only = overdue_duties(Actor.system(acme), lambda _customer: TODAY, acme)
    assert [one.contract for one in only] == ["acme-C"]
    assert overdue_duties(varied.system, lambda _customer: TODAY - timedelta(days=21)) == []
    assert overdue_duties(varied.system, lambda _customer: TODAY + timedelta(days=41)) == []  # the contract is over


def test_what_is_written_is_counted_at_once(varied: Varied) -> None:
    def bare() -> dict[str, int]:
        return {address: number for address, number in _links(varied.people.owner.get("/c/acme").text)}

    key = "/c/acme/assets?kind=hardware&covered=none"
    before = bare()[key]
    varied.house.asset("globex", "more", product=varied.switch)
    assert bare()[key] == before
    varied.house.asset("acme", "more", product=varied.switch)
    assert bare()[key] == before + 1


def test_the_house_is_the_operators(varied: Varied) -> None:
    people = varied.people
    for person in (people.owner, people.reader, people.stranger):
        assert person.get("/dashboard").status_code == 403
    assert "How it runs" in people.admin.get("/dashboard").text
    assert "How it runs" not in people.engineer.get("/dashboard").text
    text = people.auditor.get("/dashboard").text
    assert text.index(">Acme<") < text.index(">Globex<") and "No account manager" in text


def test_pages_are_sound_and_small(world: World) -> None:
    _check(world.people.admin.get("/dashboard").text)
    with clock.frozen(datetime(2026, 7, 1, tzinfo=UTC)):  # something ends within a year
        answer = world.people.owner.get("/c/acme")
    page = _check(answer.text)
    assert len(answer.data) < 60_000
    shown = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "group"]
    assert shown and all(attrs["aria-label"] for attrs in shown)
    assert len(re.findall(r"<details[^>]*plot-table", answer.text)) == 2


def test_a_customer_without_anything_is_told_how_to_begin(house: House) -> None:
    people = house.people()
    text = people.owner.get("/c/acme").text
    assert 'href="/c/acme/assets/new"' in text and 'href="/c/acme/sites/new"' in text
    assert "assetcare " not in text and "POST /" not in text
    told = people.reader.get("/c/acme").text
    assert "/assets/new" not in told and "as soon as somebody has registered them" in told


def test_who_may_see_little_sees_little(world: World) -> None:
    _, token = create_token(Actor.system(), world.people.owner.user, name="few", scope=["customer.view"], days=1)
    text = world.house.client.get("/c/acme", headers={"Authorization": f"Bearer {token}"}).text
    assert "Main hall" in text
    for hidden in ("SN-77-ACME", "What is covered", "plot", "Latest changes", "Contracts in force", "warranty"):
        assert hidden not in text, hidden


@pytest.mark.parametrize("page", ["/dashboard", "/c/acme"])
def test_the_number_of_statements_does_not_grow(house: House, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build(house)
    world.people.owner = world.people.admin  # _statements asks as the owner
    world.people.owner.get(page)
    remembered.forget()
    few = _statements(world, page, monkeypatch)
    for number in range(6):
        house.customer(f"more-{number}")
        unit = house.asset(serial=f"M-{number}", product=house.product(f"P-{number}").id)
        start_warranty(house.system, {"asset": unit.id, "terms": "hardware", "starts_on": date(2026, 1, 1)})
    remembered.forget()
    assert _statements(world, page, monkeypatch) <= few  # fewer kinds of things may be among the latest changes
    assert _statements(world, page, monkeypatch) < few  # the second look finds what the first counted


@pytest.mark.postgres
def test_what_was_begun_earlier_and_stored_later_is_counted_in_the_house(postgres_house: House) -> None:
    """On one customer's chain an entry waits, on another's a newer one is stored before it."""
    slow, quick = postgres_house.customer("slow"), postgres_house.customer("quick")
    begun, go_on, counted = threading.Event(), threading.Event(), []

    def write(customer_id: int) -> None:
        entry = audit.Entry(Action.EXPORTED, "asset", None, "x")
        audit.record(postgres_house.system, customer_id, [entry])

    def write_slowly() -> None:
        with db.connection(), db.transaction():
            write(slow.id)
            begun.set()
            go_on.wait(120)

    def count() -> None:
        remembered.of_house("test", lambda: counted.append(1))

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert begun.wait(120)
    with db.transaction():
        write(quick.id)
    count()
    go_on.set()
    thread.join()
    count()
    count()
    assert len(counted) == 2

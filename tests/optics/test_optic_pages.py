"""Pages about modules: the list by conclusion, one module with its limits and trends, its memory, the forms."""

import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from registry.kernel.access import Actor, visible
from registry.optics.models import Optic, OpticImage, OpticProof
from registry.web.words.codes import WORDS
from tests.houses import House, Person
from tests.optics.optic_world import DEAF, NOW, WORN, at_now, bring, item
from tests.source import ROOT
from tests.web.forms import fill, statements
from tests.web.promises import errors_of

PATH = "/c/acme/optics"


@pytest.fixture
def owner(house: House, monkeypatch: pytest.MonkeyPatch) -> Person:
    at_now(monkeypatch)
    return house.people().owner


def found(serial: str = "S1") -> Optic:
    row: Optic = every(Optic).where(Optic.serial == serial).get()
    return row


def every(model: Any) -> Any:
    return visible(model, Actor.system())


def worn(house: House, serial: str = "S1", lanes: int = 1, **more: Any) -> Optic:
    bring(house, *[item(hours, serial=serial, lanes=lanes, **WORN, **more) for hours in (0, 13, 26)])
    return found(serial)


# --- The list ----------------------------------------------------------------------------------------------------


def test_the_list_counts_by_conclusion_and_filters(house: House, owner: Person) -> None:
    worn(house)
    bring(house, item(serial="S2", port="Et2"), item(serial="S3", port="Et3", **DEAF))
    page = owner.get(PATH).text
    counts = dict(re.findall(r'href="/c/acme/optics\?verdict=(\w+)">[^<]*<strong>(\d+)<', page))
    assert counts == {"worn_laser": "1", "link_or_far_end": "1", "within_spec": "1"}
    assert "All <strong>3</strong>" in page and "Can be claimed <strong>1</strong>" in page
    some = owner.get(f"{PATH}?verdict=within_spec").text
    assert ">S2<" in some and ">S1<" not in some and 'aria-current="true">Within its limits' in some
    assert ">S1<" in (claimable := owner.get(f"{PATH}?claimable=true").text) and ">S2<" not in claimable
    for text, there in (("S3", True), ("sw1", True), ("AO-10G-LR", True), ("nowhere", False)):
        assert (">S3<" in owner.get(f"{PATH}?q={text}").text) == there, text
    assert owner.get(f"{PATH}?sort=-last_at").status_code == 200
    bring(house, item(serial="G1"), customer="globex")
    assert "All <strong>3</strong>" in house.people().admin.get(PATH).text, "the customer's alone"
    csv = owner.get("/c/acme/lists/optics.csv").text
    assert "worn_laser" in csv and "S2" in csv


def test_both_engines_find_count_and_draw(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    at_now(monkeypatch)
    owner = any_house.people().owner
    worn(any_house)
    bring(any_house, item(serial="SERIAL-2", port="Et2"))
    for text, there in (("erial", True), ("sw1", True), ("10G-LR", True), ("S1", False), ("S%2", False)):
        assert (">SERIAL-2<" in owner.get(f"{PATH}?q={text}").text) == there, text
    page = owner.get(PATH).text
    assert "All <strong>2</strong>" in page and "Can be claimed <strong>1</strong>" in page
    assert owner.get(f"{PATH}?sort=last_at&limit=1").status_code == 200
    assert "trend-line" in owner.get(f"{PATH}/{found().id}?lane=1&span=year").text


def test_the_list_asks_no_more_for_more_modules(house: House, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(house, item())
    owner.get(PATH)
    with statements(monkeypatch) as few:
        owner.get(PATH)
    bring(house, *[item(serial=f"M{number}", port=f"Et{number}", **DEAF) for number in range(2, 20)])
    with statements(monkeypatch) as many:
        assert owner.get(PATH).text.count('class="serial"') == 19
    assert len(many) == len(few) <= 12


def test_an_empty_list_leads_to_the_upload(house: House, owner: Person) -> None:
    page = owner.get(PATH).text
    assert "No modules yet." in page and page.count('href="/c/acme/optics/upload"') == 2
    assert '/optics/upload"' not in house.people().reader.get(PATH).text


# --- One module --------------------------------------------------------------------------------------------------


def test_a_module_says_what_follows_and_why(house: House, owner: Person) -> None:
    optic = worn(house, lanes=2)
    page = owner.get(f"{PATH}/{optic.id}").text
    assert "Worn laser" in page and "its own readings carry a claim" in page
    assert "the laser gives less light for more current" in page and "3 readings agree" in page
    assert "-13.00 dBm" in page and "Low alarm" in page and "at least -12.2" in page
    assert "Open an RMA case" in page and f"/x/rma/assets/{optic.asset_id}" in page.replace("claims", "assets")
    assert "sw1" in page and "Et1" in page and "AO-10G-LR" in page and "1 Jun 2026" in page
    assert 'style="' not in page.replace("<style", "")


def test_a_module_without_a_claim_says_why_not(house: House, owner: Person) -> None:
    bring(house, item(**DEAF))
    page = owner.get(f"{PATH}/{found().id}").text
    assert "Link or far end" in page and "that carries no claim on this module" in page
    assert "Open an RMA case" not in page and "Report a fault" in page


def test_no_light_is_said_and_never_a_number(house: House, owner: Person) -> None:
    dark = item()
    dark["readings"]["lanes"][0]["rx_power_dbm"] = None
    dark["states"] = {"1.rx_power_dbm": "dark"}
    bring(house, dark)
    page = owner.get(f"{PATH}/{found().id}").text
    assert re.search(r"Receive power</span><span>\s*<strong class=\"said-bad\">No light</strong>", page)
    assert "trend-dark" in page and "-40" not in page


def test_a_page_of_the_largest_cable_is_small_and_asks_no_more(
    house: House, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(house, item(serial="small"))
    ends = [{**item(hours, serial="large", lanes=8, port=f"Et{end}"), "cable_end": end, "media": "active_optical"}
            for hours in range(0, 24 * 30, 9) for end in "12"]  # fmt: skip
    bring(house, *ends)
    small, large = f"{PATH}/{found('small').id}", f"{PATH}/{found('large').id}"
    owner.get(small), owner.get(large)
    with statements(monkeypatch) as few:
        owner.get(small)
    with statements(monkeypatch) as many:
        page = owner.get(f"{large}?span=year&lane=8&end=2")
    assert len(page.data) < 56_000, "an operator sees more ways than the customer's people do"
    assert "Newest reading, End 1" in page.text and "Newest reading, End 2" in page.text
    bring(house, *[{**one, "at": one["at"].replace("2026", "2025")} for one in ends])
    with statements(monkeypatch) as more:
        owner.get(f"{large}?span=all&lane=8&end=2")
    assert len(more) == len(many) and len(many) <= len(few) + 8, "one more for each end, not for each lane or reading"


@pytest.mark.parametrize("query", ["span=eon", "lane=0", "lane=x", "end=9", "span=day&end=1", "lane=7"])
def test_wrong_wishes_are_named_and_the_page_stands(house: House, owner: Person, query: str) -> None:
    bring(house, item())
    answer = owner.get(f"{PATH}/{found().id}?{query}")
    wrong = query in ("span=eon", "lane=0", "lane=x", "end=9")
    assert answer.status_code == (422 if wrong else 200) and "Newest reading" in answer.text
    assert ("alert-danger" in answer.text) == wrong


def test_a_module_whose_lanes_do_not_begin_with_one_is_drawn(house: House, owner: Person) -> None:
    odd = item(lanes=3)
    odd["readings"]["lanes"] = [{**lane, "tx_bias_ma": None} for lane in odd["readings"]["lanes"][1:]]
    bring(house, odd)
    page = owner.get(f"{PATH}/{found().id}?lane=3").text
    assert "Laser current</th>" not in page and 'aria-current="true">3</a>' in page, "what no lane reports is left out"
    assert page.count("trend-dots") == 4


def test_copper_has_no_charts(house: House, owner: Person) -> None:
    bring(house, {**item(dom=False), "media": "copper", "readings": {}, "thresholds": {}})
    page = owner.get(f"{PATH}/{found().id}").text
    assert "It measures nothing." in page and "Over time" not in page and "Not measured" in page


def test_every_finding_has_words() -> None:
    source = "".join(path.read_text() for path in (ROOT / "registry/optics").rglob("*.py"))
    codes = set(re.findall(r'findings(?:\.add|\.append)\("(\w+)"\)', source))
    codes |= set(re.findall(r'findings=\((?:\*module\.findings, )?"(\w+)"', source))
    codes |= {"identity_differs", "memory_changed", "flags_disagree", "thresholds_invalid", "laser_end_of_life"}
    assert len(codes) > 18 and codes <= WORDS["optic_finding"].keys(), codes - WORDS["optic_finding"].keys()


def test_times_are_those_of_the_customer(house: House, owner: Person) -> None:
    house.people().admin.patch("/api/v1/customers/acme", {"time_zone": "Asia/Taipei"})
    bring(house, item())
    page = owner.get(f"{PATH}/{found().id}").text
    assert "1 Jun 2026, 20:00" in page and "Asia/Taipei" in page
    made = fill(owner, f"{PATH}/{found().id}/proofs/new", kind="cleaned", at="2026-06-01T19:30")
    assert made.status_code == 303 and every(OpticProof).get().at == NOW - timedelta(minutes=30)


# --- Readings, memory --------------------------------------------------------------------------------------------


def test_readings_one_by_one_and_one_of_them_as_the_baseline(house: House, owner: Person) -> None:
    bring(house, *[item(hours, temperature_c=30 + hours / 10) for hours in range(30)])
    path = f"{PATH}/{found().id}/readings"
    first = owner.get(path).text
    assert "30.0" in first and "32.9" not in first
    following = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', first)
    assert following and "32.9" in owner.get(following[1].replace("&amp;", "&")).text
    sent = re.findall(r'name="at" value="([^"]*)"', first)[2]
    assert owner.post(f"{PATH}/{found().id}/baseline", data={"at": sent, "end": ""}).status_code == 303
    page = owner.get(f"{PATH}/{found().id}").text
    assert "was 30.2" in page and re.search(r'<circle cx="[0-9.]+%"', page)
    assert owner.get(f"{path}?cursor=x").status_code == 422
    assert "No readings here." in owner.get(f"{path}?end=2").text


def test_memory_is_shown_with_what_changed_and_saved_as_it_is(house: House, owner: Person) -> None:
    bring(house, item())
    optic = found()
    first, second = bytes(range(64)) * 2, bytes(range(63)) + b"\xff" + bytes(range(64))
    for number, data in enumerate((first, second)):
        OpticImage.create(customer_id=optic.customer_id, optic=optic.id, digest=str(number), size=len(data),
                          data=b64encode(data).decode(), first_at=NOW, at=NOW, source="api", name="<b>x</b>",
                          checksums=[["CC_BASE", 7, 7], ["CC_EXT", 1, 2 - number]],
                          findings=[] if number else ["memory_altered"])  # fmt: skip
    old, new = list(every(OpticImage).order_by(OpticImage.id))
    page = owner.get(f"{PATH}/{optic.id}").text
    assert page.count("memory.bin") == 2 and page.count("Checksum wrong") == 1 and page.count("Checksums right") == 1
    shown = owner.get(f"{PATH}/{optic.id}/images/{new.id}").text
    assert "<mark>ff</mark>" in shown and shown.count("<mark>") == 1 and "1 byte is another one" in shown
    assert "&lt;b&gt;x" in shown and "<mark>" not in owner.get(f"{PATH}/{optic.id}/images/{old.id}").text
    saved = owner.get(f"{PATH}/{optic.id}/images/{new.id}/memory.bin")
    assert saved.data == second and saved.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        saved.headers["Content-Disposition"].startswith("attachment") and "S1" in saved.headers["Content-Disposition"]
    )
    bring(house, item(serial="S2", port="Et2"))
    for rest in ("", "/memory.bin"):
        assert owner.get(f"{PATH}/{found('S2').id}/images/{new.id}{rest}").status_code == 404, "another module's"


# --- Forms -------------------------------------------------------------------------------------------------------


def test_a_swap_on_record_makes_a_claim_and_can_be_taken_back(house: House, owner: Person) -> None:
    bring(house, *[item(hours, **DEAF) for hours in (0, 13, 26)])
    optic = found()
    assert not optic.claimable
    form = f"{PATH}/{optic.id}/proofs/new"
    done = fill(owner, form, kind="swap", module_failed="true", note="Port is fine with S9")
    assert done.status_code == 303 and found().claimable
    page = owner.get(f"{PATH}/{optic.id}").text
    assert "Port is fine with S9" in page and "Points at the module" in page
    proof = every(OpticProof).get()
    remove = f"{PATH}/{optic.id}/proofs/{proof.id}/remove"
    assert owner.post(remove).status_code == 303 and not found().claimable
    assert owner.post(remove).status_code == 404, "taken back already"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "swap", "module_failed": ""}, "module_failed"),
        ({"kind": "swap", "module_failed": "maybe"}, "module_failed"),
        ({"kind": "rumour", "module_failed": "true"}, "kind"),
        ({"kind": "swap", "module_failed": "true", "at": "2026-06-02T12:00"}, "at"),
        ({"kind": "swap", "module_failed": "true", "at": "yesterday"}, "at"),
        ({"kind": "swap", "module_failed": "true", "at": "0001-01-01T00:00"}, "at"),
        ({"kind": "cleaned", "note": "x" * 2001}, "note"),
    ],
)
def test_a_wrong_test_is_told_beside_its_field(house: House, owner: Person, typed: dict[str, str], field: str) -> None:
    bring(house, item())
    answer = fill(owner, f"{PATH}/{found().id}/proofs/new", **typed)
    assert answer.status_code == 422 and list(errors_of(answer.text)) == [field]
    assert not every(OpticProof).count()
    if "note" not in typed and typed["kind"] == "swap":
        assert '<option value="swap" selected' in answer.text, "what was typed is kept"


def test_a_baseline_is_the_newest_reading_or_that_of_a_moment(house: House, owner: Person) -> None:
    bring(house, item(0), item(5, temperature_c=20.0))
    form = f"{PATH}/{found().id}/baseline"
    assert fill(owner, form).status_code == 303 and found().baseline[""]["at"] == NOW.timestamp()
    assert fill(owner, form, at="2026-06-01T07:00").status_code == 303
    assert found().baseline[""]["at"] == (NOW - timedelta(hours=5)).timestamp()
    wrong = fill(owner, form, at="2026-06-01T07:01")
    assert wrong.status_code == 422 and "no reading of that moment" in errors_of(wrong.text)["at"]
    assert fill(owner, form, at="soon").status_code == 422


def test_who_may_only_look_gets_no_forms_and_strangers_nothing(house: House, owner: Person) -> None:
    bring(house, item())
    path, people = f"{PATH}/{found().id}", house.people()
    page = people.reader.get(path).text
    assert "proofs/new" not in page and "/baseline" not in page
    for rest in ("/baseline", "/proofs/new"):
        assert people.reader.get(path + rest).status_code == people.reader.post(path + rest).status_code == 403
        assert people.stranger.get(path + rest).status_code == people.stranger.post(path + rest).status_code == 404
    for rest in ("", "/readings"):
        assert people.stranger.get(path + rest).status_code == 404
        assert people.stranger.get(path.replace("acme", "globex") + rest).status_code == 404
        assert people.admin.get(path.replace("acme", "globex") + rest).status_code == 404, "another customer's page"


def test_the_page_of_the_asset_shows_the_conclusion(house: House, owner: Person) -> None:
    optic = worn(house)
    page = owner.get(f"/c/acme/assets/{optic.asset_id}").text
    assert f'href="{PATH}/{optic.id}"' in page and "Worn laser" in page
    other = house.asset(serial="NO-OPTIC").id
    assert "/optics/" not in owner.get(f"/c/acme/assets/{other}").text


def test_each_of_sixteen_lanes_is_drawn(house: House, owner: Person) -> None:
    many = [item(hours, serial="L16", lanes=16) for hours in (30, 0)]
    optic_id = bring(house, *many)["items"][0]["id"]
    where = f"/c/acme/optics/{optic_id}"
    page = owner.get(f"{where}?lane=16").text
    assert page.count('<figure class="trend">') == 5 and len(page.encode()) < 60_000
    chosen = re.findall(r'lane=(\d+)[^"]*"( aria-current="true")?', page[page.index('aria-label="Lane"') :])
    assert ("16", ' aria-current="true"') in chosen and {number for number, _mark in chosen} >= set(
        map(str, range(17)[1:])
    )

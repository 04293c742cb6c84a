"""What leaves the printer is read back; what could not be read is refused, and why."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zplkit
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from registry.customers.service import get_customer
from registry.kernel.access import visible
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.paper import Unprintable
from registry.labels import drawing, own_sheets, pictures, printing, service, sheets, templates, zpl
from registry.labels.codes import address, grouped, new_code
from registry.labels.layout import FINEST, QUIET, SMALLEST_TEXT, SMALLEST_WHOLE, Said, lay_out, matrix_of
from registry.labels.models import LabelCode
from registry.labels.printing import Printer, Wish
from registry.labels.templates import FULL, Subject
from tests.houses import House
from tests.labels.printed import codes_on, pages, picture, texts

ROOT = Path(__file__).resolve().parents[2]
THOUSAND = Path(__file__).with_name("thousand.py")
BASE = "https://assets.example.com"
HOUSE = Printer(BASE, "Northgate IT", "+886 2 5555 0100")


def subject(number: int = 1, **values: str) -> Subject:
    known = {
        "tag": f"T-{number:05d}", "serial": f"SN{number:08d}", "product": "Catalyst 9300 機架交換器 48",
        "customer": "Harbourline Shipping & Terminals", "site": "Kaohsiung 高雄", "phone": HOUSE.phone,
        "operator": HOUSE.operator,
    }  # fmt: skip
    return Subject(new_code(), number, **{**known, **values})


def sheet_of(name: str, count: int, start: int = 1) -> tuple[bytes, list[str]]:
    wish = Wish(sheets.SHEETS[name], FULL, start)
    made = [subject(number) for number in range(count)]
    return printing.printed(made, wish, HOUSE, "pdf"), [address(BASE, one.code) for one in made]


@pytest.mark.parametrize("name", sheets.SHEETS)
def test_every_sheet_is_read_back_in_order(name: str) -> None:
    sheet = sheets.check(sheets.SHEETS[name])
    data, wanted = sheet_of(name, min(sheet.count, 30))
    (first, *_more) = pages(data)
    found = codes_on(first)
    assert {one.text for one in found} == set(wanted[: sheet.count])
    assert all((one.ec_level or "") == "Q" for one in found)
    scale = 300 / 25.4
    for one in found:  # each on its own label, quiet zone and all
        x, y = sheet.place(wanted.index(one.text))
        module = (one.position.top_right.x - one.position.top_left.x) / scale / len(matrix_of(one.text))
        room = QUIET * module - 0.15
        assert x + room <= one.position.top_left.x / scale and y + room <= one.position.top_left.y / scale
        assert one.position.bottom_right.x / scale <= x + sheet.wide - room
        assert one.position.bottom_right.y / scale <= y + sheet.high - room


@pytest.mark.slow
def test_a_thousand_labels_in_one_file_are_all_read_back(tmp_path: Path) -> None:
    """Made by a process of its own, which tells how much time of the processor and how much memory it took."""
    file = tmp_path / "labels.pdf"
    done = subprocess.run([sys.executable, THOUSAND, str(file)], capture_output=True, text=True, check=True, cwd=ROOT)
    told = json.loads(done.stdout)
    print(f"1,000 labels: {told['seconds']:.1f} s of CPU, {told['peak_kb'] // 1024} MiB")
    assert told["peak_kb"] < 100 * 1024
    found = texts(file.read_bytes(), dpi=150)  # coarser than any camera sees them
    assert len(found) == 1000 and set(found) == set(told["addresses"])


def test_the_first_free_label_of_a_used_sheet_and_copies() -> None:
    sheet = sheets.SHEETS["L7160"]
    data, wanted = sheet_of("L7160", 3, start=20)
    first, second = pages(data)
    assert {one.text for one in codes_on(first)} == set(wanted[:2]) and codes_on(second)[0].text == wanted[2]
    assert codes_on(second)[0].position.top_left.y * 25.4 / 300 < sheet.place(3)[1], "the next sheet is a new one"
    _x, y = sheet.place(19)
    assert min(one.position.top_left.y for one in codes_on(first)) * 25.4 / 300 > y
    twice = printing.printed([subject()], Wish(sheet, FULL, copies=2), HOUSE, "pdf")
    assert len(texts(twice)) == 2 == 2 * len(set(texts(twice)))


def test_the_same_labels_give_the_same_bytes() -> None:
    one = subject()
    for form in printing.FORMS:
        wish = Wish(sheets.SHEETS["tape-62"], templates.TEMPLATES["service"])
        assert printing.printed([one], wish, HOUSE, form) == printing.printed([one], wish, HOUSE, form), form


@pytest.mark.parametrize("dpi", pictures.RESOLUTIONS)
@pytest.mark.parametrize("name", ["L4731", "5267", "tape-62"])
def test_pictures_for_label_printers_are_read_back(name: str, dpi: int) -> None:
    one = subject()
    data = printing.printed([one], Wish(sheets.SHEETS[name], FULL, dpi=dpi), HOUSE, "png")
    shown = picture(data)
    assert [found.text for found in codes_on(shown)] == [address(BASE, one.code)]
    assert {shade for _count, shade in shown.getcolors()} == {0, 255}, "dots are black or white"


def test_marks_that_nobody_sees_are_not_printed() -> None:
    """On a screen they would turn the rest of the line round: 4321 for 1234."""
    one = subject(serial="SN-\u202e1234\u200b")
    wish = Wish(sheets.SHEETS["L7160"], FULL)
    assert ">SN SN-1234<" in printing.printed([one], wish, HOUSE, "svg").decode()


def test_svg_holds_the_code_and_the_texts_as_text() -> None:
    one = subject(text='<script>"&')
    wish = Wish(sheets.SHEETS["L7160"], FULL, text="<script>&\"'")
    data = printing.printed([one], wish, HOUSE, "svg").decode()
    assert "<script>" not in data and "&lt;script&gt;" in data and grouped(one.code) in data
    assert 'viewBox="0 0 63.5 38.1"' in data


def test_zpl_says_mode_and_level_and_lets_no_text_become_a_command() -> None:
    one = subject(product="Switch ^XZ~JR\\", customer="", site="")
    wish = Wish(sheets.SHEETS["tape-62"], FULL, copies=3, dpi=203)
    data = printing.printed([one], wish, HOUSE, "zpl").decode()
    assert f"^FDQM,A{address(BASE, one.code)}^FS" in data and "^PQ3" in data and "_5EXZ_7EJR_5C" in data
    assert data.count("^XZ") == 1 and "~" not in data


@pytest.mark.parametrize(("name", "dpi"), [*((name, 203) for name in sheets.SHEETS), ("L4731", 300), ("tape-62", 600)])
def test_zpl_is_drawn_as_it_was_laid_out(name: str, dpi: int) -> None:
    """By a program that draws as a Zebra printer does, after a job that asked for tall bar codes."""
    sheet, one = sheets.SHEETS[name], subject()
    wish = Wish(sheet, FULL, dpi=dpi)
    layout, data = printing.laid(one, wish, HOUSE, "zpl"), printing.printed([one], wish, HOUSE, "zpl").decode()
    job = "^XA^BY3,3,150^XZ" + data.replace("^PQ1", "")  # how many: nothing to draw
    drawn = zplkit.render(job, zplkit.Options(profile="zd621", dpi=dpi)).labels[-1].rasterize()
    shown, dots = Image.frombytes("L", (drawn.width, drawn.height), drawn.pixels), dpi / 25.4
    assert shown.size == pytest.approx((sheet.wide * dots, sheet.high * dots), abs=1)
    [found] = codes_on(shown)
    assert found.text == address(BASE, one.code) and found.ec_level == "Q"
    place, side = found.position, layout.module * len(layout.matrix) * dots
    at = (place.top_left.x, place.top_left.y, place.bottom_right.x - place.top_left.x)
    assert at == pytest.approx((layout.at[0] * dots, layout.at[1] * dots, side), abs=2.5)
    quiet = round(QUIET * layout.module * dots) - 2
    beside = (place.bottom_right.x + 2, max(0, place.top_left.y), place.bottom_right.x + quiet, place.bottom_right.y)
    assert shown.crop(beside).getextrema() == (255, 255), "no letter reaches into the quiet zone"
    for line in layout.lines:  # in any script
        x, y, high = line.x * dots, line.y * dots, line.size * 25.4 / 72 * dots
        half = (x + line.wide * dots / 2, y - high * 0.7, x + line.wide * dots, y)
        assert shown.crop(tuple(map(round, half))).getextrema() == (0, 255), line.text


@given(st.text(max_size=60), st.sampled_from(list(sheets.SHEETS)), st.sampled_from(list(templates.TEMPLATES)))
@settings(max_examples=40)
def test_whatever_is_written_stays_on_the_label_or_is_refused(text: str, name: str, template: str) -> None:
    sheet = sheets.SHEETS[name]
    said = templates.lines_of(templates.TEMPLATES[template], subject(serial=text, product=text, text=text))
    try:
        made = lay_out(sheet.wide, sheet.high, address(BASE, new_code()), said)
    except Unprintable as refused:
        assert set(refused.characters) <= set(text) | set("")
        return
    right = made.at[0] + len(made.matrix) * made.module + QUIET * made.module
    for line in made.lines:
        assert line.x + line.wide <= sheet.wide and 0 < line.y < sheet.high
        assert (
            line.size
            >= (SMALLEST_WHOLE if line.bold or line.text == HOUSE.phone or "-" in line.text else SMALLEST_TEXT) - 1e-9
        )
        assert line.x >= right - 0.01 or sheet.high > sheet.wide
    assert made.module >= FINEST


def test_long_texts_shrink_and_are_then_cut_but_codes_never() -> None:
    made = lay_out(25.4, 10, address(BASE, "2222222222222"), [
        Said("short", True), Said("a somewhat longer text"), Said("word " * 30), Said("W" * 40, whole=True),
    ])  # fmt: skip
    assert [line.text[:5] for line in made.lines] == ["short", "a som", "word "]
    assert made.lines[2].text.endswith("…") and made.lines[2].size == SMALLEST_TEXT
    assert made.lines[0].size > made.lines[1].size >= SMALLEST_TEXT


def test_missing_letters_are_named() -> None:
    with pytest.raises(Unprintable) as refused:
        printing.laid(subject(product="Switch 🚀 مفتاح"), Wish(sheets.SHEETS["L7160"], FULL), HOUSE)
    assert "U+1F680" in refused.value.message and "Take them out" in refused.value.message


def test_a_code_too_small_to_read_is_refused_with_the_reason() -> None:
    long = Printer("https://assets.of-a-company-with-a-very-long-name.example.com")
    with pytest.raises(Invalid) as refused:
        printing.laid(subject(), Wish(sheets.SHEETS["L4731"], FULL), long)
    said = refused.value.errors["sheet"][0]
    assert "0.22 mm" in said and "0.25 mm" in said and "ASSETCARE_PUBLIC_URL" in said
    assert printing.laid(subject(), Wish(sheets.SHEETS["L4731"], FULL), HOUSE).module >= FINEST
    tiny = sheets.tape("own", "own", 10.0, 8.0)
    with pytest.raises(Invalid):
        printing.laid(subject(), Wish(tiny, FULL), HOUSE)
    with pytest.raises(Invalid):  # 203 dots per inch: two dots a module are 0.25 mm, one is none
        printing.laid(subject(), Wish(replace(tiny, wide=9.4, high=9.2), FULL, dpi=203), HOUSE, "png")


def test_the_code_is_level_q_and_the_smallest_of_its_mode() -> None:
    assert len(matrix_of(address(BASE, new_code()))) == 29  # 42 characters: version 3 at level Q takes 47
    with pytest.raises(ValueError):
        matrix_of("https://lower.case/")


@pytest.mark.parametrize("name", ["L7160", "tape-62"])
def test_the_ruler_counts_from_the_edges_where_printers_reach(name: str) -> None:
    sheet = sheets.SHEETS[name]
    data = drawing.ruler(replace(sheet, left=sheet.left + 5, top=sheet.top + 5) if sheet.count == 1 else sheet)
    (page,) = pages(data, 254)  # ten dots for a millimetre
    for edge in ((0, 0, 49, page.height), (0, 0, page.width, 49)):
        assert page.crop(edge).getextrema() == (255, 255)
    for at in range(10, int(min(sheet.page)) - 4, 10):
        assert page.getpixel((10 * at, 65)) < 200 and page.getpixel((65, 10 * at)) < 200, at
    said = PdfReader(BytesIO(data)).pages[0].extract_text()
    assert f"{sheet.name}: left" in said and "20" in said.split()


def test_a_large_label_is_filled() -> None:
    made = printing.laid(subject(), Wish(sheets.SHEETS["tape-62-long"], FULL), HOUSE)
    assert made.module * len(made.matrix) > 31 and made.lines[0].size > 14 and made.lines[-1].y > 60
    usual = lay_out(62, 100, address(BASE, new_code()), [Said("SN-1", True)], large=False)
    assert usual.lines[0].size == 11 and usual.module == 0.8


def test_a_serial_number_is_never_cut() -> None:
    """Units differ by its last characters."""
    for name, shown in (("L7160", True), ("L4731", False)):
        made = printing.laid(subject(serial="FOC2233X0AB-OF-A-MAKER-0001"), Wish(sheets.SHEETS[name], FULL), HOUSE)
        assert [line.text for line in made.lines if "FOC" in line.text] == ["SN FOC2233X0AB-OF-A-MAKER-0001"] * shown


@pytest.mark.parametrize(
    ("name", "x", "y", "field"),
    [
        ("L4731", -10, 0, "offset_x"),
        ("tape-62", -10, 0, "offset_x"),
        ("tape-62", 0, 10, "offset_y"),
        ("L4731", 0, 10, ""),
    ],
)
def test_codes_stay_on_the_paper(name: str, x: float, y: float, field: str) -> None:
    """An offset with the wrong sign would cut them."""
    wish = Wish(sheets.SHEETS[name].shifted(x, y), FULL)
    printing.laid(subject(), wish, HOUSE, "png")  # which lies on no paper
    if not field:
        printing.laid(subject(), wish, HOUSE)
        return
    with pytest.raises(Invalid) as refused:
        printing.laid(subject(), wish, HOUSE)
    assert list(refused.value.errors) == [field]


# --- From the registry -----------------------------------------------------------------------------------------


@pytest.fixture
def stock(house: House) -> Iterator[House]:
    house.people()
    product = house.product("Core switch").id
    for number in range(4):
        house.asset(serial=f"SN-{number}", product=product, tag=f"T-{number}")
    yield house


def wished(house: House, **values: object) -> Wish:
    return printing.wish_of(house.people().owner.actor, 1, values)


def test_units_without_a_code_get_one_when_they_are_printed(stock: House) -> None:
    owner = stock.people().owner.actor
    acme = get_customer(owner, "acme")
    assets = printing.units(owner, acme, printing.units_of(owner, acme))
    kept = service.issue(owner, assets[1].id)
    data = printing.for_units(owner, acme, assets, wished(stock), HOUSE)
    rows = {row.asset_id: row.code for row in visible(LabelCode, owner)}
    assert rows[assets[1].id] == kept.code and len(rows) == 4
    assert sorted(texts(data)) == sorted(address(BASE, code) for code in rows.values())
    assert texts(printing.for_units(owner, acme, assets, wished(stock), HOUSE)) == texts(data)


def test_what_is_refused_leaves_no_code_behind(stock: House) -> None:
    owner = stock.people().owner.actor
    acme = get_customer(owner, "acme")
    assets = printing.units(owner, acme, printing.units_of(owner, acme))
    for values, form in (({"text": "🚀"}, "pdf"), ({}, "svg"), ({"text": "🚀"}, "zpl")):
        with pytest.raises((Invalid, Unprintable)):
            printing.for_units(owner, acme, assets, wished(stock, **values), HOUSE, form)
    assert visible(LabelCode, owner).count() == 0


def test_nobody_prints_what_is_not_his(stock: House) -> None:
    people = stock.people()
    acme, globex = get_customer(stock.system, "acme"), get_customer(stock.system, "globex")
    theirs = stock.asset("globex", "SN-9").id
    mine = printing.units_of(people.owner.actor, acme)
    with pytest.raises(Invalid):
        printing.units(people.engineer.actor, acme, [*mine, theirs])
    with pytest.raises(NotFound):
        printing.units(people.owner.actor, acme, [theirs])
    with pytest.raises(NotFound):
        printing.units(people.stranger.actor, globex, mine)


def test_wishes_are_checked(stock: House) -> None:
    for values, field in (
        ({"sheet": "none"}, "sheet"), ({"template": "none"}, "template"), ({"start": 22}, "start"),
        ({"copies": 21}, "copies"), ({"offset_x": 11}, "offset_x"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            wished(stock, **values)
        assert field in refused.value.errors
    moved = wished(stock, offset_x=1.5, offset_y=-2).sheet
    assert moved.place(0) == (pytest.approx(8.71), pytest.approx(13.15))


def test_a_customers_own_sheet_comes_before_one_of_the_house(any_house: House) -> None:
    people, acme = any_house.people(), get_customer(any_house.system, "acme")
    measures = {"name": "Own", "page_wide": 100, "page_high": 50, "high": 40}
    for owner, wide in ((acme, 60), (None, 70)):
        own_sheets.add_sheet(people.account_manager.actor, owner, {**measures, "wide": wide})
    assert own_sheets.sheet_named(people.account_manager.actor, acme.id, "Own").wide == 60
    assert own_sheets.sheet_named(people.owner.actor, acme.id, "Own").wide == 60
    assert own_sheets.sheet_named(people.account_manager.actor, None, "Own").wide == 70


def test_others_may_add_fields_and_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "FIELDS", dict(templates.FIELDS))
    monkeypatch.setattr(templates, "TEMPLATES", dict(templates.TEMPLATES))
    with pytest.raises(LookupError):
        templates.declare_template(templates.Template("rma", "RMA", ("rma_number",)))
    templates.declare_field(templates.Field("rma_number", "RMA", lambda s: f"RMA {s.asset_id}", bold=True))
    made = templates.declare_template(templates.Template("rma", "RMA", ("rma_number", "code")))
    assert templates.lines_of(made, subject(7))[0] == Said("RMA 7", True)
    assert templates.template_named("rma") is made
    monkeypatch.setattr(templates, "CHOOSERS", [])
    assert [templates.usual_for(one).name for one in (subject(), Subject(new_code()))] == ["full", "service"]
    templates.declare_chooser(lambda one: "none such")
    templates.declare_chooser(lambda one: "rma" if one.asset_id == 7 else None)
    assert [templates.usual_for(subject(number)).name for number in (1, 7)] == ["full", "rma"]


def test_coarse_printers_get_modules_that_they_can_draw() -> None:
    for dpi in pictures.RESOLUTIONS:
        wish = Wish(sheets.SHEETS["L7160"], FULL, dpi=dpi)
        assert round(printing.laid(subject(), wish, HOUSE, "zpl").module * dpi / 25.4) <= zpl.LARGEST_MODULE

"""What people at a customer come for, in a real browser on the demo installation."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser import Errors
from tests.e2e.conftest import WHO, Visitor
from tests.e2e.steps import cells, sound, tab_to, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]
CLINICS, WORKS = "/c/mesa-clinics", "/c/elbtal"


def _counted(label: str) -> list[int]:
    """How many remedies and how many assets the label of a bar tells: November 2026: 9 remedies end. Assets: 3"""
    return [int(number) for number in re.findall(r"\d+", label.split(": ", 1)[1])]


def test_from_the_chart_to_what_is_owed_and_why(visitor: Open) -> None:
    """Sign in, see the months in which warranties end, open one of them, then a unit, then another day."""
    who = visitor("desk").sign_in("clinic manager")
    page = who.page
    assert text(page, "h1") == "Mesa Valley Clinics"
    bar = page.locator("svg.plot-columns a[href*='/assets?ends_in='][aria-label]").first
    remedies, assets = _counted(bar.get_attribute("aria-label"))
    assert int(bar.locator("text.count").text_content()) == remedies >= assets > 0
    month = page.locator(f".plot-table tr:has(a[href='{bar.get_attribute('href')}']) td").all_text_contents()
    assert [int(number) for number in month[-2:]] == [remedies, assets], "the table says the same"
    bar.locator("text.count").click()
    page.wait_for_url("**/assets?ends_in=*")
    assert len(cells(page)) == assets, "the list is of assets"
    serial = cells(page)[0][0]
    page.get_by_role("link", name=serial, exact=True).click()
    page.locator("#owed").wait_for()
    assert serial in text(page, "h1")
    assert text(page, "#owed") == "What is owed today"
    assert page.locator(".remedies li").count() >= 1
    assert text(page, ".remedies li .quiet"), "each remedy says why"
    page.fill("#on", "2040-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**on=2040-01-01*")
    assert text(page, "#owed") == "What is owed on 1 Jan 2040"
    assert "Ended" in text(page, ".verdict")
    sound(who, "another-day")
    assert "ended on" in text(page, "section:has(#owed)"), "why nothing is free any more"
    page.get_by_role("link", name="Today").click()
    page.wait_for_url(lambda address: "on=" not in address)
    assert text(page, "#owed") == "What is owed today"


def test_find_a_unit_with_the_keyboard_alone(visitor: Open) -> None:
    who = visitor("desk").enter("works manager")
    page = who.go(f"{WORKS}/assets?sort=-id")
    serial = cells(page)[0][0]
    who.go(f"{WORKS}/contracts")
    page.keyboard.press("/")
    page.keyboard.type(serial[-7:])
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?q=*")
    sound(who, "found")
    tab_to(page, "main a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assets/*")
    assert serial in text(page, "h1")


def test_register_a_unit_with_the_keyboard_alone(visitor: Open, errors: Errors) -> None:
    """A wrong site is told beside its field, and all that was typed is still there."""
    errors.expect("422")
    who = visitor("desk").enter("clinic manager")
    page = who.go(CLINICS)
    tab_to(page, f"a[href='{CLINICS}/assets/new']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assets/new")
    tab_to(page, "#product")
    with page.expect_response(lambda answer: "/lookup/product" in answer.url):
        page.keyboard.type("Core sw")
    offered = page.locator("#product-list option").first
    offered.wait_for(state="attached")
    picked = str(offered.get_attribute("value"))
    page.keyboard.press("Control+a")
    page.keyboard.type(picked)
    for field, typed in (("serial", "KEYS-0001"), ("tag", "K-1"), ("site", "Atlantis")):
        tab_to(page, f"#{field}")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.locator("#site[aria-invalid=true]").wait_for()
    assert page.locator("#site").get_attribute("aria-describedby") == "site-error"
    assert "Atlantis" in text(page, "#site-error") or "site" in text(page, "#site-error").lower()
    sound(who, "register-with-a-mistake")
    assert page.input_value("#product") == picked
    assert (page.input_value("#serial"), page.input_value("#tag")) == ("KEYS-0001", "K-1")
    tab_to(page, "#site")
    page.keyboard.press("Control+a")
    page.keyboard.type("Denver hospital")
    page.keyboard.press("Enter")
    page.locator("#owed").wait_for()
    assert "KEYS-0001" in text(page, "h1")
    assert "KEYS-0001 is registered." in text(page, "main")
    who.go(f"{CLINICS}/assets?q=KEYS-0001")
    assert [row[0] for row in cells(page)] == ["KEYS-0001"]


def test_a_list_of_ones_own_and_its_files(visitor: Open) -> None:
    """Filter, choose columns, keep that under a name, come back to it, take the same away as CSV and as Excel."""
    who = visitor("desk").enter("works manager")
    page = who.go(f"{WORKS}/assets")
    everything = len(cells(page))
    page.select_option("#kind", "optic")
    page.wait_for_url("**kind=optic*")
    page.wait_for_function("(most) => document.querySelectorAll('#list tbody tr').length < most", arg=everything)
    assert 0 < len(cells(page)) < everything
    page.get_by_role("link", name="Columns").click()
    page.locator(".columns-menu").wait_for()
    sound(who, "columns-to-choose")
    page.uncheck("#c-status")
    page.check("#c-part_number")
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**columns=*")
    page.locator("summary", has_text="Saved filters").click()
    sound(who, "filters-to-save")
    page.fill("#view-name", "Optics by part")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("summary", has_text="Optics by part").wait_for()
    shown = cells(page)
    heads = [head.strip() for head in page.locator("thead th:not(.tick)").all_text_contents()]
    assert "Part number" in heads and "Status" not in heads
    who.go(WORKS)
    page.get_by_role("link", name="Assets", exact=True).click()
    page.locator("summary", has_text="Saved filters").click()
    page.get_by_role("link", name="Optics by part").click()
    page.locator("summary", has_text="Optics by part").wait_for()
    assert cells(page) == shown
    _same_rows(page, heads, shown)


def _same_rows(page: Any, heads: list[str], shown: list[list[str]]) -> None:
    """Both files have one line for each row on the screen, in its order, and its part number."""
    at = heads.index("Part number")
    for kind, read in (("CSV", _csv), ("Excel", _xlsx)):
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as coming:
            page.get_by_role("link", name=kind).click()
        head, *rows = read(Path(coming.value.path()))
        assert len(rows) == len(shown), kind
        column = head.index("Part number")
        assert [row[column] for row in rows] == [row[at] for row in shown], kind
        assert all(any(row[0] in cell for cell in line) for row, line in zip(shown, rows, strict=True)), kind
        page.keyboard.press("Escape")


def _csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def _xlsx(path: Path) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]


def test_bring_a_file_look_at_it_apply_it_take_it_back(visitor: Open, tmp_path: Path) -> None:
    who = visitor("phone").enter("clinic manager")
    path = tmp_path / "from the store.csv"
    lines = ("Serial number;Article;Our mark;Colour", "IMPORTED-1;Core switch CX-9216;M-1;red",
             "IMPORTED-2;Core switch CX-9216;M-2;blue", "HDB9920117;;M-3;red")  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    page = who.go(f"{CLINICS}/imports/new")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Next: its columns").click()
    page.locator("table.columns-of-file").wait_for()
    sound(who, "import-columns")
    page.get_by_label("Article", exact=True).select_option("product")
    page.get_by_label("Our mark", exact=True).select_option("tag")
    assert page.get_by_label("Colour", exact=True).input_value() == "", "an unknown column is left out"
    page.get_by_role("button", name="Next: preview").click()
    page.locator("#changes").wait_for()
    sound(who, "import-preview")
    assert [text(page, f".tiles li:nth-child({nth})") for nth in (1, 2)] == ["2 new", "1 changed"]
    assert "M-3" in text(page, ".diffs ins")
    page.get_by_role("button", name="Import 3").click()
    page.get_by_role("link", name="Undo this import").wait_for()
    sound(who, "import-result")
    result = page.url
    who.go(f"{CLINICS}/assets?q=IMPORTED")
    assert sorted(row[0] for row in cells(page)) == ["IMPORTED-1", "IMPORTED-2"]
    page.goto(result)
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo the whole import").wait_for()
    sound(who, "import-undo")
    page.get_by_role("button", name="Undo the whole import").click()
    page.get_by_text("This import was undone").wait_for()
    who.go(f"{CLINICS}/assets?q=IMPORTED")
    assert cells(page) == []


def test_invite_a_colleague_and_take_it_back(visitor: Open) -> None:
    who = visitor("phone").enter("works manager")
    page = who.go(f"{WORKS}/people")
    page.get_by_role("link", name="Add a person").click()
    page.fill("#name", "Jana Brandt")
    page.fill("#email", "jana.brandt@elbtal.example")
    page.select_option("#role", "member")
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_role("button", name="Withdraw the invitation").wait_for()
    assert text(page, "h1") == "Jana Brandt"
    sound(who, "invited")
    page.get_by_role("button", name="Withdraw the invitation").click()
    page.get_by_role("button", name="Withdraw the invitation").wait_for(state="detached")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Shut out").click()
    page.get_by_role("button", name="Let in again").wait_for()
    who.go(f"{WORKS}/people?active=false")
    assert [row[0] for row in cells(page)] == ["Jana Brandt"]


def test_keep_a_paper_with_a_unit(visitor: Open, tmp_path: Path) -> None:
    paper = tmp_path / "acceptance of the wall.txt"
    paper.write_text("Accepted without remarks.\n")
    who = visitor("phone").enter("clinic member")
    page = who.go(f"{CLINICS}/assets?q=FGW4184211")
    page.get_by_role("link", name="FGW4184211", exact=True).click()
    page.get_by_role("link", name="Add a file").click()
    page.set_input_files("#file", paper)
    page.select_option("#kind", "acceptance")
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.locator("tbody tr", has_text=paper.name)
    row.wait_for()
    assert "Acceptance paper" in row.inner_text()
    sound(who, "files")
    with page.expect_download() as coming:
        row.get_by_role("link", name=paper.name).click()
    assert coming.value.suggested_filename == paper.name
    assert Path(coming.value.path()).read_bytes() == paper.read_bytes()


def test_another_language_and_back(visitor: Open) -> None:
    """A reader whose company speaks Chinese; the menu is a <details>, the language his own from then on."""
    page = visitor("phone").enter("reader").go("/c/harbourline/assets")
    assert page.locator("html").get_attribute("lang") == "zh-Hant"
    assert text(page, "h1") == "資產"
    page.locator("details.who > summary").click()
    page.locator(".who-menu button[lang=en]").click()
    page.locator("html[lang=en]").wait_for()
    assert page.url.endswith("/c/harbourline/assets?") or page.url.endswith("/c/harbourline/assets")
    assert text(page, "h1") == "Assets"
    page.reload()
    assert text(page, "h1") == "Assets"
    page.locator("details.who > summary").click()
    page.locator(".who-menu button[lang=zh-Hant]").click()
    page.locator("html[lang=zh-Hant]").wait_for()
    assert text(page, "h1") == "資產"


def test_a_reader_changes_nothing(visitor: Open) -> None:
    """He sees no way to change a thing, and is told so where he tries by address."""
    who = visitor("desk").enter("works reader")
    who.go(f"{WORKS}/assets")
    assert who.page.get_by_role("link", name="Register an asset").count() == 0
    assert who.page.locator("main input[type=checkbox][name=id]").count() == 0
    answer = who.context.request.get(f"{who.site.url}{WORKS}/assets/new")
    assert answer.status == 403
    assert WHO["works manager"] not in answer.text()


def rows(page: Any, count: int) -> None:
    """The list has come to have so many."""
    page.wait_for_function("(count) => document.querySelectorAll('table.rows tbody tr').length === count", arg=count)


def test_clear_comes_and_goes_while_one_types(visitor: Open) -> None:
    """A filter that is set while one types can be cleared without loading the page anew; the address and the file
    speak of the same rows."""
    page = visitor("desk").enter("clinic manager").go("/c/mesa-clinics/assets")
    every = len(cells(page))
    clear, file = page.locator("#filter-buttons a"), page.locator("a[download]").first
    assert clear.count() == 0
    page.locator("#q").press_sequentially("switch 9999")
    page.wait_for_url("**/assets?q=switch**9999")
    assert clear.inner_text() == "Clear"
    rows(page, 0)
    assert str(file.get_attribute("href")).endswith("assets.csv?q=switch+9999")
    assert page.evaluate("document.activeElement.id") == "q", "who types stays where he types"
    page.fill("#q", "")
    page.wait_for_url("**/assets")
    clear.wait_for(state="detached")
    rows(page, every)
    page.select_option("#kind", "optic")
    page.wait_for_url("**/assets?kind=optic")
    clear.click()
    page.wait_for_url("**/assets")
    rows(page, every)
    assert page.input_value("#kind") == ""

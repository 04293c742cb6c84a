"""Papers of the desk: what stands on each, in which language, for whom, and what is refused."""

import csv
import io
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from registry.customers.models import Customer
from registry.customers.places import create_contact, create_site
from registry.kernel import fonts
from registry.kernel.db import run_sql
from registry.plugins.values import keep
from registry_rma import cases, papers, quotes, tracks
from registry_rma.custody import rows_of
from registry_rma.models import Case, Line
from registry_rma.tests.world import BAD, FREE, Desk

pytestmark = pytest.mark.skipif(
    not fonts._path("NotoSansTC-Regular").is_file(), reason="the fonts are not built: make assets"
)
KINDS = ("form", "packing-slip", "box-label", "test-report", "custody-record", "scrap-certificate")
BOXES = ("packing-slip", "box-label")


def address(line: Any, kind: str, language: str = "") -> str:
    query = f"?language={language}" if language else ""
    return f"/c/acme/x/rma/lines/{line.id}/papers/{kind}.pdf{query}"


def read(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def paper(desk: Desk, line: Any, kind: str, language: str = "") -> str:
    return read(desk.people.reader.get(address(line, kind, language)))


def file_of(desk: Desk, asset_id: int | None) -> str:
    return read(desk.people.reader.get(f"/c/acme/x/rma/assets/{asset_id}/maintenance.pdf"))


@pytest.fixture
def claimed(desk: Desk) -> Line:
    """A line with everything that a customer may say."""
    site = {"name": "Main hall", "address": "12 Harbour Road", "city": "Springfield", "country": "TW"}
    create_site(desk.system, {"customer": "acme", **site})
    create_contact(
        desk.system, {"customer": "acme", "name": "Ms Lin", "phone": "+886 2 1234", "email": "lin@acme.example"}
    )
    keep(desk.system, "rma", {"return_address": "Repair centre\n7 Mill Lane"}, version=None)
    about: dict[str, Any] = {
        "contact": "lin@acme.example",
        "channel": "telephone",
        "note": "Before noon",
        "who": desk.engineer,
    }
    measured: dict[str, Any] = {
        "parameter": "Tx power",
        "value": "-9.4",
        "unit": "dBm",
        "fault_on": desk.today - timedelta(days=1),
    }
    return desk.line(desk.unit(site="Main hall"), fault="No light on port 3", **about, **measured)


def scrapped(desk: Desk) -> Line:
    line = desk.inspecting()
    cases.overrule(desk.lead, line.id, {"remedy": "none", "reason": "Salt water"}, desk.fresh(line).version)
    quote = desk.quoted(line)
    desk.step(line, "excluded_quote")
    quotes.decline(desk.manager, quote.id, {}, quote.version)
    return desk.step(line, "scrapped", reason="Beyond repair", consent="Letter of Ms Lin")


def test_the_form_says_what_to_send_where_and_why(desk: Desk, claimed: Line) -> None:
    text = paper(desk, claimed, "form")
    assert "send nothing before" in text and "Valid through" not in text
    desk.step(desk.step(claimed, "triage"), "approved", **FREE)
    case = cases.get_case(desk.system, claimed.case_id)
    text = paper(desk, claimed, "form")
    for part in (
        papers.grouped(case.number), f"by {papers.day(case.valid_until)}", "Customer Acme",
        "Ms Lin, +886 2 1234, lin@acme.example", "Telephone", "SN-1", "No light on port 3",
        "Tx power -9.4 dBm, limits -8.2 … 0.5", "Repair, free of charge", "Owed in the term.", "Before noon",
        "What to enclose", "static electricity", "7 Mill Lane",
    ):  # fmt: skip
        assert part in text, part


def test_a_form_whose_number_is_over_says_so(desk: Desk) -> None:
    line = desk.approved()
    Case.update(valid_until=desk.today - timedelta(days=1)).where(Case.id == line.case_id).execute()
    text = paper(desk, line, "form")
    assert "no longer valid" in text and "Approved: send" not in text and "Ask us for the address" in text


def test_a_form_names_all_units_and_what_was_refused(desk: Desk) -> None:
    units = [desk.unit(), desk.unit(None)]
    given = [{"asset": unit.id, "fault": f"Fault of {unit.serial}"} for unit in units]
    case = cases.open_case(desk.manager, {"lines": given})
    first, second = cases.lines_of(desk.system, case)
    desk.step(second, "triage")
    desk.step(second, "rejected", reason="Bought elsewhere")
    text = paper(desk, first, "form")
    assert "Fault of SN-1" in text and "Fault of SN-2" in text and "Refused; Bought elsewhere" in text
    assert desk.people.reader.get(address(second, "packing-slip")).status_code == 409, "nobody sends what was refused"


def test_a_box_is_addressed_by_the_way_it_goes(desk: Desk, claimed: Line) -> None:
    line = desk.step(desk.step(claimed, "triage"), "approved", **FREE)
    slip, label = (paper(desk, line, kind) for kind in BOXES)
    assert slip.index("Harbour Road") < slip.index("Mill Lane") and "1 unit" in slip and "SN-1" in slip
    assert label.index("Mill Lane") < label.index("Harbour Road") and papers.grouped(line.code) in label
    line = desk.step(line, "awaiting_receipt", "received", "inspecting", "repairing")
    line = desk.step(line, "verifying", action="Changed the laser")
    desk.test(line, BAD)
    line = desk.sent_back(desk.replaced(desk.step(line, "failed")))
    slip, label = (paper(desk, line, kind) for kind in BOXES)
    assert slip.index("Mill Lane") < slip.index("Harbour Road") and "NEW-1" in slip and "Replaces SN-1" in slip
    assert "By hand" in slip and "Taiwan" in slip
    assert label.index("Harbour Road") < label.index("Mill Lane") and "Serial number: NEW-1" in label


def test_the_code_on_a_box_leads_to_its_unit(desk: Desk, claimed: Line) -> None:
    import pypdfium2  # type: ignore[import-untyped]
    import zxingcpp

    box = desk.people.reader.get(address(claimed, "box-label")).data
    [found] = zxingcpp.read_barcodes(pypdfium2.PdfDocument(box)[0].render(scale=3).to_pil())
    assert found.text.endswith(f"/L/{claimed.code}")
    unit, engineer = f"/c/acme/assets/{claimed.asset_id}", desk.people.engineer
    case = cases.get_case(desk.system, claimed.case_id)
    for path in (f"/L/{claimed.code}", f"/scan?q={found.text}", f"/scan?q={papers.grouped(case.number)}"):
        assert engineer.get(path).headers.get("Location") == unit, path
    codes = [desk.people.stranger.get(f"/L/{code}") for code in (claimed.code, case.number)]
    assert all("SN-1" not in answer.text.partition("<main")[2] and answer.status_code == 200 for answer in codes)


@pytest.mark.rule("S3-08")
def test_the_test_report_holds_each_value_against_its_limits(desk: Desk) -> None:
    line = desk.repaired(value=BAD)
    text = paper(desk, line, "test-report")
    assert "Latest test: Failed" in text and "Tx power -8.2 … 0.5 -9.0 dBm Failed" in text
    assert f"tested by {desk.engineer.name}" in text and "Changed the laser" in text
    text = paper(desk, desk.replaced(line), "test-report")
    assert "Latest test: Passed" in text and text.index("Unit NEW-1") < text.index("Unit SN-1")


def test_a_case_without_tests_and_custody_still_prints(desk: Desk) -> None:
    line = desk.line(send=False)
    assert not rows_of(desk.system, line)
    assert "No test has been recorded yet." in paper(desk, line, "test-report")
    assert "Nothing has been written down yet." in paper(desk, line, "custody-record")
    for kind in ("form", *BOXES):
        assert "SN-1" in paper(desk, line, kind)


def test_papers_outlive_the_unit(desk: Desk) -> None:
    line = desk.repaired()
    Line.update(asset_id=None).where(Line.id == line.id).execute()
    for kind in KINDS[:-1]:
        assert "SN-1" in paper(desk, line, kind), kind


def test_the_custody_record_says_whether_it_is_whole(desk: Desk) -> None:
    line = desk.received()
    rows, text = rows_of(desk.system, line), paper(desk, line, "custody-record")
    assert f"Verified: all {len(rows)} entries" in text and f"Last hash {rows[-1].hash}" in text
    assert all(row.hash[:12] in text for row in rows) and "At the customer → In our service" in text
    for name in run_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rma_custody'"
    ).fetchall():
        run_sql(f'DROP TRIGGER "{name[0]}"')
    run_sql("UPDATE rma_custody SET who = 'nobody' WHERE number = 2")
    assert f"Not verified: entry 2 of {len(rows)}" in paper(desk, line, "custody-record")


def test_only_what_was_scrapped_gets_a_certificate(desk: Desk) -> None:
    line = scrapped(desk)
    text, row = paper(desk, line, "scrap-certificate"), rows_of(desk.system, line)[-1]
    for part in (
        "taken out of service",
        "SN-1",
        "Beyond repair",
        "Letter of Ms Lin",
        row.hash,
        "Verified",
        desk.engineer.name,
    ):
        assert part in text, part
    answer = desk.people.reader.get(address(desk.received(), "scrap-certificate"))
    assert answer.status_code == 409 and "nothing to certify" in answer.text
    assert desk.people.reader.get(address(line, "box-label")).status_code == 409


@pytest.mark.rule("S4-16")
def test_the_maintenance_file_tells_a_units_life_in_order(desk: Desk) -> None:
    asset = desk.unit()
    line = desk.closed(desk.repaired(asset, fault="First fault"))
    again = desk.closed(desk.replaced(desk.repaired(asset, value=BAD, fault="Second fault")))
    text = file_of(desk, asset.id)
    order = [
        "Cases 2", "Was replaced by NEW-1", "First fault", "After the repair: Passed", "Maintenance record of SN-1",
        "Second fault", "After the repair: Failed", "After the replacement: Passed", "Maintenance record of NEW-1",
    ]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places) and "1 laser" in text and papers.day(line.closed_on) in text
    text = file_of(desk, again.replacement_id)
    assert "Cases 0" in text and "Came in place of SN-1" in text and "First fault" not in text
    assert "No fault of this unit has been reported." in file_of(desk, desk.unit().id)


def test_it_speaks_the_customers_language(desk: Desk) -> None:
    line = desk.received(fault="不亮")
    assert "RMA form" in paper(desk, line, "form")
    Customer.update(language="zh-Hant").where(Customer.slug == "acme").execute()
    for kind, said in (("form", "RMA 表單"), ("packing-slip", "裝箱單"), ("custody-record", "在客戶處")):
        text = paper(desk, line, kind).replace(" ", "")
        assert said.replace(" ", "") in text, kind
    assert "不亮" in paper(desk, line, "form")
    assert "Packing slip" in paper(desk, line, "packing-slip", "en")
    assert "維修檔案" in file_of(desk, line.asset_id)
    assert desk.people.reader.get(address(line, "form", "xx")).status_code == 422


def test_a_character_that_no_font_has_is_refused_with_its_name(desk: Desk) -> None:
    asset = desk.unit()
    line = desk.received(asset, fault="Broken \U0001fae5")
    for path in (address(line, "form"), f"/c/acme/x/rma/assets/{asset.id}/maintenance.pdf"):
        answer = desk.people.reader.get(path)
        assert answer.status_code == 422 and "U+1FAE5" in answer.text, path
    Line.update(product="\U0001fae5").where(Line.id == line.id).execute()
    answer = desk.people.reader.get(address(line, "box-label"))
    assert answer.status_code == 422 and "U+1FAE5" in answer.text


def test_a_long_text_is_printed_whole(desk: Desk) -> None:
    fault = " ".join(f"word{number}" for number in range(600))
    text = paper(desk, desk.received(fault=fault), "form")
    assert "word0 " in text and "word599" in text and "word300" in text


def test_programs_fetch_papers_too(desk: Desk) -> None:
    line, api = desk.received(), "/api/v1/x/rma"
    reader = desk.people.reader
    found = reader.json(f"{api}/lines/{line.id}/papers")["items"]
    assert [one["paper"] for one in found] == ["form", "packing-slip", "box-label", "custody-record"]
    for one in found:
        assert "SN-1" in read(reader.get(f"{api}/lines/{line.id}/papers/{one['paper']}.pdf")), one
    assert "RMA 表單" in read(reader.get(f"{api}/lines/{line.id}/papers/form.pdf?language=zh-Hant"))
    assert "Cases 1" in read(reader.get(f"{api}/assets/{line.asset_id}/maintenance.pdf"))
    assert reader.get(f"{api}/lines/{line.id}/papers/nothing.pdf").status_code == 404
    answer = reader.get(f"{api}/lines/{line.id}/papers/scrap-certificate.pdf")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_scrapped")
    for path in (
        f"lines/{line.id}/papers",
        f"lines/{line.id}/papers/form.pdf",
        f"assets/{line.asset_id}/maintenance.pdf",
    ):
        assert desk.people.stranger.get(f"{api}/{path}").status_code == 404, path


def test_what_is_lent_or_sent_ahead_has_a_slip_of_its_own(desk: Desk) -> None:
    line = desk.step(desk.line(desk.unit("optical-module")), "triage")
    keep(desk.system, "rma", {"return_address": "7 Mill Lane"}, version=None)
    assert desk.people.reader.get(address(line, "loaner-slip")).status_code == 409
    for kind, serial, said in (("loaner", "LOAN-1", "Lent in place of SN-1"), ("advance", "ADV-1", "Replaces SN-1")):
        track = tracks.begin(desk.engineer, line.id, {"kind": kind, "serial": serial})
        text = paper(desk, line, f"{kind}-slip")
        assert all(part in text for part in (serial, said, papers.day(track.due_on)))
        assert text.index("7 Mill Lane") < text.index("Receiver"), "it comes from us"
    tracks.step(desk.engineer, track.id, "cancelled", track.version)
    assert desk.people.reader.get(address(line, "advance-slip")).status_code == 409
    [loan, _gone] = tracks.tracks_of(desk.system, line)
    tracks.step(desk.engineer, loan.id, "out", loan.version)
    text = paper(desk, line, "loaner-slip")
    assert text.index("7 Mill Lane") > text.index("Receiver"), "and goes back to us"
    offered = desk.people.reader.get(f"/c/acme/x/rma/lines/{line.id}").text
    assert address(line, "loaner-slip") in offered and address(line, "advance-slip") not in offered


def test_a_slip_still_names_the_carrier_of_a_box_that_was_lost_and_found(desk: Desk) -> None:
    line = desk.step(desk.step(desk.repaired(), "ready"), "shipped", carrier="Swift Post", tracking="T-7")
    desk.step(desk.step(line, "lost_in_transit", reason="Gone"), "shipped")
    assert "Swift Post" in paper(desk, line, "packing-slip")


@pytest.mark.rule("S4-16")
def test_the_maintenance_file_is_a_table_too(desk: Desk) -> None:
    line = desk.sent_back(desk.repaired())
    desk.record(line, action="First", cause="wear")
    desk.record(line, action="=2+3")
    path = f"/c/acme/x/rma/assets/{line.asset_id}/maintenance.csv"
    answer = desk.people.reader.get(path)
    head, first, second = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:5] == ["serial", "fault", "cause", "action", "parts"] and head[-1] == "number"
    assert first[:4] == ["SN-1", "Does not start", "wear", "First"] and second[3] == "'=2+3"
    assert first[-1] == cases.get_case(desk.system, line.case_id).number
    assert desk.people.stranger.get(path).status_code == 404


def test_strangers_learn_nothing(desk: Desk) -> None:
    line = scrapped(desk)
    theirs = desk.line(desk.unit(slug="globex"), who=desk.engineer)
    for kind in KINDS:
        assert desk.people.stranger.get(address(line, kind)).status_code == 404, kind
        assert desk.people.admin.get(address(theirs, kind)).status_code == 404, "not below this customer"
    assert desk.people.admin.get(address(line, "nothing")).status_code == 404
    assert desk.people.stranger.get(f"/c/acme/x/rma/assets/{line.asset_id}/maintenance.pdf").status_code == 404
    assert desk.people.admin.get(f"/c/acme/x/rma/assets/{theirs.asset_id}/maintenance.pdf").status_code == 404


def test_pages_link_to_what_there_is(desk: Desk) -> None:
    line = desk.received()
    text = desk.people.reader.get(f"/c/acme/x/rma/lines/{line.id}").text
    offered = {kind for kind in KINDS if address(line, kind) in text}
    assert offered == {"form", "packing-slip", "box-label", "custody-record"}
    text = desk.people.reader.get(f"/c/acme/assets/{line.asset_id}").text
    assert f"/c/acme/x/rma/assets/{line.asset_id}/maintenance.pdf" in text
    assert f"/c/acme/x/rma/assets/{line.asset_id}/maintenance.csv" in text
    gone = scrapped(desk)
    text = desk.people.reader.get(f"/c/acme/x/rma/lines/{gone.id}").text
    assert address(gone, "scrap-certificate") in text and address(gone, "box-label") not in text

"""Pages about packages, approvals, custody, and a customer who leaves."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from registry.handover.models import Approval, CustodyItem, CustodyTask, Erasure, Package
from registry.kernel import clock
from registry.kernel.access import visible
from tests.handover.world import get_file, settle
from tests.two_companies import CANARY, Companies
from tests.web.forms import fill, statements

PAGE = "/c/acme/handover"


def _one(companies: Companies, model: Any, row_id: int) -> Any:
    return visible(model, companies.house.system).where(model.id == row_id).get()


def test_a_package_is_made_and_fetched(companies: Companies) -> None:
    owner = companies.people.owner
    assert f'action="{PAGE}/packages"' in owner.get(PAGE).text
    made = owner.request("POST", f"{PAGE}/packages")
    assert made.status_code == 303 and re.fullmatch(rf"{PAGE}/packages/\d+", made.location)
    text = owner.get(made.location).text
    assert "Ready" in text and "hx-get" not in text
    file = get_file(owner, f"{made.location}/file")
    assert zipfile.ZipFile(io.BytesIO(file.data)).testzip() is None
    package = _one(companies, Package, int(made.location.rsplit("/", 1)[1]))
    assert package.handed_over_to == owner.user.name and "Handed over" in owner.get(made.location).text


def test_while_it_is_made_the_page_says_how_far(companies: Companies) -> None:
    owner = companies.people.owner
    address = f"{PAGE}/packages/{companies.acme['package']}"
    Package.update(state="queued", file_key=None).where(Package.id == companies.acme["package"]).execute()
    text = owner.get(address).text
    assert f'hx-get="{address}"' in text and "<progress" in text and "Look again" in text
    part = owner.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'id="package"' in part
    assert owner.get(f"{address}/file").status_code == 404
    second = owner.request("POST", f"{PAGE}/packages")
    assert second.status_code == 409 and "being made already" in second.text
    Package.update(state="failed", error="No room left.").where(Package.id == companies.acme["package"]).execute()
    assert "No room left." in owner.get(address).text


def test_a_third_party_needs_an_approval(companies: Companies) -> None:
    owner = companies.people.owner
    refused = owner.request("POST", f"{PAGE}/packages", data={"for_third_party": "Strangers Ltd"})
    assert (
        refused.status_code == 403
        and "There is no approval" in refused.text
        and 'value="Strangers Ltd"' in refused.text
    )
    made = fill(owner, f"{PAGE}/approvals/new", recipient="Strangers Ltd", purpose="Audit", scope=["", "package"])
    assert made.status_code == 303, made.text
    assert owner.request("POST", f"{PAGE}/packages", data={"for_third_party": "Strangers Ltd"}).status_code == 303
    shown = owner.get(made.location).text
    assert "Holds" in shown and "A package of all data" in shown
    silent = fill(owner, made.location, f"{made.location}/revoke", reason="")
    assert silent.status_code == 422 and 'id="reason-error"' in silent.text
    assert fill(owner, made.location, f"{made.location}/revoke", reason="Done").status_code == 303
    assert "Withdrawn" in owner.get(made.location).text and "/revoke" not in owner.get(made.location).text
    assert owner.request("POST", f"{PAGE}/packages", data={"for_third_party": "Strangers Ltd"}).status_code == 403


def test_the_operator_records_what_was_approved_on_paper(companies: Companies) -> None:
    admin = companies.people.admin
    page = f"{PAGE}/approvals/new"
    typed = {"recipient": "Auditors", "purpose": "Kept words", "scope": ["", "assets"], "valid_until": "2999-01-01"}
    bare = fill(admin, page, **typed)
    assert bare.status_code == 422 and 'id="approved_by-error"' in bare.text and "Kept words" in bare.text
    paper = {"approved_by": "Ann", "approved_on": "2026-01-01", "written_reference": "Letter 7"}
    made = fill(admin, page, **typed, **paper)
    assert made.status_code == 303
    assert _one(companies, Approval, int(made.location.rsplit("/", 1)[1])).written_reference == "Letter 7"
    assert "approved_by" not in companies.people.owner.get(page).text, "his own people approve in their own name"


def test_custody_from_taking_to_closing(companies: Companies) -> None:
    admin = companies.people.admin
    made = fill(admin, f"{PAGE}/custody/new", title="Firmware analysis", reference="RMA 7")
    page = made.location
    assert made.status_code == 303
    bad = fill(admin, page, f"{page}/items", what="Kept disk", taken_from="", quantity="many")
    assert bad.status_code == 422 and 'id="taken_from-error"' in bad.text and 'value="Kept disk"' in bad.text
    asset = f"{CANARY}-SN #{companies.acme['asset']}"
    assert (
        fill(admin, page, f"{page}/items", what="Disk", taken_from="Ann", quantity="2", asset=asset).status_code == 303
    )
    assert fill(admin, page, f"{page}/items", what="Dump", taken_from="Ann", kind="digital_copy").status_code == 303
    disk, dump = (
        visible(CustodyItem, companies.house.system).where(CustodyItem.what == what).get() for what in ("Disk", "Dump")
    )
    assert (disk.quantity, disk.asset_id) == (2, companies.acme["asset"])
    assert fill(admin, page, f"{page}/finish").status_code == 303
    assert "Overdue" in admin.get(page).text and "should have gone back" in companies.people.reader.get(PAGE).text
    early = admin.request("POST", f"{page}/close")
    assert early.status_code == 409 and "still out" in early.text
    empty = fill(admin, page, f"{page}/items/{disk.id}/settle", returned_to="")
    assert empty.status_code == 422 and "field-error" in empty.text
    assert fill(admin, page, f"{page}/items/{disk.id}/settle", returned_to="Ann").status_code == 303
    assert fill(admin, page, f"{page}/items/{dump.id}/settle", deletion_method="Shredded").status_code == 303
    assert "to Ann" in admin.get(page).text and "Shredded" in admin.get(page).text
    assert fill(admin, page, f"{page}/close").status_code == 303
    assert (
        visible(CustodyTask, companies.house.system).where(CustodyTask.title == "Firmware analysis").get().state
        == "closed"
    )


def test_things_of_another_company_or_task_are_not_there(companies: Companies) -> None:
    admin, mine, theirs = companies.people.admin, companies.acme, companies.globex
    for path in ("approvals/{approval}", "custody/{task}", "packages/{package}", "packages/{package}/file"):
        assert admin.get(f"{PAGE}/{path.format(**theirs)}").status_code == 404, path
    foreign = f"{PAGE}/custody/{mine['task']}/items/{theirs['item']}/settle"
    assert admin.request("POST", foreign, data={"returned_to": "x"}).status_code == 404
    assert (
        admin.request("POST", f"{PAGE}/approvals/{theirs['approval']}/revoke", data={"reason": "x"}).status_code == 404
    )
    assert _one(companies, CustodyItem, theirs["item"]).returned_at is None


def test_who_may_not(companies: Companies) -> None:
    people, ids = companies.people, companies.acme
    seen = people.reader.get(PAGE)
    assert seen.status_code == 200 and "In custody" in seen.text
    assert "Packages of all data" not in seen.text and "Approved disclosures" not in seen.text
    for path in (f"packages/{ids['package']}", f"approvals/{ids['approval']}", "custody/new", "leaving", "erase"):
        assert people.reader.get(f"{PAGE}/{path}").status_code == 403, path
    assert people.stranger.get(PAGE).status_code == 404
    for path in ("leaving", "erase"):
        assert people.owner.get(f"{PAGE}/{path}").status_code == 403, path


def test_a_customer_leaves_and_is_erased_in_two_steps(companies: Companies) -> None:
    admin, acme = companies.people.admin, companies.acme
    bad = fill(admin, f"{PAGE}/leaving", reference="", waiver_by="Kept name")
    assert bad.status_code == 422 and 'value="Kept name"' in bad.text
    half = fill(admin, f"{PAGE}/leaving", reference="Letter", waiver_by="Ann")
    assert half.status_code == 422 and 'id="waiver_reference-error"' in half.text
    assert fill(admin, f"{PAGE}/leaving", reference="Letter 8").status_code == 303
    page = admin.get(f"{PAGE}/leaving").text
    assert "still out" in page and f"{PAGE}/erase" not in page and "Letter 8" in admin.get(PAGE).text
    early = fill(admin, f"{PAGE}/erase", confirm="acme")
    assert early.status_code == 409 and "still out" in early.text
    settle(companies)
    assert f'href="{PAGE}/erase"' in admin.get(f"{PAGE}/leaving").text
    wrong = fill(admin, f"{PAGE}/erase", confirm="globex")
    assert wrong.status_code == 422 and 'id="confirm-error"' in wrong.text
    begun = fill(admin, f"{PAGE}/erase", confirm="acme", scrub="")
    assert begun.status_code == 303 and begun.location.startswith("/settings/erasures/")
    found = Erasure.get(Erasure.former_id == acme["customer"])
    assert found.state == "done"
    shown = admin.get(begun.location).text
    assert "Done" in shown and "CERTIFICATE OF ERASURE" in shown and CANARY not in shown
    certificate = admin.get(f"{begun.location}/certificate")
    assert certificate.json["signature"] == found.signature
    assert found.number in certificate.headers["Content-Disposition"]
    assert found.number in admin.get("/settings/erasures").text
    assert admin.get(PAGE).status_code == 404


def test_an_erasure_under_way_and_a_customer_who_stays(companies: Companies) -> None:
    admin = companies.people.admin
    known = {"total": 10, "scrub": True}
    Erasure.update(state="running", stage="files", conditions=known, counts={"asset": 4, "~files": 2}).execute()
    page = admin.get("/settings/erasures/1").text
    assert "hx-get" in page and "Files" in page and "4 of 10 rows" in page and "Look again" in page
    assert admin.get("/settings/erasures/1/certificate").status_code == 404
    part = admin.get("/settings/erasures/1", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    Erasure.update(state="failed", error="OSError").execute()
    failed = admin.get("/settings/erasures/1").text
    assert "OSError" in failed and "hx-get" not in failed
    assert fill(admin, f"{PAGE}/leaving", f"{PAGE}/leaving/cancel").status_code == 303
    assert "It is on record" not in admin.get(PAGE).text
    assert admin.request("POST", f"{PAGE}/leaving/cancel", data={"version": "1"}).status_code == 404


def test_pages_cost_the_same_however_much_there_is(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, ids = companies.people.admin, companies.acme
    pages = [PAGE, f"{PAGE}/custody/{ids['task']}"]
    with statements(monkeypatch) as few:
        for page in pages:
            admin.get(page)
    for number in range(4):
        fill(admin, pages[1], f"{pages[1]}/items", what=f"W{number}", taken_from="Ann")
        fill(admin, f"{PAGE}/custody/new", title=f"T{number}")
    assert clock.now() - timedelta(days=1) < clock.now()
    with statements(monkeypatch) as many:
        for page in pages:
            admin.get(page)
    assert len(few) == len(many)

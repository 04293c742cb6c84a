"""What the forms about promises do when they are filled in well, and where a bad line of a list is named."""

import re
from datetime import UTC, datetime

import pytest

from registry.kernel import clock
from tests.web.promises import Promises, errors_of, filled, sent
from tests.web.promises import promises as promises  # a fixture


@pytest.mark.rule("S0-03")
def test_renewed_twice_a_contract_shows_three_terms_in_order(promises: Promises) -> None:
    admin, page = promises.who("admin"), f"/c/acme/contracts/{promises.contract}"
    with clock.frozen(datetime(2026, 7, 1, tzinfo=UTC)):
        for version, end in (("1", "2027-12-31"), ("2", "2028-12-31")):
            assert sent(admin, f"{page}/renew", version=version, ends_on=end).status_code == 303
    text = promises.who("reader").get(page).text
    terms = text[text.index('id="terms"') :]
    assert re.findall(r"<strong>.*?(\d{4})-01-01", terms)[:3] == ["2026", "2027", "2028"]


def test_a_contract_is_made_covers_something_and_its_duty_is_done(promises: Promises) -> None:
    admin = promises.who("admin")
    fields = {"number": "C-8", "title": "More care", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
              "renewal": "tacit", "renewal_period_count": "6", "renewal_period_unit": "M"}  # fmt: skip
    page = sent(admin, "/c/acme/contracts/new", **fields).location
    assert "6 months" in admin.get(page).text
    chosen = {"covers": "licence", "licence": f"seats #{promises.licence}", "asset": "left over", "terms": "software"}
    assert sent(admin, f"{page}/lines/new", **chosen).status_code == 303
    duty = {"title": "Quarterly report", "kind": "report", "often": "every", "due_on": "2026-03-31", "every_count": "3",
            "every_unit": "M", "per_year": "9"}  # fmt: skip
    assert sent(admin, f"{page}/duties/new", **duty).status_code == 303
    text = admin.get(page).text
    assert "Watcher seats" in text and "every 3 months" in text and "Patrols" in text
    done = re.findall(rf'href="({page}/duties/\d+/done)"', text)[0]
    assert sent(admin, done, done_on="2026-03-30", done_by="Ilze", note="sent").status_code == 303
    assert "Done once" in admin.get(page).text


@pytest.mark.parametrize(("often", "typed", "where"), [
    ("once", {}, "due_on"), ("every", {"due_on": "2026-03-31"}, "every_count"), ("every", {}, "every_count"),
    ("every", {"every_count": "3", "every_unit": "M"}, "due_on"), ("per_year", {"due_on": "2026-03-31"}, "per_year"),
])  # fmt: skip
def test_a_duty_is_owed_as_often_as_was_chosen(
    promises: Promises, often: str, typed: dict[str, str], where: str
) -> None:
    """What is left empty makes it no duty of every day."""
    page = f"/c/acme/contracts/{promises.contract}/duties/new"
    answer = sent(promises.who("admin"), page, title="Cleaning", kind="patrol", often=often, **typed)
    assert answer.status_code == 422 and f'id="{where}-error"' in answer.text
    assert 'value="Cleaning"' in answer.text and re.search(rf'value="{often}"[^>]* checked', answer.text)


def test_a_licence_is_entered_assigned_and_taken_back(promises: Promises) -> None:
    owner = promises.who("owner")
    fields = {"product": f"Watcher #{promises.tool}", "name": "Two seats", "metric": "device", "quantity": "1",
              "reassignable": ["", "true"], "hard_limit": ["", "true"], "cost": "1,250.50",
              "currency": "EUR"}  # fmt: skip
    page = sent(owner, "/c/acme/licences/new", **fields).location
    assert "€1,250.50" in owner.get(page).text and "1 free" in owner.get(page).text
    assert sent(owner, f"{page}/assignments", contact=f"Janis #{promises.contact}").status_code == 303
    full = sent(owner, f"{page}/assignments", asset=f"#{promises.asset}")
    assert full.status_code == 409 and "None left" in full.text and "Janis Berzins" in full.text
    back = re.findall(rf'action="({page}/assignments/\d+/release)"', full.text)[0]
    assert sent(owner, back).status_code == 303
    assert "Janis Berzins" not in owner.get(page).text and "Janis Berzins" in owner.get(f"{page}?active=false").text


def test_editing_a_licence_keeps_its_key_until_it_is_replaced_or_forgotten(promises: Promises) -> None:
    owner, page = promises.who("owner"), f"/c/acme/licences/{promises.licence}"

    def key(version: str, **change: object) -> str:
        fields = {**filled(owner.get(f"{page}/edit").text), "version": version, **change}
        assert sent(owner, f"{page}/edit", **fields).status_code == 303
        found = re.search(r'<code class="token">(.*?)</code>', owner.post(f"{page}/key").text)
        return found.group(1) if found else ""

    assert key("1", notes="kept") == "QX7T-PLAIN-KEY-9081"
    assert key("2", key="ANOTHER-KEY-0001") == "ANOTHER-KEY-0001"
    assert key("3", forget_key=["", "true"]) == ""


def test_a_product_with_its_requirements_goes_through_the_form_without_loss(promises: Promises) -> None:
    admin, page = promises.who("admin"), f"/products/{promises.product}"
    before = admin.get(f"/api/v1{page}").json
    assert sent(admin, f"{page}/edit", **filled(admin.get(f"{page}/edit").text)).status_code == 303
    after = admin.get(f"/api/v1{page}").json
    assert {name for name in before if before[name] != after[name]} <= {"version", "changed_at"}


def test_a_bad_requirement_is_named_in_its_line(promises: Promises) -> None:
    fields = {"name": "Edge", "version": "1", "parameters-0-name": "", "parameters-1-name": "Power",
              "parameters-1-min": "low", "parameters-2-name": "Heat", "parameters-2-min": "5",
              "parameters-2-max": "1"}  # fmt: skip
    answer = sent(promises.who("admin"), f"/products/{promises.product}/edit", **fields)
    assert answer.status_code == 422 and 'value="low"' in answer.text
    assert {"parameters-1-min", "parameters-2-min"} <= errors_of(answer.text).keys()


def test_customers_have_products_of_their_own_and_touch_no_others(promises: Promises) -> None:
    colleague = promises.who("colleague")
    fields = {"name": "Own box", "kind": "hardware"}
    assert sent(colleague, "/products/new", **fields).status_code == 403
    page = sent(colleague, "/products/new", **fields, customer="acme").location
    assert sent(colleague, f"{page}/documents", kind="guide", title="Own guide").status_code == 303
    remove = re.findall(rf'action="({page}/documents/\d+/remove)"', colleague.get(page).text)[0]
    assert promises.who("stranger").post(remove).status_code == 404
    assert promises.who("stranger").get(page).status_code == 404
    assert promises.who("reader").post(remove).status_code == 403
    assert sent(colleague, remove).status_code == 303 and "Own guide" not in colleague.get(page).text
    assert sent(colleague, f"/products/{promises.product}/documents", kind="guide", title="x").status_code == 403


def test_a_warranty_is_given_extended_moved_and_void_as_the_page_says(promises: Promises) -> None:
    admin = promises.who("admin")
    other = promises.house.asset(serial="NEXT-1", product=promises.product).id
    given = {"licence": f"seats #{promises.licence}", "terms": "software", "starts_on": "2026-02-01"}
    made = sent(admin, "/c/acme/warranties/new", **given).location
    assert "1 Feb 2026" in promises.who("reader").get(made).text
    foreign = sent(admin, "/c/acme/warranties/new", terms="hardware", asset=f"#{promises.world.other}")
    assert foreign.status_code == 422 and "asset" in errors_of(foreign.text)
    page = f"/c/acme/warranties/{promises.warranty}"
    assert sent(admin, f"{page}/extend", version="1", by="P1Y", reason="goodwill").status_code == 303
    assert "goodwill" in admin.get(page).text and "Before:" in admin.get(page).text
    moved = sent(admin, f"{page}/move", version="2", asset=f"NEXT-1 #{other}", on="2026-06-01").location
    assert "Inherited from" in admin.get(moved).text and "Moved to another unit" in admin.get(page).text
    assert sent(admin, f"{made}/void", version="1", on="2026-03-01", reason="never paid").status_code == 303
    assert "never paid" in promises.who("owner").get(made).text

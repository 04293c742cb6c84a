"""What happened, as pages show it: filters, differences in words, links, and how far the chain was checked."""

import re
from typing import Any

import pytest

from registry.actions import Action
from registry.kernel import audit, chain_check, db
from registry.kernel.audit import AuditEntry, ChainHead
from registry.people.service import set_role
from registry.people.tokens import create_token
from registry.web import customer
from registry.web.history.entries import told
from registry.web.words.history import DONE
from tests.two_companies import CANARY, Companies
from tests.web.forms import fill, statements

PAGE = "/c/acme/history"


def _entries(text: str) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong>", text.split('class="lines entries"')[1]) if "entries" in text else []


def test_a_change_is_told_in_words_with_names_and_a_link(companies: Companies) -> None:
    owner, ids = companies.people.owner, companies.acme
    assert owner.patch(f"/api/v1/assets/{ids['asset']}", {"status": "in_repair", "site": None}).status_code == 200
    text = owner.get(PAGE).text
    first = text.split('class="lines entries"')[1].split("</li>\n    <li>")[0]
    assert "Asset changed" in first and f'href="/c/acme/assets/{ids["asset"]}"' in first
    assert f"<del>{CANARY} site</del>" in first, "ids are said as names"
    assert "In repair" in first and "alice" in first and "in_repair" not in first
    made = owner.get(f"{PAGE}?action=asset.created&object_id={ids['asset']}").text
    assert "<ins>1 Jan 2026</ins>" in made and "2026-01-01" not in made.split('class="lines entries"')[1]


def test_why_something_was_given_out_is_said_in_words(companies: Companies) -> None:
    owner, admin = companies.people.owner, companies.people.admin
    for person in (owner, admin):
        assert person.get("/api/v1/exports/assets.csv?customer=acme&q=sn").status_code == 200
    text = owner.get(PAGE).text
    assert "Own data" in text and "Service work" in text and "own data" not in text and "own work" not in text


def test_filters_narrow_and_say_what_is_wrong_with_them(any_companies: Companies) -> None:
    companies = any_companies
    owner = companies.people.owner
    assert set(_entries(owner.get(f"{PAGE}?action=site.created").text)) == {"Site added"}
    assert set(_entries(owner.get(f"{PAGE}?object_type=contact").text)) == {"Contact added"}
    assert "Contract added" not in _entries(owner.get(f"{PAGE}?who=ALICE").text)
    assert "Nothing fits" in owner.get(f"{PAGE}?until=2001-01-01").text
    assert _entries(owner.get(f"{PAGE}?since=2001-01-01").text)
    bad = owner.get(f"{PAGE}?since=never&who=kept")
    assert bad.status_code == 422 and 'id="since-error"' in bad.text and 'value="kept"' in bad.text
    assert owner.get(f"{PAGE}?customer=globex").status_code in (200, 422)
    assert "GLOBEX" not in owner.get(f"{PAGE}?customer=globex").text
    request_id = AuditEntry.get(AuditEntry.action == "site.created", AuditEntry.request_id.is_null(False)).request_id
    assert f"request={request_id}" in owner.get(f"{PAGE}?action=site.created").text
    assert _entries(owner.get(f"{PAGE}?request={request_id}").text) == ["Site added"]


def test_pages_follow_one_another_without_gap(companies: Companies) -> None:
    owner, address, seen = companies.people.owner, PAGE, list[int]()
    while address:
        text = owner.get(address).text
        assert len(text) < 60_000
        seen += [int(one) for one in re.findall(r"No\. (\d+)", text)]
        following = re.search(r'href="([^"]+)" rel="next"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    length = ChainHead.get(ChainHead.customer_id == companies.acme["customer"]).seq
    assert seen == list(range(length, 0, -1))


def test_the_house_names_nobody_of_its_customers(companies: Companies) -> None:
    """An account at two companies has no chain but the house's, and there it is a number."""
    set_role(companies.house.system, companies.people.reader.user.id, "reader", companies.globex["customer"])
    companies.people.admin.post(f"/api/v1/users/{companies.people.reader.user.id}/end-sessions")
    text = companies.people.admin.get("/history?customer=house&action=user.sessions_ended").text
    entries = text.split('class="lines entries"')[1]
    assert f"Account {companies.people.reader.user.id}" in entries
    assert "carol" not in entries and "app_user" not in entries, entries


def test_who_may_read_which(companies: Companies) -> None:
    people = companies.people
    assert people.reader.get(PAGE).status_code == people.colleague.get(PAGE).status_code == 403
    assert people.stranger.get(PAGE).status_code == 404
    assert people.engineer.get("/history").status_code == 403
    own = people.stranger.get("/history")
    assert own.status_code == 200 and CANARY not in own.text and "Check now" not in own.text
    house = people.auditor.get("/history?customer=house").text
    assert "Check now" in house and "in the house" in house and "at Acme" not in house
    assert people.auditor.get("/history?customer=nowhere").status_code == 422
    assert people.owner.request("POST", "/history/check").status_code == 403
    assert people.reader.request("POST", f"{PAGE}/check").status_code == 403


def test_the_house_chooses_whose_by_name(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = companies.people.admin
    text = admin.get("/history?customer=acme").text
    assert f"at {CANARY}" in text and "at acme" not in text
    chosen = re.search(r'<select[^>]* name="customer">.*?</select>', text, re.DOTALL)
    assert chosen and '<option value="acme" selected>CANARY' in chosen[0]
    assert '<option value="house">The house</option>' in chosen[0] and '<option value="globex">GLOBEX' in chosen[0]
    monkeypatch.setattr(customer, "MOST_CHOICES", 1)
    assert re.search(r'<input[^>]* name="customer"[^>]* value="acme"', admin.get("/history?customer=acme").text)


def test_what_was_chosen_for_an_import_is_told_in_words(companies: Companies) -> None:
    chosen = {
        "encoding": "utf-8-sig",
        "create_missing": True,
        "date_order": "dmy",
        "mapping": {"Lieferdatum": "delivered_on"},
    }
    entry = {"action": Action.IMPORT_PREPARED, "object_type": "import_session", "object_id": None, "customer_id": None,
             "label": "assets from a.csv", "before": None, "after": {"options": chosen}}  # fmt: skip
    with companies.house.app.test_request_context():
        changes = {one.field: one.after for one in told(companies.house.system, [entry])[0]["changes"]}
    assert changes.pop("Mapping · Lieferdatum") == "Delivered"
    assert changes.pop("Options · Add products and sites that are not known yet") == "yes"
    assert not [said for said in (*changes, *changes.values()) if re.search(r"_|dmy|utf-8$", said)], changes


def test_the_chain_is_checked_a_piece_at_a_time(any_companies: Companies) -> None:
    companies = any_companies
    owner, chain = companies.people.owner, companies.acme["customer"]
    length = ChainHead.get(ChainHead.customer_id == chain).seq
    assert f"{length} entries, not checked yet" in owner.get(PAGE).text
    found = chain_check.check_on(chain, 10)
    assert (found.verified, found.whole, found.fault) == (10, False, None)
    assert f"Up to entry 10 of {length}" in owner.get(PAGE).text
    assert fill(owner, PAGE, f"{PAGE}/check").status_code == 303
    assert f"All {length} entries, checked" in owner.get(PAGE).text
    assert chain_check.check_on(chain, 10).verified == 10, "once all were, it begins again"


@pytest.mark.parametrize("how", ["changed", "removed", "last removed", "head"])
def test_a_damaged_chain_is_named(companies: Companies, how: str) -> None:
    owner, chain = companies.people.owner, companies.acme["customer"]
    length = ChainHead.get(ChainHead.customer_id == chain).seq
    one: Any = (AuditEntry.customer_id == chain) & (AuditEntry.seq == (length if how == "last removed" else 7))
    for name in ("audit_entry_no_update", "audit_entry_no_delete"):
        db.run_sql(f"DROP TRIGGER {name}")
    if how == "changed":
        AuditEntry.update(label="forged").where(one).execute()
    elif how == "head":
        ChainHead.update(hash="0" * 64).where(ChainHead.customer_id == chain).execute()
    else:
        AuditEntry.delete().where(one).execute()
    answer = owner.request("POST", f"{PAGE}/check")
    assert answer.status_code == 409 and "Not sound" in answer.text
    if how in ("changed", "removed"):
        assert "Entry 7" in answer.text
        assert ChainHead.get(ChainHead.customer_id == chain).verified_seq == 6
    assert next(iter(audit.verify(chain))).fault, "the whole check agrees"


def test_an_empty_chain_can_be_checked() -> None:
    assert chain_check.Standing(0, 0, None).whole


def test_pages_cost_the_same_however_much_happened(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = companies.people.owner
    with statements(monkeypatch) as few:
        owner.get(f"{PAGE}?action=asset.created")
    for number in range(6):
        companies.house.asset("acme", f"S{number}", product=companies.shared, site=companies.acme["site"])
    with statements(monkeypatch) as many:
        assert len(_entries(owner.get(f"{PAGE}?action=asset.created").text)) >= 8
    assert len(many) <= len(few) + 1, "a product more than an optic's slot may be named, but no row asks by itself"
    assert db.is_sqlite()


def test_a_token_without_the_right_reads_nothing(companies: Companies) -> None:
    owner = companies.people.owner
    _, token = create_token(companies.house.system, owner.user, name="few", scope=["customer.view"], days=1)
    answer = companies.house.client.get(PAGE, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_every_action_has_a_word() -> None:
    assert not {str(action) for action in Action} ^ DONE.keys()

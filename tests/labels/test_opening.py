"""Somebody opens a code: who may see the unit is led there, everybody else learns what the label itself says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from peewee import fn

from registry.assets.models import Asset
from registry.kernel import clock
from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.db import database
from registry.kernel.throttle import Limit
from registry.labels import barcodes, resolving, scanning, service
from registry.labels.codes import grouped, new_code
from registry.labels.models import LabelCode, LabelScan
from registry.labels.scanning import forget_scans
from tests.houses import House, People


@pytest.fixture
def people(any_house: House) -> Iterator[People]:
    before = any_house.app.config["ASSETCARE"]
    found = any_house.people()
    any_house.app.config["ASSETCARE"] = replace(before, operator="Northgate IT", operator_phone="+886 2 5555 0100")
    yield found
    any_house.app.config["ASSETCARE"] = before


@pytest.fixture
def label(any_house: House, people: People) -> LabelCode:
    return service.issue(people.owner.actor, any_house.asset(serial="SN-SECRET", tag="TAG-SECRET").id)


def anonymous(house: House, code: str, **options: Any) -> Any:
    return house.client.get(f"/L/{code}", **options)


def scans(house: House) -> list[LabelScan]:
    return list(visible(LabelScan, house.system).order_by(LabelScan.id))


def test_who_may_see_the_unit_is_led_there(any_house: House, people: People, label: LabelCode) -> None:
    place = f"/c/acme/assets/{label.asset_id}"
    for person in (people.owner, people.reader, people.engineer, people.auditor):
        for written in (label.code, label.code.lower(), grouped(label.code)):
            answer = person.get(f"/L/{written}")
            assert (answer.status_code, answer.headers["Location"]) == (303, place), person.user.email
    assert people.owner.get(f"/l/{label.code.lower()}").headers["Location"] == place


def test_a_stranger_learns_whom_to_call_and_nothing_else(any_house: House, people: People, label: LabelCode) -> None:
    answer = anonymous(any_house, label.code)
    assert answer.status_code == 200 and "Northgate IT" in answer.text and 'href="tel:+886255550100"' in answer.text
    assert "This item is registered" in answer.text and f"next=/L/{label.code}" in answer.text.replace("%2F", "/")
    for secret in ("SECRET", "Acme", "acme", "Product of", label.label):
        assert secret not in answer.text, secret


def test_a_code_of_others_answers_as_one_that_there_is_not(any_house: House, people: People, label: LabelCode) -> None:
    """Byte for byte, and by the same statements."""
    batch = service.make_batch(people.account_manager.actor, None, 1)
    free = service.free_codes(people.account_manager.actor, None, batch)[0]
    other = service.issue(people.owner.actor, any_house.asset(serial="SN-2").id)
    service.revoke(people.owner.actor, other.id, "", 0)
    former = service.issue(people.owner.actor, any_house.asset(serial="SN-3").id)
    service.reissue(people.owner.actor, former.id, 0)
    unknown = new_code()
    known = {"foreign": label, "free": free, "revoked": other, "replaced": former}
    for ask in (lambda code: anonymous(any_house, code), lambda code: people.stranger.get(f"/L/{code}")):
        ask(new_code())  # whatever is made at the first request
        answers, statements = {}, {}
        for name, code in {"unknown": unknown, **{name: row.code for name, row in known.items()}}.items():
            ran: list[str] = []
            with pytest.MonkeyPatch.context() as patch:
                real = type(database.obj).execute_sql
                patch.setattr(
                    type(database.obj), "execute_sql",
                    lambda self, sql, *more, ran=ran, real=real: (ran.append(sql), real(self, sql, *more))[1],
                )  # fmt: skip
                answer = ask(code)
            headers = {key: value for key, value in answer.headers if key not in ("X-Request-Id", "Content-Length")}
            answers[name] = (answer.status_code, headers, answer.data.replace(code.encode(), b"CODE"))
            statements[name] = ran
        assert len({repr(answer) for answer in answers.values()}) == 1, answers
        assert statements["unknown"] and all(ran == statements["unknown"] for ran in statements.values()), statements


def test_opening_changes_nothing_but_the_log(any_house: House, people: People, label: LabelCode) -> None:
    before = AuditEntry.select(fn.MAX(AuditEntry.id)).scalar()
    version = visible(Asset, any_house.system).where(Asset.id == label.asset_id).get().version
    people.owner.get(f"/L/{label.code}")
    anonymous(any_house, label.code)
    assert AuditEntry.select(fn.MAX(AuditEntry.id)).scalar() == before
    assert visible(Asset, any_house.system).where(Asset.id == label.asset_id).get().version == version
    assert service.get_label(people.owner.actor, label.id).version == label.version
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert any_house.client.open(f"/L/{label.code}", method=method).status_code == 405


def test_scans_are_logged_once_in_a_while(any_house: House, people: People, label: LabelCode) -> None:
    for _again in range(3):
        people.owner.get(f"/L/{label.code}")
        people.stranger.get(f"/L/{label.code}")
        anonymous(any_house, label.code)
    found = scans(any_house)
    assert [(row.user_name, row.customer_id) for row in found] == [
        (people.owner.actor.name, label.customer_id), (None, label.customer_id)
    ], "who has no business with the unit is not named to its owner"  # fmt: skip
    assert {row.address for row in found} == {"127.0.0.1"} and len({row.code for row in found}) == 1
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        anonymous(any_house, label.code)
    assert len(scans(any_house)) == 3
    listed = people.owner.get("/api/v1/label-scans").json["items"]
    assert [row["user"] for row in listed] == [people.owner.actor.name, None, None]
    assert people.stranger.get("/api/v1/label-scans").json["items"] == []
    assert people.reader.get("/api/v1/label-scans").status_code == 403
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert forget_scans() == 3
    assert scans(any_house) == []


def test_wrong_codes_are_throttled_alike(
    any_house: House, people: People, label: LabelCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "STRANGERS", Limit(6, 60))
    for ask in (lambda code: anonymous(any_house, code), lambda code: people.stranger.get(f"/L/{code}")):
        answers = [ask(code).status_code for code in (new_code(), "nonsense", label.code, new_code(), label.code)]
        assert answers == [200, 404, 200, 429, 429], "codes that there are count as those that there are not"
    assert "Retry-After" in anonymous(any_house, new_code()).headers
    low, spelt = new_code().lower(), "".join(f"%{ord(char):02X}" for char in new_code())
    for path in (f"/L/{low}", f"/l/{low}", f"/L/{spelt}", f"/L/{label.label}", "/L/nonsense"):
        for sent in ({}, {"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}):
            assert any_house.client.get(path, headers=sent).status_code == 429, (path, sent)
    assert people.owner.get(f"/L/{label.code}").status_code == 303, "who may see the unit is not held up"
    assert len(scans(any_house)) == 4, "what is refused does not fill the log"


def test_old_codes_lead_on_and_on(any_house: House, people: People, label: LabelCode) -> None:
    owner = people.owner
    now = label
    for _step in range(3):
        now = service.reissue(owner.actor, now.id, 0)
    place = f"/c/acme/assets/{label.asset_id}"
    assert owner.get(f"/L/{label.code}").headers["Location"] == place
    assert owner.get(f"/api/v1/labels/resolve?q={label.code}").json["code"] == now.code
    service.revoke(owner.actor, now.id, "copied", 0)
    answer = owner.get(f"/api/v1/labels/resolve?q={label.code}").json
    assert answer["state"] == "revoked", "what leads to a revoked label is not valid either"
    fresh = service.issue(owner.actor, label.asset_id)
    assert owner.get(f"/L/{fresh.code}").headers["Location"] == place
    answer = owner.get(f"/L/{label.code}")
    assert answer.headers["Location"] == place and "told=" in answer.headers["Set-Cookie"]


def test_a_free_label_leads_to_where_it_is_claimed(any_house: House, people: People) -> None:
    batch = service.make_batch(people.account_manager.actor, None, 1)
    code = service.free_codes(people.account_manager.actor, None, batch)[0].code
    assert people.engineer.get(f"/L/{code}").headers["Location"] == f"/labels/claim/{code}"
    assert people.owner.get(f"/L/{code}").status_code == 200, "a label of the house is a stranger's to customers"
    assert {people.owner.get(f"/labels/claim/{one}").status_code for one in (code, new_code(), "x")} == {404}
    asset = any_house.asset(serial="SN-55-X")
    assert "SN-55-X" in people.engineer.get(f"/labels/claim/{code}?q=55-X").text
    answer = people.engineer.request("POST", f"/labels/claim/{code}", data={"asset": str(asset.id)})
    assert answer.headers["Location"] == f"/c/acme/assets/{asset.id}"
    assert people.owner.get(f"/L/{code}").headers["Location"] == f"/c/acme/assets/{asset.id}"


def test_plugins_may_lead_elsewhere(
    any_house: House, people: People, label: LabelCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "TARGETS", [])
    monkeypatch.setattr("registry.web.labels.TARGETS", scanning.TARGETS)
    scanning.declare_target(lambda actor, opened: None)
    scanning.declare_target(lambda actor, opened: "//evil.example")
    scanning.declare_target(lambda actor, opened: f"/x/rma/{opened.asset_id}?{actor.user_id}")
    where = f"/x/rma/{label.asset_id}?{people.owner.user.id}"
    assert people.owner.get(f"/L/{label.code}").headers["Location"] == where
    assert people.stranger.get(f"/L/{label.code}").status_code == 200


# --- Typing ----------------------------------------------------------------------------------------------------


def test_the_box_takes_whatever_stands_on_a_unit(any_house: House, people: People, label: LabelCode) -> None:
    barcodes.link_barcode(people.owner.actor, label.asset_id, {"text": "4006381333931"})
    digital = "https://id.example.com/01/09506000134352/21/SN-SECRET"
    here = f"HTTPS://ASSETS.EXAMPLE.COM/L/{label.code}"
    for text in (
        label.code,
        f" {grouped(label.code).lower()} ",
        here,
        "4006381333931",
        "SN-SECRET",
        "TAG-SECRET",
        digital,
    ):
        answer = people.reader.get("/scan", query_string={"q": text})
        assert answer.headers.get("Location") == f"/c/acme/assets/{label.asset_id}", text
        stranger = people.stranger.get("/scan", query_string={"q": text})
        assert stranger.status_code == 404 and "SECRET" not in stranger.text.replace(text.strip(), ""), text
    assert any_house.client.get("/scan?q=SN-SECRET").headers["Location"].startswith("/sign-in")


def test_several_units_of_one_name_are_offered(any_house: House, people: People) -> None:
    product = any_house.product().id
    any_house.asset(serial="SAME", product=product)
    any_house.asset("globex", "SAME", product=product)
    both = people.engineer.get("/scan?q=SAME")
    assert both.status_code == 200 and both.text.count(">SAME<") == 2
    assert people.owner.get("/scan?q=SAME").status_code == 303


def test_a_slip_is_told_from_what_there_is_not(any_house: House, people: People, label: LabelCode) -> None:
    wrong = label.code[:-1] + ("2" if label.code[-1] != "2" else "3")
    assert "A character of this code is wrong" in people.owner.get(f"/scan?q={wrong}").text
    assert "Nothing that you can see" in people.owner.get(f"/scan?q={new_code()}").text
    for text in ("a\x00b", "\ud800", "x" * 500):
        assert people.owner.get("/scan", query_string={"q": text.encode("utf-8", "surrogatepass")}).status_code in (
            404,
            422,
        )


def test_a_plugin_may_know_more_texts(any_house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = any_house.asset(serial="SN-9")
    monkeypatch.setattr(resolving, "RESOLVERS", {})
    resolving.declare_resolver(
        "rma", lambda actor, text: resolving.Meaning("rma", None, [asset.id]) if text == "RMA-1" else None
    )
    assert people.owner.get("/api/v1/labels/resolve?q=RMA-1").json["how"] == "rma"
    assert people.owner.get("/api/v1/labels/resolve?q=SN-9").json["how"] == "serial"
    assert people.stranger.get("/api/v1/labels/resolve?q=RMA-1").json["assets"] == [], "the list is the actor's own"

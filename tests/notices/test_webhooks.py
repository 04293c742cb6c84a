"""Webhooks: who hears what, in which words, signed how, and what happens when nobody answers."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.actions import Action
from registry.kernel import clock, db, destinations, events, metrics, outgoing
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry, verify
from registry.kernel.mail import Mail
from registry.kernel.outgoing import Answer
from registry.kernel.secrets import vault
from registry.notices import webhook_sending, webhooks
from registry.notices.webhook_events import GROUPS, NAMES, OBJECTS, listens, signature, somebody_listens
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.notices.webhook_sending import Courier, pause_after, rest_after
from registry.people.models import User
from tests.houses import House, People, Person
from tests.receivers import Receiver, closed_port, receiver
from tests.security.nursery import Forked, shared

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
V1 = "/api/v1/webhooks"
ALL = list(GROUPS)


@pytest.fixture(autouse=True)
def _this_machine_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "_allowed", outgoing.networks(["127.0.0.0/8"]))


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def prepare(house: House) -> People:
    house.app  # noqa: B018 - as it is made the settings are read
    outgoing.use(["127.0.0.0/8"])
    return house.people()


def made(person: Person, url: str, patterns: list[str] | None = None, **more: Any) -> dict[str, Any]:
    answer = person.post(V1, {"name": "Ours", "url": url, "events": patterns or ALL, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def tell(name: str = "asset.created", customer: int | None = 1, number: int = 7) -> None:
    with db.transaction():
        events.emit(name, customer, "asset", number)


def carry_all(courier: Courier | None = None) -> None:
    """What the worker does, until there is nothing to do."""
    while events.deliver_due():
        pass
    sender = courier or Courier()
    while sender.carry():
        pass


def log_of(person: Person, webhook_id: int, query: str = "") -> list[dict[str, Any]]:
    return list(person.get(f"{V1}/{webhook_id}/deliveries?{query}").json["items"])


def rows() -> list[WebhookDelivery]:
    return list(visible(WebhookDelivery, Actor.system()).order_by(WebhookDelivery.id))


def row_of(webhook_id: int) -> Webhook:
    return visible(Webhook, Actor.system()).where(Webhook.id == webhook_id).get()


# --- What arrives ------------------------------------------------------------------------------------------


def test_an_event_arrives_signed(any_house: House, server: Receiver) -> None:
    people = prepare(any_house)
    mine = made(people.owner, server.url, ["asset.created"])
    asset = any_house.asset("acme", "SN-1")
    carry_all()
    assert len(server.seen) == 1
    seen = server.seen[0]
    body = json.loads(seen.body)
    event = events.Event.get(events.Event.name == "asset.created")
    assert body == {
        "id": seen.headers["assetcare-delivery"],
        "api": 1,
        "event": "asset.created",
        "at": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "customer": "acme",
        "object": {"type": "asset", "id": asset.id},
        "data": {"label": asset.label, "link": f"{any_house.settings.address}/api/v1/assets/{asset.id}"},
    }
    assert len(body["id"]) == 32 and seen.headers["assetcare-event"] == "asset.created"
    assert seen.headers["content-type"] == "application/json" and seen.headers["user-agent"].startswith("Assetcare/")
    moment = int(seen.headers["assetcare-signature"].split(",")[0].removeprefix("t="))
    assert seen.headers["assetcare-signature"] == signature([mine["secret"]], moment, seen.body)
    assert abs(moment - clock.now().timestamp()) < 60
    entry = log_of(people.owner, mine["id"])[0]
    assert (entry["state"], entry["tries"], entry["outcome"]) == ("done", 1, "answered 204")
    assert entry["milliseconds"] is not None and entry["delivery"] == body["id"] and "body" not in entry
    assert people.owner.get(f"{V1}/{mine['id']}").json["last_ok_at"]


def test_the_words_have_not_changed(house: House, server: Receiver) -> None:
    """Receivers have programs for exactly this: a new key means a new version of the messages."""
    people = prepare(house)
    made(people.owner, server.url)
    house.asset("acme", "SN-1")
    carry_all()
    assert server.seen
    for seen in server.seen:
        body = json.loads(seen.body)
        assert list(body) == ["id", "api", "event", "at", "customer", "object", "data"]
        assert list(body["object"]) == ["type", "id"] and list(body["data"]) == ["label", "link"]


def test_every_link_leads_to_a_route(house: House) -> None:
    rules = {rule.rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    plain = {"/".join("{}" if part.startswith("<") else part for part in rule.split("/")) for rule in rules}
    for _name, path in OBJECTS.values():
        assert path.replace("{slug}", "{}") in plain, path


def test_a_removed_thing_is_still_called_by_its_name(house: House, server: Receiver) -> None:
    people = prepare(house)
    made(people.owner, server.url, ["site.*"])
    site = people.owner.post("/api/v1/sites", {"customer": "acme", "name": "Vault"}).json["id"]
    people.owner.post("/api/v1/sites", {"customer": "acme", "name": "Cellar"})
    people.owner.delete(f"/api/v1/sites/{site}")
    carry_all()
    told = [json.loads(seen.body) for seen in server.seen]
    names = ["site.created", "site.created", "site.removed"]
    assert [one["event"] for one in told] == names, "in order, while all goes well"
    assert [one["data"]["label"] for one in told] == ["Vault", "Cellar", "Vault"]


def test_the_example_for_receivers_in_the_documents_works(house: House, server: Receiver) -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, "docs/webhooks.md", "exec"), names)  # noqa: S102 - our own document
    verified = names["verified"]
    people = prepare(house)
    mine = made(people.owner, server.url)
    house.asset("acme", "SN-1")
    carry_all()
    seen = server.seen[0]
    header, now = seen.headers["assetcare-signature"], clock.now().timestamp()
    assert verified(mine["secret"], header, seen.body, now=now)
    assert not verified(mine["secret"], header, seen.body + b" ", now=now)
    assert not verified("whsec_other", header, seen.body, now=now)
    assert not verified(mine["secret"], header, seen.body, now=now + 301) and verified(
        mine["secret"], header, seen.body, now=now + 200
    )
    assert not verified(mine["secret"], header, seen.body, now=now - 400)
    for damaged in ("", "t=1", "v1=00", header.replace("v1=", "v0="), f"t=x,{header.split(',')[1]}", "t=,v1="):
        assert not verified(mine["secret"], damaged, seen.body, now=now), damaged
    later = header.replace("t=", "t=9")
    assert not verified(mine["secret"], later, seen.body, now=float(later[2:].split(",")[0])), "the time is signed too"


# --- Who hears what ----------------------------------------------------------------------------------------


def test_patterns_are_names_and_groups_and_nothing_else() -> None:
    assert listens(["asset.created"], "asset.created") and not listens(["asset.created"], "asset.changed")
    assert listens(["asset.*"], "asset.changed") and not listens(["asset.*"], "asset_status.changed")
    assert set(NAMES) == set(Action) and "asset.*" in GROUPS and "*" not in GROUPS
    for pattern in ("*", "a*", "asset.*d", "ASSET.*", "asset", ""):
        assert not listens([pattern], "asset.created")


def test_each_company_hears_of_itself_and_the_house_of_all(any_house: House) -> None:
    people = prepare(any_house)
    with receiver() as acme, receiver() as globex, receiver() as house:
        made(people.owner, acme.url)
        made(people.stranger, globex.url)
        made(people.admin, house.url, ["asset.*", "product.*"])
        any_house.asset("acme", "A-1")
        any_house.asset("globex", "G-1")
        carry_all()
        heard = {
            name: [(one["customer"], one["data"]["label"]) for one in map(lambda s: json.loads(s.body), at.seen)]
            for name, at in (("acme", acme), ("globex", globex), ("house", house))
        }
    assert {slug for slug, _ in heard["acme"]} == {"acme"} and {slug for slug, _ in heard["globex"]} == {"globex"}
    assert any("A-1" in label for _, label in heard["acme"]) and not any("G-1" in label for _, label in heard["acme"])
    assert {slug for slug, _ in heard["house"]} == {"acme", "globex", None}, "and of the house's own catalogue"


def test_nobody_listens_costs_nothing(house: House, server: Receiver) -> None:
    people = prepare(house)
    waiting = events.Delivery.select().where(events.Delivery.subscriber == "webhooks")
    house.asset("acme", "A-1")
    assert not somebody_listens() and waiting.count() == 0
    made(people.stranger, server.url)
    house.asset("acme", "A-2")
    assert somebody_listens() and waiting.count() > 0
    carry_all()
    assert rows() == [] or all(row.customer_id == 2 for row in rows())


def test_one_that_is_switched_off_hears_nothing_and_keeps_nothing_waiting(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    tell()
    events.deliver_due()
    off = people.owner.patch(f"{V1}/{mine['id']}", {"enabled": False})
    assert off.status_code == 200 and off.json["enabled"] is False
    tell(number=8)
    carry_all()
    assert not server.seen and [row.state for row in rows()] == ["parked"] * len(rows())
    assert people.owner.patch(f"{V1}/{mine['id']}", {"enabled": True}).status_code == 200
    carry_all()
    assert not server.seen, "what was parked stays so"
    tell(number=9)
    carry_all()
    assert [json.loads(seen.body)["object"]["id"] for seen in server.seen][-1] == 9


def test_it_goes_on_when_its_maker_has_left(house: House, server: Receiver) -> None:
    people = prepare(house)
    made(people.owner, server.url, ["asset.*"])
    people.admin.post(f"/api/v1/users/{people.owner.user.id}/deactivate")
    tell()
    carry_all()
    assert len(server.seen) == 1


# --- Access ------------------------------------------------------------------------------------------------


def test_webhooks_of_the_house_are_the_administrators(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.admin, server.url)
    assert mine["customer"] is None
    for person in (people.owner, people.stranger, people.account_manager):
        assert person.get(f"{V1}/{mine['id']}").status_code == 404
        assert person.get(V1).json["items"] == []
        assert person.patch(f"{V1}/{mine['id']}", {"name": "x"}).status_code == 404
        assert person.delete(f"{V1}/{mine['id']}").status_code == 404
        for verb in ("secret", "ping"):
            assert person.post(f"{V1}/{mine['id']}/{verb}").status_code == 404
        assert person.get(f"{V1}/{mine['id']}/deliveries").status_code == 404
    body = {"name": "x", "url": server.url, "events": ALL}
    assert people.account_manager.post(V1, body).status_code == 403
    assert people.engineer.get(V1).status_code == 403 and people.reader.get(V1).status_code == 403
    assert len(people.admin.get(V1).json["items"]) == 1


@pytest.mark.rule("S0-25")
def test_where_a_customers_events_go_is_for_his_own_people_to_say(house: House, server: Receiver) -> None:
    people = prepare(house)
    body = {"name": "x", "url": server.url, "events": ALL, "customer": "acme"}
    for person in (people.account_manager, people.admin):
        assert person.post(V1, body).status_code == 403
    path = f"{V1}/{people.owner.post(V1, body).json['id']}"
    for person in (people.account_manager, people.admin):
        assert person.patch(path, {"url": f"{server.url}/elsewhere"}).status_code == 403
        assert person.patch(path, {"url": server.url, "name": person.actor.name}).status_code == 200, "no other address"
    assert people.admin.patch(path, {"enabled": False}).json["enabled"] is False
    assert people.owner.patch(path, {"url": f"{server.url}/elsewhere"}).status_code == 200


def test_what_the_house_was_told_about_a_company_is_not_the_companys(house: House, server: Receiver) -> None:
    people = prepare(house)
    made(people.admin, server.url)
    tell(customer=1)
    carry_all()
    delivery = rows()[-1]
    assert delivery.customer_id == 1, "so it goes when the company goes"
    assert people.owner.post(f"{V1}/deliveries/{delivery.id}/again").status_code == 404
    assert people.admin.post(f"{V1}/deliveries/{delivery.id}/again").status_code == 202


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://10.0.0.1/"}, "url"), ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": "http://192.168.1.1:8080/"}, "url"), ({"url": "ftp://1.1.1.1/"}, "url"), ({"url": "x"}, "url"),
        ({"url": "http://no-such-host.invalid/"}, "url"), ({"url": "http://u:p@1.1.1.1/"}, "url"),
        ({"events": []}, "events"), ({"events": ["*"]}, "events"), ({"events": ["asset.*", "nonsense"]}, "events"),
        ({"events": "asset.*"}, "events"), ({"name": ""}, "name"), ({"secret": "mine"}, "secret"), ({"api": 2}, "api"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(people: People, change: dict[str, Any], field: str) -> None:
    body = {"name": "Ours", "url": "https://1.1.1.1/hook", "events": ["asset.*"], **change}
    answer = people.owner.post(V1, body)
    assert answer.status_code == 422 and field in answer.json["errors"], answer.text
    assert people.owner.get(V1).json["items"] == []


def test_a_company_has_so_many_and_no_more(house: House, server: Receiver) -> None:
    people = prepare(house)
    for _ in range(webhooks.MOST_WEBHOOKS):
        made(people.owner, server.url)
    answer = people.owner.post(V1, {"name": "x", "url": server.url, "events": ALL})
    assert answer.status_code == 409 and answer.json["code"] == "too_many"
    made(people.stranger, server.url)


# --- Secrets -----------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_nowhere_else(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.owner, f"{server.url}/T-CANARY")
    renewed = people.owner.post(f"{V1}/{mine['id']}/secret").json
    people.owner.patch(f"{V1}/{mine['id']}", {"url": f"{server.url}/U-CANARY", "name": "Other"})
    tell()
    carry_all()
    assert mine["secret"].startswith("whsec_") and len(mine["secret"]) > 45 and renewed["secret"] != mine["secret"]
    owner = people.owner
    shown = [
        owner.get(V1).text, owner.get(f"{V1}/{mine['id']}").text, owner.get(f"{V1}/{mine['id']}/deliveries").text,
        owner.get("/api/v1/exports/webhooks.json").text, owner.get("/api/v1/exports/webhooks.csv").text,
        owner.get("/api/v1/audit").text,
    ]  # fmt: skip
    raw = "\n".join(str(tuple(row)) for row in db.run_sql("SELECT * FROM audit_entry").fetchall())
    for secret in (mine["secret"], renewed["secret"]):
        assert not any(secret in text for text in [*shown, raw])
    assert not any("CANARY" in text for text in (raw, shown[-1])), "the address is a credential with many a receiver"
    assert "Other (127.0.0.1)" in raw, "but where it leads is on record"
    table = str(db.run_sql("SELECT secret, old_secret FROM webhook").fetchall())
    assert mine["secret"] not in table and renewed["secret"] not in table, "sealed"
    assert all(state.fault is None for state in verify())


def test_for_a_day_both_secrets_sign(house: House, server: Receiver) -> None:
    people = prepare(house)
    with clock.frozen(START):
        mine = made(people.owner, server.url, ["asset.*"])
        new = people.owner.post(f"{V1}/{mine['id']}/secret").json
        tell()
        carry_all()
    with clock.frozen(START + timedelta(hours=24)):
        tell()
        carry_all()
    first, second = (seen.headers["assetcare-signature"] for seen in server.seen)
    moment = int(START.timestamp())
    assert first == signature([new["secret"], mine["secret"]], moment, server.seen[0].body) and first.count("v1=") == 2
    assert second == signature([new["secret"]], moment + 86400, server.seen[1].body) and second.count("v1=") == 1
    assert new["old_secret_until"] == "2026-05-02T12:00:00Z"


# --- Trying out --------------------------------------------------------------------------------------------


def test_a_ping_arrives_and_is_noted(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    queued = people.owner.post(f"{V1}/{mine['id']}/ping")
    assert queued.status_code == 202
    again = people.owner.post(f"{V1}/{mine['id']}/ping")
    assert again.status_code == 409, "one at a time"
    carry_all()
    body = json.loads(server.seen[0].body)
    assert (body["event"], body["id"]) == ("webhook.ping", queued.json["delivery"]) and body["customer"] == "acme"
    assert log_of(people.owner, mine["id"], "event=webhook.ping")[0]["outcome"] == "answered 204"
    actions = [row.action for row in AuditEntry.select().where(AuditEntry.object_type == "webhook")]
    assert actions == ["webhook.created", "webhook.pinged"]
    people.owner.patch(f"{V1}/{mine['id']}", {"enabled": False})
    assert people.owner.post(f"{V1}/{mine['id']}/ping").status_code == 409


def test_a_delivery_is_sent_again_under_the_same_id(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    tell()
    carry_all()
    delivery = log_of(people.owner, mine["id"])[0]
    assert people.owner.post(f"{V1}/deliveries/{delivery['id']}/again").json["delivery"] == delivery["delivery"]
    carry_all()
    assert [seen.body for seen in server.seen] == [server.seen[0].body] * 2
    entry = log_of(people.owner, mine["id"])[0]
    assert (entry["state"], entry["tries"]) == ("done", 2)


# --- When nobody answers -----------------------------------------------------------------------------------


def test_the_pauses_grow_to_about_a_day() -> None:
    total = timedelta()
    for tries in range(1, 12):
        ideal = min(10 * 3 ** (tries - 1), 6 * 3600)
        pauses = [pause_after(tries).total_seconds() for _ in range(50)]
        assert all(ideal * 0.8 <= pause <= ideal * 1.2 for pause in pauses) and len(set(pauses)) > 1, "not all at once"
        total += timedelta(seconds=ideal)
    assert timedelta(hours=20) < total < timedelta(hours=30)
    assert pause_after(10**6) <= timedelta(hours=6) * 1.2 and rest_after(10**6) <= timedelta(minutes=15) * 1.2
    assert timedelta(seconds=4) <= rest_after(1) <= timedelta(seconds=6)


def test_a_delivery_is_tried_for_a_day_and_then_parked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sending, "_about", lambda pause: pause)
    calls: list[datetime] = []
    monkeypatch.setattr(
        webhook_sending,
        "send",
        lambda *_a, **_k: calls.append(at[0]) or Answer("unreachable"),  # type: ignore[func-returns-value]
    )
    people = prepare(house)
    at = [START]
    with clock.frozen(START):
        mine = made(people.owner, "http://127.0.0.1:4242/", ["asset.*"])
        tell()
        events.deliver_due()
    while rows()[0].state == "pending" and len(calls) < 50:
        at[0] = max(rows()[0].next_at, row_of(mine["id"]).resting_until or START, at[0])
        with clock.frozen(at[0]):
            carry_all()
    gaps = [round((late - early).total_seconds()) for early, late in zip(calls, calls[1:], strict=False)]
    assert gaps == [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600, 21600, 21600]
    entry = log_of(people.owner, mine["id"])[0]
    assert (entry["state"], entry["tries"], entry["outcome"]) == ("parked", 12, "not reachable")
    assert entry["milliseconds"] is None and calls[-1] - START > timedelta(hours=24)
    assert row_of(mine["id"]).enabled


def test_whoever_is_down_is_not_called_for_each_event(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = prepare(house)
    calls: list[int] = []
    monkeypatch.setattr(webhook_sending, "send", lambda *_a, **_k: calls.append(1) or Answer("unreachable"))  # type: ignore[func-returns-value]
    with clock.frozen(START):
        made(people.owner, "http://127.0.0.1:4242/", ["asset.*"])
        for number in range(30):
            tell(number=number)
        carry_all()
    assert len(calls) == 1
    with clock.frozen(START + timedelta(seconds=7)):
        carry_all()
    assert len(calls) == 2
    with clock.frozen(START + timedelta(seconds=10)):
        carry_all()
    assert len(calls) == 2, "the rest grows"


def test_what_comes_back_catches_up(house: House, server: Receiver) -> None:
    people = prepare(house)
    server.answer = lambda _seen: 503
    with clock.frozen(START):
        mine = made(people.owner, server.url, ["asset.*"])
        for number in range(60):
            tell(number=number)
        carry_all()
    assert len(server.seen) == 1 and row_of(mine["id"]).failures == 1
    server.answer = lambda _seen: 200
    with clock.frozen(START + timedelta(minutes=1)):
        carry_all()
    ids = [json.loads(seen.body)["object"]["id"] for seen in server.seen[1:]]
    assert sorted(ids) == list(range(60)) and ids[:59] == list(range(1, 60)), "in order but for what had failed"
    found = row_of(mine["id"])
    assert (found.failures, found.failing_since, found.resting_until) == (0, None, None)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_what_counts_as_taken(house: House, server: Receiver, status: int) -> None:
    assert _outcome(house, server, status) == ("done", f"answered {status}")


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_what_counts_as_not_taken(house: House, server: Receiver, status: int) -> None:
    assert _outcome(house, server, status) == ("pending", f"answered {status}")


def _outcome(house: House, server: Receiver, status: int) -> tuple[str, str]:
    server.answer = lambda _seen: (status, {"Location": "http://127.0.0.1:9/"}, b"") if status != 204 else 204
    people = prepare(house)
    made(people.owner, server.url, ["asset.*"])
    tell()
    carry_all()
    return rows()[0].state, rows()[0].outcome


def test_one_that_fails_for_days_is_switched_off(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sending, "send", lambda *_a, **_k: Answer("answered", 500, b"", 3))
    people = prepare(any_house)
    with clock.frozen(START):
        mine = made(people.owner, "http://127.0.0.1:4242/", ["asset.*"])
    hours = 0
    while row_of(mine["id"]).enabled and hours < 200:
        with clock.frozen(START + timedelta(hours=hours)):
            tell(number=hours)
            carry_all()
        hours += 6
    assert 120 < hours <= 132, "after five days"
    assert {row.state for row in rows()} == {"parked"}
    assert [(told.to, told.customer_id) for told in Mail.select()] == [("alice@acme.example", 1)], "once, its managers"
    entry = AuditEntry.get(AuditEntry.action == "webhook.switched_off")
    assert (entry.actor_name, entry.customer_id, entry.actor_kind) == ("webhooks", 1, "job")
    shown = people.owner.get(f"{V1}/{mine['id']}").json
    assert shown["enabled"] is False and shown["failing_since"] == "2026-05-01T12:00:00Z"
    back = people.owner.patch(f"{V1}/{mine['id']}", {"enabled": True})
    assert back.json["failing_since"] is None and row_of(mine["id"]).failures == 0


def test_one_that_says_gone_is_switched_off_at_once(house: House, server: Receiver) -> None:
    server.answer = lambda _seen: 410
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    tell()
    carry_all()
    assert not row_of(mine["id"]).enabled
    (told,) = Mail.select()
    subject, body = json.loads(vault().open(told.sealed))
    assert subject == "The webhook Ours was switched off" and "answered with status 410" in body and "(Acme)" in body
    assert server.url not in body, "the address is a credential"


@pytest.mark.rule("S0-01")
def test_of_one_of_the_house_its_administrators_hear_in_their_language(house: House, server: Receiver) -> None:
    server.answer = lambda _seen: 410
    people = prepare(house)
    User.update(language="zh-Hant").where(User.id == people.admin.user.id).execute()
    made(people.admin, server.url, ["asset.*"], customer=None)
    tell()
    carry_all()
    (told,) = Mail.select()
    assert (told.to, told.customer_id, told.language) == (people.admin.user.email, None, "zh-Hant")
    assert "接收端回應狀態碼 410" in json.loads(vault().open(told.sealed))[1]


def test_the_address_is_judged_at_every_sending(house: House, server: Receiver) -> None:
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    outgoing.use([])  # as if the name led elsewhere by now
    tell()
    carry_all()
    assert not server.seen and log_of(people.owner, mine["id"])[0]["outcome"] == "refused by policy"


def test_what_was_sealed_by_another_secret_is_not_sent_and_stops_nobody(house: House, server: Receiver) -> None:
    people = prepare(house)
    broken, fine = (made(people.owner, server.url, ["asset.*"]) for _ in range(2))
    Webhook.update(secret="gAAAA-broken").where(Webhook.id == broken["id"]).execute()
    tell()
    carry_all()
    assert len(server.seen) == 1 and log_of(people.owner, fine["id"])[0]["state"] == "done"
    assert log_of(people.owner, broken["id"])[0]["outcome"] == "refused by policy"


# --- Leases ------------------------------------------------------------------------------------------------


def test_a_worker_that_dies_on_the_way_loses_nothing(any_house: House, server: Receiver) -> None:
    people = prepare(any_house)
    with clock.frozen(START):
        made(people.owner, server.url, ["asset.*"])
        tell()
        events.deliver_due()
        dead = Courier()
        dead._send_out()  # and then nothing more is heard of it
        carry_all()
    assert len(server.seen) <= 1 and rows()[0].state == "pending", "somebody else has the lease"
    with clock.frozen(START + webhook_sending.LEASE):
        carry_all()
    assert rows()[0].state == "done" and rows()[0].tries == 1
    assert len({seen.headers["assetcare-delivery"] for seen in server.seen}) == 1, "twice perhaps, but by the same id"
    errand, _ = dead._back.get(timeout=60)
    with clock.frozen(START + webhook_sending.LEASE):
        for late in (Answer("answered", 500, b"", 3), Answer("answered", 200, b"", 3)):
            assert webhook_sending.settle(errand, late) is None
    assert (rows()[0].tries, rows()[0].outcome) == (1, "answered 204"), "the dead one's news comes too late to count"
    assert row_of(rows()[0].webhook_id).failures == 0


@pytest.mark.slow
def test_a_worker_killed_on_the_way_is_followed_by_another(house: House, server: Receiver) -> None:
    """As processes: kill -9 while the receiver thinks about it, then a worker that carries on."""
    people = prepare(house)
    mine = made(people.owner, server.url, ["asset.*"])
    for number in range(5):
        tell(number=number)
    arrived, release = threading.Event(), threading.Event()

    def thinks(_seen: Any) -> int:
        arrived.set()
        release.wait(120)
        return 204

    server.answer = thinks
    with worker(house) as first:
        assert arrived.wait(120)
        first.kill()
        first.wait(60)
    found = row_of(mine["id"])
    assert found.leased_until and {row.state for row in rows()} == {"pending"}
    Webhook.update(leased_until=clock.now()).where(Webhook.id == mine["id"]).execute()  # a minute has gone by
    release.set()
    with worker(house):
        deadline = time.monotonic() + 120
        while {row.state for row in rows()} != {"done"} and time.monotonic() < deadline:
            time.sleep(0.1)
    assert {(row.state, row.tries) for row in rows()} == {("done", 1)}
    ids = Counter(seen.headers["assetcare-delivery"] for seen in server.seen)
    assert len(ids) == 5 and sorted(ids.values()) == [1, 1, 1, 1, 2], "one came twice, and can be told by its id"


@contextmanager
def worker(house: House) -> Iterator[Forked]:
    environment = {
        "ASSETCARE_DATA": str(house.settings.data), "ASSETCARE_DATABASE": house.settings.database,
        "ASSETCARE_SECRET": house.settings.secret, "ASSETCARE_OUTGOING_ALLOW": "127.0.0.0/8", "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    process = shared().start(("-m", "registry", "worker"), environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_two_workers_send_everything_once(any_house: House, server: Receiver) -> None:
    people = prepare(any_house)
    made(people.owner, server.url, ["asset.*"])
    made(people.stranger, server.url, ["asset.*"])
    for number in range(40):
        tell(customer=1 + number % 2, number=number)
    while events.deliver_due():
        pass

    def work() -> None:
        with db.connection():
            carry_all()
            if db.is_sqlite():
                db.database.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [seen.headers["assetcare-delivery"] for seen in server.seen]
    assert len(ids) == len(set(ids)) == 40 and {row.state for row in rows()} == {"done"}


def test_a_slow_receiver_holds_up_nobody_else(house: House, server: Receiver) -> None:
    people = prepare(house)
    release, entered = threading.Event(), threading.Event()

    def slow(_seen: Any) -> int:
        entered.set()
        release.wait(120)
        return 204

    with receiver() as sluggish:
        sluggish.answer = slow
        made(people.stranger, sluggish.url, ["asset.*"])
        made(people.owner, server.url, ["asset.*"])
        for number in range(30):
            tell(customer=1 + number % 2, number=number)
        while events.deliver_due():
            pass
        courier = Courier()
        while len(server.seen) < 15:
            courier.carry()
        assert entered.is_set() and len(sluggish.seen) == 1, "the other one still thinks about the first"
        release.set()
        carry_all(courier)
        assert len(sluggish.seen) == 15


def test_one_company_does_not_take_all_the_slots(house: House, server: Receiver) -> None:
    people = prepare(house)
    release = threading.Event()
    with receiver() as sluggish:
        sluggish.answer = lambda _seen: 204 if release.wait(120) else 500
        for _ in range(webhooks.MOST_WEBHOOKS):
            made(people.stranger, sluggish.url, ["asset.*"])
        made(people.owner, server.url, ["asset.*"])
        tell(customer=2)
        tell(customer=1)
        while events.deliver_due():
            pass
        courier = Courier()
        while not server.seen:
            courier.carry()
        assert courier.out[2] == webhook_sending.SLOTS_EACH
        release.set()
        carry_all(courier)
        assert len(sluggish.seen) == webhooks.MOST_WEBHOOKS


def test_webhooks_take_turns(house: House, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer slots than webhooks nobody is served to the end while others wait."""
    monkeypatch.setattr(webhook_sending, "SLOTS", 1)
    monkeypatch.setattr(webhook_sending, "IN_A_ROW", 3)
    people = prepare(house)
    for name in "ab":
        made(people.owner, f"{server.url}/{name}", ["asset.*"])
    for number in range(6):
        tell(number=number)
    carry_all()
    assert "".join(seen.path[-1] for seen in server.seen) == "aaabbbaaabbb"


@pytest.mark.slow
def test_a_thousand_events_for_one_that_is_dead(any_house: House, server: Receiver) -> None:
    people = prepare(any_house)
    dead = made(people.stranger, f"http://127.0.0.1:{closed_port()}/", ["asset.*"])
    made(people.owner, server.url, ["asset.*"])
    with db.transaction():
        for number in range(1000):
            events.emit("asset.created", 2, "asset", number)
            if number % 5 == 0:
                events.emit("asset.created", 1, "asset", number)
    carry_all()
    assert len(server.seen) == 200
    waiting = [row for row in rows() if row.webhook_id == dead["id"]]
    assert len(waiting) == 1000 and sum(row.tries for row in waiting) < 5
    with clock.frozen(clock.now() + timedelta(hours=25)):
        carry_all()
    assert {row.state for row in rows() if row.webhook_id == dead["id"]} == {"parked"}, "a day later all is given up"


# --- Housekeeping ------------------------------------------------------------------------------------------


def test_the_log_is_forgotten_after_a_month(house: House, server: Receiver) -> None:
    people = prepare(house)
    for days, count in ((29, 1), (31, 0)):
        with clock.frozen(START):
            mine = made(people.owner, server.url, ["asset.*"])
            tell()
            carry_all()
        with clock.frozen(START + timedelta(days=days)):
            webhook_sending.forget_old()
            assert len(log_of(people.owner, mine["id"])) == count


def test_a_removed_webhook_takes_its_log_along(any_house: House, server: Receiver) -> None:
    people = prepare(any_house)
    mine = made(people.owner, server.url, ["asset.*"])
    tell()
    carry_all()
    assert people.owner.delete(f"{V1}/{mine['id']}").status_code == 204
    assert rows() == [] and people.owner.get(f"{V1}/{mine['id']}").status_code == 404


def test_attempts_are_counted_by_outcome(house: House, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(metrics, "count", lambda *labels, **_k: heard.append(labels))
    people = prepare(house)
    made(people.owner, server.url, ["asset.*"])
    tell()
    carry_all()
    assert ("webhook_deliveries", "2xx") in heard

"""Every route of the URL map: what half a session, a lapsed proof, a missing second factor and a token get there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.people.models import Session
from registry.web.policy import Policy, policy_of
from tests.houses import House, People
from tests.people.browser import PASSWORD, Browser
from tests.people.conftest import Clock

WORDS = {"slug": "acme", "code": "in_use", "filename": "none.css", "kind": "assets", "form": "csv"}


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    policy: Policy

    @property
    def path(self) -> str:
        rule = re.sub(r"<any\((\w+)[^>]*>", lambda found: found[1], self.rule)
        return re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda found: WORDS.get(found[1], "999"), rule)

    def by(self, browser: Browser, csrf: str) -> TestResponse:
        headers = {"X-CSRF-Token": csrf, "If-Match": "*"}
        body = {"json": {}} if self.method != "GET" and self.rule.startswith("/api/") else {}
        answer = browser.client.open(self.path, method=self.method, headers=headers, **body)
        answer.get_data()
        return answer


def routes(house: House) -> Iterator[Route]:
    for rule in house.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            policy = policy_of(house.app, rule.endpoint)
            assert policy is not None
            yield Route(method, rule.rule, policy)


def closed(answer: TestResponse) -> bool:
    return answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in")


@pytest.fixture
def admin(house: House, people: People, watch: Clock) -> Browser:
    """Somebody whom no lack of a right keeps out."""
    from registry.people.service import set_password

    set_password(house.system, people.admin.user.id, PASSWORD)
    return Browser(house, people.admin.user.email)


def test_half_a_session_is_nobody_everywhere(admin: Browser, watch: Clock) -> None:
    admin.sign_in().enrol()
    watch.forward(minutes=1)
    admin.post("/sign-out")
    admin.give_password()
    half = admin.session
    assert half.stage == "half"
    for route in routes(admin.house):
        if route.policy.kind == "public":
            continue
        answer = route.by(admin, half.csrf)
        assert closed(answer), f"{route.method} {route.rule}: {answer.status_code}"
    assert Session.get_by_id(half.id).stage == "half"
    assert admin.give_code().status_code == 302 and admin.inside


def test_what_concerns_the_way_in_asks_for_a_fresh_proof(admin: Browser, watch: Clock) -> None:
    admin.sign_in()
    watch.forward(minutes=10)
    asked = set()
    for route in routes(admin.house):
        if route.policy.kind == "public" or route.rule == "/sign-out" or "end-others" in route.rule:
            continue
        answer = route.by(admin, admin.session.csrf)
        wants = (answer.is_json and answer.json and answer.json.get("code") == "confirm_identity") or (
            answer.headers.get("Location", "").startswith("/account/confirm?")
        )
        told = f"{route.method} {route.rule}: {answer.status_code} {answer.data[:200]!r}"
        assert bool(wants) == route.policy.sudo, told
        if wants:
            asked.add(f"{route.method} {route.rule}")
    assert asked >= SUDO, SUDO - asked


V1 = "/api/v1"
SUDO = {
    f"POST {V1}/me/calendar", f"PATCH {V1}/webhooks/<int:webhook_id>",
    f"POST {V1}/me/password", f"POST {V1}/me/second-factor", f"POST {V1}/me/second-factor/confirm",
    f"DELETE {V1}/me/second-factor", f"POST {V1}/me/recovery-codes", f"POST {V1}/tokens", f"POST {V1}/users",
    f"PUT {V1}/users/<int:user_id>/role", f"POST {V1}/users/<int:user_id>/deactivate",
    f"POST {V1}/users/<int:user_id>/activate", f"POST {V1}/users/<int:machine_id>/tokens",
    f"DELETE {V1}/users/<int:user_id>/proofs/<proof>",
    "GET /account/password",
    "POST /account/password", "GET /account/second-factor", "POST /account/second-factor",
    "POST /account/second-factor/confirm", "POST /account/second-factor/remove", "POST /account/recovery-codes",
    "POST /account/tokens",
}  # fmt: skip
IN_PERSON = {
    f"POST {V1}/me/confirm", f"POST {V1}/me/password", f"POST {V1}/me/second-factor", f"GET {V1}/me/second-factor",
    f"POST {V1}/me/second-factor/confirm", f"DELETE {V1}/me/second-factor", f"POST {V1}/me/recovery-codes",
    f"DELETE {V1}/users/<int:user_id>/proofs/<proof>",
    f"GET {V1}/sessions", f"DELETE {V1}/sessions/<int:sign_in_id>", f"POST {V1}/sessions/end-others",
    "POST /account/password", "POST /account/second-factor/remove", "POST /account/tokens", "GET /account",
}  # fmt: skip


def test_no_token_touches_how_its_owner_gets_in(house: House, people: People) -> None:
    refused = set()
    for route in routes(house):
        if not route.policy.in_person:
            continue
        headers = {"Accept": "application/json"}
        answer = people.admin.request(route.method, route.path, headers=headers)
        assert answer.status_code == 403, f"{route.method} {route.rule}: {answer.status_code}"
        refused.add(f"{route.method} {route.rule}")
    assert refused >= IN_PERSON, IN_PERSON - refused


def test_who_lacks_a_demanded_second_factor_gets_to_set_it_up_and_no_further(
    admin: Browser, people: People, watch: Clock
) -> None:
    house = admin.house
    admin.sign_in()
    house.settings = replace(house.settings, require_second_factor="operator")
    house.app.config.update(ASSETCARE=house.settings)
    for route in routes(house):
        if route.policy.kind == "public" or route.rule == "/sign-out":
            continue
        answer = route.by(admin, admin.session.csrf)
        sent = answer.headers.get("Location") == "/account/second-factor" and not route.policy.enrolling
        kept_out = sent or (answer.is_json and answer.json and answer.json.get("code") == "second_factor_required")
        assert bool(kept_out) == (not route.policy.enrolling), f"{route.method} {route.rule}: {answer.status_code}"
        by_token = people.admin.request(route.method, route.path, headers={"If-Match": "*"})
        assert by_token.status_code in (302, 403) or route.policy.enrolling, f"{route.method} {route.rule} by token"
    watch.forward(hours=1)
    admin.sign_in()
    assert admin.client.get("/").headers["Location"] == "/account/second-factor"
    admin.enrol()
    assert admin.client.get("/").status_code == 200, "the code that set it up is proof enough"
    assert people.admin.get("/api/v1/assets").status_code == 200


def test_of_a_customers_people_and_of_machines_none_is_demanded(admin: Browser, house: House, people: People) -> None:
    admin.sign_in()
    house.settings = replace(house.settings, require_second_factor="operator")
    house.app.config.update(ASSETCARE=house.settings)
    assert people.owner.get("/api/v1/assets").status_code == 200
    house.settings = replace(house.settings, require_second_factor="all")
    house.app.config.update(ASSETCARE=house.settings)
    assert people.owner.get("/api/v1/assets").json["code"] == "second_factor_required"
    machine = machine_with_token(house, "operator")
    headers = {"Authorization": f"Bearer {machine}"}
    assert house.client.get("/api/v1/assets", headers=headers).status_code == 200


def machine_with_token(house: House, name: str) -> str:
    from registry.people.machines import create_machine_token
    from registry.people.service import create_user

    made = create_user(house.system, email=f"{name}@robots.example", role="engineer", kind="machine")
    _, secret = create_machine_token(house.system, made.id, name="x", scope=None, days=1)
    return secret


def test_a_proof_lasts_ten_minutes(admin: Browser, watch: Clock) -> None:
    admin.sign_in()
    assert admin.session.confirmed_at == clock.now()
    watch.forward(minutes=9, seconds=59)
    assert admin.api("POST", "tokens", {"name": "x"}).status_code == 201
    watch.forward(seconds=1)
    assert admin.api("POST", "tokens", {"name": "x"}).json["code"] == "confirm_identity"
    assert admin.api("POST", "me/confirm", {"password": "wrong"}).status_code == 422
    assert admin.api("POST", "tokens", {"name": "x"}).status_code == 403
    assert admin.api("POST", "me/confirm", {"password": PASSWORD}).status_code == 204
    assert admin.api("POST", "tokens", {"name": "x"}).status_code == 201


def test_a_proof_that_is_not_right_is_on_record(admin: Browser, watch: Clock) -> None:
    codes = admin.sign_in().enrol()
    admin.api("POST", "me/confirm", {"password": "wrong", "code": codes[0]})
    admin.api("POST", "me/confirm", {"password": PASSWORD, "code": "000000"})
    failed = AuditEntry.select().where(AuditEntry.action == "user.sign_in_failed")
    assert [(entry.object_id, entry.after) for entry in failed] == [(admin.user.id, '{"step":"confirmation"}')] * 2


def test_a_proof_takes_all_that_signing_in_takes(admin: Browser, watch: Clock) -> None:
    codes = admin.sign_in().enrol()
    watch.forward(minutes=11)
    for body in ({"password": PASSWORD}, {"password": PASSWORD, "code": "000000"}, {"password": "x", "code": codes[0]}):
        answer = admin.api("POST", "me/confirm", body)
        assert answer.status_code == 422, body
    watch.forward(minutes=1)
    right: dict[str, Any] = {"password": PASSWORD, "code": admin.code()}
    assert admin.api("POST", "me/confirm", right).status_code == 204
    assert admin.api("POST", "me/confirm", right).status_code == 422, "a code is good once"
    assert admin.api("POST", "me/confirm", {"password": PASSWORD, "code": codes[0]}).status_code == 204


def test_proving_is_throttled_and_a_new_sign_in_is_the_way_out(admin: Browser, watch: Clock) -> None:
    admin.sign_in()
    watch.forward(minutes=11)
    tries = [admin.api("POST", "me/confirm", {"password": "guess"}).status_code for _ in range(8)]
    assert tries == [422] * 5 + [429] * 3
    assert admin.api("POST", "me/confirm", {"password": PASSWORD}).status_code == 429, "even the right one"
    admin.sign_in()
    assert admin.api("POST", "tokens", {"name": "x"}).status_code == 201

"""One's own profile: name, language and time zone, and the pages' dates that follow them."""

from datetime import date

import pytest

from registry.people.models import User
from tests.houses import House, People
from tests.people.browser import Browser
from tests.people.conftest import Clock

URL = "/api/v1/me"


def test_one_changes_ones_own_profile_and_nothing_else(people: People) -> None:
    before = people.reader.get(URL)
    assert before.json["email"] == "carol@acme.example" and before.headers["ETag"] == '"1"'
    new = {"name": "Carol Wong", "language": "zh-Hant", "time_zone": "Asia/Hong_Kong"}
    answer = people.reader.patch(URL, new, 1)
    assert answer.status_code == 200 and {name: answer.json[name] for name in new} == new
    assert answer.json["version"] == 2 and answer.json["permissions"] == before.json["permissions"]
    assert people.reader.patch(URL, {"name": "x"}, 1).status_code == 412
    assert people.reader.request("PATCH", URL, json={"name": "x"}).status_code == 428
    for field in ("email", "kind", "active", "password_hash", "version", "permissions", "id", "role"):
        assert people.reader.patch(URL, {field: "x"}).status_code == 422, field
    assert User.get_by_id(people.reader.user.id).email == "carol@acme.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [("language", "fr"), ("language", "xx"), ("language", None), ("time_zone", "Mars/Olympus"), ("time_zone", ""),
     ("name", ""), ("name", "a\nb"), ("name", "x" * 256)],
)  # fmt: skip
def test_bad_wishes_name_their_field(people: People, field: str, value: object) -> None:
    answer = people.owner.patch(URL, {field: value})
    assert answer.status_code == 422 and list(answer.json["errors"]) == [field]


def test_a_narrow_token_is_for_something_else(house: House, people: People) -> None:
    token = people.owner.post("/api/v1/tokens", {"name": "n", "scope": ["read"]}).json["token"]
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    assert house.client.patch(URL, json={"name": "x"}, headers=headers).status_code == 403
    assert house.client.get(URL, headers=headers).status_code == 200


def test_dates_on_pages_are_the_readers(alice: Browser, house: House, watch: Clock) -> None:
    asset = house.asset("acme", "S1", delivered_on=date(2026, 1, 15))
    page = alice.sign_in().client.get(f"/c/acme/assets/{asset.id}").text
    assert "15 Jan 2026" in page and "1 May 2026, 09:00" in page
    alice.api("PATCH", "me", {"language": "zh-Hant", "time_zone": "Asia/Hong_Kong"})
    page = alice.client.get(f"/c/acme/assets/{asset.id}").text
    assert "2026年1月15日" in page and "2026年5月1日 17:00" in page

"""Every page about a company, its people and history, and the settings: sound HTML of a small size, for everybody."""

import pytest

from registry.web.policy import policy_of
from tests.test_tenancy import CALLS, Route
from tests.two_companies import Companies
from tests.web.test_page_html import _check

PLACES = {
    "company", "customers", "sites", "contacts", "members", "users", "notices", "handover", "history", "house_history",
    "house",
}  # fmt: skip
FILES = ("/file", "/certificate")


def _addresses(companies: Companies) -> list[str]:
    found, app = [], companies.house.app
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        if rule.endpoint.split(".")[0] in PLACES and "GET" in (rule.methods or ()) and policy:
            name = f"GET {rule.rule}"
            if not rule.rule.endswith(FILES):
                found.append(Route(name, "GET", rule.rule, policy, CALLS[name]).path(companies.acme))
    return sorted(found)


@pytest.mark.parametrize("who", ["admin", "owner", "reader", "stranger"])
def test_pages_are_sound_and_small(companies: Companies, who: str) -> None:
    titles: dict[str, str] = {}
    for address in _addresses(companies):
        answer = getattr(companies.people, who).get(address)
        assert answer.status_code in (200, 403, 404), address
        if answer.mimetype != "text/html":
            continue
        page = _check(answer.text)
        assert len(answer.text) < 60_000, address
        if answer.status_code == 200:
            titles[address] = page.texts["title"]
    if who == "admin":
        assert len(titles) > 40
        said = [title for address, title in titles.items() if "/webhooks" not in address and "people/" not in address]
        twice = sorted(title for title in set(said) if said.count(title) > 1)
        assert not [title for title in twice if "CANARY" in title], twice

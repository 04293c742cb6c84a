"""The whole way through a real identity provider, from our page to its own and back, as a browser goes it."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from registry.people import identity_provider, oidc
from registry.people.models import LinkedIdentity, Session
from tests.browser import Errors, served, sign_out
from tests.houses import House
from tests.people.provider import CLIENT_ID, CLIENT_SECRET, real_provider
from tests.security.nursery import FromNursery, shared
from tests.server import free_port

pytestmark = pytest.mark.slow
ACCOUNTS: dict[str, dict[str, Any]] = {
    "eva": {"email": "eva@acme.example", "email_verified": True, "name": "Eva Li"},
    "hasty": {"email": "eva@acme.example", "email_verified": False},
    "stranger": {"email": "stranger@elsewhere.example", "email_verified": True},
    "careful": {"email": "eva@acme.example", "email_verified": True, "amr": ["pwd", "otp", "mfa"]},
}


@dataclass
class Setup:
    site: str
    issuer: str
    house: House


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    """Our server and the provider's, both as processes of their own."""
    house = request.getfixturevalue("house" if request.param == "sqlite" else "postgres_house")
    house.customer("acme")
    house.person("eva@acme.example", "member", "acme")
    house.close()
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with real_provider(f"{site}/sign-in/provider/back", ACCOUNTS) as issuer:
        server = FromNursery(
            shared(), house.settings.data / "served", port, ASSETCARE_DATABASE=house.settings.database,
            ASSETCARE_SECRET=house.settings.secret, ASSETCARE_QUEUE="memory:", ASSETCARE_CONSUMER="no",
            ASSETCARE_OIDC_ISSUER=issuer, ASSETCARE_OIDC_CLIENT_ID=CLIENT_ID,
            ASSETCARE_OIDC_CLIENT_SECRET=CLIENT_SECRET, ASSETCARE_OIDC_SECOND_FACTOR="yes",
        )  # fmt: skip
        with server:
            yield Setup(site, issuer, house)


class Guest:
    """A browser without a screen: cookies, redirects, forms."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.path: list[str] = []
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Noting(self.path))

    def go(self, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """(status, address, text) at the end of all redirects."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self.opener.open(url, data, timeout=20) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url or "", error.read().decode()

    def through(self, site: str, login: str) -> tuple[int, str, str]:
        """From our page to the provider's, sign in there, agree, and back."""
        _, _, page = self.go(f"{site}/sign-in?next=/c/acme")
        link = re.search(r'href="(/sign-in/provider[^"]*)"', page)
        assert link, "the page to sign in offers it"
        status, url, page = self.go(site + link.group(1).replace("&amp;", "&"))
        for _ in range(3):
            if "/interaction/" not in url:
                break
            assert status == 200, page
            status, url, page = self.go(url, {"login": login} if "login" in page else {})
        return status, url, page


class _Noting(urllib.request.HTTPRedirectHandler):
    def __init__(self, path: list[str]) -> None:
        self.path = path

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        self.path.append(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def test_through_the_provider_and_in(setup: Setup) -> None:
    guest = Guest()
    status, url, page = guest.through(setup.site, "eva")
    assert (status, url) == (200, f"{setup.site}/c/acme"), page
    linked = LinkedIdentity.get()
    assert (linked.issuer, linked.subject, linked.user.email) == (setup.issuer, "eva", "eva@acme.example")
    asked = next(step for step in guest.path if step.startswith(f"{setup.issuer}/auth"))
    for part in ("code_challenge_method=S256", "state=", "nonce=", "response_type=code"):
        assert part in asked
    back = next(step for step in guest.path if "/sign-in/provider/back?" in step)
    assert "code=" in back and "iss=" in back
    replayed, _, text = guest.go(back)
    assert replayed == 401 and oidc.REFUSED in text, "what came back once is good for nothing"
    assert Guest().go(back)[0] == 401
    assert Guest().through(setup.site, "eva")[1] == f"{setup.site}/c/acme", "and again another day"
    assert {session.second for session in Session.select()} == {None}


def test_who_does_not_get_in(setup: Setup) -> None:
    for login in ("hasty", "stranger", "nobody at all"):
        guest = Guest()
        status, url, page = guest.through(setup.site, login)
        assert status == 401 and url.startswith(setup.site) and oidc.REFUSED in page, f"{login}: {status} {url} {page}"
        assert guest.go(f"{setup.site}/c/acme")[1].startswith(f"{setup.site}/sign-in")
    assert not LinkedIdentity.select().exists() and not Session.select().exists()


def test_a_code_is_bound_to_whoever_began(setup: Setup) -> None:
    """Somebody else's answer, put into this browser, signs nobody in: by our state, and by the provider's PKCE."""
    attacker = Guest()
    attacker.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(attacker.jar), _Stop(setup.site))
    _, _, caught = attacker.through(setup.site, "eva")
    victim = Guest()
    victim.go(f"{setup.site}/sign-in/provider")
    assert victim.go(caught)[0] == 401
    assert not Session.select().exists()
    client = identity_provider.Client(setup.issuer, CLIENT_ID, CLIENT_SECRET, f"{setup.site}/sign-in/provider/back")
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(caught).query)["code"][0]
    identity_provider.forget_documents()
    with pytest.raises(identity_provider.ProviderError, match="400"):
        identity_provider.redeem(client, code, "x" * 43, "any")
    with pytest.raises(identity_provider.ProviderError, match="401"):
        identity_provider.redeem(replace(client, client_secret="wrong"), code, "x" * 43, "any")
    identity_provider.forget_documents()


class _Stop(urllib.request.HTTPRedirectHandler):
    """Keeps the way back to itself: the answer's text is the address it would have led to."""

    def __init__(self, site: str) -> None:
        self.site = site

    def http_error_303(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        where = headers["Location"]
        if where.startswith(f"{self.site}/sign-in/provider/back"):
            import io
            from email.message import Message
            from urllib.response import addinfourl

            return addinfourl(io.BytesIO(where.encode()), Message(), where, 200)
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_302 = http_error_303


@pytest.mark.browser
def test_in_a_browser_across_sites(house: House, desk: Any, errors: Errors) -> None:
    """The provider's site is another one than ours: our cookie of the journey must come back with the browser."""
    house.customer("acme")
    house.person("eva@acme.example", "member", "acme")
    port = free_port()
    server = served(
        house, ASSETCARE_CONSUMER="no", ASSETCARE_OIDC_ISSUER=f"http://127.0.0.1:{port}",
        ASSETCARE_OIDC_CLIENT_ID=CLIENT_ID, ASSETCARE_OIDC_CLIENT_SECRET=CLIENT_SECRET, ASSETCARE_OIDC_NAME="Acme ID",
    )  # fmt: skip
    errors.expect("404")  # the provider has no icon
    with real_provider(f"{server.url}/sign-in/provider/back", ACCOUNTS, port), server:
        page = desk.new_page()
        page.goto(f"{server.url}/sign-in?next=/c/acme")
        page.get_by_role("link", name="Sign in with Acme ID").click()
        page.locator("input[name=login]").fill("eva")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("consent").wait_for()
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{server.url}/c/acme")
        sign_out(page)
        page.get_by_role("heading", name="Sign in").wait_for()

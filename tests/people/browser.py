"""Somebody at a browser: signs in by the pages' forms, and calls the API as the pages' scripts would."""

import re
from typing import Any

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.kernel import clock
from registry.people.models import Session, User
from tests.houses import House

PASSWORD = "correct horse battery"


class Browser:
    """One browser of `email`. `secret`: of the authenticator app, once there is one."""

    def __init__(self, house: House, email: str, password: str = PASSWORD) -> None:
        self.house, self.email, self.password = house, email, password
        self.client: FlaskClient = house.app.test_client()
        self.secret = ""

    @property
    def user(self) -> User:
        return User.get(User.email == self.email)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(clock.now())

    # --- Signing in ---

    def give_password(self, **more: Any) -> TestResponse:
        fields = {"email": self.email, "password": self.password, **more}
        return self.client.post("/sign-in", data=fields)

    def give_code(self, code: str | None = None, **more: Any) -> TestResponse:
        page = self.client.get("/sign-in/second-step").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        fields = {"csrf_token": found[1] if found else "", "code": self.code() if code is None else code, **more}
        return self.client.post("/sign-in/second-step", data=fields)

    def sign_in(self) -> "Browser":
        answer = self.give_password()
        if "/sign-in/second-step" in answer.headers.get("Location", ""):
            answer = self.give_code()
        assert answer.status_code == 302, answer.text
        return self

    @property
    def inside(self) -> bool:
        return self.client.get("/api/v1/me").status_code == 200

    @property
    def cookie(self) -> str:
        found = self.client.get_cookie("assetcare")
        return found.value if found else ""

    # --- Once inside ---

    @property
    def session(self) -> Session:
        from registry.kernel.secrets import hash_token

        return Session.get(Session.id_hash == hash_token(self.cookie))

    def api(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        sent = {"X-CSRF-Token": self.session.csrf, "If-Match": "*", **headers} if self.inside else headers
        more = {} if json is None else {"json": json}
        return self.client.open(f"/api/v1/{path}", method=method, headers=sent, **more)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a page's form."""
        return self.client.post(path, data={"csrf_token": self.session.csrf, **fields})

    def enrol(self) -> list[str]:
        """Set an authenticator app up; answers the recovery codes."""
        begun = self.api("POST", "me/second-factor")
        assert begun.status_code == 201, begun.text
        self.secret = begun.json["secret"]
        done = self.api("POST", "me/second-factor/confirm", {"code": self.code()})
        assert done.status_code == 200, done.text
        return done.json["recovery_codes"]

"""Sessions, tokens and keys belong to one person: to everybody else, the administrator too, they are not there."""

import re

from registry.people.models import Passkey, Session, Token
from registry.people.signin import Origin, open_session
from tests.security.callers import NOWHERE, everybody
from tests.security.rewind import Rewind
from tests.test_tenancy import HOUSE_PARAMETERS, PARAMETERS, Route, routes
from tests.two_companies import Companies, fingerprint

# In addresses about one's own account: whose they are is said by the row alone.
OWN = {"sign_in_id": Session, "own_token_id": Token, "passkey_id": Passkey, "token_id": Token}


def about_ones_own(companies: Companies) -> list[tuple[Route, str]]:
    found = []
    for route in routes(companies.house):
        names = re.findall(r"<int:(\w+)>", route.rule)
        mine = [name for name in names if name in OWN]
        if route.call.kind == "own" or mine:
            assert mine == names, f"{route.name}: say in tests/security/test_own_things.py whose {names} is"
            found += [(route, name) for name in mine]
    assert not OWN.keys() - HOUSE_PARAMETERS.keys() - PARAMETERS.keys()
    return found


def test_nobody_reaches_what_is_another_persons_own(companies: Companies) -> None:
    owner = companies.people.owner.user
    open_session(owner, Origin())
    Passkey.create(user=owner, name="key", credential_id="c" * 40, public_key="k", user_handle="h")
    found, callers = about_ones_own(companies), everybody(companies)
    ids = {name: model.select().where(model.user == owner).order_by(model.id).get().id for name, model in OWN.items()}
    rewind, before, tried = Rewind(companies.house), fingerprint(companies.acme["customer"]), 0
    for route, name in found:
        path = re.sub(rf"<int:{name}>", str(ids[name]), route.rule)
        for who in callers:
            if who.place == NOWHERE or "manager" in who.name and who.place == "acme" or who.name == "narrow token":
                continue  # himself
            if who.name == "session to be confirmed":
                continue
            answer = who.call(route.method, path, **route.options(companies.acme))
            assert answer.status_code in (403, 404) or "/account/confirm" in answer.headers.get("Location", ""), (
                f"{who.name}: {route.method} {path}: {answer.status_code} {answer.text[:200]}"
            )
            tried += 1
            if rewind.changed:
                assert fingerprint(companies.acme["customer"]) == before, f"{who.name}: {route.method} {path}"
            rewind.back()
    assert len(found) >= 5 and tried > 40

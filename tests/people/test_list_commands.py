"""assetcare user list, token list, token revoke, customer list: what an operator looks up, and nothing secret in it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from registry.customers.service import assign_manager, customer_by, get_customer
from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.people.models import Token, User
from registry.people.service import deactivate_user, set_role
from registry.people.tokens import create_token
from tests.houses import SECRET, House, People


@pytest.fixture
def run(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in this test's installation."""
    from registry.cli import cli
    from registry.commands import install

    install(cli)
    settings = house.settings
    for name, value in {"DATA": settings.data, "DATABASE": settings.database, "SECRET": SECRET}.items():
        monkeypatch.setenv(f"ASSETCARE_{name}", str(value))
    monkeypatch.setenv("ASSETCARE_LOG_LEVEL", "ERROR")

    def command(*words: str) -> Any:
        house.close()
        answer = CliRunner().invoke(cli, [*words])
        house.open()
        return answer

    return command


def told(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def emails(answer: Any) -> list[str]:
    return [row["email"].partition("@")[0] for row in told(answer)]


def test_users_by_customer_role_and_state(house: House, people: People, run: Any) -> None:
    globex = customer_by(house.system, "globex").id
    set_role(house.system, people.reader.user.id, "manager", globex)
    deactivate_user(house.system, people.colleague.user.id)
    everybody = emails(run("user", "list", "--json"))
    assert everybody == sorted(everybody) and len(everybody) == 8
    assert emails(run("user", "list", "--customer", "acme", "--json")) == ["alice", "bob", "carol"]
    assert emails(run("user", "list", "--role", "manager", "--json")) == ["alice", "carol", "mallory"]
    assert emails(run("user", "list", "--role", "manager", "--customer", "acme", "--json")) == ["alice"]
    assert emails(run("user", "list", "--role", "admin", "--json")) == ["admin"]
    assert emails(run("user", "list", "--shut", "--json")) == ["bob"]
    assert "bob" not in emails(run("user", "list", "--active", "--json"))
    assert emails(run("user", "list", "--kind", "machine", "--json")) == []
    [carol] = [one for one in told(run("user", "list", "--json")) if one["name"] == "carol"]
    assert carol["roles"] == [{"customer": "acme", "role": "reader"}, {"customer": "globex", "role": "manager"}]
    plain = run("user", "list", "--customer", "acme")
    assert "bob@acme.example  member at acme  [shut]" in plain.stdout and "3 users." in plain.stderr
    assert "reader at acme, manager at globex" in plain.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "list", "--role", "king"), 2), (("user", "list", "--kind", "cat"), 2),
        (("user", "list", "--customer", "nowhere"), 1), (("token", "list", "--user", "no@x.example"), 1),
        (("token", "list", "--customer", "nowhere"), 1), (("token", "list", "--role", "king"), 2),
        (("token", "revoke", "4711"), 1), (("token", "revoke"), 2), (("token", "revoke", "x"), 2),
        (("token", "revoke", "0"), 2), (("token", "revoke", str(2**70)), 2),
        (("customer", "list", "--manager", "no@x.example"), 1), (("customer", "list", "--q", ""), 1),
    ],
)  # fmt: skip
def test_what_cannot_be_done(run: Any, words: tuple[str, ...], code: int) -> None:
    answer = run(*words)
    assert answer.exit_code == code and answer.stdout == "" and "Traceback" not in answer.output


def test_tokens_that_are_good_and_what_is_told_of_them(house: House, people: People, run: Any) -> None:
    Token.update(expires_at=clock.now() - timedelta(days=1)).where(Token.user == people.stranger.user).execute()
    Token.update(revoked_at=clock.now()).where(Token.user == people.colleague.user).execute()
    _, secret = create_token(house.system, people.owner.user, name="nightly", scope=["read"], days=3)
    answer = run("token", "list", "--json")
    found = told(answer)
    assert [row["user"].partition("@")[0] for row in found][:1] == ["alice"] and found[0]["scope"] == ["read"]
    users = {row["user"].partition("@")[0] for row in found}
    assert users == {"admin", "engineer", "manager", "auditor", "alice", "carol"}
    assert len(told(run("token", "list", "--all", "--json"))) == len(found) + 2
    assert len(told(run("token", "list", "--user", "alice@acme.example", "--json"))) == 2
    at_acme = told(run("token", "list", "--customer", "acme", "--role", "reader", "--json"))
    assert [row["user"] for row in at_acme] == ["carol@acme.example"]
    plain = run("token", "list")
    assert f"{secret[:6]}..." in plain.stdout and "never used: read" in plain.stdout and "7 tokens." in plain.stderr


def test_no_secret_is_printed(house: House, people: People, run: Any) -> None:
    user = house.person("eve@acme.example", "member", "acme", password="correct horse battery").user
    hidden = [user.password_hash, people.owner.token, *(token.hash for token in Token.select())]
    for words in (("user", "list"), ("token", "list", "--all"), ("customer", "list")):
        for more in ((), ("--json",)):
            output = run(*words, *more).output
            assert not [text for text in hidden if text in output] and not re.search(r"hash|argon", output)


def test_tokens_are_revoked_all_or_none(house: House, people: People, run: Any) -> None:
    first, second = (Token.get(Token.user == who.user) for who in (people.owner, people.reader))
    refused = run("token", "revoke", str(first.id), "4711")
    assert refused.exit_code == 1 and "no token 4711" in refused.stderr
    assert Token.get_by_id(first.id).revoked_at is None
    done = run("token", "revoke", str(first.id), str(second.id))
    assert done.exit_code == 0 and f"Token {first.id} (test) of alice@acme.example is revoked." in done.stdout
    assert people.owner.get("/api/v1/me").status_code == people.reader.get("/api/v1/me").status_code == 401
    assert people.colleague.get("/api/v1/me").status_code == 200
    assert AuditEntry.select().where(AuditEntry.action == "token.revoked").count() == 2
    [again] = told(run("token", "revoke", str(first.id), "--json"))
    assert again["revoked_at"] and again["user"] == "alice@acme.example"


def test_customers_by_name_state_and_manager(house: House, people: People, run: Any) -> None:
    assign_manager(house.system, "acme", people.account_manager.user.id)
    house.customer("zenith")
    customer = get_customer(house.system, "zenith")
    type(customer).update(active=False).where(type(customer).id == customer.id).execute()

    def slugs(*words: str) -> list[str]:
        return [row["slug"] for row in told(run("customer", "list", *words, "--json"))]

    assert slugs() == ["acme", "globex", "zenith"] and slugs("--inactive") == ["zenith"]
    assert slugs("--active") == ["acme", "globex"] and slugs("--q", "glob") == ["globex"]
    assert slugs("--manager", people.account_manager.user.email) == ["acme"]
    assert slugs("--without-manager") == ["globex"], "of those who are looked after"
    plain = run("customer", "list")
    assert "zenith  Zenith  no manager  [inactive]" in plain.stdout and "3 customers." in plain.stderr


def test_more_than_a_page_of_them(house: House, people: People, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.people import list_commands

    for number in range(3):
        house.customer(f"more-{number}")
    monkeypatch.setattr("registry.commands.AT_ONCE", 2)
    monkeypatch.setattr(list_commands, "AT_ONCE", 3)
    assert len(told(run("customer", "list", "--json"))) == 5
    assert all(row["roles"] for row in told(run("user", "list", "--json"))) and User.select().count() == 8


@pytest.mark.parametrize(
    "words", [(), ("user",), ("token", "list"), ("customer", "list"), ("import",), ("import", "undo")]
)
def test_help_has_a_short_name(run: Any, words: tuple[str, ...]) -> None:
    short, long = run(*words, "-h"), run(*words, "--help")
    assert short.exit_code == 0 and short.output == long.output and "Usage:" in short.output

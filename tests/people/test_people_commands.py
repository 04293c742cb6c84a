"""assetcare user: what an operator does for people who cannot get in, or shall not."""

from typing import Any

import pytest
from click.testing import CliRunner

from registry.kernel import db
from registry.people import second_factor
from registry.people.models import LinkedIdentity, Passkey, Session, Token, User
from registry.people.signin import Origin, open_session
from tests.houses import SECRET, House


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in this test's installation."""
    from registry.__main__ import main  # noqa: F401 - installs the commands
    from registry.cli import cli
    from registry.commands import install

    install(cli)
    settings = house.settings
    for name, value in {"DATA": settings.data, "DATABASE": settings.database, "SECRET": SECRET}.items():
        monkeypatch.setenv(f"ASSETCARE_{name}", str(value))
    monkeypatch.setenv("ASSETCARE_LOG_LEVEL", "ERROR")
    house.customer("acme")

    def command(*words: str, given: str | None = None) -> Any:
        house.close()
        answer = CliRunner().invoke(cli, [*words], input=given)
        house.open()
        return answer

    return command


def user(email: str) -> Any:
    return User.get_or_none(User.email == email)


def test_a_machine_and_its_token(run: Any) -> None:
    made = run("user", "create", "robot@acme.example", "--role", "reader", "--customer", "acme", "--machine")
    assert made.exit_code == 0 and "Machine robot@acme.example" in made.output
    assert user("robot@acme.example").is_machine
    token = run("token", "create", "--user", "robot@acme.example", "--scope", "read")
    assert token.exit_code == 0 and Token.select().count() == 1
    refused = run("user", "password", "robot@acme.example", "--password-stdin", given="quite another long one")
    assert refused.exit_code == 1 and "no password" in refused.output
    both = ["user", "create", "r2@acme.example", "--role", "reader", "--customer", "acme", "--machine"]
    refused = run(*both, "--password-stdin", given="quite another long one")
    assert refused.exit_code == 1 and user("r2@acme.example") is None


def test_shut_open_and_signed_out(run: Any, house: House) -> None:
    person = house.person("eva@acme.example", "manager", "acme", password="correct horse battery")
    open_session(person.user, Origin())
    assert run("user", "end-sessions", "eva@acme.example").exit_code == 0
    assert not Session.select().exists() and Token.get().revoked_at is None
    run("user", "deactivate", "eva@acme.example")
    assert not user("eva@acme.example").active
    assert "activated" in run("user", "activate", "eva@acme.example").output
    assert user("eva@acme.example").active and Token.get().revoked_at is not None
    assert run("user", "activate", "nobody@acme.example").exit_code == 1


def test_a_lost_phone(run: Any, house: House) -> None:
    import pyotp

    from registry.kernel import clock
    from registry.kernel.audit import AuditEntry

    person = house.person("eva@acme.example", "manager", "acme", password="correct horse battery").user
    secret, _ = second_factor.begin(person)
    second_factor.confirm(house.system, person, pyotp.TOTP(secret).at(clock.now()))
    open_session(person, Origin(), second_factor=True)
    answer = run("user", "second-factor", "reset", "eva@acme.example")
    assert answer.exit_code == 0 and "removed" in answer.output
    assert not second_factor.has_app(person.id) and not Session.select().exists()
    row = AuditEntry.get(AuditEntry.action == "user.second_factor_removed")
    assert row.actor_kind == "command" and row.object_id == person.id
    mails = db.run_sql("SELECT count(*) FROM mail").fetchone()[0]
    assert mails == 1, "he is told"
    assert "has no second factor" in run("user", "second-factor", "reset", "eva@acme.example").output


def test_what_is_typed_must_fit(run: Any) -> None:
    """What a column cannot hold on PostgreSQL could never be moved there; terminals obey control characters."""
    for name in ("x" * 256, "a\x1b[2Jb"):
        for command in ("create", "invite"):
            refused = run("user", command, "eva@acme.example", "--role", "reader", "--customer", "acme", "--name", name)
            assert refused.exit_code == 1 and "name:" in refused.output, refused.output
    assert user("eva@acme.example") is None
    token = run("token", "create", "--user", "root@operator.example", "--name", "x" * 5000)
    assert token.exit_code == 1


def test_an_empty_password_file_makes_no_account(run: Any) -> None:
    made = run(
        "user", "create", "eva@acme.example", "--role", "reader", "--customer", "acme", "--password-stdin", given="\n"
    )
    assert made.exit_code == 2 and user("eva@acme.example") is None


def test_who_has_no_way_in_yet(run: Any) -> None:
    made = run("user", "create", "eva@acme.example", "--role", "reader", "--customer", "acme")
    assert made.exit_code == 0 and "user invite eva@acme.example" in made.output


def test_an_invitation_once_more_changes_nothing_else(run: Any) -> None:
    asked = ["user", "invite", "eva@acme.example", "--customer", "acme", "--role"]
    assert run(*asked, "manager").exit_code == 0
    again = run(*asked, "reader")
    assert again.exit_code == 2 and "has an account already" in again.output, "he would still be a manager"
    assert run("user", "invite", "eva@acme.example").exit_code == 0


def test_what_somebody_has_lost_is_taken_away(run: Any, house: House) -> None:
    person = house.person("eva@acme.example", "member", "acme")
    Passkey.create(user=person.user, name="Telephone", credential_id="1", public_key="x", user_handle="x")
    LinkedIdentity.create(user=person.user, issuer="https://id.example", subject="1", email="eva@acme.example")
    for command, model, nothing in (
        ("remove-passkeys", Passkey, "has no passkeys"),
        ("unlink", LinkedIdentity, "is linked to no identity provider"),
    ):
        assert run("user", command, "eva@acme.example").exit_code == 0
        assert not model.select().exists()
        again = run("user", command, "eva@acme.example")
        assert again.exit_code == 0 and nothing in again.output

"""assetcare user, assetcare token: accounts and what gets into them."""

import sys
from typing import Any

import click

from registry.cli import operator_actor, session
from registry.commands import checked


def user_by(email: str) -> Any:
    from registry.kernel.errors import Invalid
    from registry.people.models import User

    found = User.get_or_none(User.email == email.strip().lower())
    if found is None:
        raise Invalid.field("user", f"There is no user {email!r}.")
    return found


def password_read() -> str:
    """The password on standard input. An empty file is no wish for an account without one."""
    password = sys.stdin.read().rstrip("\r\n")
    if not password:
        raise click.UsageError("There is no password on standard input.")
    return password


def as_typed(email: str, **given: str) -> dict[str, Any]:
    """What was given of a user's profile, as the API would take it."""
    from registry.people.schemas import UserIn

    typed = {"email": email, **{name: value for name, value in given.items() if value}}
    return {"name": "", **checked(UserIn(only=tuple(typed)), typed)}


@click.group()
def user() -> None:
    """Users."""


@user.command("create")
@click.argument("email")
@click.option(
    "--role", required=True, help="admin, supervisor, engineer, account_manager, auditor; manager, member, reader."
)
@click.option("--customer", "slug", help="Short name of the customer, for a customer's role.")
@click.option("--name", default="")
@click.option("--machine", is_flag=True, help="A program's account: no password, tokens only.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_create(email: str, role: str, slug: str | None, name: str, machine: bool, password_stdin: bool) -> None:
    """Create a user. The first administrator is made here and nowhere else."""
    from registry.customers.service import customer_by
    from registry.people.service import create_user

    password = password_read() if password_stdin else None
    with session():
        actor = operator_actor()
        given: dict[str, Any] = {
            **as_typed(email, name=name), "customer_id": customer_by(actor, slug).id if slug else None,
            "password": password, "kind": "machine" if machine else "person",
        }  # fmt: skip
        made = create_user(actor, role=role, **given)
        click.echo(f"{'Machine' if machine else 'User'} {made.email} created (id {made.id}).")
        if not password:
            way = f"token create --user {made.email}" if machine else f"user invite {made.email}"
            click.echo(f"Nothing gets in with this account yet: assetcare {way}", err=True)


@user.command("invite")
@click.argument("email")
@click.option("--role", help="The role, for somebody who has no account yet.")
@click.option("--customer", "slug", help="Short name of the customer, for a customer's role.")
@click.option("--name", default="")
@click.option("--language", default="en", show_default=True, help="Of the mail: en or zh-Hant.")
def user_invite(email: str, role: str | None, slug: str | None, name: str, language: str) -> None:
    """Mail EMAIL a link to join, and print it. Creates the account unless there is one that was not used yet."""
    from registry.customers.service import customer_by
    from registry.people.invitations import invite
    from registry.people.models import User
    from registry.people.service import create_user

    with session():
        actor = operator_actor()
        typed = as_typed(email, name=name, language=language)
        found = User.get_or_none(User.email == email.strip().lower())
        if found is not None and (role or slug or name):
            raise click.UsageError(
                f"{found.email} has an account already: leave out --role, --customer and --name to invite once more."
            )
        if found is None:
            if role is None:
                raise click.UsageError("There is no such user yet: give --role, and --customer for a customer's role.")
            customer_id = customer_by(actor, slug).id if slug else None
            found = create_user(actor, role=role, customer_id=customer_id, **typed)
        link, address = invite(actor, found.id)
        click.echo(f"Invitation mailed to {link.address}, good until {link.expires_at:%Y-%m-%d %H:%M} UTC:", err=True)
        click.echo(address)


@user.command("deactivate")
@click.argument("email")
def user_deactivate(email: str) -> None:
    """Shut an account; its sessions and tokens end at once."""
    from registry.people.service import deactivate_user

    with session():
        deactivate_user(operator_actor(), user_by(email).id)
        click.echo(f"User {email} deactivated.")


@user.command("activate")
@click.argument("email")
def user_activate(email: str) -> None:
    """Open a shut account again. Its old sessions and tokens stay ended."""
    from registry.people.service import activate_user

    with session():
        activate_user(operator_actor(), user_by(email).id)
        click.echo(f"User {email} activated.")


@user.command("end-sessions")
@click.argument("email")
def user_end_sessions(email: str) -> None:
    """Sign a user out everywhere. His tokens stay."""
    from registry.people.service import end_sessions_of

    with session():
        end_sessions_of(operator_actor(), user_by(email).id)
        click.echo(f"Sessions of {email} ended.")


@user.group("second-factor")
def user_second_factor() -> None:
    """Second factors of users."""


@user_second_factor.command("reset")
@click.argument("email")
def second_factor_reset(email: str) -> None:
    """Take a user's authenticator app and recovery codes away, for a lost phone: make sure first that it is he who
    asks. He is told by mail, and all his sessions end."""
    from registry.people.helping import Proof, remove_proofs

    with session():
        removed = remove_proofs(operator_actor(), user_by(email).id, Proof.SECOND_FACTOR)
        click.echo(f"Second factor of {email} removed." if removed else f"{email} has no second factor.")


@user.command("remove-passkeys")
@click.argument("email")
def remove_passkeys(email: str) -> None:
    """Take all passkeys of a user away, for a lost device: make sure first that it is he who asks."""
    from registry.people.helping import Proof, remove_proofs

    with session():
        removed = remove_proofs(operator_actor(), user_by(email).id, Proof.PASSKEYS)
        click.echo(f"Passkeys of {email} removed." if removed else f"{email} has no passkeys.")


@user.command("unlink")
@click.argument("email")
def unlink(email: str) -> None:
    """Forget who a user is at the identity provider, when he has another account there now."""
    from registry.people.helping import Proof, remove_proofs

    with session():
        removed = remove_proofs(operator_actor(), user_by(email).id, Proof.IDENTITIES)
        click.echo(f"{email} unlinked." if removed else f"{email} is linked to no identity provider.")


@user.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def user_password(email: str, password_stdin: bool) -> None:
    """Set a user's password, read from standard input; all his sessions end."""
    from registry.people.service import set_password

    with session():
        set_password(operator_actor(), user_by(email).id, password_read())
        click.echo(f"Password of {email} set.")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--user", "email", required=True, help="E-mail of the token's owner.")
@click.option("--scope", multiple=True, help="read, or names of permissions; default: all that the owner may.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True)
@click.option("--name", default="made on the command line")
def token_create(email: str, scope: tuple[str, ...], days: int, name: str) -> None:
    """Make a token and print it, alone, on standard output. It cannot be shown again."""
    from registry.people.schemas import TokenIn
    from registry.people.tokens import create_token

    with session():
        name = checked(TokenIn(only=("name",)), {"name": name})["name"]
        names = [part for one in scope for part in one.replace(",", " ").split()]
        _, secret = create_token(operator_actor(), user_by(email), name=name, scope=names or None, days=days)
        click.echo(secret)

"""Commands about the business: customers, users, tokens, imports, exports, coverage, demo data."""

import sys
from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show


def install(cli: click.Group) -> None:
    for command in (customer, user, token, export, coverage, demo):
        cli.add_command(command)
    from registry.imports.commands import import_file

    cli.add_command(import_file, "import")


@click.group()
def customer() -> None:
    """Customers."""


@customer.command("create")
@click.argument("name", required=False)
@click.option("--slug", help="Short name for addresses; default: made from NAME.")
@click.option("--name", "full_name", help="Full name, when NAME is the short one.")
@click.option("--language", default="en", show_default=True)
@click.option("--time-zone", default="UTC", show_default=True)
@click.option("--currency", default="USD", show_default=True)
@click.option("--policy", help="Code of the service policy.")
@click.option("--manager", help="E-mail of the account manager.")
@click.option("--json", "as_json", is_flag=True)
def customer_create(
    name: str | None, slug: str | None, full_name: str | None, manager: str | None, as_json: bool, **values: Any
) -> None:
    """Create the customer NAME (his full name, or the short one)."""
    from registry.customers.listing import CUSTOMERS
    from registry.customers.schemas import CustomerIn
    from registry.customers.service import assign_manager, create_customer
    from registry.kernel.db import transaction

    given = {key: value for key, value in values.items() if value is not None}
    called = full_name or name or slug
    if not called:
        raise click.UsageError("Name the customer.")
    slug = slug or slugified(name or called)
    with session():
        actor = operator_actor()
        ready = checked(CustomerIn(), {**given, "slug": slug, "name": called})
        with transaction():
            made = create_customer(actor, ready)
            if manager:
                assign_manager(actor, slug, _user(manager).id)
        if as_json:
            show(CUSTOMERS.one(actor, made.id))
        else:
            click.echo(f"Customer {slug} created (id {made.id}).")


def slugified(name: str) -> str:
    """A short name out of a full one: Northern Rail -> northern-rail."""
    import re
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64]


def checked(shape: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Values through the same shape as the API's. Raises Invalid."""
    from marshmallow import ValidationError

    from registry.kernel.errors import Invalid

    try:
        return shape.load(values)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from None


def _user(email: str) -> Any:
    from registry.kernel.errors import Invalid
    from registry.people.models import User

    found = User.get_or_none(User.email == email.strip().lower())
    if found is None:
        raise Invalid.field("user", f"There is no user {email!r}.")
    return found


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
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_create(email: str, role: str, slug: str | None, name: str, password_stdin: bool) -> None:
    """Create a user. The first administrator is made here and nowhere else."""
    from registry.customers.service import customer_by
    from registry.people.schemas import UserIn
    from registry.people.service import create_user

    password = sys.stdin.read().rstrip("\r\n") if password_stdin else None
    with session():
        actor = operator_actor()
        checked(UserIn(only=("email",)), {"email": email})
        customer_id = customer_by(actor, slug).id if slug else None
        made = create_user(actor, email=email, role=role, customer_id=customer_id, name=name, password=password)
        click.echo(f"User {made.email} created (id {made.id}).")


@user.command("deactivate")
@click.argument("email")
def user_deactivate(email: str) -> None:
    """Shut an account; its sessions and tokens end at once."""
    from registry.people.service import deactivate_user

    with session():
        deactivate_user(operator_actor(), _user(email).id)
        click.echo(f"User {email} deactivated.")


@user.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def user_password(email: str, password_stdin: bool) -> None:
    """Set a user's password; all his sessions end."""
    from registry.people.service import set_password

    with session():
        set_password(operator_actor(), _user(email).id, sys.stdin.read().rstrip("\r\n"))
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
    from registry.people.signin import create_token

    with session():
        names = [part for one in scope for part in one.replace(",", " ").split()]
        _, secret = create_token(operator_actor(), _user(email), name=name, scope=names or None, days=days)
        click.echo(secret)


@click.command()
@click.argument("kind")
@click.option("--customer", "slug", help="Short name of the customer.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="FILE.csv, .xlsx or .json"
)
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="The list's own filters.")
def export(kind: str, slug: str | None, target: Path, filters: tuple[str, ...]) -> None:
    """Write the list KIND (assets, licences, sites ...) to a file."""
    from registry.kernel.errors import Invalid

    form = target.suffix.lstrip(".").lower()
    if form not in ("csv", "xlsx", "json"):
        raise click.UsageError("--to must end in .csv, .xlsx or .json")
    with session():
        from registry.web.exports_api import listing_named, write

        listing = listing_named(kind)
        given = dict(pair.split("=", 1) for pair in filters if "=" in pair)
        if slug and "customer" not in listing.filters:
            raise Invalid.field("customer", f"{kind} cannot be chosen by customer.")
        arguments = checked(listing.arguments(paged=False), {**given, **({"customer": slug} if slug else {})})
        with target.open("wb") as file:
            for chunk in write(listing, operator_actor(), arguments, form):
                file.write(chunk)
        click.echo(f"Written: {target}", err=True)


@click.command()
@click.argument("serial")
@click.option("--customer", "slug", required=True, help="Short name of the customer.")
@click.option("--on", "day", help="Day as YYYY-MM-DD; default: today where the customer is.")
@click.option("--cause", help="Why it failed; see the API's list of causes.")
@click.option("--json", "as_json", is_flag=True)
def coverage(serial: str, slug: str, day: str | None, cause: str | None, as_json: bool) -> None:
    """What is owed on the unit with this serial (or tag) on a day, and why."""
    from registry.assets.service import asset_by
    from registry.customers.service import customer_by
    from registry.warranty.claims import coverage_of
    from registry.warranty.schemas import CoverageQuery

    with session():
        actor = operator_actor()
        owner = customer_by(actor, slug)
        given = {"on": day, "cause": cause}
        ready = checked(CoverageQuery(), {key: value for key, value in given.items() if value})
        asset = asset_by(actor, serial, "serial", customer_id=owner.id)
        found = coverage_of(actor, asset.id, **ready)
        if as_json:
            show(found)
            return
        click.echo(
            f"{asset.label} on {found['on']}: {found['state']}"
            + (f", until {found['until']}" if found["until"] else "")
        )
        for remedy in found["remedies"]:
            click.echo(f"  {remedy['title']} ({remedy['charge']}), until {remedy['until']}: {remedy['reason']}")
        for reason in found["reasons"]:
            click.echo(f"  - {reason['text']}")


@click.command()
def demo() -> None:
    """Fill an empty installation with demo data, and print the accounts to sign in with."""
    from registry.demo import accounts, fill

    with session() as chosen:
        fill(chosen)
        for line in accounts(chosen):
            click.echo(line)

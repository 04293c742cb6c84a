"""Commands about the business: customers, users, tokens, imports, exports, coverage, demo data."""

from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show

AT_ONCE = 500  # rows of a list


def install(cli: click.Group) -> None:
    for command in (customer, export, coverage, certificate, demo):
        cli.add_command(command)
    from registry.imports.commands import imports

    cli.add_command(imports)
    from registry import moving

    moving.install(cli)
    from registry.people.list_commands import token, user

    cli.add_command(user)
    cli.add_command(token)
    from registry.notices.commands import mail

    cli.add_command(mail)
    from registry.plugins.commands import plugin

    cli.add_command(plugin)
    from registry.labels.commands import labels

    cli.add_command(labels)
    from registry.optics.commands import optics

    cli.add_command(optics)
    from registry.handover.commands import erase, package

    cli.add_command(package)
    cli.add_command(erase)


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
    from registry.people.commands import user_by

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
                assign_manager(actor, slug, user_by(manager).id)
        if as_json:
            show(CUSTOMERS.one(actor, made.id))
        else:
            click.echo(f"Customer {slug} created (id {made.id}).")


@customer.command("list")
@click.option("--q", help="Only customers whose names have these words.")
@click.option("--active/--inactive", default=None, help="Only those that are looked after, or no more. Default: both.")
@click.option("--manager", help="Only those of this account manager (e-mail).")
@click.option("--without-manager", is_flag=True, help="Only active ones that have none.")
@click.option("--json", "as_json", is_flag=True)
def customer_list(
    q: str | None, active: bool | None, manager: str | None, without_manager: bool, as_json: bool
) -> None:
    """Customers, by short name."""
    from registry.customers.listing import CUSTOMERS
    from registry.people.commands import user_by

    asked: dict[str, Any] = {"q": q, "without_manager": "true" if without_manager else None}
    asked |= {"active": None if active is None else str(active).lower()}
    with session():
        ready = checked(CUSTOMERS.arguments(), {key: value for key, value in asked.items() if value is not None})
        email = user_by(manager).email if manager else None
        found = [
            row for row in every_row(CUSTOMERS, {**ready, "sort": "slug"})
            if email is None or row["account_manager_email"] == email
        ]  # fmt: skip
        if as_json:
            show(found)
            return
        for row in found:
            mark = "" if row["active"] else "  [inactive]"
            click.echo(f"{row['id']:>6} {row['slug']}  {row['name']}  {row['account_manager'] or 'no manager'}{mark}")
        click.echo(f"{len(found)} customers.", err=True)


def every_row(listing: Any, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of a list that fit, page after page."""
    actor, found = operator_actor(), []
    ready = {**arguments, "limit": AT_ONCE}
    while True:
        page = listing.page(actor, ready)
        found += page["items"]
        if page["next"] is None:
            return found
        ready["cursor"] = page["next"]


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


@click.command()
@click.argument("kind")
@click.option("--customer", "slug", help="Short name of the customer.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="FILE.csv, .xlsx or .json"
)
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="The list's own filters.")
@click.option("--for-third-party", "recipient", help="Whom it is for, if not for own work; needs an approval.")
def export(kind: str, slug: str | None, target: Path, filters: tuple[str, ...], recipient: str | None) -> None:
    """Write the list KIND (assets, licences, sites ...) to a file."""
    from registry.kernel.errors import Invalid

    form = target.suffix.lstrip(".").lower()
    if form not in ("csv", "xlsx", "json"):
        raise click.UsageError("--to must end in .csv, .xlsx or .json")
    if any("=" not in pair for pair in filters):
        raise click.UsageError("--filter wants NAME=VALUE.")
    with session():
        from registry.web.lists.exports_api import listing_named, write

        listing = listing_named(kind)
        given = dict(pair.split("=", 1) for pair in filters)
        if slug and "customer" not in listing.filters:
            raise Invalid.field("customer", f"{kind} cannot be chosen by customer.")
        arguments = checked(listing.arguments(paged=False), {**given, **({"customer": slug} if slug else {})})
        chunks = write(listing, operator_actor(), arguments, form, recipient=recipient)
        with target.open("wb") as file:
            for chunk in chunks:
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
@click.argument("serial")
@click.option("--customer", "slug", required=True, help="Short name of the customer.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="FILE.pdf")
@click.option("--language", help="Language of the paper: en or zh-Hant; default: the customer's.")
def certificate(serial: str, slug: str, out: Path, language: str | None) -> None:
    """Write the warranty certificate of the unit with this serial (or tag) to a PDF file."""
    from registry.assets.service import asset_by
    from registry.customers.service import customer_by
    from registry.kernel import clock
    from registry.kernel.language import speaking
    from registry.web.papers import certificate as papers

    with session() as chosen:
        actor = operator_actor()
        owner = customer_by(actor, slug)
        asset = asset_by(actor, serial, "serial", customer_id=owner.id)
        link, today = f"{chosen.address}/c/{owner.slug}/assets/{asset.id}", clock.today(owner.time_zone)
        with speaking(language or owner.language):
            paper = papers.certificate(actor, owner, asset.id, today, issuer=chosen.operator, link=link)
            out.write_bytes(paper.pdf())
        click.echo(f"Written: {out}", err=True)


@click.command()
def demo() -> None:
    """Fill an empty installation with demo data, and print the accounts to sign in with."""
    from registry.demo import accounts, fill

    with session() as chosen:
        fill(chosen)
        for line in accounts(chosen):
            click.echo(line)

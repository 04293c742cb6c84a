"""assetcare user list, token list and token revoke: who and what gets in. No secret is ever printed."""

from typing import Any

import click

from registry.cli import operator_actor, session, show
from registry.people.commands import token, user, user_by

AT_ONCE = 500
_CUSTOMER = click.option("--customer", "slug", help="Only people with a role at this customer (short name).")
_ROLE = click.option("--role", help="Only people with this role, there or anywhere.")
_JSON = click.option("--json", "as_json", is_flag=True)


@user.command("list")
@_CUSTOMER
@_ROLE
@click.option("--kind", type=click.Choice(["person", "machine"]), help="Default: both.")
@click.option("--active/--shut", default=None, help="Only accounts that are open, or that were shut. Default: both.")
@_JSON
def user_list(slug: str | None, role: str | None, kind: str | None, active: bool | None, as_json: bool) -> None:
    """Users with their roles, by e-mail address."""
    with session():
        found = _told(_found(slug, role, kind, active))
        if as_json:
            show(found)
            return
        for row in found:
            places = ", ".join(f"{one['role']} at {one['customer']}" if one["customer"] else one["role"]
                               for one in row["roles"])  # fmt: skip
            marks = [row["kind"]] * (row["kind"] != "person") + ["shut"] * (not row["active"])
            click.echo(f"{row['id']:>6} {row['email']}  {places or 'no role'}" + "".join(f"  [{m}]" for m in marks))
        click.echo(f"{len(found)} users.", err=True)


def _found(slug: str | None, role: str | None, kind: str | None, active: bool | None) -> list[Any]:
    from registry.people.models import User
    from registry.people.service import users

    query = users(operator_actor()).order_by(User.email)
    if slug or role:
        query = query.where(User.id.in_(_with_role(slug, role)))
    if kind:
        query = query.where(User.kind == kind)
    if active is not None:
        query = query.where(User.active == active)
    return list(query)


def _with_role(slug: str | None, role: str | None) -> Any:
    """Ids of users as a part of a statement. Raises UsageError for a role that there is not, NotFound."""
    from registry.customers.service import customer_by
    from registry.people.models import Membership
    from registry.people.roles import ROLES

    if role is not None and role not in ROLES:
        raise click.UsageError(f"--role {role}: choose one of {', '.join(ROLES)}.")
    query = Membership.select(Membership.user)
    if slug:
        query = query.where(Membership.customer_id == customer_by(operator_actor(), slug).id)
    return query.where(Membership.role == role) if role else query


def _told(found: list[Any]) -> list[dict[str, Any]]:
    from registry.people.service import roles_of

    roles: dict[int, list[dict[str, Any]]] = {}
    names = _slugs()
    for start in range(0, len(found), AT_ONCE):
        roles |= roles_of(one.id for one in found[start : start + AT_ONCE])
    return [
        {"id": one.id, "email": one.email, "name": one.name, "kind": one.kind, "active": one.active,
         "language": one.language, "time_zone": one.time_zone, "created_at": one.created_at,
         "roles": [{"customer": names.get(place["customer_id"]), "role": place["role"]}
                   for place in roles.get(one.id, ())]}
        for one in found
    ]  # fmt: skip


def _slugs() -> dict[int, str]:
    from registry.customers.models import Customer
    from registry.customers.service import customers

    return {row.id: row.slug for row in customers(operator_actor()).select(Customer.id, Customer.slug)}


@token.command("list")
@click.option("--user", "email", help="Only tokens of this user (e-mail).")
@_CUSTOMER
@_ROLE
@click.option("--all", "everything", is_flag=True, help="Also those that are revoked or have expired.")
@_JSON
def token_list(email: str | None, slug: str | None, role: str | None, everything: bool, as_json: bool) -> None:
    """API tokens that are good, newest first: whose, how they begin, what they may, until when, when last used."""
    from registry.people.models import Token, User
    from registry.people.tokens import living

    with session():
        query = Token.select(Token, User).join(User).order_by(Token.id.desc())
        if email:
            query = query.where(User.id == user_by(email).id)
        if slug or role:
            query = query.where(User.id.in_(_with_role(slug, role)))
        found = [_token_told(one) for one in (query if everything else query.where(living()))]
        if as_json:
            show(found)
            return
        for row in found:
            used = f"used {row['last_used_at']:%Y-%m-%d}" if row["last_used_at"] else "never used"
            scope = "all that he may" if row["scope"] is None else " ".join(row["scope"])
            end = "revoked" if row["revoked_at"] else f"until {row['expires_at']:%Y-%m-%d}"
            click.echo(f"{row['id']:>6} {row['prefix']}...  {row['user']}  {row['name']}  {end}, {used}: {scope}")
        click.echo(f"{len(found)} tokens.", err=True)


def _token_told(one: Any) -> dict[str, Any]:
    names = ("id", "name", "prefix", "scope", "created_at", "expires_at", "last_used_at", "last_used_address",
             "revoked_at")  # fmt: skip
    return {"user": one.user.email, **{name: getattr(one, name) for name in names}}


@token.command("revoke")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(1, 2**63 - 1))
@_JSON
def token_revoke(ids: tuple[int, ...], as_json: bool) -> None:
    """End tokens, by the ids that `token list` tells: all that are named, or none when one is unknown. What was made
    with one of them by the same user ends too."""
    from registry.kernel.db import transaction
    from registry.kernel.errors import Invalid
    from registry.people.models import Token, User
    from registry.people.tokens import revoke_token

    with session():
        known = {one.id: one for one in Token.select(Token, User).join(User).where(Token.id.in_(ids))}
        if missing := [number for number in ids if number not in known]:
            raise Invalid.field("ids", f"There is no token {missing[0]}; nothing was revoked.")
        actor = operator_actor()
        with transaction():
            ended = [revoke_token(actor, number, known[number].user_id) for number in dict.fromkeys(ids)]
        if as_json:
            show([_token_told(Token.get_by_id(one.id)) for one in ended])
            return
        for one in ended:
            click.echo(f"Token {one.id} ({one.name}) of {known[one.id].user.email} is revoked.")

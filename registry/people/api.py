"""JSON routes about users, machines, and tokens."""

from typing import Any

from werkzeug.wrappers import Response

from registry.people import machines, service, tokens
from registry.people.account import own_user
from registry.people.invitations import create_and_invite
from registry.people.listing import MACHINE_TOKENS, TOKENS, USERS
from registry.people.schemas import PlaceIn, RoleIn, TokenIn, TokenMade, UserChange, UserIn, UserOut, UserPage
from registry.web.answers import if_match, json_response, nothing, page, thing
from registry.web.api import blueprint, versioned
from registry.web.customer import customer_id_of, slugs
from registry.web.identity import actor
from registry.web.policy import allow, own, signed_in

blp = blueprint("people", "Users, roles, tokens")


@blp.route("/users", methods=["GET"])
@blp.arguments(USERS.arguments(), location="query")
@blp.response(200, UserPage)
@allow("user.view")
def list_users(arguments: dict[str, Any]) -> Response:
    found = USERS.page(actor(), arguments)
    roles = service.roles_of(item["id"] for item in found["items"])
    for item in found["items"]:
        item["roles"] = _roles(roles.get(int(item["id"]), []))
    return json_response(found)


@blp.route("/users", methods=["POST"])
@blp.arguments(UserIn)
@blp.response(201, UserOut)
@allow("user.edit", sudo=True)
def create_user(values: dict[str, Any]) -> Response:
    """Without a password the user gets a link by mail, to choose one and join; `invite: false` for none."""
    customer_id, wanted = customer_id_of(actor(), values.pop("customer")), values.pop("invite")
    return _user(create_and_invite(actor(), customer_id=customer_id, invite_now=wanted, **values).id, 201)


@blp.route("/users/<int:user_id>", methods=["GET"])
@blp.response(200, UserOut)
@allow("user.view")
def get_user(user_id: int) -> Response:
    return _user(user_id)


@blp.route("/users/<int:user_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(UserChange)
@blp.response(200, UserOut)
@allow("user.edit")
def change_user(values: dict[str, Any], user_id: int) -> Response:
    return _user(service.change_user(actor(), user_id, values, if_match()).id)


@blp.route("/users/<int:user_id>/role", methods=["PUT"])
@blp.arguments(RoleIn)
@blp.response(200, UserOut)
@allow("user.edit", sudo=True)
def put_role(values: dict[str, Any], user_id: int) -> Response:
    customer_id = customer_id_of(actor(), values["customer"])
    return _user(service.set_role(actor(), user_id, values["role"], customer_id).id)


@blp.route("/users/<int:user_id>/role/remove", methods=["POST"])
@blp.arguments(PlaceIn)
@blp.response(204)
@allow("user.edit", sudo=True)
def remove_role(values: dict[str, Any], user_id: int) -> Response:
    """Take away the role held at a customer, or in the house. Refused for the only one: deactivate the user instead."""
    service.remove_role(actor(), user_id, customer_id_of(actor(), values["customer"]))
    return nothing()


@blp.route("/users/<int:user_id>/deactivate", methods=["POST"])
@blp.response(200, UserOut)
@allow("user.edit", sudo=True)
def deactivate(user_id: int) -> Response:
    """Shut the account: its sessions and tokens end at once."""
    return _user(service.deactivate_user(actor(), user_id).id)


@blp.route("/users/<int:user_id>/activate", methods=["POST"])
@blp.response(200, UserOut)
@allow("user.edit", sudo=True)
def activate(user_id: int) -> Response:
    """Open a shut account again. Its old sessions and tokens stay ended."""
    return _user(service.activate_user(actor(), user_id).id)


@blp.route("/users/<int:user_id>/end-sessions", methods=["POST"])
@blp.response(200, UserOut)
@allow("user.edit")
def end_sessions(user_id: int) -> Response:
    """Sign somebody out everywhere. His tokens stay."""
    return _user(service.end_sessions_of(actor(), user_id).id)


def _user(user_id: int, status: int = 200) -> Response:
    body = USERS.one(actor(), user_id)
    body["roles"] = _roles(service.roles_of([user_id]).get(user_id, []))
    return thing(body, status, name=user_id)


def _roles(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Roles with slugs, and only those at customers that the caller may see."""
    who = actor()
    names = slugs(who, [role["customer_id"] for role in found if role["customer_id"]])
    return [
        {"customer": names.get(role["customer_id"]), "role": role["role"]}
        for role in found
        if role["customer_id"] in names or (role["customer_id"] is None and who.is_operator)
    ]


@blp.route("/tokens", methods=["GET"])
@blp.arguments(TOKENS.arguments(), location="query")
@blp.response(200, TOKENS.page_shape())
@signed_in
def list_tokens(arguments: dict[str, Any]) -> Response:
    """One's own tokens; never their secrets."""
    return page(TOKENS, arguments)


@blp.route("/tokens", methods=["POST"])
@blp.arguments(TokenIn)
@blp.response(201, TokenMade)
@own(sudo=True)
def create_token(values: dict[str, Any]) -> Response:
    """A token of one's own. `token` is shown here and never again."""
    who = actor()
    token, secret = tokens.create_token(who, own_user(who), **values)
    return json_response({**TOKENS.one(who, token.id), "token": secret}, 201)


@blp.route("/tokens/<int:token_id>", methods=["DELETE"])
@blp.response(200, TOKENS.shape())
@signed_in
def revoke_token(token_id: int) -> Response:
    token = tokens.revoke_token(actor(), token_id)
    return json_response(TOKENS.one(actor(), token.id))


@blp.route("/users/<int:machine_id>/tokens", methods=["GET"])
@blp.arguments(TOKENS.arguments(), location="query")
@blp.response(200, MACHINE_TOKENS.page_shape())
@blp.alt_response(409, description="This is no machine.")
@allow("user.edit")
def list_machine_tokens(arguments: dict[str, Any], machine_id: int) -> Response:
    """Tokens of a machine, never their secrets. A person's are his own business (409)."""
    machine = machines.machine_of(actor(), machine_id)
    return page(MACHINE_TOKENS, {**arguments, "user": machine.id})


@blp.route("/users/<int:machine_id>/tokens", methods=["POST"])
@blp.arguments(TokenIn)
@blp.response(201, TokenMade)
@allow("user.edit", sudo=True)
def create_machine_token(values: dict[str, Any], machine_id: int) -> Response:
    """A token of a machine. `token` is shown here and never again."""
    token, secret = machines.create_machine_token(actor(), machine_id, **values)
    return json_response({**MACHINE_TOKENS.one(actor(), token.id), "token": secret}, 201)


@blp.route("/users/<int:machine_id>/tokens/<int:machine_token_id>", methods=["DELETE"])
@blp.response(200, MACHINE_TOKENS.shape())
@allow("user.edit")
def revoke_machine_token(machine_id: int, machine_token_id: int) -> Response:
    token = machines.revoke_machine_token(actor(), machine_id, machine_token_id)
    return json_response(MACHINE_TOKENS.one(actor(), token.id))

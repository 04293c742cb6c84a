"""JSON routes about users and one's own tokens."""

from typing import Any

from werkzeug.wrappers import Response

from registry.kernel.access import EVERYWHERE
from registry.kernel.errors import Forbidden
from registry.people import service, signin
from registry.people.listing import TOKENS, USERS
from registry.people.models import User
from registry.people.schemas import MeOut, RoleIn, TokenIn, TokenMade, UserChange, UserIn, UserOut, UserPage
from registry.web.answers import if_match, json_response, page, thing
from registry.web.api import blueprint, versioned
from registry.web.customer import customer_id_of, slugs
from registry.web.identity import actor
from registry.web.policy import allow, signed_in

blp = blueprint("people", "Users, roles, tokens")


@blp.route("/me", methods=["GET"])
@blp.response(200, MeOut)
@signed_in
def me() -> Response:
    """Who the caller is, and what he may do where."""
    who = actor()
    names = slugs(who, [key for key in who.grants if key != EVERYWHERE])
    places = {("operator" if key == EVERYWHERE else names[key]): sorted(held) for key, held in who.grants.items()}
    return json_response({"id": who.user_id, "name": who.name, "language": who.language, "permissions": places})


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
@allow("user.edit")
def create_user(values: dict[str, Any]) -> Response:
    customer_id = customer_id_of(actor(), values.pop("customer"))
    return _user(service.create_user(actor(), customer_id=customer_id, **values).id, 201)


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
@allow("user.edit")
def put_role(values: dict[str, Any], user_id: int) -> Response:
    customer_id = customer_id_of(actor(), values["customer"])
    return _user(service.set_role(actor(), user_id, values["role"], customer_id).id)


@blp.route("/users/<int:user_id>/deactivate", methods=["POST"])
@blp.response(200, UserOut)
@allow("user.edit")
def deactivate(user_id: int) -> Response:
    """Shut the account: its sessions and tokens end at once."""
    return _user(service.deactivate_user(actor(), user_id).id)


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
@signed_in
def create_token(values: dict[str, Any]) -> Response:
    """A token of one's own. `token` is shown here and never again."""
    who = actor()
    if who.user_id is None:
        raise Forbidden()
    token, secret = signin.create_token(who, User.get_by_id(who.user_id), **values)
    return json_response({**TOKENS.one(who, token.id), "token": secret}, 201)


@blp.route("/tokens/<int:token_id>", methods=["DELETE"])
@blp.response(200, TOKENS.shape())
@signed_in
def revoke_token(token_id: int) -> Response:
    token = signin.revoke_token(actor(), token_id)
    return json_response(TOKENS.one(actor(), token.id))

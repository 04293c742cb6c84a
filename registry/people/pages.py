"""Pages about people who sign in: those of one customer (members), and all of them (users)."""

from flask import Blueprint

from registry.customers.list_pages import MEMBER_TABLE
from registry.people.list_pages import TABLE
from registry.web.lists.tables import Answer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

members = customer_pages("members", __name__)
users = Blueprint("users", __name__, url_prefix="/users")


@members.get("/people")
@allow("user.view")
def list_members() -> Answer:
    return MEMBER_TABLE.answer()


@users.get("")
@allow("user.view")
def list_users() -> Answer:
    return TABLE.answer()

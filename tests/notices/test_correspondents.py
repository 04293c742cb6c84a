"""Whose an address is: the customer's own, the operator's, or anybody's. On either engine."""

import pytest

from registry.customers.places import change_contact, create_contact
from registry.kernel.writing import ANY_VERSION
from registry.notices.correspondents import correspondent, correspondents
from tests.houses import House, Person


def contact(who: Person, email: str) -> int:
    return int(create_contact(who.actor, {"customer": "acme", "name": "Joe", "email": email}).id)


@pytest.mark.rule("S0-25")
def test_a_contact_of_the_operators_making_is_nobodys_own(any_house: House) -> None:
    people = any_house.people()
    acme = min(people.owner.actor.customers or ())
    domain = people.owner.user.email.rpartition("@")[2]
    mine = contact(people.owner, "Joe@repair.example")
    contact(people.admin, "eve@else.example")
    contact(people.admin, f"new@{domain.upper()}")
    wanted = ["joe@repair.example", "eve@else.example", f"new@{domain}", people.stranger.user.email, "x@y.example"]
    found = correspondents(acme, [*wanted, people.owner.user.email, people.admin.user.email])
    assert [found[one].standing for one in wanted] == ["own", "third", "own", "third", "third"]
    assert found[people.owner.user.email].standing == "own"
    assert found[people.admin.user.email].standing == "office"
    for address in ("eve@else.example", "joe@repair.example"):
        change_contact(people.admin.actor, mine, {"email": address}, ANY_VERSION)
        assert correspondent(acme, "JOE@repair.example ").standing == "third"

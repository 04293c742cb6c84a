"""Fifty requests at once, in two server processes, with one mailed link: exactly one gets through."""

from collections import Counter
from pathlib import Path

import pytest

from registry.kernel import audit
from registry.kernel.audit import AuditEntry
from registry.people.addresses import ask_new_email
from registry.people.invitations import create_and_invite
from registry.people.models import Session, User
from registry.people.recovery import send_reset
from registry.people.signin import actor_of
from tests.houses import House
from tests.people.mailbox import link_to
from tests.security.serving import Reply, Request, at_once, serving

pytestmark = pytest.mark.slow
TOGETHER, ROUNDS = 50, 3
NEW = "three purple turbines"


def raced(port: int, paths: list[str], form: dict[str, str]) -> list[Reply]:
    """One round for each link; the answers of all."""
    replies: list[Reply] = []
    for path in paths:
        bodies = [{**form, "name": f"Guest {number}"} for number in range(TOGETHER)]
        found = at_once(port, [Request("POST", path, body, form=True) for body in bodies])
        winners = Counter(reply.status for reply in found if reply.status < 400)
        losers = Counter(reply.status for reply in found if reply.status >= 400)
        assert sum(winners.values()) == 1 and set(losers) == {410}, f"{path}: {winners} {losers}"
        replies += found
    return replies


def test_one_guest_joins_with_one_invitation(any_house: House, tmp_path: Path) -> None:
    any_house.customer("acme")
    emails = [f"guest{number}@acme.example" for number in range(ROUNDS)]
    for email in emails:
        create_and_invite(any_house.system, email=email, role="member", customer_id=1)
    paths = [link_to(email) for email in emails]
    any_house.close()
    with serving(any_house, tmp_path) as server:
        form = {"password": NEW, "language": "en", "time_zone": "UTC"}
        raced(server.port, paths, form)
    any_house.open()
    assert Session.select().count() == ROUNDS, "one session for each who joined"
    joined = [row for row in AuditEntry.select() if row.action == "user.joined"]
    assert len(joined) == ROUNDS
    for email in emails:
        assert User.get(User.email == email).name.startswith("Guest "), "the winner's name, whole"
    assert all(state.fault is None for state in audit.verify())


def test_one_new_password_with_one_link_and_one_new_address(any_house: House, tmp_path: Path) -> None:
    any_house.customer("acme")
    people = [
        any_house.person(f"p{number}@acme.example", "member", "acme", password="correct horse battery").user
        for number in range(2)
    ]
    for user in people:
        send_reset(user.email, None, None)
    resets = [link_to(user.email) for user in people]
    third = any_house.person("third@acme.example", "member", "acme", password="correct horse battery").user
    ask_new_email(actor_of(third), third, "new@acme.example")
    confirm = link_to("new@acme.example")
    any_house.close()
    with serving(any_house, tmp_path) as server:
        raced(server.port, resets, {"password": NEW})
        raced(server.port, [confirm], {})
    any_house.open()
    changed = Counter(row.action for row in AuditEntry.select())
    assert changed["user.password_changed"] == 2 and changed["user.email_changed"] == 1
    assert all(state.fault is None for state in audit.verify())

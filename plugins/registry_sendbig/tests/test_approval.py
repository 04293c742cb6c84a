"""What belongs to a customer goes to a third party by the operator's hand only with that customer's approval."""

import json
from typing import Any

import pytest
from peewee import Database

from registry.customers.places import change_contact, create_contact
from registry.handover import disclosure
from registry.kernel import audit, clock
from registry.sdk import ANY_VERSION, Conflict, Forbidden, Invalid
from registry_sendbig.models import Transfer
from registry_sendbig.tests.post import Post
from registry_sendbig.transfers import ending, recipients, sharing
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.reach import standing

PARTY = "Repair Works"
THIRD = [{"email": "joe@repair.example"}]


def approve(post: Post, **more: Any) -> Any:
    values = {"customer": "acme", "recipient": PARTY, "purpose": "Repair", "scope": ["transfers"], **more}
    return disclosure.approve(post.people.manager.actor, values)


def drafted(post: Post, party: str = PARTY, **more: Any) -> Transfer:
    made = post.draft(post.people.engineer, **{"party": party, "recipients": THIRD, **more})
    post.file(made)
    return made


def send(post: Post, made: Transfer, who: Any = None) -> Transfer:
    return transfers.send((who or post.people.engineer).actor, made.id)


@pytest.mark.rule("S0-25")
def test_without_an_approval_the_operator_sends_nothing_outside(post: Post) -> None:
    made = drafted(post)
    with pytest.raises(disclosure.Refused, match="no approval"):
        send(post, made)
    assert post.fresh(made).state == "draft"
    assert not post.letters()
    [refusal] = post.chain("disclosure.refused")
    assert (refusal.actor_name, PARTY in (refusal.after or "")) == (post.people.engineer.actor.name, True)


@pytest.mark.rule("S0-25")
def test_with_one_it_goes_and_the_record_names_it(post: Post) -> None:
    approval = approve(post)
    made = send(post, drafted(post))
    assert (made.state, made.approval_id) == ("open", approval.id)
    assert post.get(post.path(made)).data == b"0123456789"
    sent, fetched = post.chain("disclosure.made")
    assert f'"approval":{approval.id}' in (sent.after or "")
    assert f'"approval":{approval.id}' in (fetched.after or "")
    assert fetched.actor_name == "joe@repair.example"


@pytest.mark.rule("S0-25")
def test_an_approval_that_comes_after_does_not_cover_what_went_before(post: Post) -> None:
    """Dated after: neither one that begins tomorrow, nor one stored at the very moment."""
    made = drafted(post)
    from datetime import timedelta

    tomorrow = clock.today("UTC") + timedelta(days=1)
    approve(post, approved_on=tomorrow)
    with pytest.raises(disclosure.Refused):
        send(post, made)
    with clock.frozen(clock.now()):
        approve(post)
        with pytest.raises(disclosure.Refused):
            send(post, made)
    assert send(post, made).state == "open"


@pytest.mark.rule("S0-25")
def test_taken_back_it_stops_every_further_download(post: Post) -> None:
    approval = approve(post)
    made = send(post, drafted(post))
    assert post.get(post.path(made)).status_code == 200
    disclosure.revoke(post.people.manager.actor, approval.id, "Enough")
    for headers in ({}, {"Range": "bytes=5-"}):
        assert post.get(post.path(made), **headers).status_code == 403
    assert post.get(post.path(made, what="all.zip")).status_code == 403
    assert len(post.chain("disclosure.refused")) == 3
    assert len(post.downloads(made)) == 1


@pytest.mark.rule("S0-25")
@pytest.mark.parametrize("about", [{"recipient": "Somebody else"}, {"scope": ["assets"]}])
def test_an_approval_for_something_else_is_none(post: Post, about: dict[str, Any]) -> None:
    approve(post, **about)
    with pytest.raises(disclosure.Refused):
        send(post, drafted(post))


@pytest.mark.rule("S0-25")
def test_the_customers_own_people_and_the_operators_need_none(post: Post) -> None:
    own = [{"email": "CAROL@acme.example"}, {"email": "admin@operator.example"}]
    made = send(post, drafted(post, party="", recipients=own))
    assert [one.kind for one in post.to(made)] == ["own", "office"]
    assert post.get(post.path(made, 0)).status_code == 200
    assert post.get(post.path(made, 1)).status_code == 200
    assert not post.chain("disclosure.made", "disclosure.refused")


@pytest.mark.rule("S0-25")
def test_whoever_has_left_the_customer_is_a_third_party(post: Post) -> None:
    made = send(post, drafted(post, party="", recipients=[{"email": "carol@acme.example"}]))
    user = post.people.reader.user
    type(user).update(active=False).where(type(user).id == user.id).execute()
    assert post.get(post.path(made)).status_code == 403
    assert post.chain("disclosure.refused")


@pytest.mark.rule("S0-25")
def test_another_customers_people_are_third_parties(post: Post) -> None:
    with pytest.raises(disclosure.Refused):
        send(post, drafted(post, recipients=[{"email": "mallory@globex.example"}]))


def contact(who: Any, email: str) -> Any:
    return create_contact(who.actor, {"customer": "acme", "name": "Joe", "email": email})


@pytest.mark.rule("S0-25")
@pytest.mark.parametrize(
    ("who", "email", "kind"),
    [
        ("admin", "joe@repair.example", "third"),  # the operator's hand makes nobody the customer's own
        ("admin", "Joe@Repair.example", "third"),
        ("manager", "joe@repair.example", "own"),  # the customer's does
        ("admin", "joe@ACME.example", "own"),  # and so does the domain of the customer's own people
        ("admin", "joe@sub.acme.example", "third"),
        ("admin", "joe@operator.example", "third"),
    ],
)
def test_a_contact_is_the_customers_own_when_the_customer_stands_for_him(
    post: Post, who: str, email: str, kind: str
) -> None:
    contact(getattr(post.people, who), email)
    made = drafted(post, party="", recipients=[{"email": email}])
    assert [one.kind for one in post.to(made)] == [kind]
    if kind == "own":
        assert send(post, made).state == "open"
        return
    with pytest.raises(Invalid) as refused:
        send(post, made)
    assert "party" in refused.value.errors


@pytest.mark.rule("S0-25")
def test_the_operator_changes_no_contact_into_somebody_elses_letter_box(post: Post) -> None:
    """Neither by another address nor by taking the old one back; the customer's own hand mends it."""
    made = contact(post.people.manager, "joe@repair.example")
    assert standing(post.acme, "joe@repair.example") == "own"
    made = change_contact(post.people.admin.actor, made.id, {"email": "eve@else.example"}, ANY_VERSION)
    assert (standing(post.acme, "eve@else.example"), standing(post.acme, "joe@repair.example")) == ("third", "third")
    made = change_contact(post.people.admin.actor, made.id, {"email": "joe@repair.example"}, ANY_VERSION)
    assert standing(post.acme, "joe@repair.example") == "third"
    change_contact(post.people.admin.actor, made.id, {"phone": "1"}, ANY_VERSION)
    assert standing(post.acme, "joe@repair.example") == "third"
    contact(post.people.manager, "joe@repair.example")
    assert standing(post.acme, "joe@repair.example") == "own"


@pytest.mark.rule("S0-25")
def test_where_anybody_gets_an_address_it_says_nothing(post: Post) -> None:
    user = post.people.member.user
    type(user).update(email="carl@gmail.com").where(type(user).id == user.id).execute()
    contact(post.people.admin, "joe@gmail.com")
    assert (standing(post.acme, "carl@gmail.com"), standing(post.acme, "joe@gmail.com")) == ("own", "third")


@pytest.mark.rule("S0-25")
def test_a_link_handed_over_by_other_ways_is_for_a_third_party(post: Post) -> None:
    made = drafted(post, party="", recipients=[{"name": "By hand"}])
    with pytest.raises(Invalid) as refused:
        send(post, made)
    assert "party" in refused.value.errors


def test_the_page_says_where_the_third_party_is_named(post: Post) -> None:
    made = drafted(post, party="")
    answer = post.people.engineer.post(f"/c/acme/x/sendbig/transfers/{made.id}/send", version=str(made.version))
    assert answer.status_code == 422
    assert f'href="/c/acme/x/sendbig/transfers/{made.id}/edit#party"' in answer.text
    assert "needs its stored approval" in answer.text


@pytest.mark.rule("S0-25")
def test_customers_decide_for_themselves(post: Post) -> None:
    assert post.sent(recipients=THIRD).state == "open"
    assert not post.chain("disclosure.refused")


@pytest.mark.rule("S0-25")
def test_there_is_no_way_around_it(post: Post) -> None:
    """Neither by adding somebody later, nor to what the customer has sent, nor by having it sent by somebody else."""
    sent = send(post, drafted(post, party="", recipients=[{"email": "carol@acme.example"}]))
    with pytest.raises(Invalid):
        recipients.add(post.people.engineer.actor, sent.id, THIRD[0])
    theirs = post.sent(recipients=[{"email": "carol@acme.example"}])
    with pytest.raises(Invalid):
        recipients.add(post.people.admin.actor, theirs.id, THIRD[0])
    draft = drafted(post)
    with pytest.raises(Forbidden):
        send(post, draft, post.people.manager)
    lent = post.draft(recipients=THIRD)
    post.file(lent)
    transfers.change(post.people.member.actor, lent.id, {"party": PARTY}, ANY_VERSION)
    with pytest.raises(disclosure.Refused):
        send(post, lent, post.people.admin)
    assert len(post.to(sent)) == len(post.to(theirs)) == 1


@pytest.mark.rule("S0-25")
def test_looking_beforehand_is_a_disclosure_too(post: Post) -> None:
    approve(post)
    made = drafted(post)
    post.file(made, b"\x89PNG\r\n\x1a\n", "a.png", type="image/png")
    made = send(post, made)
    assert post.get(post.path(made, what=f"{post.files(made)[1].id}/preview")).status_code == 404


@pytest.mark.rule("S0-25")
def test_without_one_nobody_is_told_the_names_either(post: Post) -> None:
    """Taken back while a file was still being verified, and once it was open."""
    approval = approve(post)
    made = post.draft(post.people.engineer, party=PARTY, recipients=THIRD)
    late = post.file(made, state="checking")
    send(post, made)
    disclosure.revoke(post.people.manager.actor, approval.id, "Enough")
    late.update(state="kept").where(type(late).id == late.id).execute()
    transfers.file_settled(post.system, post.fresh(late))
    assert post.fresh(made).state == "open"
    assert not post.letters()
    shown = sharing.offered(recipients.by_secret(post.secret(post.to(made)[0]), None), {})
    assert (shown["state"], shown["title"], shown["files"]) == ("revoked", "", [])
    with post.later(days=6, hours=12):
        ending.tend()
    assert not post.letters()


@pytest.mark.rule("S0-25")
def test_nobody_is_written_to_once_more_without_one(post: Post) -> None:
    approval = approve(post)
    made = send(post, drafted(post))
    [joe] = post.to(made)
    disclosure.revoke(post.people.manager.actor, approval.id, "Enough")
    with post.later(minutes=6), pytest.raises(disclosure.Refused):
        recipients.resend(post.people.engineer.actor, joe.id)
    assert len(post.letters("link")) == 1


@pytest.mark.rule("S0-25")
def test_whoever_presses_the_button_answers_for_it(post: Post) -> None:
    """A draft of the customer's that the operator sends is his: once somebody has left, it needs an approval."""
    made = post.draft(recipients=[{"email": "carol@acme.example"}])
    post.file(made)
    send(post, made, post.people.admin)
    assert post.get(post.path(made)).status_code == 200
    user = post.people.reader.user
    type(user).update(active=False).where(type(user).id == user.id).execute()
    assert post.get(post.path(made)).status_code == 403


@pytest.mark.rule("S0-25")
def test_the_operator_sees_no_link_by_which_a_third_party_would_come_in_anothers_name(post: Post) -> None:
    """Neither that of the customer's people nor one that the customer made: no approval is asked for by these."""
    approve(post)
    theirs = post.sent(recipients=[{"email": "carol@acme.example"}, {"name": "By hand"}])
    ours = send(post, drafted(post, recipients=[*THIRD, {"email": "carol@acme.example"}]))
    third, own = post.to(ours)
    for one in (*post.to(theirs), own):
        with pytest.raises(Forbidden):
            recipients.link_of(post.people.admin.actor, one.id)
    assert recipients.link_of(post.people.admin.actor, third.id)
    assert recipients.link_of(post.people.manager.actor, own.id)
    shown = post.people.admin.get(f"/c/acme/x/sendbig/transfers/{ours.id}").text
    assert post.secret(third) in shown and post.secret(own) not in shown


@pytest.mark.rule("S0-25")
def test_nobody_slips_in_while_it_is_being_sent(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafted(post, party="", recipients=[{"email": "carol@acme.example"}])
    looks = recipients.changeable

    def late(*given: Any, **more: Any) -> Transfer:
        seen = looks(*given, **more)
        send(post, made)
        return seen

    monkeypatch.setattr(recipients, "changeable", late)
    with pytest.raises(Conflict):
        recipients.add(post.people.engineer.actor, made.id, THIRD[0])
    assert [one.to for one in post.letters("link")] == ["carol@acme.example"]


@pytest.mark.rule("S0-25")
def test_for_somebody_who_has_left_an_approval_names_himself(post: Post) -> None:
    """Where no third party was named: what the page tells and what may be fetched is one question."""
    made = send(post, drafted(post, party="", recipients=[{"email": "carol@acme.example"}]))
    user = post.people.reader.user
    type(user).update(active=False).where(type(user).id == user.id).execute()
    link = recipients.by_secret(post.secret(post.to(made)[0]), None)
    assert sharing.offered(link, {})["state"] == "revoked"
    approve(post, recipient="carol@acme.example")
    assert sharing.offered(link, {})["state"] == "open"
    assert post.get(post.path(made), Range="bytes=5-").status_code == 206


def test_fifty_recipients_are_made_in_few_statements_each_on_the_chain(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each a row and an event, for which it is asked once whether anybody hears of it, whoever they are."""
    run, asked = Database.execute_sql, []

    def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
        asked.append(sql)
        return run(self, sql, *rest, **more)

    def cost(number: int) -> int:
        wanted = [{"email": f"a{one}@{'acme' if one % 2 else 'third'}.example"} for one in range(number)]
        contact(post.people.admin, wanted[-1]["email"])
        asked.clear()
        made = post.draft(recipients=wanted)
        used = len([one for one in asked if "SAVEPOINT" not in one])  # around plugins that may object to a row
        assert [one.email for one in post.to(made)] == [one["email"] for one in wanted]
        return used

    monkeypatch.setattr(Database, "execute_sql", counted)
    few, many = cost(10), cost(50)
    assert (many - few) / 40 <= 3
    assert few <= 50
    added = post.chain("sendbig.recipient_added")
    assert len(added) == 60
    assert {json.loads(one.after or "")["email"] for one in added} >= {"a0@third.example", "a49@acme.example"}
    assert len({one.object_id for one in added}) == 60
    assert next(iter(audit.verify(post.acme))).fault is None

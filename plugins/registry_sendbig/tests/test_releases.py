"""Who is offered a patch or a document, who took it, who still lacks it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from registry.plugins import switches
from registry.sdk import Actor, NotNow, visible
from registry_sendbig.models import Installed, Receipt, Taken, Told
from registry_sendbig.releases import entitled, grants, installed, report
from registry_sendbig.releases import letters as release_letters
from registry_sendbig.releases import service as releases
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.shop import NOTES, PATCH, Shop


@pytest.fixture
def shop(post: Post) -> Shop:
    return Shop(post.system)


def path(shop: Shop, release: Any, name: str, slug: str = "acme") -> str:
    return f"/c/{slug}/x/sendbig/flow/patches/{shop.file_named(release, name)}"


def rows(model: Any) -> Any:
    return visible(model, Actor.system())


def chain(action: str) -> list[dict[str, Any]]:
    """What stood on the audit chain after each."""
    return [json.loads(str(one.after)) for one in AuditEntry.select().where(AuditEntry.action == action)]


def titles(person: Any, shop: Shop, slug: str = "acme") -> list[str]:
    return [one.release.title for one in entitled.offers(person.actor, shop.id_of(slug))]


# --- Who gets what ----------------------------------------------------------------------------------------------


@pytest.mark.rule("S1-39")
def test_users_under_contract_get_the_patch_and_others_do_not(post: Post, shop: Shop) -> None:
    shop.contract("acme")
    shop.unit("acme", "1.2")
    shop.unit("globex", "1.2")
    release = shop.release("1.10")
    answer = post.people.reader.get(path(shop, release, "fix.bin"))
    assert (answer.status_code, answer.data) == (200, PATCH)
    assert post.people.stranger.get(path(shop, release, "fix.bin", "globex")).status_code == 404
    assert post.people.stranger.get(path(shop, release, "fix.bin")).status_code == 404
    assert titles(post.people.stranger, shop, "globex") == []
    listed, more = report.customers(post.system, release.id)
    assert [(row["customer"], row["affected"]) for row in listed] == [("acme", 1)] and more is None
    [taken] = rows(Taken)
    assert (taken.version_name, taken.file_name, taken.who) == ("1.10", "fix.bin", post.people.reader.actor.name)
    assert taken.whole_at and not taken.granted
    assert report.customers(post.system, release.id)[0][0]["taken"] == 1


# (contract, version of the unit) -> may he take it, is he on the list
MATRIX = {
    ("everything", "1.2"): (True, True),
    ("everything", ""): (True, True),  # nobody knows what it runs: it may be affected
    ("everything", "1.10"): (True, False),  # has it already
    ("everything", "0.9"): (True, False),  # too old for this one
    ("over", "1.2"): (False, False),
    ("to come", "1.2"): (False, False),
    ("other product", "1.2"): (False, False),
    ("product", "1.2"): (True, True),
    ("unit", "1.9.9"): (True, True),
    ("none", "1.2"): (False, False),
    ("none", ""): (False, False),
}


@pytest.mark.rule("S1-39")
@pytest.mark.parametrize(("contract", "version"), MATRIX)
def test_the_matrix_of_who_gets_it(post: Post, shop: Shop, contract: str, version: str) -> None:
    unit = shop.unit("acme", version)
    made = {
        "everything": lambda: shop.contract(), "over": lambda: shop.contract(days=(-30, -1)),
        "to come": lambda: shop.contract(days=(2, 30)), "product": lambda: shop.contract(product=shop.product.id),
        "other product": lambda: shop.contract(product=shop.a_product("Router").id),
        "unit": lambda: shop.contract(asset=unit.id), "none": lambda: None,
    }  # fmt: skip
    made[contract]()
    release = shop.release("1.10", from_version="1.0")
    takes, listed = MATRIX[contract, version]
    assert post.people.member.get(path(shop, release, "fix.bin")).status_code == (200 if takes else 404)
    assert bool(report.customers(post.system, release.id)[0]) == listed
    assert [one.concerns for one in entitled.offers(post.people.member.actor, shop.id_of("acme"))] == (
        [listed] if takes else []
    )
    for one in entitled.offers(post.people.member.actor, shop.id_of("acme")):
        assert one.needs.unknown == (1 if version == "" else 0)


@pytest.mark.rule("S1-39")
def test_a_contract_that_ended_meanwhile_offers_nothing_any_more(post: Post, shop: Shop) -> None:
    shop.contract("acme", days=(-10, 5))
    shop.unit("acme", "1.2")
    release = shop.release()
    assert post.people.reader.get(path(shop, release, "fix.bin")).status_code == 200
    with post.later(days=7):
        assert entitled.offers(post.people.reader.actor, shop.id_of("acme")) == []
        with pytest.raises(NotFound):
            entitled.file_for(post.people.reader.actor, shop.id_of("acme"), shop.file_named(release, "fix.bin"))
        assert report.customers(post.system, release.id)[0] == []


@pytest.mark.rule("S1-39")
def test_a_program_is_held_as_a_licence(post: Post, shop: Shop) -> None:
    program = shop.a_product("Editor", "software")
    held = shop.licence("acme", "2.0", program)
    shop.contract("acme", licence=held.id)
    release = shop.release("2.1", product=program.id)
    assert post.people.reader.get(path(shop, release, "fix.bin")).status_code == 200
    offer = entitled.offer(post.people.member.actor, shop.id_of("acme"), release.id)
    unit = installed.licence_unit(post.system, held.id)
    installed.confirm(post.people.member.actor, offer, unit)
    assert report.numbers(post.system, release.id)["affected"] == 0


def test_a_file_for_all_is_for_all_and_nothing_else_of_it(post: Post, shop: Shop) -> None:
    release = shop.release(notes="all")
    assert post.people.stranger.get(path(shop, release, "notes.txt", "globex")).data == NOTES
    assert post.people.stranger.get(path(shop, release, "fix.bin", "globex")).status_code == 403
    assert post.people.stranger.get(path(shop, release, "notes.txt")).status_code == 404, "as somebody of acme's"
    assert titles(post.people.stranger, shop, "globex") == ["Fix"]


def test_drafts_and_files_that_are_not_verified_are_nobodys(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit()
    release = shop.draft()
    file = shop.file(release, "fix.bin", PATCH)
    assert post.people.reader.get(path(shop, release, "fix.bin")).status_code == 404
    assert post.people.manager.get(f"/c/acme/x/sendbig/patches/{release.id}").status_code == 404
    assert post.people.manager.get(f"/x/sendbig/flow/release-files/{file.id}").status_code == 403
    assert post.people.engineer.get(f"/x/sendbig/flow/release-files/{file.id}").data == PATCH
    assert list(rows(Taken)) == [], "staff looked at it, and took nothing"


# --- Taking and installing --------------------------------------------------------------------------------------


@pytest.mark.rule("S1-39")
def test_a_download_that_broke_off_is_one_taking(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit()
    release = shop.release()
    half = len(PATCH) // 2
    for part, status in ((f"bytes=0-{half - 1}", 206), (f"bytes={half}-", 206)):
        answer = post.people.reader.request("GET", path(shop, release, "fix.bin"), headers={"Range": part})
        assert answer.status_code == status and answer.data
        answer.close()
        if part.endswith(str(half - 1)):
            [row] = rows(Taken)
            assert row.whole_at is None and row.ranges == [[0, half]]
    [row] = rows(Taken)
    assert row.whole_at and row.ranges == [[0, len(PATCH)]]
    assert AuditEntry.select().where(AuditEntry.action == "sendbig.taken").count() == 1
    post.people.reader.get(path(shop, release, "fix.bin")).close()
    assert rows(Taken).count() == 2


@pytest.mark.rule("S1-39")
def test_what_the_operator_takes_on_a_customers_page_is_not_the_customers_taking(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit("acme", "1.2")
    release = shop.release()
    assert post.people.engineer.get(path(shop, release, "fix.bin")).data == PATCH
    [row] = rows(Taken)
    assert (row.by_operator, row.who, row.whole_at is not None) == (True, post.people.engineer.actor.name, True)
    assert report.customers(post.system, release.id)[0][0]["taken"] == 0
    assert not entitled.offer(post.people.reader.actor, shop.id_of("acme"), release.id).taken
    page = post.people.engineer.get(f"/x/sendbig/releases/{release.id}/takings").text
    assert post.people.engineer.actor.name in page and "operator</span>" in page
    assert post.people.reader.get(path(shop, release, "fix.bin")).data == PATCH
    assert report.customers(post.system, release.id)[0][0]["taken"] == 1
    assert [one.by_operator for one in rows(Taken).order_by(Taken.id)] == [True, False]
    releases.withdraw(post.system, release.id, "It bricks units.", shop.fresh(release).version)
    release_letters.tell_releases()
    assert [one.to for one in post.letters("withdrawn")] == [post.people.reader.user.email]


@pytest.mark.rule("S1-39")
def test_two_connections_that_begin_in_one_moment_are_one_taking(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit()
    release = shop.release()
    assert post.people.reader.request("GET", path(shop, release, "fix.bin"), headers={"Range": "bytes=0-1"}).data
    [first] = rows(Taken)
    other = {name: value for name, value in first.__data__.items() if name != "id"}
    Taken.create(**other | {"ranges": [[2, 4]]})  # each found nothing begun, and wrote down its own
    assert post.people.reader.request("GET", path(shop, release, "fix.bin"), headers={"Range": "bytes=4-"}).data
    [row] = rows(Taken)
    assert row.id == first.id and row.whole_at and row.ranges == [[0, len(PATCH)]]


@pytest.mark.rule("S1-39")
def test_the_receipt_says_that_a_unit_runs_the_patch(post: Post, shop: Shop) -> None:
    shop.contract()
    unit = shop.unit("acme", "1.2")
    release = shop.release("1.10")
    member = post.people.member
    page = f"/c/acme/x/sendbig/patches/{release.id}"
    assert unit.serial in member.get(page).text
    assert member.post(f"{page}/installed", asset=unit.id).status_code == 303
    [receipt] = rows(Receipt)
    assert (receipt.unit_label, receipt.version_before, receipt.version_name) == (unit.serial, "1.2", "1.10")
    row = installed.known(post.system, installed.asset_unit(post.system, unit.id))
    assert row and (row.version_name, row.release_id, row.source) == ("1.10", release.id, member.actor.name)
    assert report.numbers(post.system, release.id)["patched"] == 1 and "1.2 → 1.10" in member.get(page).text
    assert member.post(f"{page}/installed", asset=unit.id).status_code == 303
    assert rows(Receipt).count() == 1, "said twice, it is one receipt"
    assert [one["version_name"] for one in chain("sendbig.version_recorded")] == ["1.2", "1.10"], (
        "what it ran before stands on the chain"
    )


def test_no_receipt_for_what_is_not_offered_or_of_another_product(post: Post, shop: Shop) -> None:
    shop.contract("acme", product=shop.product.id)
    other = shop.unit("acme", product=shop.a_product("Router"))
    shop.unit()
    release = shop.release()
    page = f"/c/acme/x/sendbig/patches/{release.id}/installed"
    assert post.people.member.post(page, asset=other.id).status_code == 422
    assert post.people.member.post(page, asset=shop.unit("globex").id).status_code == 422
    assert post.people.reader.post(page, asset=other.id).status_code == 403
    assert post.people.member.post(page).status_code == 422
    assert rows(Receipt).count() == 0


def test_versions_by_hand_and_in_bulk(post: Post, shop: Shop) -> None:
    one, two = shop.unit(tag="T1"), shop.unit()
    member = post.people.member
    assert member.post(f"/c/acme/x/sendbig/patches/assets/{one.id}", installed_version="1.0").status_code == 303
    bad = member.post(f"/c/acme/x/sendbig/patches/assets/{one.id}", installed_version="()")
    assert bad.status_code == 422 and "letter or a digit" in bad.text
    given = {"customer": "acme", "csv": "serial,version\nT1,1.1"}
    answer = member.json("/api/v1/x/sendbig/versions/batch", "POST", **given)
    assert answer == {"recorded": 1}
    sent = f"{one.serial};2.0\n{two.serial};15.2(4)E7"
    assert member.post("/c/acme/x/sendbig/patches/versions", csv=sent).status_code == 303
    assert {row.version_name for row in rows(Installed)} == {"2.0", "15.2(4)E7"}
    wrong = member.post("/c/acme/x/sendbig/patches/versions", csv=f"{one.serial};3.0\nnone;1\n")
    assert wrong.status_code == 422 and "none" in wrong.text
    assert {row.version_name for row in rows(Installed)} == {"2.0", "15.2(4)E7"}, "all or none"
    assert member.post(f"/c/acme/x/sendbig/patches/assets/{one.id}", forget="true").status_code == 303
    assert installed.known(post.system, installed.asset_unit(post.system, one.id)) is None
    assert post.people.reader.post("/c/acme/x/sendbig/patches/versions", csv=sent).status_code == 403
    assert (
        member.post(f"/c/acme/x/sendbig/patches/assets/{shop.unit('globex').id}", installed_version="1").status_code
        == 404
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [("a,1", [("a", "1")]), ("a;1\nb;2", [("a", "1"), ("b", "2")]), ('"a,b",1', [("a,b", "1")]),
     ("\ufeffSerial,Version\na , 1\n\n", [("a", "1")]), ("a\t1", [("a", "1")])],
)  # fmt: skip
def test_lines_of_a_table(text: str, found: list[tuple[str, str]]) -> None:
    assert installed.from_csv(text) == [{"asset": asset, "version": version} for asset, version in found]


@pytest.mark.parametrize("text", ["", "a", "a,1,2", "a,", "serial,version", 'a,"1\nb,2', 'a,"1.2\nb,"3"'])
def test_lines_that_are_none(text: str) -> None:
    with pytest.raises(Invalid):
        installed.from_csv(text)


# --- The list, and who lacks it ---------------------------------------------------------------------------------


@pytest.mark.rule("S1-40")
def test_the_report_says_who_is_still_unpatched(post: Post, shop: Shop) -> None:
    for slug in ("acme", "globex"):
        shop.contract(slug)
        for version in ("1.2", "1.9", "", "1.10", "0.5"):
            shop.unit(slug, version)
    release = shop.release("1.10", from_version="1.0", problem="Ports flap", known_error="KE-7")
    assert report.numbers(post.system, release.id) == {
        "units": 10, "affected": 6, "unknown": 2, "patched": 2, "other": 2, "customers": 2,
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page, after = report.units(post.system, release.id, limit=2, after=after)
        assert len(page) <= 2
        found += page
    assert sorted((row["customer"], row["version"] or "") for row in found) == sorted(
        (slug, version) for slug in ("acme", "globex") for version in ("", "1.2", "1.9")
    )
    page, after = report.customers(post.system, release.id, limit=1)
    assert [row["customer"] for row in page] == ["acme"] and after
    assert [row["customer"] for row in report.customers(post.system, release.id, limit=1, after=after)[0]] == ["globex"]
    assert {row["version"] for row in report.units(post.system, release.id, state="patched")[0]} == {"1.10"}
    assert {row["version"] for row in report.units(post.system, release.id, state="other")[0]} == {"0.5"}
    assert {row["version"] for row in report.units(post.system, release.id, state="unknown")[0]} == {None}
    mine, _more = report.units(post.system, release.id, customer_id=shop.id_of("acme"))
    assert len(mine) == 3 and {row["customer"] for row in mine} == {"acme"}
    text = post.people.engineer.get(f"/x/sendbig/releases/{release.id}").text
    assert "KE-7" in text and "Ports flap" in text and "from 1.0, before 1.10" in text


@pytest.mark.rule("S1-40")
def test_it_is_pushed_before_anybody_asked_and_once(post: Post, shop: Shop) -> None:
    shop.contract("acme")
    shop.unit("acme", "1.2")
    shop.unit("globex", "1.2")
    release = shop.release("1.10", note="Reboot afterwards.")
    assert release_letters.tell_releases() == 3
    letters = post.letters("published")
    people = post.people
    assert {one.to for one in letters} == {one.user.email for one in (people.manager, people.member, people.reader)}
    assert "Ports flap" in letters[0].body and "Reboot afterwards." in letters[0].body
    assert f"/c/acme/x/sendbig/patches/{release.id}" in letters[0].body and "1.10" in letters[0].subject
    assert release_letters.tell_releases() == 0 and len(post.letters("published")) == 3
    shop.contract("globex")
    assert release_letters.tell_releases() == 1, "who came onto the list later"
    assert post.letters("published")[-1].to == people.stranger.user.email
    assert report.customers(post.system, release.id)[0][0]["told"] == 3


def test_what_is_for_all_is_told_to_those_who_have_the_product_under_no_contract_too(post: Post, shop: Shop) -> None:
    shop.contract("acme")
    shop.unit("acme", "1.2")
    shop.unit("globex", "1.2")
    shop.unit("globex", "")
    release = shop.release(notes="all")
    assert release_letters.tell_releases() == 4
    [letter] = post.letters("published_to_all")
    assert letter.to == post.people.stranger.user.email
    assert "about 2 of your units; of 1 of them" in letter.body
    assert f"/c/globex/x/sendbig/patches/{release.id}" in letter.body
    assert post.people.stranger.get(f"/c/globex/x/sendbig/patches/{release.id}").status_code == 200
    assert len(post.letters("published")) == 3
    shop.contract("globex")
    assert release_letters.tell_releases() == 0, "each hears of it once, whatever he has got since"


def test_what_is_for_all_is_told_to_nobody_who_has_no_affected_unit(post: Post, shop: Shop) -> None:
    shop.unit("globex", "1.10")
    shop.unit("globex", "1.2", product=shop.a_product("Other"))
    shop.unit("acme", "1.2")
    shop.contract("acme", days=(-30, -1))
    shop.release(notes="contract", title="Under contract alone")
    assert release_letters.tell_releases() == 0
    shop.release("1.11", notes="all", from_version="1.0", below_version="1.10")
    assert release_letters.tell_releases() == 3
    assert {one.body.count("/c/acme/") for one in post.letters("published_to_all")} == {1}


def test_mails_go_out_in_portions_and_in_the_language_of_their_reader(
    post: Post, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.people.models import User

    monkeypatch.setattr(release_letters, "PORTION", 2)
    User.update(language="zh-Hant").where(User.id == post.people.manager.user.id).execute()
    shop.contract()
    shop.unit("acme", "1.2")
    shop.release()
    with pytest.raises(NotNow):
        release_letters.tell_releases()
    assert rows(Told).count() == 2
    assert release_letters.tell_releases() == 1 and release_letters.tell_releases() == 0
    [text] = [one for one in post.letters("published") if one.language == "zh-Hant"]
    assert "受影響的設備共 1 台" in text.body


def test_nobody_is_written_to_where_the_plugin_is_off(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit("acme", "1.2")
    switches.switch(post.system, "sendbig", on=False, customer_id=shop.id_of("acme"))
    shop.release()
    assert release_letters.tell_releases() == 0 and post.letters("published") == []


def test_what_is_withdrawn_is_gone_and_those_who_took_it_read_why(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit("acme", "1.2")
    release = shop.release()
    post.people.reader.get(path(shop, release, "fix.bin")).close()
    with pytest.raises(Invalid):
        releases.withdraw(post.system, release.id, "  ", release.version)
    releases.withdraw(post.system, release.id, "It bricks units.", shop.fresh(release).version)
    assert release_letters.tell_releases() == 1
    [letter] = post.letters("withdrawn")
    assert letter.to == post.people.reader.user.email and "It bricks units." in letter.body
    assert post.people.reader.get(path(shop, release, "fix.bin")).status_code == 404
    page = post.people.reader.get(f"/c/acme/x/sendbig/patches/{release.id}")
    assert page.status_code == 200 and "It bricks units." in page.text and "fix.bin" not in page.text
    assert "Withdrawn" in post.people.reader.get("/c/acme/x/sendbig/patches").text
    assert release_letters.tell_releases() == 0
    assert post.people.stranger.get(f"/c/globex/x/sendbig/patches/{release.id}").status_code == 404


# --- Documents without a contract -------------------------------------------------------------------------------


def approve(post: Post, release: Any, **more: Any) -> Any:
    values = {"customer": "globex", "email": post.people.stranger.user.email, "reason": "Has to plan", **more}
    return grants.approve(post.people.admin.actor, release.id, values)


@pytest.mark.rule("S1-41")
def test_a_document_is_released_to_a_named_user_by_approval_and_never_the_patch(post: Post, shop: Shop) -> None:
    release = shop.release()
    stranger, notes, fix = (
        post.people.stranger,
        *(path(shop, release, one, "globex") for one in ("notes.txt", "fix.bin")),
    )
    assert stranger.get(notes).status_code == 404 and stranger.get(fix).status_code == 404
    grant = approve(post, release)
    assert stranger.get(notes).data == NOTES and stranger.get(fix).status_code == 403
    page = stranger.get(f"/c/globex/x/sendbig/patches/{release.id}").text
    assert "notes.txt" in page and "fix.bin" not in page
    colleague = post.installation.person("colleague@globex.example", "manager", "globex")
    assert colleague.get(notes).status_code == 404, "it was approved for one by name"
    [letter] = post.letters("approved")
    assert letter.to == stranger.user.email and "Has to plan" in letter.body
    [told] = chain("sendbig.document_approved")
    assert told["reason"] == "Has to plan" and told["approved_by"] == post.people.admin.actor.name
    grants.revoke(post.people.admin.actor, grant.id)
    assert stranger.get(notes).status_code == 404
    [taken] = rows(Taken)
    assert taken.granted and taken.kind == "document"


@pytest.mark.rule("S1-41")
def test_an_approval_ends_when_it_says_and_needs_a_reason_and_a_right(post: Post, shop: Shop) -> None:
    release = shop.release()
    with pytest.raises(Forbidden):
        grants.approve(post.people.engineer.actor, release.id, {})
    for wrong in ({"reason": " "}, {"email": "carol@acme.example"}, {"until": clock.now() - timedelta(days=1)}):
        with pytest.raises(Invalid):
            approve(post, release, **wrong)
    approve(post, release, until=clock.now() + timedelta(days=2))
    with pytest.raises(Conflict):
        approve(post, release)
    notes = shop.file_named(release, "notes.txt")
    mine = post.people.stranger.actor, shop.id_of("globex"), notes
    assert entitled.file_for(*mine)
    with post.later(days=3), pytest.raises(NotFound):
        entitled.file_for(*mine)


@pytest.mark.rule("S1-41")
def test_a_patch_alone_cannot_be_approved(post: Post, shop: Shop) -> None:
    release = shop.draft()
    shop.file(release, "fix.bin", PATCH)
    releases.publish(post.system, release.id, release.version)
    with pytest.raises(Conflict) as refused:
        approve(post, release)
    assert refused.value.code == "no_document"


# --- The life of a release --------------------------------------------------------------------------------------


def test_only_what_is_whole_is_published(post: Post, shop: Shop) -> None:
    release = shop.draft(version="")
    for code, make in (
        ("no_files", lambda: None),
        ("no_version", lambda: shop.file(release, "fix.bin", PATCH)),
    ):
        make()
        with pytest.raises(Conflict) as refused:
            releases.publish(post.system, release.id, release.version)
        assert refused.value.code == code
    release = releases.change_release(post.system, release.id, {"version_name": "1.10"}, release.version)
    late = shop.file(release, "late.bin", b"x")
    type(late).update(state="checking").where(type(late).id == late.id).execute()
    with pytest.raises(Conflict) as refused:
        releases.publish(post.system, release.id, release.version)
    assert "late.bin" in refused.value.message
    releases.remove_file(post.system, late.id, late.version)
    with pytest.raises(Stale):
        releases.publish(post.system, release.id, 77)
    done = releases.publish(post.system, release.id, release.version)
    with pytest.raises(Conflict):
        releases.change_release(post.system, done.id, {"version_name": "1.11"}, done.version)
    with pytest.raises(Conflict):
        releases.remove_release(post.system, done.id, done.version)
    with pytest.raises(Conflict):
        releases.remove_file(post.system, shop.file_named(done, "fix.bin"), 1)
    assert releases.change_release(post.system, done.id, {"note": "x"}, done.version).note == "x"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"version_name": "()"}, "version_name"), ({"from_version": "1.10"}, "from_version"),
     ({"from_version": "2"}, "from_version"), ({"below_version": "1.11"}, "below_version"),
     ({"version_name": "", "from_version": "1"}, "from_version")],
)  # fmt: skip
def test_a_range_that_is_none_is_refused(shop: Shop, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        shop.draft(**{"version": "1.10", **values} if "version_name" not in values else values)
    assert list(refused.value.errors) == [field]


def test_only_who_may_release_does(post: Post, shop: Shop) -> None:
    with pytest.raises(Forbidden):
        shop.draft(who=post.people.manager.actor)
    release = shop.draft(who=post.people.engineer.actor)
    with pytest.raises(NotFound):
        releases.release_of(post.people.manager.actor, release.id)
    assert customer_by(post.system, "acme")
    with pytest.raises(NotFound):
        entitled.offers(post.people.stranger.actor, shop.id_of("acme"))
    with pytest.raises(Forbidden):
        entitled.offers(Actor("user", "x", {shop.id_of("acme"): frozenset()}), shop.id_of("acme"))

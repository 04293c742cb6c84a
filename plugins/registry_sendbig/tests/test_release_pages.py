"""The pages of releases, for the operator's people and for customers; and the same by JSON."""

from datetime import date, timedelta
from typing import Any

import pytest

from registry.kernel import clock
from registry.kernel.jobs import JOBS
from registry.sdk import visible
from registry_sendbig.models import Release, Told
from registry_sendbig.releases import installed
from registry_sendbig.releases import service as releases
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.shop import PATCH, Shop

V1 = "/api/v1/x/sendbig"


@pytest.fixture
def shop(post: Post) -> Shop:
    return Shop(post.system)


def test_an_engineer_drafts_publishes_and_withdraws_by_the_pages(post: Post, shop: Shop) -> None:
    engineer = post.people.engineer
    shop.contract()
    shop.unit("acme", "1.2")
    typed = {"title": "Fix", "product": f"Switch #{shop.product.id}", "version_name": "1.10", "from_version": "1.2"}
    wrong = engineer.post("/x/sendbig/releases/new", **{**typed, "from_version": "2"})
    assert wrong.status_code == 422 and 'id="from_version-error"' in wrong.text and 'value="Fix"' in wrong.text
    answer = engineer.post("/x/sendbig/releases/new", **typed)
    assert answer.status_code == 303, answer.text
    [release] = visible(Release, post.system)
    page = f"/x/sendbig/releases/{release.id}"
    assert answer.headers["Location"] == page
    assert "There is no file" in engineer.post(f"{page}/publish", version=1).text
    file = shop.file(release, "fix.bin", PATCH)
    assert "fix.bin" in engineer.get(f"{page}/files").text
    notes = shop.file(release, "notes.txt", b"x")
    marked = engineer.post(f"/x/sendbig/release-files/{notes.id}", version=1, kind="document", audience="all")
    assert marked.status_code == 303
    assert engineer.post(f"/x/sendbig/release-files/{notes.id}", version=1, kind="patch").status_code == 412
    assert (
        engineer.post(f"{page}/edit", version=1, title="Fix", version_name="1.11", from_version="1.2").status_code
        == 303
    )
    assert engineer.post(f"{page}/edit", version=1, title="Other").status_code == 412
    assert engineer.post(f"{page}/publish", version=2).status_code == 303
    assert visible(Told, post.system).count() == 3, "the job was asked for, and wrote"
    text = engineer.get(page).text
    assert "Published" in text and "Acme" in text and "Withdraw it" in text
    assert engineer.post(f"{page}/remove", version=3).status_code == 409
    assert engineer.post(f"/x/sendbig/release-files/{file.id}/remove", version=file.version).status_code == 409
    assert 'id="reason-error"' in engineer.post(f"{page}/withdraw", version=3, reason=" ").text
    assert engineer.post(f"{page}/withdraw", version=3, reason="Bricks").status_code == 303
    assert "Bricks" in engineer.get(page).text and "Withdraw it" not in engineer.get(page).text
    assert engineer.get("/x/sendbig/releases?state=withdrawn").text.count("Fix") > 0
    assert f"#{shop.product.id}" in engineer.get("/x/sendbig/releases/products?q=swit").text


def test_a_draft_goes_with_its_files(post: Post, shop: Shop) -> None:
    release = shop.draft()
    shop.file(release, "fix.bin", PATCH)
    assert post.people.engineer.post(f"/x/sendbig/releases/{release.id}/remove", version=1).status_code == 303
    assert visible(Release, post.system).count() == 0


def test_an_account_manager_approves_by_the_page(post: Post, shop: Shop) -> None:
    release = shop.release()
    page, admin = f"/x/sendbig/releases/{release.id}", post.people.admin
    given = {"customer": "globex", "email": post.people.stranger.user.email, "why": "Plans", "until": ""}
    wrong = admin.post(f"{page}/grants", **{**given, "email": "nobody@x.example"})
    assert wrong.status_code == 422 and 'id="email-error"' in wrong.text and "Plans" in wrong.text
    last = clock.today() + timedelta(days=3)
    assert admin.post(f"{page}/grants", **{**given, "until": last.isoformat()}).status_code == 303
    assert post.people.stranger.user.email in admin.get(page).text
    assert post.people.engineer.post(f"{page}/grants", **given).status_code == 403
    assert admin.post("/x/sendbig/release-grants/1/revoke", version=1).status_code == 303
    assert "over" in admin.get(page).text


def test_what_concerns_the_reader_comes_first(post: Post, shop: Shop) -> None:
    shop.contract()
    shop.unit("acme", "1.5")
    shop.release("1.10", title="Needed")
    shop.release("1.4", title="Too old for it")
    text = post.people.reader.get("/c/acme/x/sendbig/patches").text
    assert (
        text.index("For your units") < text.index("Needed") < text.index("What else is there") < text.index("Too old")
    )
    assert "Mark as installed" not in post.people.reader.get("/c/acme/x/sendbig/patches/1").text
    assert "Mark as installed" in post.people.member.get("/c/acme/x/sendbig/patches/1").text


def test_the_card_of_a_unit_says_what_it_runs_and_what_waits(post: Post, shop: Shop) -> None:
    shop.contract()
    unit, program = shop.unit("acme", "1.5"), shop.a_product("Editor", "software")
    held = shop.licence("acme", "2.0", program)
    release = shop.release("1.10", title="Needed")
    shop.release("1.4", title="Too old for it")
    text = post.people.member.get(f"/c/acme/assets/{unit.id}").text
    assert "1.5" in text and "Needed 1.10" in text and "Too old" not in text and "Mark as installed" in text
    assert "Mark as installed" not in post.people.reader.get(f"/c/acme/assets/{unit.id}").text
    assert "No patch is waiting" in post.people.member.get(f"/c/acme/licences/{held.id}").text
    answer = post.people.member.post(f"/c/acme/x/sendbig/patches/{release.id}/installed", asset=unit.id)
    assert answer.status_code == 303
    assert "No patch is waiting" in post.people.member.get(f"/c/acme/assets/{unit.id}").text


def test_pages_take_as_many_statements_for_many_units_as_for_one(post: Post, shop: Shop) -> None:
    for slug in ("acme", "globex"):
        shop.contract(slug)
        shop.unit(slug, "1.2")
    release = shop.release(notes="all")
    unit = installed.asset_unit(post.system, 1).asset_id
    house = [
        f"/x/sendbig/releases{what}"
        for what in ("", f"/{release.id}", f"/{release.id}/units", f"/{release.id}/customers")
    ]
    own = ["/c/acme/x/sendbig/patches", f"/c/acme/x/sendbig/patches/{release.id}", "/c/acme/x/sendbig/patches/versions",
           f"/c/acme/assets/{unit}"]  # fmt: skip

    def counts() -> dict[str, int]:
        found = {path: post.installation.statements(post.people.engineer, path) for path in house}
        return found | {path: post.installation.statements(post.people.member, path) for path in own}

    few = counts()
    for number in range(8):
        shop.unit(("acme", "globex")[number % 2], ("1.3", "", "1.10", "0.5")[number % 4])
        shop.release(f"1.1{number}", notes="all")
    more = {path: (before, after) for (path, before), after in zip(few.items(), counts().values(), strict=True)}
    assert not {path: both for path, both in more.items() if both[1] > both[0]}
    assert max(few.values()) < 60, few


def test_by_json(post: Post, shop: Shop) -> None:
    engineer, member = post.people.engineer, post.people.member
    shop.contract()
    unit = shop.unit("acme", "1.2")
    sent = {"product": shop.product.id, "title": "Fix", "version_name": "1.10", "known_error": "KE-1"}
    made = engineer.json(f"{V1}/releases", "POST", **sent)
    assert made["state"] == "draft" and made["files"] == []
    release = shop.fresh(visible(Release, post.system).get())
    shop.file(release, "fix.bin", PATCH)
    releases.publish(post.system, release.id, 1)
    [offer] = member.json(f"{V1}/offers?customer=acme")["items"]
    assert (offer["affected"], offer["unknown"], offer["files"], offer["known_error"]) == (1, 0, 1, "KE-1")
    [file] = member.json(f"{V1}/offers/{release.id}?customer=acme")["files"]
    assert len(file["sha256"]) == 64 and file["size"] == len(PATCH) and file["kind"] == "patch"
    receipt = member.json(f"{V1}/offers/{release.id}/receipts", "POST", customer="acme", asset=unit.serial)
    assert (receipt["version_before"], receipt["version_name"]) == ("1.2", "1.10")
    assert member.json(f"{V1}/receipts?customer=acme")["items"][0]["unit"] == unit.serial
    assert member.json(f"{V1}/versions?customer=acme")["items"][0]["release_id"] == release.id
    assert engineer.json(f"{V1}/releases/{release.id}/units?state=patched")["items"][0]["version"] == "1.10"
    assert engineer.json(f"{V1}/releases/{release.id}/customers")["items"] == []
    assert engineer.json(f"{V1}/takings")["items"] == []
    put: dict[str, Any] = {"customer": "acme", "asset": unit.id, "version": "1.3"}
    assert member.json(f"{V1}/versions", "PUT", **put)["version_name"] == "1.3"
    assert engineer.json(f"{V1}/releases/{release.id}/numbers")["affected"] == 1


def test_offers_are_paged(post: Post, shop: Shop) -> None:
    made = [shop.release(notes="all").id for _ in range(3)]
    first = post.people.stranger.json(f"{V1}/offers?customer=globex&limit=2")
    assert [one["id"] for one in first["items"]] == made[:0:-1]
    last = post.people.stranger.json(f"{V1}/offers?customer=globex&limit=2&before={first['next']}")
    assert [one["id"] for one in last["items"]] == made[:1] and last["next"] is None


def test_the_job_is_there_and_a_day_means_its_end(post: Post) -> None:
    from registry_sendbig.releases.schemas import end_of

    assert JOBS["sendbig.tell_releases"].minutes == 60
    ended = end_of(date(2026, 5, 1))
    assert ended and ended.isoformat() == "2026-05-01T23:59:59+00:00" and end_of(None) is None


def test_the_command_for_programs_names_the_address_of_the_release(post: Post, shop: Shop) -> None:
    release = shop.draft()
    text = post.people.admin.get(f"/x/sendbig/releases/{release.id}").text
    command = text.partition('<pre class="letter">')[2].partition("</pre>")[0]
    assert "Bearer TOKEN" in command and command.endswith(f"/x/sendbig/flow/releases/{release.id}/files")
    assert "False" not in command and "tus-upload" not in command

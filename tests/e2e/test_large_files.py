"""Large files in a real browser: sent by tus-js-client while the server is killed twice and the page is closed, then
mailed, and fetched by somebody without an account, byte for byte; and sent straight to an S3 store."""

import functools
import hashlib
import os
import re
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from registry.kernel.access import Actor
from registry.plugins import values
from tests import seaweed
from tests.browser import DESK, Errors, served
from tests.cable import Cable
from tests.e2e.accessibility import problems
from tests.houses import House
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "correct horse battery staple"
MB = 1_000_000
BIG = 24 * MB
THROTTLE = 8 * MB  # bytes a second, so that there is something to break off
TITLE = "Disk image of the gateway"


@pytest.fixture
def running(house: House) -> Iterator[Server]:
    house.customer("acme")
    house.person("ann@acme.example", "manager", "acme", password=PASSWORD)
    server = served(house)
    with server:
        yield server


def content(tmp_path: Path) -> dict[str, bytes]:
    """Two files, and a folder with one in a folder of its own: path -> bytes, all of them on the disk."""
    made = {
        "disk.img": os.urandom(BIG),
        "notes 筆記.txt": b"read me\n",
        "logs/a.log": os.urandom(MB),
        "logs/old/b.log": b"b",
    }
    for path, data in made.items():
        place = tmp_path / "sent" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return made


def kill(server: Server) -> None:
    """Without a chance to put anything in order."""
    os.killpg(server.pid, signal.SIGKILL)
    server._process.wait()  # type: ignore[union-attr]


def rises(page: Any, least: float) -> None:
    """The first file in the queue has come so far."""
    page.wait_for_function("(least) => document.querySelector('[data-queue] progress')?.value > least", arg=least)


def wait(check: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError(f"in vain: {what}")


def mails(server: Server) -> dict[str, str]:
    """Whom what was written to, as it lies in the folder of an installation without a mail server."""
    folder = Path(server._environment["ASSETCARE_DATA"]) / "mail"
    read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml"))
    return {str(one["To"]): one.get_content() for one in read}  # type: ignore[union-attr]


def slowed(page: Any) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": THROTTLE}
    network.send("Network.emulateNetworkConditions", limits)


def signed_in(server: Server, context: Any) -> Any:
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.fill("#email", "ann@acme.example")
    page.fill("#password", PASSWORD)
    page.click("form[action='/sign-in'] button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def test_sent_through_two_crashes_and_a_reload_and_fetched_by_a_stranger(
    running: Server, chromium: Any, desk: Any, errors: Errors, tmp_path: Path
) -> None:
    errors.expect("ERR_|Failed to load")  # the server is killed
    sent = content(tmp_path)
    page = signed_in(running, desk)
    page.goto(f"{running.url}/c/acme/x/sendbig/transfers/new")
    page.fill("#title", TITLE)
    page.fill("#recipients", "bob@elsewhere.example")
    page.get_by_role("button", name="Next: choose files").click()
    page.locator("[data-upload]").wait_for()
    asked: list[tuple[str, str]] = []
    page.on("request", lambda one: asked.append((one.method, one.url)))
    slowed(page)
    page.set_input_files("[data-files]", [str(tmp_path / "sent" / name) for name in ("disk.img", "notes 筆記.txt")])

    rises(page, 0.2)
    kill(running)
    page.locator("[data-state=lost] [data-told]", has_text="tried again in").first.wait_for()
    with running:
        rises(page, 0.4)
        kill(running)
        page.locator("[data-state=lost]").first.wait_for()
        page.on("dialog", lambda dialog: dialog.accept())  # leave the page all the same
        with running:
            page.reload()
            waiting = page.locator("[data-receiving]", has_text="disk.img")
            waiting.locator("[data-choose]").wait_for()  # known from before, and to be chosen again
            page.set_input_files("[data-files]", str(tmp_path / "sent" / "disk.img"))
            page.set_input_files("input[webkitdirectory]", str(tmp_path / "sent" / "logs"))
            page.get_by_role("button", name="Send", exact=True).click()  # goes off once all have arrived
            page.locator("h1 .badge", has_text=re.compile("Sent|Being verified")).wait_for()
            created = [address for method, address in asked if method == "POST" and "/flow/" in address]
            assert len(created) == len(sent), created  # nothing was begun anew
            assert [method for method, _address in asked].count("HEAD") >= 2
            fetch(running, chromium, errors, tmp_path, sent)
            page.reload()
            page.locator("text=Who fetched what").wait_for()
            wait(lambda: page.reload() and "bob@elsewhere.example" in downloads(page), "who has fetched it")


def downloads(page: Any) -> str:
    """What the sender is told of them."""
    return str(page.locator("section[aria-labelledby=downloads]").inner_text())


def fetch(server: Server, chromium: Any, errors: Errors, tmp_path: Path, sent: dict[str, bytes]) -> None:
    """By the link in the mail, in a browser that has never been here."""
    text = wait(lambda: mails(server).get("bob@elsewhere.example"), "the mail with the link")
    link = re.search(r"http://\S+/x/sendbig/t/\S+", text)
    assert link, text
    context = errors.watch(chromium.new_context(**DESK, accept_downloads=True))
    page = context.new_page()
    page.goto(link[0])
    assert page.locator("h1").inner_text() == TITLE
    assert not page.locator("nav[aria-label=Main]").count()
    assert hashlib.sha256(sent["disk.img"]).hexdigest() in page.locator("main").inner_text()
    assert not problems(page), problems(page)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download disk.img").click()
    assert begun.value.path().read_bytes() == sent["disk.img"]
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download all").click()
    with zipfile.ZipFile(begun.value.path()) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == sent
    context.close()


def test_somebody_without_an_account_sends_what_he_was_asked_for(
    running: Server, phone: Any, desk: Any, errors: Errors, tmp_path: Path
) -> None:
    errors.expect("status of (401|404|410)")
    sent = content(tmp_path)
    page = signed_in(running, desk)
    page.goto(f"{running.url}/c/acme/x/sendbig/requests/new")
    page.fill("#title", "Logs of the core switch")
    page.get_by_role("button", name="Make the link").click()
    stranger = phone.new_page()
    stranger.goto(page.locator(".sendbig-link code").inner_text())
    assert not problems(stranger), problems(stranger)
    stranger.fill("#name", "Noor Haddad")
    stranger.get_by_role("button", name="Next: choose files").click()
    stranger.locator("[data-drop]").wait_for()
    assert not problems(stranger), problems(stranger)
    slowed(stranger)
    parts: list[str] = []
    stranger.on("request", lambda one: parts.append(one.url) if one.method == "PATCH" else None)
    stranger.set_input_files("[data-files]", str(tmp_path / "sent" / "disk.img"))
    rises(stranger, 0.05)
    stranger.get_by_role("button", name="Pause disk.img").press("Enter")
    paused = stranger.locator("[data-state=paused] [data-told]")
    before = paused.inner_text()
    assert before.startswith("Paused") and not problems(stranger), (before, problems(stranger))
    stranger.set_input_files("[data-files]", str(tmp_path / "sent" / "notes 筆記.txt"))
    stranger.locator("[data-arrived]", has_text="notes 筆記.txt").wait_for()
    assert paused.inner_text() == before
    thrown = functools.partial(stranger.request.delete, parts[0], headers={"Tus-Resumable": "1.0.0"})
    wait(lambda: thrown().status in (204, 404, 410), "it thrown away behind its back")  # 423 while a part is being kept
    with stranger.expect_request(lambda one: one.method == "POST" and one.url.endswith("/files")):  # and begun anew
        stranger.get_by_role("button", name="Go on with disk.img").press("Enter")
    rises(stranger, 0.01)
    stranger.on("dialog", lambda dialog: dialog.accept())  # leave the page all the same
    stranger.reload()
    stranger.get_by_role("button", name="Give up disk.img").press("Enter")
    stranger.locator("[data-receiving]").wait_for(state="detached")
    stranger.set_input_files("input[webkitdirectory]", str(tmp_path / "sent" / "logs"))
    stranger.locator("[data-arrived]", has_text="b.log").wait_for()
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    stranger.get_by_role("button", name="That is all").click()
    stranger.get_by_role("heading", name="Thank you").wait_for()
    page.reload()
    page.get_by_role("link", name="Noor Haddad").click()
    named = "document.querySelectorAll('[data-arrived]').length"
    page.wait_for_function(f"() => {named} === {len(sent) - 1}")
    assert "disk.img" not in page.locator("main").inner_text()
    page.goto(f"{running.url}/c/acme/x/sendbig/transfers/new")
    page.fill("#title", TITLE)
    page.get_by_role("button", name="Next: choose files").click()
    page.locator("[data-drop]").wait_for()
    desk.clear_cookies()
    page.set_input_files("[data-files]", str(tmp_path / "sent" / "notes 筆記.txt"))
    page.locator("[data-state=refused]", has_text="You have been signed out.").wait_for()


@pytest.fixture
def cable(s3_server: seaweed.Server) -> Iterator[Cable]:
    with Cable(s3_server.endpoint) as cable:
        yield cable


@pytest.fixture
def at_shut_bucket(house: House, s3_server: seaweed.Server, cable: Cable) -> Iterator[Server]:
    """Files are in a bucket, browsers are to send there, and it lets in those of another site alone."""
    house.customer("acme")
    house.person("ann@acme.example", "manager", "acme", password=PASSWORD)
    values.keep(Actor.system(), "sendbig", {"direct_parts": True}, version=None)
    storage = s3_server.url.replace(s3_server.endpoint, cable.endpoint)
    let_in(s3_server, "https://elsewhere.example")
    with served(house, ASSETCARE_STORAGE=storage, **s3_server.environment) as server:
        yield server
    s3_server.client().delete_bucket_cors(Bucket=s3_server.bucket)


@pytest.fixture
def at_bucket(at_shut_bucket: Server, s3_server: seaweed.Server) -> Server:
    """The same, and it lets in the browsers of this site."""
    let_in(s3_server, at_shut_bucket.url)
    return at_shut_bucket


def let_in(store: seaweed.Server, site: str) -> None:
    rule = {"AllowedOrigins": [site], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
    store.client().put_bucket_cors(Bucket=store.bucket, CORSConfiguration={"CORSRules": [rule]})


def test_straight_to_the_store_through_a_cut_and_a_reload(
    at_bucket: Server, cable: Cable, desk: Any, errors: Errors, tmp_path: Path
) -> None:
    errors.expect("ERR_|Failed to load")  # the line is cut
    (tmp_path / "disk.img").write_bytes(data := os.urandom(40 * MB))  # three parts
    page = signed_in(at_bucket, desk)
    page.goto(f"{at_bucket.url}/c/acme/x/sendbig/transfers/new")
    page.fill("#title", TITLE)
    page.get_by_role("button", name="Next: choose files").click()
    page.locator("[data-drop]").wait_for()
    asked: list[tuple[str, str]] = []
    page.on("request", lambda one: asked.append((one.method, one.url)))
    slowed(page)
    page.set_input_files("[data-files]", str(tmp_path / "disk.img"))
    rises(page, 0.5)  # in the middle of the second part
    with page.expect_request(lambda one: "partNumber=" in one.url), cable.cut():  # and it goes on by itself
        page.locator("[data-state=lost]").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())  # leave the page all the same
    page.reload()
    page.locator("[data-receiving] [data-choose]").wait_for()
    page.set_input_files("[data-files]", str(tmp_path / "disk.img"))
    page.locator("[data-arrived]", has_text="disk.img").wait_for()
    parts = parts_of(asked)  # mostly 1, 2, 2, 2, 3; a slow machine may cut, or load, one later
    assert parts == sorted(parts) and set(parts) == {"1", "2", "3"} and len(parts) > 4, parts
    assert parts.count("1") == 1, "what had arrived is not sent again"
    assert all(url.startswith(f"{cable.endpoint}/") for method, url in asked if method == "PUT")
    assert [method for method, url in asked if "/flow/" in url and method in ("POST", "PATCH")] == ["POST"]
    fetched = page.get_by_role("link", name="disk.img", exact=True)
    wait(lambda: page.reload() and fetched.count(), "the file, verified")
    assert page.request.get(f"{at_bucket.url}{fetched.get_attribute('href')}").body() == data


def test_who_cannot_reach_the_store_sends_here(
    at_shut_bucket: Server, desk: Any, errors: Errors, tmp_path: Path
) -> None:
    errors.expect("CORS|ERR_|Failed to load")
    (tmp_path / "disk.img").write_bytes(data := os.urandom(20 * MB))
    page = signed_in(at_shut_bucket, desk)
    page.goto(f"{at_shut_bucket.url}/c/acme/x/sendbig/transfers/new")
    page.fill("#title", TITLE)
    page.get_by_role("button", name="Next: choose files").click()
    page.locator("[data-drop]").wait_for()
    asked: list[tuple[str, str]] = []
    page.on("request", lambda one: asked.append((one.method, one.url)))
    page.set_input_files("[data-files]", str(tmp_path / "disk.img"))
    page.locator("[data-arrived]", has_text="disk.img").wait_for()
    assert parts_of(asked)[:2] == ["1", "1"], "it was tried twice"
    assert [method for method, url in asked if "/flow/" in url and method == "PATCH"]
    fetched = page.get_by_role("link", name="disk.img", exact=True)
    wait(lambda: page.reload() and fetched.count(), "the file, verified")
    assert page.request.get(f"{at_shut_bucket.url}{fetched.get_attribute('href')}").body() == data


def parts_of(asked: list[tuple[str, str]]) -> list[str]:
    """The numbers of the parts that were put at the store."""
    return [re.search(r"partNumber=(\d+)", url)[1] for method, url in asked if method == "PUT"]  # type: ignore[index]

"""The page of the scanner: what it may do that no other page may, what browsers keep of it, what is sent twice."""

import hashlib
import json
import re
from typing import Any

import pytest

from registry.labels import service
from registry.labels.models import SYMBOLOGIES
from registry.web.shell import static_url
from tests.browser import ROOT
from tests.e2e.test_first_paint import MOST, PARTS
from tests.houses import House, Person
from tests.needs import lacking

DIST = ROOT / "static" / "dist"
V1 = "/api/v1"


@pytest.fixture
def built() -> None:
    if not (DIST / "zxing_reader.wasm").is_file():
        lacking("assets", "the front-end libraries are absent: make assets builds them")


def kept(client: Any, query: str = "") -> dict[str, Any]:
    """What the service worker is told to keep."""
    found = re.match(r"self\.KEPT = (\{.*\});\n", client.get(f"/scan/worker.js{query}").text)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_only_the_scanner_may_use_the_camera_and_run_the_reader(house: House) -> None:
    owner = house.people().owner
    for path in ("/scan", "/scan?q=nothing", "/scan/alone"):
        headers = owner.get(path).headers
        assert "script-src 'self' 'wasm-unsafe-eval';" in headers["Content-Security-Policy"]
        assert headers["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
    common = owner.get("/").headers["Content-Security-Policy"]
    assert owner.get("/scan").headers["Content-Security-Policy"].replace(" 'wasm-unsafe-eval'", "") == common
    for path in ("/", "/c/acme", "/scan/worker.js", "/scan/nowhere", "/sign-in", "/api/v1/docs", "/labels/claim/X"):
        headers = owner.get(path).headers
        assert "unsafe-eval" not in headers["Content-Security-Policy"], path
        assert headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()", path


def test_no_other_view_asks_for_them(house: House) -> None:
    marked = [name for name, view in house.app.view_functions.items() if getattr(view, "__scans__", False)]
    assert sorted(marked) == ["labels.scan", "scanner.alone"]


def test_what_is_kept_for_times_without_a_connection_is_nobodys(house: House, built: None) -> None:
    people = house.people()
    stranger, owner = house.client.get("/scan/alone").text, people.owner.get("/scan/alone").text
    assert stranger == owner and people.owner.user.name not in owner and "csrf" not in owner
    told = kept(people.owner)
    assert told == kept(house.client) and told["scan"] == "/scan" and told["page"] == "/scan/alone?language=en"
    assert people.owner.get("/scan/worker.js").headers["Service-Worker-Allowed"] == "/scan"
    assert all(file.startswith("/static/") and "?v=" in file for file in told["files"])
    names = {file.split("?")[0].rsplit("/", 1)[1] for file in told["files"]}
    assert {"scan.js", "camera.js", "queue.js", "theme.js", "forms.css", "mark.svg"} <= names
    for file in told["files"]:
        with house.client.get(file) as answer:
            assert answer.status_code == 200, file


def test_the_worker_is_another_one_once_anything_it_keeps_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(house.client, "?language=en")
    other = kept(house.app.test_client(), "?language=zh-Hant")
    assert other["version"] != before["version"] and other["page"].endswith("zh-Hant")
    changed = lambda name: (static_url(name) or "").replace("?v=", "?v=x")  # noqa: E731
    monkeypatch.setitem(house.app.jinja_env.globals, "static_url", changed)
    assert kept(house.client, "?language=en")["version"] != before["version"]


def test_the_reader_is_the_one_that_its_script_was_built_with(house: House, built: None) -> None:
    """Any other fails in the browser without a reason. It comes from us and is sent compressed."""
    program, script = (DIST / "zxing_reader.wasm").read_bytes(), (DIST / "barcode-detector.js").read_text()
    assert hashlib.sha256(program).hexdigest() in script
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = lock["node_modules/barcode-detector"]["dependencies"]["zxing-wasm"]
    assert lock["node_modules/zxing-wasm"]["version"] == wanted
    assert lock[""]["dependencies"]["barcode-detector"] == lock["node_modules/barcode-detector"]["version"]
    with house.app.test_request_context():
        place = str(static_url("dist/zxing_reader.wasm"))
    assert place in kept(house.client)["files"]
    answer = house.client.get(place, headers={"Accept-Encoding": "gzip"})
    assert answer.mimetype == "application/wasm" and answer.content_encoding == "gzip"
    assert len(answer.data) < 500_000 and answer.cache_control.immutable
    other = house.client.get(f"{place}0", headers={"Accept-Encoding": "gzip"})
    assert other.status_code == 200 and not other.cache_control.immutable, "one build is not kept as another"


def test_what_the_camera_reads_has_a_name_here() -> None:
    formats = re.search(r"FORMATS = (\[.*\]);", (ROOT / "static" / "js" / "scan.js").read_text())
    assert formats and set(json.loads(formats[1])) <= set(SYMBOLOGIES)


def test_other_pages_do_not_load_the_scanner(house: House, built: None) -> None:
    owner = house.people().owner
    assert "scan.js" in owner.get("/scan").text
    for path in ("/", "/c/acme", "/c/acme/assets"):
        page = owner.get(path).text
        assert "barcode-detector" not in page and "scan.js" not in page and "queue.js" not in page


def test_the_page_is_light_and_the_reader_no_part_of_it(house: House, built: None) -> None:
    owner, weight = house.people().owner, 0
    page = owner.get("/scan").text
    for address, _more in PARTS.findall(page):
        with owner.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            weight += len(answer.data)
    assert 100_000 < weight < MOST and not re.search(r'(?:src|href)="[^"]*\.wasm', page)


def test_what_a_device_sends_twice_is_done_once(house: House) -> None:
    owner, asset, other = house.people().owner, house.asset(), house.asset(serial="SN-2")
    batch = owner.post(f"{V1}/label-batches", {"count": 1}).json["batch"]
    code = owner.get(f"{V1}/label-codes?batch={batch}").json["items"][0]["code"]
    for path, body, first in (
        ("label-codes/claim", {"code": code, "asset": asset.id}, 200),
        ("asset-barcodes", {"text": "OTHER-1", "asset": asset.id}, 201),
    ):
        done = send(owner, path, body)
        assert done.status_code == first
        assert send(owner, path, body).json == done.json, "sent again: the same row, not touched"
        assert owner.post(f"{V1}/{path}", body).status_code == 409, "without a key it is told"
        assert send(owner, path, {**body, "asset": other.id}).status_code == 409, "another unit is another matter"
    assert service.label_of(owner.actor, other) is None


def test_a_key_opens_nothing(house: House) -> None:
    people, asset = house.people(), house.asset()
    label = service.issue(people.owner.actor, asset.id)
    for path, body in (("label-codes/claim", {"code": label.code}), ("asset-barcodes", {"text": "OTHER-1"})):
        assert send(people.reader, path, {**body, "asset": asset.id}).status_code == 403
        assert send(people.stranger, path, {**body, "asset": asset.id}).status_code in (403, 404, 422)


def send(who: Person, path: str, body: dict[str, Any]) -> Any:
    return who.post(f"{V1}/{path}", body, headers={"Idempotency-Key": "k" * 16})

"""Several hosts are one installation: what one does is seen on the others, and one that falls takes nothing along."""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import postgres, redis, seaweed, topology
from tests.imports.many_assets import write
from tests.needs import lacking
from tests.topology import METRICS_TOKEN, Topology, Web

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.xdist_group("topology")]

PASSWORD = "a horse that is correct enough"
ROWS = 6_000  # enough to be met half way


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, postgres_cluster: postgres.Cluster) -> Iterator[Topology]:
    for what, module in (("redis", redis), ("storage", seaweed)):
        if reason := module.unavailable_reason():
            lacking(what, reason)
    with topology.running(tmp_path_factory.mktemp("topology"), postgres_cluster) as made:
        yield made


@pytest.fixture(scope="module")
def acme(hosts: Topology) -> str:
    """A customer, and the token of somebody of his."""
    one = hosts.webs[0]
    assert one.post("/api/v1/customers", {"slug": "acme", "name": "Acme"}, token=hosts.admin).status == 201
    person = {"email": "alice@acme.example", "role": "manager", "customer": "acme", "password": PASSWORD}
    assert one.post("/api/v1/users", person, token=hosts.admin).status == 201
    made = hosts.program("alice", "token", "create", "--user", "alice@acme.example").run()
    return made.strip()


def until(look: Callable[[], Any], hosts: Topology, seconds: float = 180) -> Any:
    """What `look` answers, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not come:\n{hosts.logs()}")


def sign_in(web: Web) -> str:
    answer = web.form("/sign-in", {"email": "alice@acme.example", "password": PASSWORD})
    assert answer.status == 302, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


def assets(web: Web, token: str, **wanted: str) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in {"limit": "100", **wanted}.items())
    return [item["serial"] for item in web.get(f"/api/v1/assets?{query}", token=token).json["items"]]


def test_what_is_written_on_one_host_is_read_on_the_other(hosts: Topology, acme: str) -> None:
    one, two = hosts.webs
    values = {"customer": "acme", "product": {"name": "Switch", "kind": "hardware"}, "serial": "A1"}
    made = one.post("/api/v1/products", {"name": "Switch", "kind": "hardware"}, token=hosts.admin)
    values["product"] = made.json["id"]
    answer = one.post("/api/v1/assets", values, token=acme)
    assert answer.status == 201, answer.text
    assert assets(two, acme, serial="A1") == ["A1"]
    page = two.get(f"/api/v1/assets/{answer.json['id']}", token=acme)
    change = two.ask("PATCH", f"/api/v1/assets/{answer.json['id']}", {"name": "core"}, token=acme,
                     **{"If-Match": page.headers["etag"]})  # fmt: skip
    assert change.status == 200
    assert one.get(f"/api/v1/assets/{answer.json['id']}", token=acme).json["name"] == "core"


def test_a_custom_field_counts_on_both_hosts_at_once(hosts: Topology, acme: str) -> None:
    """Nothing that decides is kept in a process."""
    one, two = hosts.webs
    field = {"name": "rack_key", "title": "Rack key", "type": "text", "kind": ""}
    product = one.post("/api/v1/products", {"name": "Router", "kind": "hardware"}, token=hosts.admin).json["id"]
    values = {"customer": "acme", "product": product, "serial": "F1", "custom": {"rack_key": "K7"}}
    assert all(web.post("/api/v1/assets", values, token=acme).status == 422 for web in (one, two))
    made = one.post("/api/v1/asset-fields", field, token=hosts.admin)
    assert made.status == 201, made.text
    assert two.post("/api/v1/assets", values, token=acme).status == 201
    status = {"code": "on_loan", "name": "On loan", "meta": "in_use"}
    assert two.post("/api/v1/asset-statuses", status, token=hosts.admin).status == 201
    lent = one.post("/api/v1/assets", {**values, "serial": "F2", "status": "on_loan"}, token=acme)
    assert lent.status == 201, lent.text


def test_a_session_holds_on_both_hosts_and_ends_on_both(hosts: Topology, acme: str) -> None:
    one, two = hosts.webs
    cookie = sign_in(one)
    assert [web.get("/c/acme", cookie=cookie).status for web in (one, two)] == [200, 200]
    alice = [user for user in one.get("/api/v1/users", token=hosts.admin).json["items"] if "alice" in user["email"]][0]
    assert two.post(f"/api/v1/users/{alice['id']}/end-sessions", token=hosts.admin).status == 200
    assert [web.get("/c/acme", cookie=cookie).status for web in (one, two)] == [302, 302]


def test_tries_are_counted_over_both_hosts(hosts: Topology, acme: str) -> None:
    def wrong(web: Web) -> int:
        return web.form("/sign-in", {"email": "nobody@acme.example", "password": "wrong"}).status

    seen = [wrong(hosts.webs[number % 2]) for number in range(40)]
    assert 429 in seen and seen.index(429) <= 12, seen
    assert [wrong(web) for web in hosts.webs] == [429, 429]


def test_an_import_is_taken_in_here_done_there_and_seen_everywhere(hosts: Topology, acme: str, tmp_path: Path) -> None:
    one, two = hosts.webs
    file = write(tmp_path / "many.csv", ROWS)
    taken = one.upload("/api/v1/imports", file, {"kind": "assets", "customer": "acme"}, token=acme)
    assert taken.status == 201 and taken.json["state"] in ("queued", "running"), taken.text  # a worker may be at it
    path = f"/api/v1/imports/{taken.json['id']}"

    def under_way() -> Any:
        found = two.get(path, token=acme).json
        return found if found.get("progress") or found["state"] == "applied" else None

    if progress := until(under_way, hosts).get("progress"):  # or it was done before we looked
        assert 0 < progress["share"] <= 1
    done = until(lambda: (found := two.get(path, token=acme).json)["state"] == "applied" and found, hosts)
    assert done["created"] == ROWS
    assert assets(one, acme, serial="SN000000007") == ["SN000000007"]
    exported = two.get("/api/v1/exports/assets.csv?customer=acme", token=acme)
    assert exported.status == 200 and exported.text.count("\nSN0") + exported.text.count(",SN0") >= ROWS


def test_a_mail_goes_out_once_although_two_workers_carry(hosts: Topology, acme: str) -> None:
    person = {"email": "bob@acme.example", "role": "member", "customer": "acme"}
    assert hosts.webs[1].post("/api/v1/users", person, token=hosts.admin).status == 201
    [message] = until(lambda: [one for one in hosts.mail.messages if one["To"] == "bob@acme.example"], hosts)
    assert "invit" in message["Subject"].lower() and "http://127.0.0.1/" in message.get_content()
    time.sleep(1.5)  # both have looked again: they do so each second
    assert len([one for one in hosts.mail.messages if one["To"] == "bob@acme.example"]) == 1


def test_a_package_is_asked_for_here_made_there_and_fetched_anywhere(hosts: Topology, acme: str) -> None:
    one, two = hosts.webs
    made = one.post("/api/v1/customers/acme/packages", {}, token=hosts.admin)
    assert made.status in (201, 202), made.text
    path = f"/api/v1/packages/{made.json['id']}"
    until(lambda: two.get(path, token=hosts.admin).json["state"] == "done", hosts)
    got = [web.get(f"{path}/file", token=hosts.admin).body for web in (one, two)]
    assert got[0] == got[1] and zipfile.ZipFile(io.BytesIO(got[0])).testzip() is None


def test_each_host_has_its_metrics(hosts: Topology, acme: str) -> None:
    for web in hosts.webs:
        closed = web.get("/metrics")
        assert closed.status != 200 and "assetcare_" not in closed.text
        answer = web.get("/metrics", token=METRICS_TOKEN)
        assert answer.status == 200 and "assetcare_requests_total" in answer.text
        assert 'database="postgresql"' in answer.text


def test_everything_is_in_order_when_asked(hosts: Topology, acme: str) -> None:
    found = hosts.program("check", "check").run()
    assert "row-level security holds the role assetcare back" in found and "worker: runs" in found, found
    assert "queue: redis answers" in found and "file store" in found and "mail: the server answers" in found


def test_a_host_with_another_secret_is_refused(hosts: Topology, acme: str) -> None:
    stranger = hosts.program("stranger", "worker", ASSETCARE_SECRET="0d9f8e7c6b5a493827160f5e4d3c2b1a0f9e8d7c6b5a")
    with pytest.raises(AssertionError, match="another installation secret"):
        stranger.run()


def test_one_web_server_and_one_worker_fall_and_the_rest_goes_on(hosts: Topology, acme: str, tmp_path: Path) -> None:
    one, two = hosts.webs
    first, second = hosts.workers
    cookie = sign_in(two)
    assert second.stop() == 0, "so that the import is the first one's"
    file = write(tmp_path / "more.csv", ROWS, first=500_000)
    taken = two.upload("/api/v1/imports", file, {"kind": "assets", "customer": "acme"}, token=acme).json
    path = f"/api/v1/imports/{taken['id']}"
    until(lambda: two.get(path, token=acme).json["state"] == "running", hosts)
    first.kill()
    two.kill()
    second.start()
    assert one.get("/c/acme", cookie=cookie).status == 200, "a session is not the server's that opened it"
    done = until(lambda: (found := one.get(path, token=acme).json)["state"] == "applied" and found, hosts)
    assert done["created"] == ROWS
    assert assets(one, acme, serial="SN000500007") == ["SN000500007"], "once, and not twice"
    two.start().await_ready()
    first.start()
    assert assets(two, acme, serial="SN000505999") == ["SN000505999"]
    assert "audit chains: " in hosts.program("check", "check").run()

"""`assetcare serve` with every broken plugin there is, installed as by pip: the core serves, and says why."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.plugins.tables import NOT_YET
from tests import postgres
from tests.plugins.world import BROKEN
from tests.server import FROM_HERE, Server, clean_environment

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow
OFF = {
    "exits": "tried to end the program", "fails_on_import": "licence file is damaged",
    "half_migration": "Its tables could not be made", "missing_module": "a_library_that_nobody_has is missing",
    "misspelt_hook": "pannels", "needy": "needs the plugin nowhere", "no_info": "has no PLUGIN",
    "old_api": "written for API 0", "outside": "must be made by sdk.customer_pages",
    "table_without_prefix": "must begin with", "template_outside": "lies outside of templates/",
    "unclassified": "does not say who may call it", "wrong_signature": "weather",
}  # fmt: skip


def install(folder: Path, *names: str, module: str = "tests.plugins_broken.{}") -> Path:
    """What pip leaves behind of a distribution: its name and its entry points."""
    for name in names:
        about = folder / f"{name}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[registry.plugins]\n{name} = {module.format(name)}\n")
    return folder


class Installation:
    """A data folder, maybe on a PostgreSQL database, and the environment in which programs run."""

    def __init__(self, data: Path, plugins: Path, url: str = "") -> None:
        self.data = data
        self.settings = {"PYTHONPATH": f"{plugins}:{ROOT}", "ASSETCARE_LOG_LEVEL": "WARNING"}
        if url:
            self.settings["ASSETCARE_DATABASE"] = url

    def run(self, *arguments: str, text: str = "", code: int = 0, **more: str) -> str:
        environment = clean_environment(ASSETCARE_DATA=str(self.data), **self.settings | more)
        done = subprocess.run(
            [sys.executable, "-m", "registry", *arguments], input=text, env=environment, cwd=ROOT, timeout=120,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr[-2000:]
        return done.stdout

    def plugins(self, **more: str) -> dict[str, dict[str, str]]:
        return {row["name"]: row for row in json.loads(self.run("plugin", "list", "--json", **more))}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    data, url = tmp_path / "data", ""
    data.mkdir(mode=0o700)
    if request.param == "postgresql":
        cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create_database("broken_plugins", owner=cluster.ordinary_user)
    made = Installation(data, install(tmp_path / "plugins", *BROKEN), url)
    made.run("migrate")
    yield made
    if url:
        cluster.drop_database("broken_plugins")


def get(server: Server, path: str, token: str) -> tuple[int, str]:
    asked = urllib.request.Request(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_core_serves_whatever_is_installed(broken: Installation) -> None:
    broken.run("customer", "create", "acme")
    broken.run("user", "create", "admin@operator.example", "--role", "admin")
    token = broken.run("token", "create", "--user", "admin@operator.example", "--name", "test").split()[-1]
    rows = "serial,product,kind\nSN-1,Switch 48,hardware\n"
    (broken.data / "units.csv").write_text(rows)
    broken.run("import", "assets", str(broken.data / "units.csv"), "--customer", "acme")
    with Server(FROM_HERE, broken.data, ROOT, ASSETCARE_WORKERS="1", **broken.settings) as server:
        assert get(server, "/readyz", token)[0] == 200
        assert [get(server, path, token)[0] for path in ("/c/acme", "/c/acme/assets")] == [200, 200]
        [unit] = json.loads(get(server, "/api/v1/assets?customer=acme", token)[1])["items"]
        status, page = get(server, f"/c/acme/assets/{unit['id']}", token)
        assert status == 200 and "SN-1" in page
        assert len(re.findall(r'data-incident="[0-9a-f]{8}"', page)) == 2, "raises_late, and slow after its time"
        assert get(server, "/x/view_fails/end", token)[0] == get(server, "/x/view_fails/raise", token)[0] == 500
        assert get(server, "/settings/outside", token)[0] == get(server, "/x/unclassified/all", token)[0] == 404
        status, page = get(server, "/settings/plugins", token)
        assert status == 200
        for name, reason in OFF.items():
            waits = name == "half_migration" and "ASSETCARE_DATABASE" in broken.settings
            assert (NOT_YET if waits else reason) in page, name
        assert get(server, "/healthz", token)[0] == 200
    found = broken.plugins()
    assert {name for name, row in found.items() if row["state"] == "failed"} == OFF.keys() - {"outside", "unclassified"}
    assert int(found["view_fails"]["failures"]) == 2 and int(found["slow"]["failures"]) == 1
    assert broken.plugins(ASSETCARE_PLUGINS="none") == {}, "safe mode"
    assert set(broken.plugins(ASSETCARE_PLUGINS="raises_late")) == {"raises_late"}
    checked = json.loads(broken.run("plugin", "check", "--json", code=1))
    assert {one["plugin"] for one in checked if one["state"] == "fault"} == OFF.keys()
    broken.run("plugin", "list", code=1, ASSETCARE_PLUGINS_STRICT="yes")


def test_a_plugin_that_stands_in_the_way_of_a_change_is_switched_off(broken: Installation) -> None:
    broken.run("customer", "create", "acme")
    refused = subprocess.run(
        [sys.executable, "-c", CONTACT], env=clean_environment(ASSETCARE_DATA=str(broken.data), **broken.settings),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "could not be asked" in refused.stderr
    broken.run("plugin", "disable", "closed")
    done = subprocess.run(
        [sys.executable, "-c", CONTACT], env=clean_environment(ASSETCARE_DATA=str(broken.data), **broken.settings),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    broken.run("plugin", "disable", "no-such", code=1)


CONTACT = """
from registry.cli import session, operator_actor
with session():
    from registry.customers.places import create_contact
    try:
        create_contact(operator_actor(), {"customer": "acme", "name": "Ilze"})
    except Exception as error:
        raise SystemExit(f"{error!r} {getattr(error, 'errors', '')}")
"""

"""`assetcare serve` with every broken plugin there is, installed as by pip: the core serves, and says why."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.plugins.tables import NOT_YET
from tests import postgres
from tests.plugins.world import BROKEN
from tests.security.nursery import FromNursery, shared
from tests.server import Server, clean_environment

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
        self.settings = {
            "PYTHONPATH": f"{plugins}:{ROOT}",
            "ASSETCARE_LOG_LEVEL": "WARNING",
            "TEST_IS_IMPATIENT": "yes",
        }
        if url:
            self.settings["ASSETCARE_DATABASE"] = url

    token = ""

    def run(self, *arguments: str, code: int = 0, **more: str) -> str:
        return self._called(["-m", "registry", *arguments], code, **more)

    def python(self, source: str, *arguments: str, code: int = 0) -> str:
        return self._called(["-c", source, *arguments], code)

    def _called(self, words: list[str], code: int, **more: str) -> str:
        environment = clean_environment(ASSETCARE_DATA=str(self.data), **self.settings | more)
        process = shared().start(tuple(words), environment)
        out, err = process.communicate()
        assert process.wait() == code, err[-2000:]
        return out

    def plugins(self, **more: str) -> dict[str, dict[str, str]]:
        return {row["name"]: row for row in json.loads(self.run("plugin", "list", "--json", **more))}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """With a customer, an administrator (his token: `token`) and a unit."""
    data, url = tmp_path / "data", ""
    data.mkdir(mode=0o700)
    (tmp_path / "units.csv").write_text("serial,product,kind\nSN-1,Switch 48,hardware\n")
    names: tuple[str, ...] = BROKEN
    if request.param == "postgresql":
        cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create_database("broken_plugins", owner=cluster.ordinary_user)
        names = tuple(name for name in BROKEN if name != "slow")  # one engine waits for it
    made = Installation(data, install(tmp_path / "plugins", *names), url)
    made.token = made.python(FURNISHED, str(tmp_path / "units.csv")).split()[-1]
    yield made
    if url:
        cluster.drop_database("broken_plugins")


# In one process: each takes a second to start.
FURNISHED = """
import sys
from contextlib import suppress
from registry import commands
from registry.cli import cli
commands.install(cli)
for line in (
    "migrate", "customer create acme", "user create admin@operator.example --role admin",
    f"import assets {sys.argv[1]} --customer acme", "token create --user admin@operator.example --name test",
):
    with suppress(SystemExit):
        cli.main(line.split(), standalone_mode=False)
"""


def get(server: Server, path: str, token: str) -> tuple[int, str]:
    asked = urllib.request.Request(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_core_serves_whatever_is_installed(broken: Installation) -> None:
    token, on_postgres = broken.token, "ASSETCARE_DATABASE" in broken.settings
    with FromNursery(shared(), broken.data, ASSETCARE_WORKERS="1", **broken.settings) as server:
        assert get(server, "/readyz", token)[0] == 200
        assert [get(server, path, token)[0] for path in ("/c/acme", "/c/acme/assets")] == [200, 200]
        [unit] = json.loads(get(server, "/api/v1/assets?customer=acme", token)[1])["items"]
        status, page = get(server, f"/c/acme/assets/{unit['id']}", token)
        assert status == 200 and "SN-1" in page
        late = 1 if on_postgres else 2
        assert len(re.findall(r'data-incident="[0-9a-f]{8}"', page)) == late, "raises_late, and slow after its time"
        assert get(server, "/x/view_fails/end", token)[0] == get(server, "/x/view_fails/raise", token)[0] == 500
        assert get(server, "/settings/outside", token)[0] == get(server, "/x/unclassified/all", token)[0] == 404
        status, page = get(server, "/settings/plugins", token)
        assert status == 200
        for name, reason in OFF.items():
            waits = name == "half_migration" and on_postgres
            assert (NOT_YET if waits else reason) in page, name
        assert get(server, "/healthz", token)[0] == 200
    found = broken.plugins()
    assert {name for name, row in found.items() if row["state"] == "failed"} == OFF.keys() - {"outside", "unclassified"}
    assert int(found["view_fails"]["failures"]) == 2 and (on_postgres or int(found["slow"]["failures"]) == 1)
    checked = json.loads(broken.run("plugin", "check", "--json", code=1))
    assert {one["plugin"] for one in checked if one["state"] == "fault"} == OFF.keys()


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    (tmp_path / "data").mkdir(mode=0o700)
    return Installation(tmp_path / "data", install(tmp_path / "plugins", *BROKEN))


def test_safe_mode_and_strict_mode(here: Installation) -> None:
    assert here.plugins(ASSETCARE_PLUGINS="none") == {}, "safe mode"
    assert set(here.plugins(ASSETCARE_PLUGINS="raises_late")) == {"raises_late"}
    here.run("plugin", "list", code=1, ASSETCARE_PLUGINS_STRICT="yes")


def test_a_plugin_that_stands_in_the_way_of_a_change_is_switched_off(here: Installation) -> None:
    assert "could not be asked" in here.python(CONTACT, code=1)
    here.run("plugin", "disable", "closed")
    here.python(CONTACT)
    here.run("plugin", "disable", "no-such", code=1)


CONTACT = """
from registry.cli import session, operator_actor
with session():
    from registry.customers.places import create_contact
    from registry.customers.service import create_customer, customers
    if not customers(operator_actor()).exists():
        create_customer(operator_actor(), {"slug": "acme", "name": "Acme"})
    try:
        create_contact(operator_actor(), {"customer": "acme", "name": "Ilze"})
    except Exception as error:
        print(f"{error!r} {getattr(error, 'errors', '')}")
        raise SystemExit(1)
"""

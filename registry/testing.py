"""For the tests of plugins: an installation with people in it, and the suite that every plugin has to pass.

    # tests/conftest.py
    pytest_plugins = ["registry.testing"]

    # tests/test_conformity.py
    from registry.testing import Conformity

    class TestConformity(Conformity):
        plugin = "acme_loans"

Fixtures: `installation` (SQLite in a temporary folder, every plugin of the environment loaded, strict), and `people`
in it: two companies, acme with `manager`, `member` and `reader`, globex with `stranger`; `admin` and `engineer` are the
operator's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from peewee import Database, SqliteDatabase
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.assets.service import register_asset
from registry.customers.service import create_customer, customer_by
from registry.defaults import install_defaults
from registry.kernel import db, files, locks, migrate, schema, wall
from registry.kernel.access import Actor
from registry.kernel.jobs import build_queue
from registry.people.models import Session
from registry.people.service import create_user
from registry.people.signin import Origin, actor_of, open_session
from registry.plugins import switches, tables
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.products.service import create_product
from registry.settings import Settings
from registry.web.policy import policy_of

MORE = 6  # rows by which a list grows
SECRET = "for-tests-alone-93b1f6c27de84a5017"  # noqa: S105 - protects nothing


class Person:
    """Somebody signed in: `actor` for verbs; get() and post() for pages, json() for the API."""

    def __init__(self, installation: "Installation", user: Any) -> None:
        self.installation, self.user = installation, user
        self.actor: Actor = actor_of(user)
        self._cookie = open_session(user, Origin())
        self._csrf = Session.select().order_by(Session.id.desc()).first().csrf

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        client = self.installation.app.test_client()
        client.set_cookie("assetcare", self._cookie)
        return client.open(path, method=method, **options)

    def get(self, path: str) -> TestResponse:
        return self.request("GET", path)

    def post(self, path: str, **typed: Any) -> TestResponse:
        """A form, with the session's token."""
        return self.request("POST", path, data={"csrf_token": self._csrf, **typed})

    def json(self, path: str, method: str = "GET", **body: Any) -> Any:
        """What the API answers; raises AssertionError for an error."""
        sent: dict[str, Any] = {"json": body} if body else {}
        answer = self.request(method, path, headers={"X-CSRF-Token": self._csrf}, **sent)
        assert answer.status_code < 400, answer.text
        return answer.get_json()


@dataclass
class People:
    admin: Person
    engineer: Person
    manager: Person
    member: Person
    reader: Person
    stranger: Person


class Installation:
    """`system`: an actor who may do everything. `app`: the application."""

    _application: ClassVar[list[Flask]] = []
    _furnished: ClassVar[list[bytes]] = []

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder, secret=SECRET, queue="memory:", log_level="ERROR", plugins_strict=True)

    @property
    def system(self) -> Actor:
        return Actor.system()

    def open(self) -> None:
        db.open_database(self.settings.database_url)
        wall.stand(wall.EVERYWHERE)
        if not self._application:
            self._application.append(create_app(self.settings))
        self.app = self._application[0]
        self.app.config.update(ASSETCARE=self.settings, TRUSTED_HOSTS=None)
        self.app.extensions["assetcare_jobs"] = build_queue("memory:")
        files.use(self.settings.storage_url, spool=self.settings.data / "spool")
        locks.use_folder(self.settings.data)
        self._furnish()
        switches.forget()

    def _furnish(self) -> None:
        """Migrated, with the shipped rows: made once in a process, and copied from then on."""
        if self._furnished:
            (self.settings.data / "assetcare.db").write_bytes(self._furnished[0])
        db.open_database(self.settings.database_url)
        db.connect()
        migrate.migrate()
        tables.settle(may_migrate=True)
        if not self._furnished:
            install_defaults()
            self._furnished.append(db.database.connection().serialize())

    def close(self) -> None:
        db.release()
        db.database.close()

    def customer(self, slug: str) -> Any:
        return create_customer(self.system, {"slug": slug, "name": slug.title()})

    def person(self, email: str, role: str, slug: str | None = None) -> Person:
        customer_id = customer_by(self.system, slug).id if slug else None
        return Person(self, create_user(self.system, email=email, role=role, customer_id=customer_id))

    def asset(self, slug: str = "acme", serial: str = "SN-1", **values: Any) -> Any:
        """A registered unit of a product of its own."""
        product = {"name": f"Product of {serial}", "kind": "hardware", "part_number": f"PN-{serial}"}
        made = create_product(self.system, product, None)
        return register_asset(self.system, {"customer": slug, "product": made.id, "serial": serial, **values})

    def statements(self, person: Person, path: str) -> int:
        """How many SQL statements this page takes, once it is warm."""
        asked: list[str] = []
        run = Database.execute_sql

        def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
            asked.append(sql)
            return run(self, sql, *rest, **more)

        person.get(path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "execute_sql", counted)
            person.get(path)
        return len(asked)

    def command(self, *arguments: str) -> str:
        """What `assetcare` with these arguments prints. Raises AssertionError unless it ends with 0."""
        from click.testing import CliRunner

        from registry.cli import cli

        environment = {"ASSETCARE_DATA": str(self.settings.data), "ASSETCARE_SECRET": SECRET}
        done = CliRunner().invoke(cli, arguments, env={**environment, "ASSETCARE_LOG_LEVEL": "ERROR"})
        self.open_again()
        assert done.exit_code == 0, done.output
        return done.output

    def open_again(self) -> None:
        db.open_database(self.settings.database_url)
        wall.stand(wall.EVERYWHERE)
        db.connect()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    made = Installation(folder)
    made.open()
    made.customer("acme")
    made.customer("globex")
    yield made
    made.close()


@pytest.fixture
def people(installation: Installation) -> People:
    return People(
        admin=installation.person("admin@operator.example", "admin"),
        engineer=installation.person("engineer@operator.example", "engineer"),
        manager=installation.person("alice@acme.example", "manager", "acme"),
        member=installation.person("bob@acme.example", "member", "acme"),
        reader=installation.person("carol@acme.example", "reader", "acme"),
        stranger=installation.person("mallory@globex.example", "manager", "globex"),
    )


class Conformity:
    """What every plugin has to keep to. Say which by `plugin`, and give its routes something to show by make_rows().

    `anybody`: endpoints that are public on purpose.
    """

    plugin: ClassVar[str]
    anybody: ClassVar[frozenset[str]] = frozenset()

    def make_rows(self, installation: Installation, asset: Any) -> dict[str, Any]:
        """Rows of acme, one of whose texts holds CANARY; answers route argument -> value, such as {"loan_id": 1}."""
        return {"asset_id": asset.id}

    @pytest.fixture
    def it(self, installation: Installation) -> Plugin:
        return host().plugins[self.plugin]

    def test_it_is_taken_in(self, it: Plugin) -> None:
        assert it.works, it.reason

    def test_its_tables_are_what_its_models_say(self, it: Plugin) -> None:
        wanted = SqliteDatabase(":memory:")
        for statement in schema.statements_of(it.declared.models):
            wanted.execute_sql(statement)
        built = {name: text for name, text in schema.existing().items() if name.startswith(f"{it.name}_")}
        assert built == schema.existing(wanted), "write the SQL anew (assetcare plugin freeze), new columns last"

    def test_strangers_get_nowhere(self, installation: Installation, people: People, it: Plugin) -> None:
        """Every address with acme's ids: nobody is sent to the sign-in, a stranger finds nothing, not even a hint."""
        values = {**self.make_rows(installation, installation.asset("acme", "CANARY-1")), "slug": "acme"}
        walked = 0
        for rule in self._rules(installation.app, it):
            path, walked = self._path(rule, values), walked + 1
            policy = policy_of(installation.app, rule.endpoint)
            known = policy is not None and people.stranger.actor.can_somewhere(policy.permission)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                nobody = installation.app.test_client().open(path, method=method)
                assert nobody.status_code in (302, 401, 403), f"{method} {path}: nobody gets {nobody.status_code}"
                if rule.arguments:
                    answer = people.stranger.request(method, path, headers={"X-CSRF-Token": people.stranger._csrf})
                    assert answer.status_code in (403, 404, 422), (
                        f"{method} {path}: a stranger gets {answer.status_code}"
                    )
                    hidden = answer.status_code == 404 or rule.rule.startswith("/api/") or not known
                    assert hidden, (
                        f"{method} {path}: a stranger who may do so elsewhere gets 404, not {answer.status_code}"
                    )
                    assert "CANARY" not in answer.text
        assert walked or not (it.declared.blueprints or it.declared.api_blueprints)

    def test_lists_show_a_stranger_nothing(self, installation: Installation, people: People, it: Plugin) -> None:
        self.make_rows(installation, installation.asset("acme", "CANARY-1"))
        for rule in self._rules(installation.app, it):
            if "GET" in rule.methods and not rule.arguments:
                for query in ("", "?customer=acme"):
                    answer = people.stranger.get(rule.rule + query)
                    assert "CANARY" not in answer.text, f"{rule.rule}{query} shows a stranger what is acme's"

    def test_its_pages_stand_for_whoever_may(self, installation: Installation, people: People, it: Plugin) -> None:
        values = {**self.make_rows(installation, installation.asset("acme", "CANARY-1")), "slug": "acme"}
        for rule in self._rules(installation.app, it):
            if "GET" in rule.methods and not rule.rule.startswith("/api/"):
                answer = people.admin.get(self._path(rule, values))
                assert answer.status_code in (200, 302, 303), f"{rule.rule}: {answer.status_code}"

    def test_its_pages_do_not_ask_row_by_row(self, installation: Installation, people: People, it: Plugin) -> None:
        """Its own, and those of ours on which it has its cards."""
        asset = installation.asset("acme", "CANARY-1")
        values = {**self.make_rows(installation, asset), "slug": "acme"}
        rules = [rule for rule in self._rules(installation.app, it) if "GET" in rule.methods]
        pages = [self._path(rule, values) for rule in rules if not rule.rule.startswith("/api/")]
        pages += ["/c/acme", f"/c/acme/assets/{asset.id}"]
        few = [installation.statements(people.admin, path) for path in pages]
        for number in range(MORE):
            self.make_rows(installation, installation.asset("acme", f"CANARY-2{number}"))
        for path, before in zip(pages, few, strict=True):
            after = installation.statements(people.admin, path)
            assert after < before + MORE, f"{path}: {before} statements, and {after} with {MORE} units more"

    def test_it_is_gone_while_it_is_off(self, installation: Installation, people: People, it: Plugin) -> None:
        values = {**self.make_rows(installation, installation.asset("acme", "CANARY-1")), "slug": "acme"}
        switches.switch(installation.system, it.name, on=False)
        for rule in self._rules(installation.app, it):
            if "GET" in rule.methods:
                assert people.admin.get(self._path(rule, values)).status_code == 404, f"{rule.rule} while it is off"
        assert people.admin.get("/c/acme").status_code == 200
        switches.switch(installation.system, it.name, on=True)

    def test_wrong_ids_are_not_found(self, installation: Installation, people: People, it: Plugin) -> None:
        for rule in self._rules(installation.app, it):
            if "GET" in rule.methods and rule.arguments - {"slug"}:
                wrong = {name: 2**62 for name in rule.arguments} | {"slug": "acme"}
                assert people.admin.get(self._path(rule, wrong)).status_code == 404, rule.rule

    def test_its_templates_hold_no_script_and_escape_everything(self, it: Plugin) -> None:
        forbidden = re.compile(
            r"\|\s*safe\b|autoescape\s+false|<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=", re.I
        )
        for path in sorted((it.declared.folder / "templates").rglob("*.html")):
            found = forbidden.search(path.read_text())
            assert not found, f"{path.name}: {found and found.group(0)}"

    def _rules(self, app: Flask, it: Plugin) -> list[Any]:
        names = {each.name for each in (*it.declared.blueprints, *it.declared.api_blueprints)}
        rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in names]
        public = {rule.endpoint for rule in rules if getattr(policy_of(app, rule.endpoint), "kind", "") == "public"}
        assert public <= self.anybody, f"public, and not named in `anybody`: {sorted(public - self.anybody)}"
        return [rule for rule in rules if rule.endpoint not in public]

    def _path(self, rule: Any, values: dict[str, Any]) -> str:
        given = {name: values.get(name, 1) for name in rule.arguments}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(given[found[1]]), rule.rule)

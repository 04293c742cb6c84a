"""The house stands as drawn: imports point down, nothing grows too large, no side door to the data or to the page."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from peewee import ForeignKeyField

from registry.assets.models import Asset
from registry.customers.models import Contact, Site
from registry.kernel import access, schema
from registry.kernel.access import Actor, Owned, Scoped, Shared, UnscopedQuery, visible
from tests.houses import House
from tests.source import ROOT, called, each, file_of, modules, nodes

TEMPLATES = ROOT / "templates"

ROOMS = (
    "plugins", "people", "customers", "views", "products", "assets", "licences", "warranty", "contracts", "imports",
    "optics", "labels", "notices", "handover",
)  # low to high  # fmt: skip
FACES = ("api", "pages")  # a room's modules that may know of the web
EVERYWHERE = {"registry", "registry.actions", "registry.settings", "registry.hookspecs"}  # words, options, the contract
ENTRANCES = {
    f"registry.{name}"
    for name in (
        "app",
        "cli",
        "commands",
        "moving",
        "server",
        "flowing",
        "__main__",
        "demo",
        "defaults",
        "sdk",
        "testing",
    )
}


@cache
def imports(name: str, *, lazy: bool = True) -> frozenset[str]:
    """The package's modules that a module imports; with `lazy` also inside of functions."""
    found = nodes(name) if lazy else _at_the_top(modules()[name].body)
    return frozenset(target for node in found for target in _targets(name, node)) - {name}


def _at_the_top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _at_the_top(
            [*getattr(node, "body", []), *getattr(node, "orelse", [])] if isinstance(node, ast.If | ast.Try) else []
        )


def _targets(name: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [(alias.name, "") for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        package = name.split(".") if file_of(name).name == "__init__.py" else name.split(".")[:-1]
        above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
        base = ".".join(part for part in (above, node.module or "") if part)
        names = [(base, alias.name) for alias in node.names]
    else:
        return
    for base, attribute in names:
        whole = f"{base}.{attribute}" if attribute else base
        if whole in modules():
            yield whole
        elif base in modules():
            yield base


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in (*ROOMS, "kernel", "web", "migrations") else ""


def is_face(name: str) -> bool:
    parts = name.split(".")
    return room_of(name) in ROOMS and len(parts) > 2 and parts[2].split("_")[-1] in FACES


def test_the_kernel_knows_nobody() -> None:
    for name in modules():
        if room_of(name) == "kernel":
            strangers = {target for target in imports(name) if room_of(target) != "kernel" and target != "registry"}
            assert not strangers, f"{name} imports {strangers}"


def is_command_line(name: str) -> bool:
    """A room's commands, or some of them: registry.people.commands, registry.people.list_commands."""
    return name.rpartition(".")[2].split("_")[-1] == "commands"


def test_rooms_use_lower_rooms_only_and_not_the_web() -> None:
    for name in modules():
        room = room_of(name)
        if room not in ROOMS or is_face(name) or is_command_line(name):
            continue
        allowed = {"kernel", *ROOMS[: ROOMS.index(room) + 1]}
        wrong = {target for target in imports(name) if room_of(target) not in allowed and target not in EVERYWHERE}
        assert not wrong, f"{name} imports {wrong}"
        faces = {target for target in imports(name) if is_face(target)}
        assert not faces, f"{name} imports routes: {faces}"


def test_faces_use_rooms_and_the_web_but_no_entrance() -> None:
    for name in modules():
        if room_of(name) == "web" or is_face(name):
            wrong = {target for target in imports(name) if target in ENTRANCES}
            assert not wrong, f"{name} imports {wrong}"
            assert (
                is_face(name) or name == "registry.web.routes" or not any(is_face(target) for target in imports(name))
            ), name


def test_nobody_imports_the_entrances_but_entrances() -> None:
    for name in modules():
        if name not in ENTRANCES and not is_command_line(name):
            assert not imports(name) & ENTRANCES, f"{name} imports {imports(name) & ENTRANCES}"


def test_rooms_are_not_imported_by_their_insides_from_outside() -> None:
    """`web` and the entrances aside, a room is used by what its service offers: no leading underscore crosses over."""
    for name, node in each(ast.ImportFrom):
        if node.module and node.module.startswith("registry."):
            private = [alias.name for alias in node.names if alias.name.startswith("_") and alias.name != "_"]
            assert not private, f"{name} imports {private} from {node.module}"


def test_there_is_no_ring_of_imports() -> None:
    graph = {name: imports(name, lazy=False) for name in modules()}
    assert ring(graph) is None, f"a ring: {ring(graph)}"


def test_there_is_no_ring_of_rooms() -> None:
    graph: dict[str, frozenset[str]] = {}
    for room in (*ROOMS, "kernel"):
        members = [
            name for name in modules() if room_of(name) == room and not is_face(name) and not is_command_line(name)
        ]
        graph[room] = frozenset(room_of(target) for name in members for target in imports(name)) - {room, ""}
    assert ring(graph) is None, f"a ring: {ring(graph)}"


def ring(graph: dict[str, frozenset[str]]) -> list[str] | None:
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        found = next((it for target in sorted(graph.get(name, ())) if (it := visit(target, [*path, name]))), None)
        done.add(name)
        return found

    return next((it for name in sorted(graph) if (it := visit(name, []))), None)


def test_the_ring_finder_finds_rings() -> None:
    assert ring({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a")}) == ["a", "b", "c", "a"]
    assert ring({"a": frozenset("b"), "b": frozenset()}) is None


# --- Size --------------------------------------------------------------------------------------------------

LONGEST_FILE, LONGEST_FUNCTION = 320, 45
LONGER_FILES: dict[str, int] = {}  # name -> lines that it may have, with a reason beside it
LONGER_FUNCTIONS: dict[str, int] = {}


def test_files_stay_on_a_few_screens() -> None:
    lengths = {name: len(file_of(name).read_text().splitlines()) for name in modules()}
    too_long = {name: length for name, length in lengths.items() if length > LONGER_FILES.get(name, LONGEST_FILE)}
    assert not too_long, "split by what changes together"
    stale = [name for name in LONGER_FILES if lengths.get(name, 0) <= LONGEST_FILE]
    assert not stale, "no longer needs its exception"


def test_functions_stay_on_one_screen() -> None:
    lengths = {f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1 for name, node in each(ast.FunctionDef)}
    assert len(lengths) > 300
    too_long = {
        name: length for name, length in lengths.items() if length > LONGER_FUNCTIONS.get(name, LONGEST_FUNCTION)
    }
    assert not too_long, "name the steps"
    stale = [name for name in LONGER_FUNCTIONS if lengths.get(name, 0) <= LONGEST_FUNCTION]
    assert not stale, "no longer needs its exception"


# --- One way to the rows -----------------------------------------------------------------------------------


def scoped_models() -> set[str]:
    return {model.__name__ for model in schema.models() if issubclass(model, Scoped)}


def test_every_table_with_a_tenant_is_scoped() -> None:
    # The kernel's own, and who is where.
    own_check = {"AuditEntry", "ChainHead", "Event", "FileKey", "FileStretch", "Mail", "Membership"}
    for model in schema.models():
        if "customer_id" in model._meta.fields and model.__name__ not in own_check:
            assert issubclass(model, Owned | Shared), f"{model.__name__} has a customer_id and is open to select()"
    assert len(scoped_models()) > 15


RAW = {"registry.assets.fields"}  # statements that visible() wrote and kernel/prepared.py kept


def test_nobody_selects_from_scoped_models_past_visible() -> None:
    shut = scoped_models()
    verbs = {"select", "get", "get_or_none", "get_by_id", "get_or_create", "raw", "filter"}
    for name, node in each(ast.Call):
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            caught = node.func.value.id in shut and node.func.attr in verbs
            if node.func.attr == "raw" and name in RAW:
                continue
            assert not caught, f"{name}:{node.lineno} {called(node)}: use visible(Model, actor)"


@pytest.mark.parametrize(
    "model", [m for m in access.Scoped.__subclasses__() if m.__module__ == "registry.kernel.access"]
)
def test_the_guard_is_inherited(model: type[Scoped]) -> None:
    assert model.select.__func__ is Scoped.select.__func__  # type: ignore[attr-defined]


def test_a_query_without_an_actor_raises(house: House) -> None:
    house.customer("acme")
    asset = house.asset("acme", "S1", product=house.product().id)
    for ask in (
        lambda: Asset.select(),
        lambda: Asset.select(Asset.id).where(Asset.id == 1),
        lambda: Asset.get(Asset.id == asset.id),
        lambda: Asset.get_by_id(asset.id),
        lambda: Asset.get_or_none(Asset.id == asset.id),
        lambda: Asset.filter(id=1),
        lambda: Asset[asset.id],
        lambda: list(Asset),
        lambda: len(Asset),
        lambda: asset.id in Asset,
        lambda: visible(Asset, None),
        lambda: visible(Asset, 1),  # type: ignore[arg-type]
    ):
        with pytest.raises(UnscopedQuery):
            ask()


def test_following_a_reference_to_a_scoped_row_raises(house: House) -> None:
    house.customer("acme")
    site = Site.create(customer_id=1, name="HQ")
    made = house.asset("acme", "S1", product=house.product().id, site=site.id)
    asset = visible(Asset, house.system).where(Asset.id == made.id).get()
    with pytest.raises(UnscopedQuery):
        asset.product  # noqa: B018
    with pytest.raises(UnscopedQuery):
        asset.site  # noqa: B018
    with pytest.raises(UnscopedQuery):
        list(site.contact_set)
    joined = visible(Contact, house.system, Contact, Site).join(Site).where(Contact.id == 1)
    assert list(joined) == [], "what was joined in comes with its row and needs no further query"
    assert isinstance(Asset._meta.fields["product"], ForeignKeyField)


def test_an_actor_sees_his_own_and_the_houses_rows(house: House) -> None:
    house.customer("acme")
    house.customer("globex")
    for slug in ("acme", "globex"):
        house.product(f"Own of {slug}", customer=slug)
        Site.create(customer_id=1 if slug == "acme" else 2, name="HQ")
    house.product("Common")
    product = type(house.product("Another"))

    def seen(*customers: int) -> set[str]:
        grants = {customer: frozenset({"product.view"}) for customer in customers}
        return {row.name for row in visible(product, Actor("user", "x", grants))}

    assert seen(1) == {"Own of acme", "Common", "Another"}
    assert seen(1, 2) == seen(1) | {"Own of globex"}
    assert seen() == {"Common", "Another"}
    assert visible(Site, Actor("user", "x", {2: frozenset()})).count() == 1
    assert visible(Site, Actor("user", "x", {})).count() == 0
    assert visible(Site, Actor.system(1)).count() == 1 and visible(Site, Actor.system()).count() == 2


# --- SQL ---------------------------------------------------------------------------------------------------

# Modules that put names of tables and columns into SQL text. All of them come from code; users' text is a parameter.
BUILDERS = {
    "registry.imports.asset_table",  # columns of the asset table, read many at a time
    "registry.imports.scratch",  # a private file of SQLite's, as many marks as there are values
    "registry.kernel.backup",  # names of history tables
    "registry.kernel.audit",  # FOR UPDATE where the engine has it
    "registry.kernel.bulk",  # insert and update many
    "registry.kernel.copying",  # whole tables, by the names of their models
    "registry.kernel.db",  # how long to wait
    "registry.kernel.schema",  # DDL
    "registry.kernel.search",  # indexes
    "registry.kernel.sides",  # whole tables and their DDL
    "registry.kernel.strangers",  # DROP TABLE in a copy of an archive's database
    "registry.kernel.wall",  # policies, and what a connection carries
    "registry.people.signin",  # one statement for a credential
    "registry.plugins.dropping",  # DROP TABLE, by names that the database knows
    "registry.warranty.summary",  # a count around a statement that visible() wrote
}
SQL_WORDS = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|PRAGMA|WHERE)\b")
RUNNERS = {"run_sql", "execute_sql", "SQL", "raw", "execute", "executemany"}


def test_sql_is_put_together_in_few_places() -> None:
    builders = {name for name in modules() if any(_builds_sql(node) for node in nodes(name))}
    unknown = builders - BUILDERS
    assert not unknown, f"{unknown} build SQL text: pass values as parameters, or argue for an entry in BUILDERS"


def test_the_list_of_sql_builders_is_not_stale() -> None:
    for name in BUILDERS:
        assert name in modules()
        assert any(_calls_runner(node) or _builds_sql(node) for node in nodes(name)), name


def _builds_sql(node: ast.AST) -> bool:
    """An f-string, a sum, a % or a format() whose constant part is SQL."""
    if isinstance(node, ast.JoinedStr):
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        return len(texts) < len(node.values) and any(SQL_WORDS.search(str(text)) for text in texts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        sides = [
            side for side in (node.left, node.right) if isinstance(side, ast.Constant) and isinstance(side.value, str)
        ]
        return len(sides) == 1 and bool(SQL_WORDS.search(str(sides[0].value)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return isinstance(node.func.value, ast.Constant) and bool(SQL_WORDS.search(str(node.func.value.value)))
    return False


def _calls_runner(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in RUNNERS


def test_the_builder_finder_finds_builders() -> None:
    for text in ('f"SELECT {x}"', '"SELECT a FROM " + x', '"DELETE FROM %s" % x', '"UPDATE {}".format(x)'):
        assert any(_builds_sql(node) for node in ast.walk(ast.parse(text))), text
    for text in ('"SELECT a FROM b WHERE c = ?"', 'f"Choose {x}"', '"a" + x'):
        assert not any(_builds_sql(node) for node in ast.walk(ast.parse(text))), text


DANGEROUS = {"eval", "exec", "compile", "__import__"}
DANGEROUS_MODULES = {"pickle", "marshal", "shelve", "yaml", "telnetlib"}


def test_nothing_runs_what_it_was_given() -> None:
    for name, call in each(ast.Call):
        assert not (isinstance(call.func, ast.Name) and call.func.id in DANGEROUS), f"{name}:{call.lineno} {call.func}"
        shell = [word for word in call.keywords if word.arg == "shell" and ast.unparse(word.value) != "False"]
        assert not shell, f"{name}:{call.lineno} shell=True"
    for name, plain in each(ast.Import):
        assert not {alias.name for alias in plain.names} & DANGEROUS_MODULES, f"{name}:{plain.lineno}"
    for name, taken in each(ast.ImportFrom):
        assert taken.module not in DANGEROUS_MODULES, f"{name}:{taken.lineno}"
        names = {alias.name for alias in taken.names}
        assert not names & {"Markup", "render_template_string", "from_string"}, f"{name}:{taken.lineno} {names}"


# --- Templates ---------------------------------------------------------------------------------------------

FORBIDDEN = {
    "unescaped text": re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false|\{%-?\s*filter\s+safe"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "inline handler": re.compile(r"<[^>{}]*\son[a-z]+\s*=", re.I),
    "javascript address": re.compile(r"(href|src|action|formaction)\s*=\s*[\"']?\s*javascript:", re.I),
    "foreign address": re.compile(r"(src|href|action)\s*=\s*[\"']?\s*(https?:)?//", re.I),
    "unquoted attribute": re.compile(r"\s[a-z-]+=\{\{"),
}


# Sent without a session, hence without its token: what they do is proved by a password, or by a mailed link's secret.
PUBLIC_FORMS = (
    "account.sign_in_post", "joining.invitation_post", "joining.forgot_post", "joining.new_password_post",
    "joining.confirm_post", "unsubscribe.press",
)  # fmt: skip


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_text_and_structure_only(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    for what, pattern in FORBIDDEN.items():
        found = pattern.search(text)
        assert not found, f"{what}: {found.group(0)[:80] if found else ''}"
    for form in re.findall(r"<form\b.*?</form>", text, re.S | re.I):
        changes = re.search(r"method\s*=\s*[\"']?post", form, re.I) and not any(name in form for name in PUBLIC_FORMS)
        assert not changes or "csrf" in form, "a form that changes something carries the session's token"


def test_the_template_rules_catch_what_they_name() -> None:
    bad = {
        "unescaped text": "{{ name | safe }}", "inline script": "<script>x()</script>", "inline style": '<p style="x">',
        "inline handler": '<a href="#" onclick="x()">', "javascript address": '<a href="javascript:x">',
        "foreign address": '<img src="https://x.example/a.png">', "unquoted attribute": "<a title={{ name }}>",
    }  # fmt: skip
    assert bad.keys() == FORBIDDEN.keys()
    for what, text in bad.items():
        assert FORBIDDEN[what].search(text), what
    assert not FORBIDDEN["inline script"].search('<script src="/static/a.js" defer></script>')


def test_templates_escape_what_they_are_given(house: House) -> None:
    app = house.app
    with app.test_request_context():
        assert all(app.jinja_env.autoescape(str(path.name)) for path in templates())  # type: ignore[operator]

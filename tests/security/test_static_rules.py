"""Rules about the code itself, read from its syntax: no second way out, no second way in, nothing that a user writes
is ever run, matched or rendered as more than text."""

import ast
import re

from tests.test_architecture import FACES, PACKAGE, ROOT, file_of, is_face, modules

PROGRAMS = {
    "registry.server": "the worker beside the web processes: our own program, no argument from outside",
}


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_named_modules_start_programs() -> None:
    for name, tree in modules().items():
        used = imported(tree) & {"subprocess", "os.system", "os.popen", "pty", "commands"}
        assert not used or name in PROGRAMS, f"{name} starts programs"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("os.system", "os.popen", "os.execv", "os.spawnv"), name


def test_the_lists_are_not_stale() -> None:
    for listed in (PROGRAMS, BUILT, RENDERERS, FORMATTERS, COMPARING):
        assert not listed.keys() - modules().keys(), f"gone: {listed.keys() - modules().keys()}"


PATTERNS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
# Patterns that are put together from parts of our own.
BUILT = {
    "registry.settings": "what an option must match, written beside it",
    "registry.kernel.shapes": "the pattern of a field's own shape",
}


def test_no_pattern_comes_from_a_user() -> None:
    """A pattern is a constant in the code: nobody can send one that takes a year to match."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in PATTERNS:
                assert _constant(node.args[0]) or name in BUILT, f"{name}:{node.lineno} {ast.unparse(node)[:80]}"


def _constant(node: ast.expr) -> bool:
    """A literal, a name in capitals, or literals and such names put together."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.BinOp):
        return _constant(node.left) and _constant(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(isinstance(part, ast.Constant) or _constant(part.value) for part in node.values)  # type: ignore[attr-defined]
    if isinstance(node, ast.Call):  # re.escape(CONSTANT), "|".join(CONSTANT)
        return ast.unparse(node.func) in ("re.escape", "'|'.join") and all(_constant(one) for one in node.args)
    return False


def test_no_attribute_is_named_by_a_request() -> None:
    """getattr on a model takes a name from the code: no user text becomes a column, a relation or a lookup."""
    for name, tree in modules().items():
        if not (is_face(name) or name.startswith("registry.web")):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("getattr", "setattr")
            ):
                called = ast.unparse(node.args[1])
                assert not re.search("request|arguments|args|values|body", called), f"{name}: {ast.unparse(node)}"


def test_nothing_that_users_write_is_a_template() -> None:
    """Jinja renders our own files by constant names; texts that users edit know placeholders only."""
    for name, tree in modules().items():
        names = imported(tree)
        assert not {"jinja2.Template", "jinja2.Environment", "mako", "string.Template"} & names, name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("render_template", "get_template")):
                first = node.args[0] if node.args else None
                assert first is not None and (_constant(first) or name in RENDERERS), (
                    f"{name}: {ast.unparse(node)[:80]}"
                )
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("render_template_string"):
                raise AssertionError(name)


RENDERERS = {
    "registry.web.account": "names of ours, handed over by the functions beside",
    "registry.web.joining": "names of ours, handed over by the functions beside",
}


def test_texts_with_placeholders_are_not_formatted_by_python() -> None:
    """ "{user.__class__}".format(...) would walk from an object to its secrets: no .format() on what is no literal."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FORMATTING:
                value = node.func.value
                literal = _constant(value) or ast.unparse(value).startswith("sql.SQL(")  # psycopg's own, which quotes
                assert literal or name in FORMATTERS, f"{name}:{node.lineno} {ast.unparse(node)[:80]}"


FORMATTING = {"format", "format_map"}
FORMATTERS = {
    "registry.people.signin": "column names of ours in a statement of ours",
    "registry.demo": "names of made-up things",
    "registry.warranty.notes": "sentences of ours, with values put in",
    "registry.notices.webhook_events": "addresses of our own pages, with ids and slugs put in",
}


def test_routes_call_verbs_and_write_nothing_themselves() -> None:
    """A face parses, calls a verb and answers: no insert, update or delete in it."""
    writing = {"create", "insert", "insert_many", "update", "delete", "save", "execute", "delete_instance", "run_sql"}
    for name, tree in modules().items():
        if not is_face(name):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing:
                owner = ast.unparse(node.func.value)
                assert not owner[:1].isupper() and owner != "db", f"{name}:{node.lineno} {ast.unparse(node)[:60]}"
    assert FACES == ("api", "pages")


def test_no_switch_for_debugging_is_left_in() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in ("debug", "use_debugger", "use_reloader"):
                assert ast.unparse(node.value) == "False", f"{name}: {node.arg}"
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "app.run":
                raise AssertionError(f"{name} starts the server that is not for production")
    assert not (PACKAGE / "debug.py").exists()


def test_no_comparison_of_secrets_ends_at_the_first_difference() -> None:
    """Where a secret of the caller is compared with one of ours, it takes the same time however much of it fits."""
    secret = re.compile(r"(^|[._])(csrf|signature|secret|digest|mac|code_hash|hashed)$")
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = [ast.unparse(one) for one in (node.left, node.comparators[0])]
                both = all(not isinstance(one, ast.Constant) for one in (node.left, node.comparators[0]))
                column = any(side[:1].isupper() for side in sides)  # in SQL
                suspicious = both and not column and any(secret.search(side) for side in sides)
                assert not suspicious or name in COMPARING, f"{name}:{node.lineno} {ast.unparse(node)}"


COMPARING = {
    "registry.kernel.audit": "the chain's hashes are no secrets",
}


def test_the_image_of_what_is_served_holds_no_source() -> None:
    """Static files come from one folder, found by name and never by a path that a request built."""
    text = file_of("registry.web.statics").read_text()
    assert "send_from_directory" in text and "open(" not in text
    assert not list((ROOT / "static").rglob("*.map"))

"""Rules about the code itself, read from its syntax: no second way out, no second way in, nothing that a user writes
is ever run, matched or rendered as more than text."""

import ast
import re

from tests.source import PACKAGE, ROOT, called, each, file_of, imported, modules
from tests.test_architecture import FACES, is_face

PROGRAMS = {
    "registry.server": "the worker beside the web processes: our own program, no argument from outside",
}


def test_only_named_modules_start_programs() -> None:
    for name in modules():
        used = imported(name) & {"subprocess", "os.system", "os.popen", "pty", "commands"}
        assert not used or name in PROGRAMS, f"{name} starts programs"
    for name, call in each(ast.Call):
        assert called(call) not in ("os.system", "os.popen", "os.execv", "os.spawnv"), name


def test_the_lists_are_not_stale() -> None:
    for listed in (PROGRAMS, BUILT, RENDERERS, FORMATTERS, COMPARING):
        assert not listed.keys() - modules().keys(), f"gone: {listed.keys() - modules().keys()}"


FUNCTIONS = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
PATTERNS = {f"re.{function}" for function in FUNCTIONS}
# Patterns that are put together from parts of our own.
BUILT = {
    "registry.settings": "what an option must match, written beside it",
    "registry.kernel.shapes": "the pattern of a field's own shape",
    "registry.handover.letters": "a customer's slug, escaped, between constants",
    "registry.optics.decoder.naming": "a table of constants above it",
}


def test_no_pattern_comes_from_a_user() -> None:
    """A pattern is a constant in the code: nobody can send one that takes a year to match."""
    patterns = [(name, call) for name, call in each(ast.Call) if called(call) in PATTERNS and call.args]
    assert len(patterns) > 30
    for name, call in patterns:
        assert _constant(call.args[0]) or name in BUILT, f"{name}:{call.lineno} {ast.unparse(call)[:80]}"


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
    for name, call in each(ast.Call):
        if (is_face(name) or name.startswith("registry.web")) and called(call) in ("getattr", "setattr"):
            named = ast.unparse(call.args[1])
            assert not re.search("request|arguments|args|values|body", named), f"{name}: {ast.unparse(call)}"


def test_nothing_that_users_write_is_a_template() -> None:
    """Jinja renders our own files by constant names; texts that users edit know placeholders only."""
    for name in modules():
        assert not {"jinja2.Template", "jinja2.Environment", "mako", "string.Template"} & imported(name), name
    rendering = [(name, call) for name, call in each(ast.Call) if called(call).endswith(RENDERING)]
    assert len(rendering) > 10
    for name, call in rendering:
        first = call.args[0] if call.args else None
        assert not called(call).endswith("_string"), name
        assert first is not None and (_constant(first) or name in RENDERERS), f"{name}: {ast.unparse(call)[:80]}"


RENDERING = ("render_template", "get_template", "render_template_string")
RENDERERS = {
    "registry.web.account.signing_in": "names of ours, handed over by the functions beside",
    "registry.web.account.joining": "names of ours, handed over by the functions beside",
    "registry.web.fragments": "names of ours, in the table above",
    "registry.web.slots": "names that a plugin's code gives; they lead into its own folder",
}


def test_texts_with_placeholders_are_not_formatted_by_python() -> None:
    """ "{user.__class__}".format(...) would walk from an object to its secrets: no .format() on what is no literal."""
    for name, call in each(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in FORMATTING:
            value = call.func.value
            literal = _constant(value) or ast.unparse(value).startswith("sql.SQL(")  # psycopg's own, which quotes
            assert literal or name in FORMATTERS, f"{name}:{call.lineno} {ast.unparse(call)[:80]}"


FORMATTING = {"format", "format_map"}
FORMATTERS = {
    "registry.kernel.language": "sentences of ours, before anybody's words are put in",
    "registry.people.signin": "column names of ours in a statement of ours",
    "registry.demo": "names of made-up things",
    "registry.warranty.notes": "sentences of ours, with values put in",
    "registry.notices.webhook_events": "addresses of our own pages, with ids and slugs put in",
}


def test_routes_call_verbs_and_write_nothing_themselves() -> None:
    """A face parses, calls a verb and answers: no insert, update or delete in it."""
    writing = {"create", "insert", "insert_many", "update", "delete", "save", "execute", "delete_instance", "run_sql"}
    calls = [(name, call) for name, call in each(ast.Call) if is_face(name) and isinstance(call.func, ast.Attribute)]
    assert len(calls) > 500
    for name, call in calls:
        owner, _, verb = called(call).rpartition(".")
        wrong = verb in writing and (owner[:1].isupper() or owner == "db")
        assert not wrong, f"{name}:{call.lineno} {ast.unparse(call)[:60]}"
    assert FACES == ("api", "pages")


def test_no_switch_for_debugging_is_left_in() -> None:
    for name, word in each(ast.keyword):
        if word.arg in ("debug", "use_debugger", "use_reloader"):
            assert ast.unparse(word.value) == "False", f"{name}: {word.arg}"
    for name, call in each(ast.Call):
        assert called(call) != "app.run", f"{name} starts the server that is not for production"
    assert not (PACKAGE / "debug.py").exists()


def test_no_comparison_of_secrets_ends_at_the_first_difference() -> None:
    """Where a secret of the caller is compared with one of ours, it takes the same time however much of it fits."""
    secret = re.compile(r"(^|[._])(csrf|signature|secret|digest|mac|code_hash|hashed)$")
    for name, node in each(ast.Compare):
        both = (node.left, node.comparators[0])
        if isinstance(node.ops[0], ast.Eq | ast.NotEq) and not any(isinstance(one, ast.Constant) for one in both):
            sides = [ast.unparse(one) for one in both]
            column = any(side[:1].isupper() for side in sides)  # in SQL
            suspicious = not column and any(secret.search(side) for side in sides)
            assert not suspicious or name in COMPARING, f"{name}:{node.lineno} {ast.unparse(node)}"


COMPARING = {
    "registry.kernel.audit": "the chain's hashes are no secrets",
    "registry.kernel.restoring": "which archive it is, is no secret",
}


def test_the_image_of_what_is_served_holds_no_source() -> None:
    """Static files come from one folder, found by name and never by a path that a request built."""
    text = file_of("registry.web.statics").read_text()
    assert "send_from_directory" in text and "open(" not in text
    assert not list((ROOT / "static").rglob("*.map"))

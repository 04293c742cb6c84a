"""English and Traditional Chinese are complete: every text is marked, every marked text is translated, and fits."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from marshmallow import Schema, fields
from peewee import Model

from registry.kernel import language, shapes
from registry.kernel.locales import LANGUAGES
from registry.kernel.shape_texts import FILLED, OF_LISTS, OURS
from registry.kernel.shapes import Shape
from registry.web.history.entries import UNSAID, _titles
from registry.web.words.codes import WORDS
from registry.web.words.history import FIELDS
from tests.source import ROOT, called, each

TEMPLATES = ROOT / "templates"
NAMES = {"Assetcare", "SHA-256", "API", "UTC", "JSON", "CSV", "XLSX", "Excel",  # the same in all languages
         "IOS", "IOS-XE", "IOS-XR", "NX-OS", "EOS", "Junos", "SONiC", "Aruba", "CX"}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)s|(?<!\{)\{(\w+)\}(?!\})")
CJK = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"


@cache
def tool() -> ModuleType:
    spec = spec_from_file_location("update_translations", ROOT / "tools" / "update_translations.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def wanted() -> Catalog:
    found: Catalog = tool().texts(ROOT / "registry", TEMPLATES)
    return found


def catalogues() -> list[Path]:
    return sorted((ROOT / "registry" / "translations").glob("*.po"))


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [each for each in read_po(file, locale=path.stem.replace("-", "_")) if each.id]


def forms(found: str | list[str] | tuple[str, ...]) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_the_catalogue_is_up_to_date_and_nothing_is_untranslated(path: Path) -> None:
    made = tool().merged(path, wanted())
    assert not tool().missing(made), "untranslated"
    assert path.read_bytes() == tool().written(made), "run: python tools/update_translations.py"


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_a_translation_fits_its_text(path: Path) -> None:
    wrong = [problem for each in messages(path) for problem in misfits(each)]
    assert not wrong, "\n".join(wrong)


def misfits(message: Message) -> Iterator[str]:
    """What is wrong with a translation."""
    known = {name for text in forms(message.id) for name in PLACEHOLDER.findall(text)}
    for text in forms(message.string):
        where = f"{forms(message.id)[0]!r}: {text!r}"
        if "fuzzy" in message.flags:
            yield f"{where} is guessed"
        if set(PLACEHOLDER.findall(text)) - known or (
            len(forms(message.id)) == 1 and set(PLACEHOLDER.findall(text)) != known
        ):
            yield f"{where}: other placeholders"
        if text[:1].isspace() != forms(message.id)[0][:1].isspace():
            yield f"{where}: begins otherwise"
        if text[-1:].isspace() != forms(message.id)[0][-1:].isspace() and not re.search(rf"[{CJK}]\Z", text):
            yield f"{where}: ends otherwise"
        if text.count("%%") != forms(message.id)[0].count("%%"):
            yield f"{where}: %% is a per cent sign where values are put in"
        if re.search(rf"[{CJK}] ?[,;:!?]|[,;] ?[{CJK}]|[{CJK}]\.(?!\w)", text):
            yield f"{where}: punctuation of half width between Chinese characters"


# --- What is said by its variable --------------------------------------------------------------------------

# Where a variable is said: what it holds was marked where it was declared, by N_, or as a title (DECLARED of the tool).
VARIABLES = {
    "cause.title", "title", "page.shows[0].title", "sheet.title", "one.title", "self.message", "spec.title",
    "type(self).message", "Invalid.message", "label", "text", "yes", "no",
    "name", "none", "row['name']", "told", "told[what]", "one", "new.text", "show.title", "known",
    "self.metadata['label']", "table.known[name].title", "about['meaning']", "titles.get(name, name)",
    "titles.get(order, order)", "found",
    # Names and notes of what comes with the product; those that somebody gave have no translation.
    "policy.name", "each.name", "self.terms", "warranty.terms", "body.notes", "row[name]",
}  # fmt: skip


def calls() -> Iterator[tuple[str, ast.Call]]:
    for name, node in each(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "ngettext", "later"):
            yield name, node


def test_only_whole_texts_are_marked() -> None:
    """A text put together before it is marked has no translation."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, node in calls()
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args[:2])
        or (called(node) == "N_" and not isinstance(node.args[0], ast.Constant))
    ]
    assert not wrong


def said_by_variable() -> Iterator[tuple[str, ast.expr]]:
    """Module and first argument, where it is no text itself."""
    for name, node in calls():
        if not isinstance(node.args[0], ast.Constant):
            yield name, node.args[0]


def constant_of(argument: ast.expr) -> str | None:
    """The table or constant that it comes from, in capitals: NICER of NICER.get(status, "")."""
    names = [found.id for found in ast.walk(argument) if isinstance(found, ast.Name) and found.id.isupper()]
    names += [found.attr for found in ast.walk(argument) if isinstance(found, ast.Attribute) and found.attr.isupper()]
    return names[0] if names else None


def texts_in(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from texts_in(value)
    else:  # of a Remedy or Permission its title is said
        yield from (text for name in ("title", "label") if isinstance(text := getattr(found, name, None), str))


def test_what_a_variable_holds_was_marked_where_it_was_declared() -> None:
    of_plugins = tool().texts(ROOT / "plugins")  # which bring translations of their own
    marked = {text for each_one in (*wanted(), *of_plugins) if each_one.id for text in forms(each_one.id)}
    wrong = []
    for name, argument in said_by_variable():
        constant, written = constant_of(argument), ast.unparse(argument)
        if constant is None:
            wrong += [] if written in VARIABLES else [f"{name}: {written}"]
        elif owner := holder(name, constant):
            wrong += [f"{name}: {constant}: {text!r}" for text in texts_in(owner) if re.search("[A-Za-z]{2}", text)
                      and text not in marked and text not in NAMES | set(LANGUAGES.values())]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def holder(module: str, constant: str) -> object:
    """The constant, in the module that says it or in one of those that it takes names from."""
    here = import_module(module)
    others = [found for found in vars(here).values() if isinstance(found, ModuleType)]
    return next((vars(place)[constant] for place in [here, *others] if constant in vars(place)), None)


# --- Words of the history ----------------------------------------------------------------------------------

UNTOLD = {  # tables whose rows no entry of the history shows field by field
    "audit_entry", "bucket", "chain_head", "delivery", "event", "file_key", "file_move", "file_stretch", "handshake",
    "installation",
    "job_ticket", "job_turn",
    "linked_identity", "mail", "mailed_link", "passkey", "progress", "recovery_code", "second_factor", "session",
    "token", "webhook_delivery", "label_scan", "lent", "lent_span", "plugin_incident",
    "optic_image", "optic_place", "optic_reading",
}  # fmt: skip


def models(cls: type[Model] = Model) -> Iterator[type[Model]]:
    for found in cls.__subclasses__():
        if found.__module__.startswith("registry."):
            yield found
        yield from models(found)


def test_the_history_has_a_word_for_every_column() -> None:
    tables = {found._meta.table_name: found for found in models() if found._meta.table_name not in UNTOLD}
    assert len(tables) > 20
    wordless = {
        f"{table}.{field.name}"
        for table, model in tables.items()
        for field in model._meta.sorted_fields
        if field.column_name not in UNSAID | getattr(model, "SECRET", frozenset())
        and not any(found.get(field.name) for found in (WORDS["field"], WORDS["link"], FIELDS, _titles(table)))
    }
    assert not wordless


# --- Messages of the library that checks shapes ------------------------------------------------------------


def every_shape(cls: type[Schema] = Shape) -> Iterator[type[Schema]]:
    for each_one in cls.__subclasses__():
        yield each_one
        yield from every_shape(each_one)


def test_what_is_said_for_the_library_is_known() -> None:
    """tests/kernel/test_shape_texts.py: every message of the library is said in one of these."""
    marked = {str(each.id) for each in wanted() if each.id}
    assert not {text for text in [*OURS.values(), *OF_LISTS.values(), *FILLED.values()] if text not in marked}


def test_a_shape_speaks_the_language_of_the_moment() -> None:
    class Small(Shape):
        name = shapes.Line(max=5, required=True)
        tags = fields.List(shapes.Slug())

    shape = Small()
    given = {"name": "much too long", "tags": ["Ä"], "more": 1}
    english = shape.validate(given)
    with language.speaking("zh-Hant"):
        chinese = shape.validate(given)
        assert shape.validate({}) == {"name": ["請填寫此欄。"]}
    unknown = "This field is not known here; remove it or check its spelling."
    assert english == {"name": ["Use at most 5 characters."], "more": [unknown],
                       "tags": {0: ["Use lower-case letters, digits and hyphens, at most 64."]}}  # fmt: skip
    assert chinese == {"name": ["請最多使用 5 個字元。"], "more": ["這裡無法識別此欄位；請移除或檢查拼寫。"],
                       "tags": {0: ["請使用小寫字母、數字與連字號，最多 64 個字元。"]}}  # fmt: skip

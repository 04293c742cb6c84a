"""A new plugin: files of the folder scaffold with its names put in; and the frozen SQL of its migrations."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from registry.kernel import freezing, schema
from registry.kernel.paths import PACKAGE
from registry.plugins import names
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.plugins.records import NAME

SCAFFOLD = PACKAGE / "plugins" / "scaffold"
FIRST = "0001_initial"


def begin(name: str, parent: Path, title: str | None = None) -> Path:
    """Write a new plugin into `parent`/`name`; answers that folder. `name`: acme-loans or acme_loans.

    Raises ValueError for a name that cannot be one, or a folder that is there already.
    """
    plugin = name.replace("-", "_")
    if not NAME.match(plugin) or plugin.startswith("registry"):
        raise ValueError(f"{name!r}: use 2 to 31 lower-case letters, digits and dashes, a letter first; not registry.")
    if there := names.taken(plugin):
        raise ValueError(f"{name!r} is taken: {there}.")
    folder = parent / plugin.replace("_", "-")
    if folder.exists():
        raise ValueError(f"{folder} is there already.")
    if title is not None and not re.fullmatch(r"[^\"\\{}@\x00-\x1f\x7f]{1,60}", title):
        raise ValueError("The title: 1 to 60 characters, none of them a quote, a backslash, a brace or @.")
    words = {
        "plugin": plugin,
        "dist": plugin.replace("_", "-"),
        "title": title or plugin.replace("_", " ").capitalize(),
    }
    for path, text in _files(words):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    _first_tables(folder, plugin)
    return folder


def _files(words: dict[str, str]) -> Iterator[tuple[Path, str]]:
    for path in sorted(SCAFFOLD.rglob("*.txt")):
        inside = path.relative_to(SCAFFOLD).with_suffix("")
        named = {"package": words["plugin"], "plugin": words["plugin"], "trials": "tests"}
        parts = [named.get(part, part) for part in inside.parts]
        yield Path(*parts), re.sub(r"@(plugin|dist|title)@", lambda found: words[found[1]], path.read_text())


def _first_tables(folder: Path, plugin: str) -> None:
    """Its models are read once, to write the SQL that makes them."""
    sys.path.insert(0, str(folder))
    try:
        models = importlib.import_module(f"{plugin}.models")
    finally:
        sys.path.remove(str(folder))
    tables = [each for each in vars(models).values() if getattr(each, "__module__", "") == models.__name__]
    freezing.freeze(folder / plugin / "migrations", FIRST, lambda: schema.statements_of(tables), tables)


def freeze_migration(name: str, migration: str) -> list[Path]:
    """Write the SQL of one migration of an installed plugin; answers the paths. Raises ValueError."""
    plugin = host().plugins.get(name)
    if plugin is None or plugin.declared is None or not plugin.declared.models:
        raise ValueError(f"No plugin {name!r} with tables is installed.")
    if not re.fullmatch(r"[0-9]{4}_[a-z0-9_]{1,40}", migration):
        raise ValueError(f"{migration!r}: call it like 0002_due_date.")
    folder = plugin.declared.folder / "migrations"
    script = folder / f"{migration}.py"
    if not script.exists():
        script.write_text(
            (SCAFFOLD / "package" / "migrations" / f"{FIRST}.py.txt").read_text().replace(FIRST, migration)
        )
    return freezing.freeze(folder, migration, lambda: _statements(plugin), plugin.declared.models)


def _statements(plugin: Plugin) -> list[str]:
    return schema.statements_of(plugin.declared.models)

#!/usr/bin/env python3
"""Brings registry/translations/*.po up to date with the texts in code and templates, and lists what has no translation.

    python tools/update_translations.py [--check]

--check changes nothing and fails when a catalogue is not what this program would write, or a text is untranslated.
A text that is gone is taken out; nothing is guessed: a new text starts empty.
"""

import argparse
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
# Of these the argument with this number is what people read: titles are declared without a mark, and said by _().
DECLARED = {"Column": 2, "FieldSpec": 2, "Permission": 2, "Role": 2, "Remedy": 2, "Cause": 2}
DECLARED |= {"_ok": 2, "_advice": 2, "_fault": 2}
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "later": None, "gettext": None}
KEYWORDS |= {"ngettext": (1, 2), "_n": (1, 2), **{name: (number,) for name, number in DECLARED.items()}}
OPTIONS_OF_HOUSE = ROOT / "registry" / "settings.py"  # option(variable, default, meaning)
CATALOGUES = ROOT / "registry" / "translations"


def texts(*folders: Path) -> Catalog:
    """Every text to translate, with the files that it stands in."""
    found = Catalog(project="Assetcare", charset="utf-8", fuzzy=False)
    for folder in folders:
        rows = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
        for name, _line, message, comments, context in rows:
            place = (str((folder / name).relative_to(ROOT)), None)
            found.add(message, locations=[place], auto_comments=comments, context=context)
    for _line, message, _comments, _context in extract_from_file("python", OPTIONS_OF_HOUSE, {"option": (3,)}):
        found.add(message, locations=[(str(OPTIONS_OF_HOUSE.relative_to(ROOT)), None)])
    return found


def merged(path: Path, wanted: Catalog) -> Catalog:
    """The catalogue at `path` with exactly the texts that are wanted, in the order of their own letters."""
    locale = path.stem.replace("-", "_")
    known = Catalog(locale=locale)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=locale)
    made = Catalog(locale=locale, project="Assetcare", charset="utf-8", fuzzy=False)
    made.header_comment = "# Assetcare in another language. Written by tools/update_translations.py; fill in msgstr."
    for message in sorted(wanted, key=lambda each: str(each.id)):
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        places = sorted(set(message.locations))
        kept = old.string if old and isinstance(old.id, str) == isinstance(message.id, str) else ""
        made.add(message.id, kept, locations=places, auto_comments=message.auto_comments)
    return made


def written(catalogue: Catalog) -> bytes:
    """As it stands in the file: without dates and line numbers, which would change for nothing."""
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, include_lineno=False)
    head = f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Language: {catalogue.locale}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    return head.encode() + out.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    return [str(each.id) for each in catalogue if each.id and not all(_strings(each.string))]


def _strings(found: object) -> list[str]:
    return list(found) if isinstance(found, tuple | list) else [str(found)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something is to do")
    check = parser.parse_args().check
    wanted, bad = texts(ROOT / "registry", ROOT / "templates"), False
    for path in sorted(CATALOGUES.glob("*.po")):
        catalogue = merged(path, wanted)
        empty, stale = missing(catalogue), not path.exists() or path.read_bytes() != written(catalogue)
        if not check:
            path.write_bytes(written(catalogue))
        print(f"{path.name}: {len(list(catalogue)) - 1} texts, {len(empty)} untranslated{', stale' if stale else ''}")
        bad |= bool(empty) or stale
    return int(check and bad)


if __name__ == "__main__":
    sys.exit(main())

"""The language of the moment, and texts in it. English stands in the code, other languages in translations/<tag>.po.

    _("Covered until %(day)s", day=...)      at the place where the text is said
    LABEL = N_("Covered")                    in a table of words: marked for the translators, said later by _(LABEL)

    later("Give a name.")                    for a text that a library is given at start and shows on its own
    quoted(code)                             a value of somebody's, between the quotation marks of the language

A date is given as it is, never as a text: the sentence writes it in the language of the moment (told()).
Titles of columns, permissions, roles and the like (DECLARED in tools/update_translations.py) need no mark.
A catalogue is read once, when the first text of its language is wanted: it is plain text, and nothing needs building.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from registry.kernel.locales import FALLBACK, day_in, supported
from registry.kernel.paths import resource_dir

_current: ContextVar[str] = ContextVar("language", default=FALLBACK)


def current() -> str:
    """The tag of the language that texts are said in here: one of locales.LANGUAGES."""
    return _current.get()


def use(language: str | None) -> None:
    """Say everything that follows, in this request or job, in the language of ours nearest to `language`."""
    _current.set(supported(language))


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """The same for a while."""
    before = _current.set(supported(language))
    try:
        yield
    finally:
        _current.reset(before)


def _(message: str, /, **values: Any) -> str:
    """`message` in the language of the moment, with %(name)s replaced by `values` where any are given."""
    text = catalogue(_current.get()).gettext(message) if message else ""
    return text % _told(values) if values else text


def ngettext(one: str, many: str, /, num: int, **values: Any) -> str:
    """The same for a number of things: %(num)s is the number."""
    return catalogue(_current.get()).ngettext(one, many, num) % {"num": f"{num:,}", **_told(values)}


def plural(one: str, many: str, num: int) -> str:
    """The same without the values, which a template puts in by itself."""
    return catalogue(_current.get()).ngettext(one, many, num)


def N_(message: str, /) -> str:
    """Marks a text for translation where it stands; whoever shows it says it by _()."""
    return message


class Later(str):
    """A text whose language is chosen by format(), as marshmallow does with a message before it shows it."""

    __slots__ = ("message", "values")
    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, values: dict[str, Any]) -> "Later":
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made

    def said(self) -> str:
        return _(self.message, **self.values)

    def format(self, *args: object, **values: object) -> str:
        if self.values:  # they may be somebody's words, and braces in those mean nothing
            return self.said()
        return _(self.message).format(*args, **values)


def told(value: Any) -> Any:
    """A value within a sentence: a day as its readers write it, and whatever knows how to say itself by its said()."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return day_in(value, _current.get())
    return value.said() if hasattr(value, "said") else value


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {name: told(value) for name, value in values.items()}


def later(message: str, /, **values: Any) -> Later:
    """`message` for whoever will read it; values that are Later themselves are said then, too."""
    return Later(message, values)


def quoted(value: object) -> str:
    """What somebody gave, harmless to show: 'x' in English, 「x」 in Chinese; what is no text stands without."""
    shown = repr(value)
    return _("'%(text)s'", text=shown[1:-1]) if isinstance(value, str) else shown


_folders: list[Path] = []  # of plugins; the core's own texts come first
UNREAD: dict[Path, str] = {}  # files of plugins that are no catalogues, and why; their texts stay English


def add_folder(folder: Path) -> None:
    """Take texts from `folder`/<tag>.po, too. Does nothing when there is no such folder."""
    if folder.is_dir() and folder not in _folders:
        _folders.append(folder)
        catalogue.cache_clear()


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of one language; those that are missing stay English."""
    found = NullTranslations()
    if language != FALLBACK:
        for folder in reversed([resource_dir("translations"), *_folders]):
            path = folder / f"{language}.po"
            read = (_read if folder not in _folders else _read_if_sound)(path, language) if path.is_file() else None
            if read is not None:
                read.add_fallback(found)
                found = read
    return found


def _read_if_sound(path: Path, language: str) -> NullTranslations | None:
    try:
        return _read(path, language)
    except Exception as error:  # nobody's language goes because of a plugin's file
        UNREAD[path] = f"{type(error).__name__}: {error}"[:200]
        return None


def _read(path: Path, language: str) -> NullTranslations:
    from babel.messages.mofile import write_mo  # only who reads another language than English pays for these
    from babel.messages.pofile import read_po

    binary = BytesIO()
    with path.open("rb") as file:
        write_mo(binary, read_po(file, locale=language.replace("-", "_")))
    binary.seek(0)
    return GNUTranslations(binary)

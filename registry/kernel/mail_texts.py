"""The texts of mails: shipped as files, one folder a language; what the operator writes instead lies in a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from peewee import CharField, TextField

from registry.kernel import phrases
from registry.kernel.db import Row
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.locales import FALLBACK, LANGUAGES
from registry.kernel.logs import log
from registry.kernel.paths import resource_dir
from registry.kernel.writing import Versioned

LONGEST_SUBJECT, LONGEST_BODY = 200, 10_000


class MailText(Versioned, Row):
    """The house's own words for a mail in one language; NULL once it went back to the shipped ones."""

    name = CharField(max_length=64)
    language = CharField(max_length=16)
    subject = CharField(max_length=LONGEST_SUBJECT, null=True)
    body = TextField(null=True)

    class Meta:
        table_name = "mail_text"
        indexes = ((("name", "language"), True),)

    @property
    def label(self) -> str:
        return f"{self.name} ({self.language})"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail. `placeholders`: name -> what it stands for; `needed` must stand in every text's body. `folder`:
    where its texts lie, None for the core's."""

    name: str
    placeholders: Mapping[str, str]
    needed: frozenset[str]
    folder: Path | None = None

    def path(self, language: str) -> Path:
        """Its text in one language: of a plugin's kind, acme.late, <folder>/<language>/late.txt."""
        return (self.folder or resource_dir("mails")) / language / f"{self.name.rpartition('.')[2]}.txt"


class Text(NamedTuple):
    subject: str
    body: str


KINDS: dict[str, Kind] = {}


def kind_of(
    name: str, placeholders: Mapping[str, str], *, needed: tuple[str, ...] = ("link",), folder: Path | None = None
) -> Kind:
    return Kind(name, dict(placeholders), frozenset(needed) & placeholders.keys(), folder)


def declare_mail(name: str, placeholders: Mapping[str, str], *, needed: tuple[str, ...] = ("link",)) -> None:
    """Declare the mail `name`, whose texts lie in registry/mails/<language>/<name>.txt. `placeholders`: name -> its
    meaning, for whoever writes the text. Of those, `needed` must not be left out of the body."""
    KINDS[name] = kind_of(name, placeholders, needed=needed)


def unsound(kind: Kind) -> str:
    """What is wrong with the texts that come with it, in a sentence; "" for nothing. English there has to be."""
    for language in LANGUAGES:
        path = kind.path(language)
        shown = "/".join(path.parts[-3:])
        if not path.is_file():
            if language == FALLBACK:
                return f"The text {shown} is missing."
            continue
        try:
            _check(kind, *_read(path))
        except Invalid as error:
            return f"The text {shown}: {next(iter(error.errors.values()))[0]}"
        except ValueError as error:
            return f"The text {shown} cannot be read: {error}"
    return ""


def check(name: str, subject: str, body: str) -> None:
    """Raise Invalid, under subject or body, for a text that could not be rendered: at save and again at use."""
    _check(KINDS[name], subject, body)


def _check(kind: Kind, subject: str, body: str) -> None:
    if not phrases.one_line(subject) or len(subject) > LONGEST_SUBJECT:
        raise Invalid.field(
            "subject", _("Write a subject, at most %(longest_subject)s characters.", longest_subject=LONGEST_SUBJECT)
        )
    if not body.strip() or len(body) > LONGEST_BODY:
        raise Invalid.field("body", _("Write a text, at most %(longest_body)s characters.", longest_body=LONGEST_BODY))
    phrases.check(subject, kind.placeholders, "subject")
    phrases.check(body, kind.placeholders, "body")
    missing = sorted(kind.needed - phrases.names_in(body))
    if missing:
        raise Invalid.field(
            "body", _("Without {%(missing)s} this mail is of no use: put it into the text.", missing=missing[0])
        )


def written(name: str, language: str, values: Mapping[str, Any], time_zone: str) -> Text:
    """Subject and body in `language` (one of ours). Raises LookupError unless `values` has just what was declared."""
    kind = KINDS[name]
    if values.keys() != kind.placeholders.keys():
        raise LookupError(f"mail {name!r} takes {sorted(kind.placeholders)}, not {sorted(values)}")
    return rendered(text_for(name, language), language, values, time_zone)


def rendered(text: Text, language: str, values: Mapping[str, Any], time_zone: str) -> Text:
    subject = phrases.one_line(phrases.render(text.subject, values, language, time_zone))
    return Text(subject, phrases.render(text.body, values, language, time_zone))


def own_text(name: str, language: str) -> MailText | None:
    found: MailText | None = MailText.get_or_none((MailText.name == name) & (MailText.language == language))
    return found


def text_for(name: str, language: str) -> Text:
    """The house's own text if it is sound, or the shipped one."""
    own = own_text(name, language)
    if own is None or own.subject is None or own.body is None:
        return shipped(name, language)
    text = Text(own.subject, own.body)
    try:
        check(name, *text)
    except Invalid as error:  # placeholders may have changed with a newer version: better our words than no mail
        log.warning("mail_text_unsound", name=name, language=language, errors=error.errors)
        return shipped(name, language)
    return text


def shipped(name: str, language: str) -> Text:
    """The text that came with the program or plugin; English where there is none in `language`."""
    path = KINDS[name].path(language)
    return _read(path if path.is_file() else KINDS[name].path(FALLBACK))


@lru_cache(maxsize=256)
def _read(path: Path) -> Text:
    first, _, body = path.read_text(encoding="utf-8").partition("\n")
    if not first.startswith("Subject:"):
        raise ValueError("its first line has to be: Subject: ...")
    return Text(first.removeprefix("Subject:").strip(), body.strip() + "\n")

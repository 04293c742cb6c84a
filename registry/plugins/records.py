"""What plugins hand to the core: plain records, checked when they are made."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

API = 1  # the number of the contract; it changes only when a plugin written for the old one would break
NAME = re.compile(r"[a-z][a-z0-9_]{1,30}\Z")
UNDRAWN = (fields.List, fields.Tuple, fields.Mapping, fields.Nested)  # what a form of settings has no place for
MOST_MINUTES = 60 * 24 * 31
MOST_OF_MAIL = 64  # characters of a mail's name


def _must_be_a_name(name: str, of: str) -> None:
    if not isinstance(name, str) or not NAME.match(name):
        raise ValueError(f"{of} {name!r}: use 2 to 31 lower-case letters, digits and underscores, a letter first")


def check(record: Any, **wanted: type | tuple[type, ...]) -> None:
    """Raise TypeError for a field of another kind. What claims to be HTML is a text like any other from here on."""
    for name, kind in wanted.items():
        value = getattr(record, name)
        if not isinstance(value, kind):
            raise TypeError(f"{type(record).__name__}: {name} is {type(value).__name__}, not {_called(kind)}")
        if hasattr(value, "__html__"):
            object.__setattr__(record, name, str(value))


def _called(kind: type | tuple[type, ...]) -> str:
    return " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """Who a plugin is. Read before any of its hooks is called.

    name: what its tables, permissions, addresses and folders begin with. api: the number of the contract that it was
    written for. needs: names of plugins without which it cannot work. fail_closed: a failure in its `validate`
    refuses the change instead of being passed over.
    """

    name: str
    title: str
    version: str
    api: int = API
    needs: tuple[str, ...] = ()
    description: str = ""
    fail_closed: bool = False

    def __post_init__(self) -> None:
        _must_be_a_name(self.name, "plugin")
        check(self, title=str, version=str, api=int, needs=(tuple, list), description=str)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: name (asset.registered, warranty.expiring ...), whose it is (None: the house's), which
    row of which table it is about, what else was told, and when."""

    id: int
    name: str
    customer_id: int | None
    object_type: str
    object_id: int | None
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class PluginPermission:
    """A right that the plugin's routes and verbs ask for. `name` begins with the plugin's; `roles` hold it from the
    start, beside administrators, who hold every right. `customer`: whether customers' own roles may hold it."""

    name: str
    label: str
    roles: tuple[str, ...] = ()
    customer: bool = True

    def __post_init__(self) -> None:
        check(self, name=str, label=str, roles=(tuple, list))


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """Settings that people fill in on a page made from `shape` (a sdk.Shape). scope: "site", or "customer" for a value
    of each customer's own. Fields without a load_default must be filled in before anybody can rely on them.
    `permission`: who fills in a customer's; with plugin.set his own manager may, and with a right that no role of a
    customer's holds, the operator alone."""

    shape: Any
    scope: str = "site"
    permission: str = "plugin.set"

    def __post_init__(self) -> None:
        if self.scope not in ("site", "customer"):
            raise ValueError(f"settings: scope is site or customer, not {self.scope!r}")
        if not isinstance(self.shape, Schema):
            raise TypeError("settings: shape is an object of a sdk.Shape, such as SettingsForm(Account())")
        for name, one in self.shape.fields.items():
            if isinstance(one, UNDRAWN):
                raise TypeError(f"settings: no form can be made for {name}, a {type(one).__name__}: use a text")


@dataclass(frozen=True, slots=True)
class AssetKind:
    """A kind of products and units beside hardware, optics and software. `name`: at most 16 characters, kept with
    every unit; `title`: what lists and forms call it; `within`: what it is called within a sentence ("a battery");
    `terms`: the code of the warranty terms that the form of a new unit begins with."""

    name: str
    title: str
    within: str = ""
    terms: str = ""

    def __post_init__(self) -> None:
        check(self, name=str, title=str, within=str, terms=str)
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,15}", self.name):
            raise ValueError(f"kind {self.name!r}: 2 to 16 lower-case letters, digits and underscores, a letter first")


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the worker calls: when asked for, or every `minutes`. Its name begins with the plugin's."""

    name: str
    function: Callable[..., Any]
    minutes: int | None = None
    retries: int = 0

    def __post_init__(self) -> None:
        check(self, name=str, minutes=(int, type(None)), retries=int)
        if not callable(self.function):
            raise TypeError(f"job {self.name}: function cannot be called")
        if self.minutes is not None and not 1 <= self.minutes <= MOST_MINUTES:
            raise ValueError(f"job {self.name}: every 1 to {MOST_MINUTES} minutes, not {self.minutes}")


@dataclass(frozen=True, slots=True)
class MailKind:
    """A mail that the plugin sends by sdk.post(). `name`: <plugin>.<what>; its texts are mails/<language>/<what>.txt
    beside the plugin's module, en and maybe zh-Hant: a line "Subject: ...", an empty one, then the body. {name} stands
    for a value; placeholders: name -> what it stands for; of those, `needed` must not be left out of any text. The
    operator can put them into his own words."""

    name: str
    title: str
    placeholders: Mapping[str, str]
    needed: tuple[str, ...] = ("link",)

    def __post_init__(self) -> None:
        check(self, name=str, title=str, placeholders=Mapping, needed=(tuple, list))
        if not re.fullmatch(r"[a-z0-9_]+\.[a-z][a-z0-9_]{0,31}", self.name) or len(self.name) > MOST_OF_MAIL:
            raise ValueError(f"mail {self.name!r}: <plugin>.<what>, lower-case letters, digits and underscores")
        for one, meaning in self.placeholders.items():
            if not isinstance(one, str) or not NAME.match(one) or not isinstance(meaning, str):
                raise ValueError(f"mail {self.name}: placeholder {one!r}: a name like due_on, and what it stands for")


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a change is refused: the field it is about ("" for the whole) and a sentence that says what to do."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: a template of the plugin and what it is filled with. Heavier ones stand further down."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    permission: str = ""
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a page. `post`: it changes something, so it is a form with one button."""

    label: str
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)
    permission: str = ""
    icon: str = ""
    post: bool = False
    weight: int = 0


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A way in the navigation: of the customer that one looks at, or (house=True) of the house."""

    label: str
    endpoint: str
    icon: str = "plug"
    permission: str = ""
    house: bool = False
    weight: int = 0


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """`check()` answers (state, sentence): state is ok, advice or fault. In at most a second."""

    name: str
    check: Callable[[], tuple[str, str]]

    def __post_init__(self) -> None:
        if not callable(self.check):
            raise TypeError(f"health check {self.name}: check cannot be called")


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """Files whose names end in `suffix` (such as .edi) can be imported. `read(path)` yields rows of texts, the first
    with the headings; it raises ValueError, with a sentence for whoever brought the file, when it is not what it should
    be."""

    suffix: str
    title: str
    read: Callable[[Path], Iterable[Sequence[str]]]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\.[a-z0-9]{1,12}", self.suffix) or self.suffix in TAKEN:
            raise ValueError(f"import format: {self.suffix!r} is no suffix, or the core's own")


@dataclass(frozen=True, slots=True)
class LabelField:
    """A line that can stand on a label. `name` begins with <plugin>_; say(subject) answers what stands there, "" to
    leave the line out; subject as for label_for(). `whole`: of no use in part."""

    name: str
    title: str
    say: Callable[[Mapping[str, Any]], str]
    bold: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """`name` begins with <plugin>_; `fields` in the order of importance: tag, serial, product, customer, site, place,
    code, operator, phone, text, and the plugin's own."""

    name: str
    title: str
    fields: tuple[str, ...]


TAKEN = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".json"})

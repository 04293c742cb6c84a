"""Codes within sentences: people read the word for a code, programs the code itself.

    _("Nothing more is taken for this task. Its state: %(state)s.", state=Code("task_state", task.state))
    later("Choose one of: %(choices)s.", choices=Codes(("manager", "reader"), "role"))

The words themselves are given by whoever shows pages (name_codes). A Code is always said as its word; Codes, which
somebody is to choose from and send back, only to people.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from registry.kernel.language import _

Word = Callable[[str, str], str]  # group, code -> word in the language of the moment
Words = Callable[[str, tuple[str, ...]], tuple[str, ...]]  # field, codes -> the same
_to_people: ContextVar[bool] = ContextVar("to_people", default=False)
_named: list[tuple[Word, Words]] = []


def name_codes(word: Word, words: Words) -> None:
    """Have codes said by these from now on."""
    _named[:] = [(word, words)]


def speak_to_people(yes: bool) -> None:
    """Whether what follows, in this request, is read by people: otherwise choices are named by their codes."""
    _to_people.set(yes)


@dataclass(frozen=True, slots=True)
class Code:
    group: str
    code: str

    def __str__(self) -> str:
        return self.code

    def said(self) -> str:
        return _named[0][0](self.group, self.code) if _named else self.code


@dataclass(frozen=True, slots=True)
class Codes:
    """Those that `field` takes."""

    codes: tuple[str, ...]
    field: str = ""

    def __str__(self) -> str:
        return ", ".join(self.codes)

    def said(self) -> str:
        if not _named or not _to_people.get():
            return str(self)
        return _(", ").join(_named[0][1](self.field, self.codes))

"""What can be wrong with a file, and the texts that numbers of a spreadsheet become."""

from dataclasses import dataclass
from typing import NamedTuple


class Suggestion(NamedTuple):
    """One encoding that fits the bytes, and how the place in question would read in it."""

    encoding: str
    sample: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read as a table.

    `code` is a stable word for programs, `message` says where and what to do, `line` is the physical line
    (from 1) where known, `suggestions` are encodings to choose from.
    """

    def __init__(
        self, code: str, message: str, line: int | None = None, suggestions: tuple[Suggestion, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.suggestions = suggestions


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One record that is no row of the table; the records after it are still good."""

    line: int
    message: str


class NumberText(str):
    """A number with decimals that a spreadsheet stored as a number: its point is a decimal mark."""

    __slots__ = ()


class LossyNumber(NumberText):
    """A stored number whose original digits may be gone (spreadsheets keep fifteen)."""

    __slots__ = ()


def column_letters(index: int) -> str:
    """The spreadsheet's name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

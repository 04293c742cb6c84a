"""What a plugin's codes are called: on its own pages and mails, and where the core shows the history."""

from collections.abc import Mapping

from registry.kernel.language import _

Words = Mapping[str, str]


class Vocabulary:
    """`groups`: of each group its codes, and what people call them, marked by N_(). For the history `done` names the
    actions on the audit chain, `things` the tables, `fields` their columns; `columns` says which "table.column" holds
    codes of which group."""

    def __init__(
        self, groups: Mapping[str, Words], *, done: Words, things: Words, fields: Words, columns: Words
    ) -> None:
        self.groups = groups
        self._core = [("done", done), ("thing", things), ("field", fields)]
        self._columns = columns

    def word(self, group: str, code: str) -> str:
        """What the code is called in the reader's language; a code that nobody knows is shown as it is."""
        found = self.groups[group].get(code, code)
        return _(found)

    def choices(self, group: str, *leave_out: str) -> list[tuple[str, str]]:
        """(code, what it is called) of a group, for a form."""
        return [(code, _(text)) for code, text in self.groups[group].items() if code not in leave_out]

    def of_the_history(self) -> list[tuple[str, dict[str, str]]]:
        """What the hook words() answers."""
        columns = [(column, self.groups[group]) for column, group in self._columns.items()]
        return [(name, dict(words)) for name, words in (*self._core, *columns)]

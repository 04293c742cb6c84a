"""Which column of a file fills which field: found by name, decided by the user where that is not clear."""

import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Saved
from dataclasses import dataclass, field
from functools import lru_cache

from registry.imports.cells import Parser
from registry.imports.problems import column_letters
from registry.kernel.language import _, quoted
from registry.kernel.tabular import unguard


class MappingError(ValueError):
    """A saved mapping that does not belong to these fields."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field that a column can fill.

    `synonyms` are further headers for it, of any language. `required` fields must have a column when rows are
    created, unless the field `instead` has one; `key` fields may identify the row that is updated.
    """

    name: str
    title: str
    parser: Parser
    synonyms: tuple[str, ...] = ()
    required: bool = False
    key: bool = False
    instead: str = ""


@dataclass(frozen=True)
class Mapping:
    """The outcome: `columns` (index -> field), `unknown` headers, required fields that are `missing`, and
    `ambiguous` (field name -> headers that all fit it)."""

    headers: tuple[str, ...]
    columns: dict[int, FieldSpec]
    unknown: list[str] = field(default_factory=list)
    missing: list[FieldSpec] = field(default_factory=list)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, str | None]:
        """{header: field name or None}, to be saved and given to `match_headers` again."""
        return {
            header: self.columns[at].name if at in self.columns else None
            for at, header in enumerate(self.headers)
            if header
        }

    def problems(self, *, creating: bool = True) -> list[str]:
        """What must be decided before an import can start; empty if nothing. Without `creating` nothing is missing."""
        found = []
        for name, headers in self.ambiguous.items():
            where = ", ".join(f"{header!r} (column {column_letters(self.headers.index(header))})" for header in headers)
            found.append(
                _(
                    "The columns %(where)s all fit the field %(name)s. Choose one and leave out the others.",
                    where=where,
                    name=name,
                )
            )
        for spec in self.missing if creating else ():
            found.append(
                _(
                    "No column fits the required field %(spec)s. Name a header %(spec2)s, or choose the "
                    "column for it among: %(known)s.",
                    spec=spec.name,
                    spec2=quoted(spec.title),
                    known=", ".join(map(repr, self.unknown)) or _("none is left"),
                )
            )
        return found


def normalise(header: str) -> str:
    """What counts of a header: letters and digits, without case, width, spaces and punctuation."""
    text = unicodedata.normalize("NFKC", unguard(header.strip())).casefold()
    return "".join(char for char in text if unicodedata.category(char)[0] not in "PSZC")


@lru_cache(2048)
def _called(name: str) -> str:
    """The same of what fields are called: those are few, and each row of headers is compared with all of them."""
    return normalise(name)


def match_headers(
    headers: Sequence[str], fields: Iterable[FieldSpec], saved: Saved[str, str | None] | None = None
) -> Mapping:
    """Map headers to fields. What `saved` ({header: field name or None}) decides is not looked at again.

    Raises MappingError if `saved` names a field that does not exist.
    """
    specs = tuple(fields)
    taken = _decided(headers, specs, saved or {})
    found: dict[str, list[int]] = {}
    for at, spec in taken.items():
        if spec:
            found.setdefault(spec.name, []).append(at)
    decided = set(found)
    names = _names(specs)
    for at, header in enumerate(headers):
        spec = names.get(normalise(header)) if header and at not in taken else None
        if spec and spec.name not in decided:
            found.setdefault(spec.name, []).append(at)
    return _outcome(headers, specs, found)


def _outcome(headers: Sequence[str], specs: tuple[FieldSpec, ...], found: dict[str, list[int]]) -> Mapping:
    columns = {found[spec.name][0]: spec for spec in specs if len(found.get(spec.name, ())) == 1}
    ambiguous = {name: [headers[at] for at in places] for name, places in found.items() if len(places) > 1}
    fitting = {at for places in found.values() for at in places}
    return Mapping(
        headers=tuple(headers),
        columns=dict(sorted(columns.items())),
        unknown=[header for at, header in enumerate(headers) if header and at not in fitting],
        missing=[spec for spec in specs if spec.required and not {spec.name, spec.instead} & found.keys()],
        ambiguous=ambiguous,
    )


def _names(specs: tuple[FieldSpec, ...]) -> dict[str, FieldSpec]:
    """Normalised header -> field. A field's own name and title win over another's synonym, in the reader's language
    too: that is how our own examples call the columns."""
    names: dict[str, FieldSpec] = {}
    own_language = lambda spec: (_(spec.title),)  # noqa: E731
    for own in (lambda spec: (spec.name,), lambda spec: (spec.title,), own_language, lambda spec: spec.synonyms):
        for spec in specs:
            for name in own(spec):
                names.setdefault(_called(name), spec)
    names.pop("", None)
    return names


def _decided(
    headers: Sequence[str], specs: tuple[FieldSpec, ...], saved: Saved[str, str | None]
) -> dict[int, FieldSpec | None]:
    by_name = {spec.name: spec for spec in specs}
    for header, name in saved.items():
        if name is not None and name not in by_name:
            raise MappingError(
                _(
                    "The mapping gives the column %(header)s to the field %(name)s, which does not "
                    "exist. Choose one of: %(known)s.",
                    header=quoted(header),
                    name=quoted(name),
                    known=", ".join(by_name),
                )
            )
    exact = dict(saved)
    loose = {normalise(header): name for header, name in saved.items()}
    decided: dict[int, FieldSpec | None] = {}
    for at, header in enumerate(headers):
        if header in exact or (header and normalise(header) in loose):
            name = exact[header] if header in exact else loose[normalise(header)]
            decided[at] = by_name[name] if name is not None else None
    return decided

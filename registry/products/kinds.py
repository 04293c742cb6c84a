"""The kinds of products and units: our own, and those that plugins bring.

A kind is kept with each product and unit of it. One whose plugin is off or gone is offered for nothing new; what there
is of it stays, and is shown, found and changed like anything else.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, validate

from registry.kernel.access import Actor, visible
from registry.kernel.codes import Codes
from registry.kernel.errors import Invalid
from registry.kernel.language import N_, _
from registry.kernel.listing import Filter
from registry.products.models import Product

LONGEST = 16  # characters: what the columns hold


def _always() -> bool:
    return True


class Kind(NamedTuple):
    """`within`: what it is called within a sentence; `terms`: code of the warranty terms that its units usually have;
    `owner`: the plugin that brings it."""

    name: str
    within: str
    terms: str = ""
    owner: str = ""
    is_offered: Callable[[], bool] = _always


KINDS: dict[str, Kind] = {}


def declare_kind(kind: Kind) -> None:
    """Raises LookupError when somebody else has a kind of that name."""
    there = KINDS.get(kind.name)
    if there is not None and there.owner != kind.owner:
        raise LookupError(f"there is a kind {kind.name} already")
    KINDS[kind.name] = kind


for _kind in (
    Kind("hardware", N_("hardware"), "hardware"), Kind("optic", N_("an optic"), "optical-module"),
    Kind("software", N_("software"), "software"),
):  # fmt: skip
    declare_kind(_kind)


def offered() -> tuple[str, ...]:
    """Names of the kinds that something new can be of."""
    return tuple(kind.name for kind in KINDS.values() if kind.is_offered())


def known_to(actor: Actor) -> tuple[str, ...]:
    """These, and those of what there is."""
    there = visible(Product, actor, Product.kind).distinct().tuples()
    return tuple(dict.fromkeys((*offered(), *(kind for (kind,) in there))))


def within(name: str) -> str:
    """What a kind is called within a sentence."""
    return _(KINDS[name].within) if name in KINDS else name


def usual_terms(name: str) -> str | None:
    return KINDS[name].terms or None if name in KINDS else None


class Offered(validate.Validator):
    """One of the kinds that something new can be of, at the time when it is asked."""

    def __init__(self, *also: str) -> None:
        self.also = also

    @property
    def choices(self) -> Iterable[str]:
        return (*self.also, *offered())

    def __call__(self, value: str) -> str:
        if value not in self.choices:
            raise ValidationError(_("Choose one of: %(known)s.", known=Codes(tuple(self.choices), "kind")))
        return value


def of_kind(column: Any, *, plain: bool = False) -> Filter:
    """The filter ?kind= of a list."""
    shape = fields.String(validate=validate.Length(1, LONGEST), metadata={"example": "hardware"})
    return Filter(shape, lambda _actor, value: column == value, plain=plain, find=_found)


def _found(actor: Actor, value: str) -> str:
    """A word that is no kind is a mistake, and not a list of nothing."""
    if value not in KINDS and not visible(Product, actor).where(Product.kind == value).exists():
        raise Invalid.field("kind", _("Choose one of: %(known)s.", known=Codes(known_to(actor), "kind")))
    return value

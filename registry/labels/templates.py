"""What may stand on a label, as data: fields that know how to say themselves, and templates that choose among them.

Others add theirs by `declare_field` and `declare_template`, and say by `declare_chooser` what theirs are for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from registry.kernel.errors import Invalid
from registry.kernel.language import N_, _
from registry.labels.codes import grouped
from registry.labels.layout import Said


@dataclass(frozen=True, slots=True)
class Subject:
    """What a label is for. `code` is thirteen characters; a free code has no unit, and no `asset_id`."""

    code: str
    asset_id: int | None = None
    tag: str = ""
    serial: str = ""
    product: str = ""
    customer: str = ""
    site: str = ""
    place: str = ""
    phone: str = ""
    operator: str = ""
    text: str = ""  # whatever was typed for this print


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a label. `say` answers what stands there; "" leaves the line out."""

    name: str
    title: str
    say: Callable[[Subject], str]
    bold: bool = False
    whole: bool = False  # of no use in part


@dataclass(frozen=True, slots=True)
class Template:
    """`fields` in order of importance: where a label is too small for all, the last ones are left out."""

    name: str
    title: str
    fields: tuple[str, ...]


FIELDS: dict[str, Field] = {}
TEMPLATES: dict[str, Template] = {}
CHOOSERS: list[Callable[[Subject], str | None]] = []  # asked in order


def declare_field(field: Field) -> Field:
    FIELDS[field.name] = field
    return field


def declare_template(template: Template) -> Template:
    """Raises LookupError for fields that nobody declared."""
    if unknown := set(template.fields) - FIELDS.keys():
        raise LookupError(f"label template {template.name}: no fields called {', '.join(sorted(unknown))}")
    TEMPLATES[template.name] = template
    return template


def declare_chooser(chooser: Callable[[Subject], str | None]) -> Callable[[Subject], str | None]:
    """Let `chooser(subject)` say which template a label gets where nobody chose one, or None to leave it to others."""
    CHOOSERS.append(chooser)
    return chooser


def usual_for(subject: Subject) -> Template:
    """What a label gets where nobody chose."""
    for chooser in CHOOSERS:
        name = chooser(subject)
        if name in TEMPLATES:
            return TEMPLATES[name]
    return TEMPLATES["full" if subject.asset_id else "service"]


def template_named(name: str) -> Template:
    if name not in TEMPLATES:
        raise Invalid.field("template", _("Choose one of: %(known)s.", known=", ".join(TEMPLATES)))
    return TEMPLATES[name]


def lines_of(template: Template, subject: Subject) -> list[Said]:
    """Each line that has something to say."""
    fields = [FIELDS[name] for name in template.fields]
    said = [Said(field.say(subject).strip(), field.bold, field.whole) for field in fields]
    return [line for line in said if line.text]


for _field in (
    Field("tag", N_("Tag"), lambda s: s.tag, bold=True, whole=True),
    Field(
        "serial",
        N_("Serial number"),
        lambda s: f"SN {s.serial}" if s.serial else "",
        bold=True,
        whole=True,
    ),
    Field("product", N_("Product"), lambda s: s.product),
    Field("customer", N_("Customer"), lambda s: s.customer),
    Field("site", N_("Site"), lambda s: s.site),
    Field("place", N_("Place"), lambda s: s.place),
    Field("code", N_("Code in readable groups"), lambda s: grouped(s.code), whole=True),
    Field("operator", N_("Service company"), lambda s: s.operator),
    Field("phone", N_("Telephone of the service company"), lambda s: s.phone, whole=True),
    Field("text", N_("Text of one's own"), lambda s: s.text),
):
    declare_field(_field)

FULL = declare_template(
    Template(
        "full",
        N_("Everything: tag, serial, product, customer, site, telephone"),
        ("tag", "serial", "product", "code", "phone", "customer", "site", "text"),
    )
)
declare_template(
    Template("unit", N_("The unit alone: tag, serial, product"), ("tag", "serial", "product", "code", "text"))
)
declare_template(Template("service", N_("For strangers to call: service company, telephone"),
                          ("operator", "phone", "code", "text")))  # fmt: skip
declare_template(Template("code", N_("The code alone"), ("code",)))

"""Words for codes: one place, so that every page says the same, and translators find them all."""

from functools import cache

from registry.kernel.codes import name_codes
from registry.kernel.language import N_, _
from registry.web.words import assets as asset_words
from registry.web.words import company as company_words
from registry.web.words import history as history_words
from registry.web.words import imports as import_words
from registry.web.words import optics as optic_words
from registry.web.words import plugins as plugin_words
from registry.web.words import promises as promise_words

WORDS: dict[str, dict[str, str]] = {
    "kind": {"hardware": N_("Hardware"), "optic": N_("Optic"), "software": N_("Software")},
    "covered": {
        "active": N_("Covered"), "expiring": N_("Ends soon"), "expired": N_("Ended"), "none": N_("Not covered"),
        "void": N_("Void"), "not_started": N_("Not started"),
    },
    "label_state": {
        "free": N_("On no unit yet"), "active": N_("On a unit"), "revoked": N_("Revoked"), "replaced": N_("Replaced"),
    },
    "ending": {"ending": N_("Last covered day")},
    "warranty_kind": {
        "manufacturer": N_("Manufacturer’s"), "extended": N_("Extended"), "contract": N_("By contract"),
        "after_repair": N_("After a repair"), "inherited": N_("From the unit it replaced"),
    },
    "remedy": {
        "replace": N_("Replacement"), "repair": N_("Repair"), "return": N_("Return"), "onsite": N_("On-site service"),
        "support": N_("Technical support"), "adjust": N_("Fine adjustment"), "patrol": N_("Patrols"),
    },
    "date": {
        "purchased_on": N_("Purchased"), "delivered_on": N_("Delivered"), "accepted_on": N_("Accepted"),
        "launched_on": N_("Launched"), "registered_on": N_("Registered"), "retired_on": N_("Retired"),
    },
    "found": {
        "asset": N_("Assets"), "customer": N_("Customers"), "licence": N_("Licences"), "contract": N_("Contracts"),
        "product": N_("Products"), "contact": N_("Contacts"),
    },
    "contract_state": {
        "not_started": N_("Not started"), "active": N_("In force"), "ended": N_("Ended"),
        "terminated": N_("Terminated"),
    },
    "metric": {
        "install": N_("Installed copy"), "device": N_("Device"), "named_user": N_("Named user"),
        "concurrent": N_("Concurrent user"), "core": N_("Core"), "processor": N_("Processor"),
        "vm": N_("Virtual machine"), "host": N_("Host"), "user_cal": N_("User access licence"),
        "device_cal": N_("Device access licence"), "subscription": N_("Subscription"), "site": N_("Site"),
        "resource": N_("Resource"),
    },
    "renewal": {"none": N_("Ends"), "tacit": N_("Renews by itself"), "by_notice": N_("Renewed by notice")},
    "document": {
        "guide": N_("User guide"), "datasheet": N_("Data sheet"), "function_manual": N_("Function manual"),
        "standard": N_("Standard"), "price_list": N_("Price list"), "other": N_("Other"),
    },
    "user_kind": {"person": N_("Person"), "machine": N_("Program")},
    "language": {"en": "English", "zh-Hant": "繁體中文"},
    "action": {
        "asset.created": N_("Registered"), "asset.changed": N_("Changed"), "asset.retired": N_("Retired"),
        "asset.removed": N_("Removed"),
    },
    # Columns of an asset in its history: of a field one sees what changed, of a link (kept as an id) only that it did.
    "field": {
        "serial": N_("Serial number"), "tag": N_("Tag"), "name": N_("Name"), "place": N_("Place"), "slot": N_("Slot"),
        "supplier": N_("Supplier"), "order_number": N_("Order number"), "notes": N_("Notes"),
        "purchased_on": N_("Purchased"), "delivered_on": N_("Delivered"), "accepted_on": N_("Accepted"),
        "launched_on": N_("Launched"), "registered_on": N_("Registered"), "retired_on": N_("Retired"),
    },
    "link": {
        "status": N_("Status"), "site": N_("Site"), "parent": N_("Unit around it"), "product": N_("Product"),
        "holder": N_("Assigned to"), "custom": N_("Custom fields"), "cost_minor": N_("Cost"),
        "currency": N_("Currency"),
    },
}  # fmt: skip
WORDS |= {**asset_words.WORDS, **company_words.WORDS, "done": history_words.DONE, "thing": history_words.THINGS}
WORDS["actor"] = history_words.ACTORS
WORDS |= promise_words.WORDS
WORDS |= import_words.WORDS
WORDS |= plugin_words.WORDS
WORDS |= optic_words.WORDS
history_words.FIELDS.update(optic_words.FIELDS)
WORDS["done"] |= plugin_words.DONE | optic_words.DONE
WORDS["thing"] |= plugin_words.THINGS | optic_words.THINGS
# Fields that take the codes of several groups.
CHOICES = {"covers_causes": ("cause", "cause_class"), "exclusions": ("cause", "cause_class")}
TONES = {
    "active": "good",
    "expiring": "warn",
    "expired": "bad",
    "void": "bad",
    **promise_words.TONES,
    **plugin_words.TONES,
    **optic_words.TONES,
}


def word(group: str, code: str | None) -> str:
    """What people call `code`; a code that nobody named is shown as it is."""
    return _(WORDS[group].get(code or "", code or ""))


def word_choices(group: str) -> list[tuple[str, str]]:
    """Pairs of code and word, for a drop-down."""
    return [(code, _(text)) for code, text in WORDS[group].items()]


def field_word(name: str) -> str:
    """What a field is called; a name that only programs know is shown as it is."""
    found = (history_words.FIELDS, WORDS["field"], WORDS["link"])
    known = next((words[name] for words in found if name in words), "")
    return _(known) if known else name


def tone(state: str | None) -> str:
    """good, warn, bad, or "" for a state that is neither."""
    return TONES.get(state or "", "")


def _words_of(field: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """What people call the codes that a field takes: the words of the group that names all of them."""
    groups = CHOICES.get(field) or (group_of(field, offered),)
    found = {code: group for group in groups if group for code in offered if code in WORDS[group]}
    return tuple(word(found[code], code) if code in found else code for code in offered)


@cache
def group_of(field: str, offered: tuple[str, ...]) -> str:
    """The group named like the field, or else the smallest that has a word for every code; "" for none."""
    fitting = [group for group, words in WORDS.items() if words.keys() >= set(offered)]
    return min(fitting, key=lambda group: (group != field, len(WORDS[group]), group), default="")


name_codes(word, _words_of)

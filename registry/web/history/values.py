"""A value of an entry in words: what people call a code, a day as they write it, an amount with its currency."""

import re
from typing import Any

from babel import Locale

from registry.kernel import language
from registry.kernel.language import _
from registry.kernel.locales import BABEL
from registry.kernel.money import EXPONENTS
from registry.kernel.phrases import said_in
from registry.web.amounts import money
from registry.web.shell import day, moment
from registry.web.words.codes import WORDS, word
from registry.web.words.countries import country
from registry.web.words.history import FIELDS
from registry.web.words.promises import said_period

LONGEST = 120
DAY, MOMENT = (
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}(\+00:00|Z)"),
)
PERIOD = re.compile(r"P([0-9]+[YMWD])+")
# Kind of thing and column -> the words of its codes; "" for whatever kind.
CODES = {
    ("customer", "mail"): "mail", ("customer", "standing"): "standing",
    ("asset", "kind"): "kind", ("product", "kind"): "kind", ("warranty", "kind"): "warranty_kind",
    ("asset_field", "kind"): "kind", ("app_user", "kind"): "account_kind", ("custody_item", "kind"): "item_kind",
    ("custody_task", "state"): "task_state", ("package", "state"): "package_state",
    ("asset_status", "meta"): "meta", ("asset_field", "type"): "field_type",
    ("warranty", "basis"): "basis", ("contract_duty", "kind"): "duty_kind",
    ("contract", "renewal"): "renewal", ("licence", "metric"): "metric",
    ("product_document", "kind"): "document", ("asset_file", "kind"): "file_kind",
    ("import_session", "kind"): "import_kind", ("import_mapping", "kind"): "import_kind",
    ("import_session", "mode"): "import_mode", ("import_session", "state"): "import_state",
    ("import_session", "on_error"): "on_error", ("saved_view", "list_name"): "list",
    ("notice_plan", "kinds"): "notice_kind", ("notice_plan", "roles"): "role", ("notice_plan", "quiet_days"): "weekday",
    ("notice_choice", "muted"): "notice_kind", ("webhook", "events"): "done", ("disclosure_approval", "scope"): "list",
    ("decision", "contract"): "contract_named", ("", "list"): "list", ("", "list_name"): "list",
    ("", "purpose"): "purpose",
    ("", "role"): "role", ("", "how"): "how", ("", "remedy"): "remedy", ("", "second_factor"): "how",
    ("", "step"): "how", ("", "cause"): "cause", ("", "request"): "request", ("", "customer_choice"): "remedy",
    ("", "date_order"): "date_order", ("", "decimal_mark"): "decimal_mark", ("", "encoding"): "encoding",
    ("", "chosen_by"): "chosen_by", ("", "after"): "remedy", ("", "requires"): "requirement",
}  # fmt: skip


def in_words(kind: str, field: str, value: Any) -> str | None:
    """A value that is kept as JSON, as a line of text; None where there is nothing."""
    if empty(value):
        return None
    text = _flat(kind, field, value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _flat(kind: str, field: str, value: Any) -> str:
    if isinstance(value, dict):
        return _said_object(value) or _(", ").join(
            _("%(name)s: %(value)s", name=part_word(name), value=_flat("", name, one))
            for name, one in value.items()
            if not empty(one)
        )
    if isinstance(value, list):
        between = _("; ") if any(isinstance(one, dict) for one in value) else _(", ")
        return between.join(_flat(kind, field, one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _number(kind, field, value)
    return _text(kind, field, value) if isinstance(value, str) else str(value)


def _said_object(value: dict[str, Any]) -> str | None:
    """What several parts say together: an amount, the limits of a parameter, the days of a coverage."""
    currency, amount = value.get("currency"), value.get("amount_minor", value.get("amount"))
    if value.keys() <= {"amount_minor", "amount", "currency"} and currency in EXPONENTS and isinstance(amount, int):
        return money(amount, currency)
    if value.keys() <= {"min", "max", "unit", "name"}:
        low, high = value.get("min"), value.get("max")
        limits = _("%(low)s to %(high)s", low=low, high=high) if not (empty(low) or empty(high)) else low or high
        return " ".join(str(one) for one in (limits, value.get("unit")) if not empty(one))
    if {"starts_on", "ends_on"} == value.keys() - {"position"}:
        return _("%(first)s to %(last)s", first=day(value["starts_on"]), last=day(value["ends_on"]))
    return None


def _by_code(kind: str, field: str, value: str) -> str | None:
    """What people call a code. Plugins name their groups of words after table and column."""
    group = CODES.get((kind, field), f"{kind}.{field}")
    return word(group, value) if value in WORDS.get(group, ()) else None


def _number(kind: str, field: str, value: int) -> str:
    if known := _by_code(kind, field, str(value)):
        return known
    said = said_in(value, language.current())
    return _("%(number)s bytes", number=said) if field == "file_size" else said


def _text(kind: str, field: str, value: str) -> str:
    if known := _by_code(kind, field, value) or _by_code("", field, value):
        return known
    if DAY.fullmatch(value):
        return day(value)
    if PERIOD.fullmatch(value):
        return said_period(value)
    if MOMENT.fullmatch(value):
        return moment(value.replace(" ", "T").replace("Z", "+00:00"))
    return _of_the_world(field, value)


def _of_the_world(field: str, value: str) -> str:
    """The name of a language or country by its code."""
    if field == "country":
        return country(value)
    if field == "language":
        here = Locale.parse(BABEL[language.current()])
        return word("language", value) if value in WORDS["language"] else here.languages.get(value, value)
    return value


def part_word(name: str) -> str:
    """What a part of a value that is kept as JSON is called; a name that somebody gave is shown as it is."""
    for group in ("topic", "promise", "remedy", "notice_kind"):
        if name in WORDS[group]:
            return word(group, name)
    known = FIELDS.get(name) or WORDS["field"].get(name) or WORDS["link"].get(name)
    return _(known) if known else name

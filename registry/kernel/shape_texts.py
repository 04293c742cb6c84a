"""What shapes say about a value that they refuse, in the language of whoever sent it.

Marshmallow takes its messages when a field is made and shows them by their format(): a Later is said only then. Its own
messages tell what is wrong in the words of programs; ours tell what to do.
"""

from typing import Any

from marshmallow import fields, validate

from registry.kernel.codes import Codes
from registry.kernel.language import N_, Later, later

_OBJECT = N_("Give an object with named fields.")
_NUMBER = N_("Give an ordinary number, such as 12.5.")
_OTHER = N_("Give another value: this one is not accepted.")
_LIST = N_("Give a list.")
_TEXT = N_("Give a text.")
_MOMENT = N_("Write day and time as in 2027-03-31T09:00:00Z.")
_DAY = N_("Write the date as YYYY-MM-DD.")
_SPAN = N_("Give the length of time as a number.")
_IP = N_("Give an IP address, such as 192.0.2.10.")
_WEB = N_("Give a web address, such as https://example.com/guide.")
_MAIL = N_("Give an e-mail address, such as name@example.com.")
_CHOOSE = N_("Choose one of: {choices}.")
# Every message of the library -> ours. A test compares.
OURS = {
    "Missing data for required field.": N_("Fill this in."),
    "Field may not be null.": N_("Give a value here, not null."),
    "Invalid value.": _OTHER, "Invalid input.": _OTHER,
    "Invalid type.": _OBJECT, "Invalid input type.": _OBJECT, "Not a valid mapping type.": _OBJECT,
    "Unknown field.": N_("This field is not known here; remove it or check its spelling."),
    "Not a valid list.": _LIST, "Not a valid tuple.": _LIST,
    "Not a valid string.": _TEXT, "Not a valid utf-8 string.": N_("Write this text in UTF-8."),
    "Not a valid UUID.": N_("Give a UUID, such as 123e4567-e89b-42d3-a456-426614174000."),
    "Not a valid number.": _NUMBER, "Special numeric values (nan or infinity) are not permitted.": _NUMBER,
    "Number too large.": N_("Give a smaller number."),
    "Not a valid integer.": N_("Give a whole number."),
    "Not a valid boolean.": N_("Give true or false."),
    "Not a valid {obj_type}.": _MOMENT, "Not a valid {awareness} {obj_type}.": _MOMENT,
    '"{input}" cannot be formatted as a {obj_type}.': _MOMENT,
    "Not a valid date.": _DAY, '"{input}" cannot be formatted as a date.': _DAY,
    "Not a valid period of time.": _SPAN, "{input!r} cannot be formatted as a timedelta.": _SPAN,
    "Not a valid URL.": _WEB, "Not a valid email address.": _MAIL,
    "Not a valid IP address.": _IP, "Not a valid IPv4 address.": _IP,
    "Not a valid IPv6 address.": N_("Give an IPv6 address, such as 2001:db8::1."),
    "Not a valid IP interface.": _IP, "Not a valid IPv4 interface.": _IP,
    "Not a valid IPv6 interface.": N_("Give an IPv6 address, such as 2001:db8::1."),
    "Must be one of: {choices}.": _CHOOSE,
    "One or more of the choices you made was not in: {choices}.": N_("Choose only from: {choices}."),
    "One or more of the choices you made was in: {values}.": N_("Leave these out: {values}."),
    "Must be equal to {other}.": N_("Give {other} here."),
    "String does not match expected pattern.": N_("Write this in another form: this one is not accepted."),
    "Must be greater than or equal to {min}.": N_("Give {min} or more."),
    "Must be greater than {min}.": N_("Give more than {min}."),
    "Must be less than or equal to {max}.": N_("Give {max} or less."),
    "Must be less than {max}.": N_("Give less than {max}."),
    "Must be greater than or equal to {min} and less than or equal to {max}.": N_("Give a number from {min} to {max}."),
    "Must be greater than {min} and less than or equal to {max}.":
        N_("Give a number above {min} and of at most {max}."),
    "Must be greater than or equal to {min} and less than {max}.":
        N_("Give a number of at least {min} and below {max}."),
    "Must be greater than {min} and less than {max}.": N_("Give a number above {min} and below {max}."),
    # Of texts; lists have their own.
    "Shorter than minimum length {min}.": N_("Use at least {min} characters."),
    "Longer than maximum length {max}.": N_("Use at most {max} characters."),
    "Length must be between {min} and {max}.": N_("Use {min} to {max} characters."),
    "Length must be {equal}.": N_("Use exactly {equal} characters."),
}  # fmt: skip
OF_LISTS = {
    "Shorter than minimum length {min}.": N_("Give at least {min} entries."),
    "Longer than maximum length {max}.": N_("Give at most {max} entries."),
    "Length must be between {min} and {max}.": N_("Give {min} to {max} entries."),
    "Length must be {equal}.": N_("Give exactly {equal} entries."),
}
# Where one is enough, what is missing is all of it.
FILLED = {
    "Shorter than minimum length {min}.": N_("Fill this in."),
    "Length must be between {min} and {max}.": N_("Fill this in, with at most {max} characters."),
}
SHAPE: dict[str, str] = {"type": later(_OBJECT), "unknown": later(OURS["Unknown field."])}
_INNER = ("inner", "key_field", "value_field")
_MESSAGES = ("error", "message_min", "message_max", "message_all", "message_equal")


def say_later(field: fields.Field[Any], name: str = "") -> None:
    """Have the messages of a field and of what is in it said when they are shown. `name`: as it stands in the shape."""
    if field.error_messages is not None:
        field.error_messages = {key: _later(text) for key, text in field.error_messages.items()}
    many = isinstance(field, fields.List | fields.Tuple | fields.Mapping)
    for validator in field.validators:
        if isinstance(validator, validate.Validator):
            _translate(validator, name, many)
    for part in _INNER:
        if isinstance(inner := getattr(field, part, None), fields.Field):
            say_later(inner, name)


def _translate(validator: validate.Validator, field: str, many: bool) -> None:
    for name in _MESSAGES:
        if type(text := getattr(validator, name, None)) is str:
            setattr(validator, name, _own(validator, text, field, many))


def _own(validator: validate.Validator, text: str, field: str, many: bool) -> Later:
    if text == validate.OneOf.default_message and isinstance(validator, validate.OneOf):
        codes = tuple(str(each) for each in validator.choices if each != "")
        return later(N_("Choose one of: %(choices)s."), choices=Codes(codes, field))
    if many and text in OF_LISTS:
        return later(OF_LISTS[text])
    if getattr(validator, "min", None) == 1 and text in FILLED and not many:
        return later(FILLED[text])
    return later(OURS.get(text, text))


def _later(text: Any) -> Any:
    return later(OURS.get(text, text)) if type(text) is str else text


def said(messages: Any) -> Any:
    """What was found wrong, with all that is Later said now: marshmallow shows a few messages as they are."""
    if isinstance(messages, dict):
        return {key: said(found) for key, found in messages.items()}
    if isinstance(messages, list):
        return [said(found) for found in messages]
    return messages.said() if isinstance(messages, Later) else messages

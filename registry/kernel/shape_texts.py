"""What shapes say about a value that they refuse, in the language of whoever sent it.

Marshmallow takes its messages when a field is made and shows them by their format(): a Later is said only then.
"""

from typing import Any

from marshmallow import fields, validate

from registry.kernel.language import N_, Later, later

# Marshmallow's own, so that they are translated too; a test compares.
LIBRARY = (
    N_("Field may not be null."), N_("Invalid input."), N_("Invalid type."), N_("Invalid value."),
    N_("Length must be between {min} and {max}."), N_("Length must be {equal}."),
    N_("Longer than maximum length {max}."), N_("Missing data for required field."),
    N_("Must be greater than or equal to {min}."), N_("Must be less than or equal to {max}."),
    N_("Must be greater than or equal to {min} and less than or equal to {max}."),
    N_("Must be one of: {choices}."), N_("Not a valid boolean."), N_("Not a valid date."),
    N_("Not a valid email address."), N_("Not a valid integer."), N_("Not a valid list."),
    N_("Not a valid mapping type."), N_("Not a valid number."), N_("Not a valid string."),
    N_("Not a valid utf-8 string."), N_("Not a valid {obj_type}."), N_("Number too large."),
    N_("Shorter than minimum length {min}."), N_("Special numeric values (nan or infinity) are not permitted."),
    N_("String does not match expected pattern."), N_('"{input}" cannot be formatted as a {obj_type}.'),
    N_('"{input}" cannot be formatted as a date.'), N_("Not a valid {awareness} {obj_type}."), N_("Not a valid URL."),
)  # fmt: skip
SHAPE: dict[str, str] = {"type": later("Invalid input type."), "unknown": later("Unknown field.")}
_INNER = ("inner", "key_field", "value_field")
_MESSAGES = ("error", "message_min", "message_max", "message_all", "message_equal")


def say_later(field: fields.Field[Any]) -> None:
    """Have the messages of a field and of what is in it said when they are shown."""
    if field.error_messages is not None:
        field.error_messages = {key: _later(text) for key, text in field.error_messages.items()}
    for validator in field.validators:
        if isinstance(validator, validate.Validator):
            _translate(validator)
    for name in _INNER:
        if isinstance(inner := getattr(field, name, None), fields.Field):
            say_later(inner)


def _translate(validator: validate.Validator) -> None:
    for name in _MESSAGES:
        if type(text := getattr(validator, name, None)) is str:
            setattr(validator, name, later(text))


def _later(text: Any) -> Any:
    return later(text) if type(text) is str else text


def said(messages: Any) -> Any:
    """What was found wrong, with all that is Later said now: marshmallow shows a few messages as they are."""
    if isinstance(messages, dict):
        return {key: said(found) for key, found in messages.items()}
    if isinstance(messages, list):
        return [said(found) for found in messages]
    return messages.said() if isinstance(messages, Later) else messages

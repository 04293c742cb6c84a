"""What is said about a wrong value: in our own words, never in those of the library, with what to do."""

import inspect
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from registry.kernel import codes, shapes
from registry.kernel.language import N_
from registry.kernel.shape_texts import FILLED, OF_LISTS, OURS
from registry.kernel.shapes import Shape

LIBRARYS = re.compile(r"valid|Missing data|maximum|minimum|[Ll]ength must|Must be|expected pattern|may not be null")


def of_the_library() -> Iterator[str]:
    """Every message that marshmallow can say about a field, a check or a shape."""
    for _name, kind in inspect.getmembers(fields, inspect.isclass):
        yield from getattr(kind, "default_error_messages", {}).values()
    for _name, kind in inspect.getmembers(validate, inspect.isclass):
        if text := kind.__dict__.get("default_message"):
            yield text
    for least, most in product((True, False), repeat=2):
        check = validate.Range(1, 2, min_inclusive=least, max_inclusive=most)
        yield from (check.message_min, check.message_max, check.message_all)
    length = validate.Length
    yield from (length.message_min, length.message_max, length.message_all, length.message_equal)
    yield from Schema._default_error_messages.values()


def test_every_message_of_the_library_has_one_of_ours() -> None:
    found = set(of_the_library())
    assert len(found) > 40 and not found - OURS.keys()
    assert not OURS.keys() - found, "the library does not say these any more"
    assert OF_LISTS.keys() <= found and FILLED.keys() <= found


def test_ours_are_not_the_library_s_and_take_the_same_values() -> None:
    for theirs, ours in [*OURS.items(), *OF_LISTS.items(), *FILLED.items()]:
        assert not LIBRARYS.search(ours), ours
        assert set(re.findall(r"\{(\w+)", ours)) <= set(re.findall(r"\{(\w+)", theirs)), ours


class Everything(Shape):
    name = shapes.Line(max=5, min=1, required=True)
    text = fields.String(validate=validate.Length(max=3))
    few = fields.List(fields.Integer(strict=True), validate=validate.Length(1, 2))
    exact = fields.String(validate=validate.Length(equal=2))
    most = fields.Integer(validate=validate.Range(max=9))
    between = fields.Integer(validate=validate.Range(1, 9))
    role = fields.String(validate=validate.OneOf(("", "manager", "reader")))
    when = fields.DateTime()
    mail = fields.Email()
    own = fields.String(validate=validate.Length(max=3, error=N_("Give an id (a number) or a name (a text).")))


@pytest.mark.parametrize(("given", "said"), [
    ({}, {"name": ["Fill this in."]}),
    ({"name": None}, {"name": ["Give a value here, not null."]}),
    ({"name": ""}, {"name": ["Fill this in, with at most 5 characters."]}),
    ({"name": "much too long"}, {"name": ["Use at most 5 characters."]}),
    ({"name": 5}, {"name": ["Give a text."]}),
    ({"text": "long"}, {"text": ["Use at most 3 characters."]}),
    ({"few": []}, {"few": ["Give 1 to 2 entries."]}),
    ({"few": ["x"]}, {"few": {0: ["Give a whole number."]}}),
    ({"exact": "x"}, {"exact": ["Use exactly 2 characters."]}),
    ({"most": 10}, {"most": ["Give 9 or less."]}),
    ({"between": 0}, {"between": ["Give a number from 1 to 9."]}),
    ({"role": "king"}, {"role": ["Choose one of: manager, reader."]}),
    ({"when": "soon"}, {"when": ["Write day and time as in 2027-03-31T09:00:00Z."]}),
    ({"mail": "x"}, {"mail": ["Give an e-mail address, such as name@example.com."]}),
    ({"own": "long"}, {"own": ["Give an id (a number) or a name (a text)."]}),
    ({"odd": 1}, {"odd": ["This field is not known here; remove it or check its spelling."]}),
])  # fmt: skip
def test_what_is_said(given: dict[str, Any], said: dict[str, Any]) -> None:
    whole = given if not given or "name" in given else {"name": "ok", **given}
    assert Everything().validate(whole) == said


def test_people_read_words_where_programs_read_codes() -> None:
    import registry.web.words.codes  # noqa: F401 - it gives the words

    shape = Everything(only=("role",))
    assert shape.validate({"role": "king"}) == {"role": ["Choose one of: manager, reader."]}
    codes.speak_to_people(True)
    try:
        assert shape.validate({"role": "king"}) == {"role": ["Choose one of: Manager, Reader."]}
    finally:
        codes.speak_to_people(False)

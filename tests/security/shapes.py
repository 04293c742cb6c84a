"""What bodies of the API hold, found from the shapes that the routes declare."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from marshmallow import Schema, fields

from registry.kernel.shapes import Ref

Path = tuple[str, ...]  # keys down to a field; "*" for each item of a list


def shapes_of(app: Flask, *places: str) -> Iterator[tuple[str, Schema]]:
    """("POST /api/v1/sites", its shape) for every route that takes JSON or a form (or what `places` says: query)."""
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "_apidoc", {})
        for place in described.get("arguments", {}).get("parameters", []):
            if place["in"] in (places or ("json", "form")):
                shape = place["schema"]
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield f"{method} {rule.rule}", shape() if isinstance(shape, type) else shape


def leaves(shape: Schema, above: Path = ()) -> Iterator[tuple[Path, fields.Field[Any]]]:
    """Every field that is no container, with the way down to it."""
    for name, field in shape.fields.items():
        if not field.dump_only:
            yield from _leaves(field, (*above, name))


def _leaves(field: fields.Field[Any], path: Path) -> Iterator[tuple[Path, fields.Field[Any]]]:
    if isinstance(field, fields.Nested):
        yield from leaves(field.schema, path)
    elif isinstance(field, fields.List):
        yield from _leaves(field.inner, (*path, "*"))
    else:
        yield path, field


def references(app: Flask) -> Iterator[tuple[str, Path, bool]]:
    """(route, path, whether a text may stand there) for every place where the id of something may stand."""
    for name, shape in shapes_of(app):
        for path, field in leaves(shape):
            if isinstance(field, Ref | fields.Integer):
                yield name, path, isinstance(field, Ref)


def word_of(path: Path) -> str:
    """The field's name: of a list, the list's."""
    return next(part for part in reversed(path) if part != "*")


def put(body: Any, path: Path, value: Any) -> Any:
    """A copy of `body` with `value` at `path`; what is missing on the way is made."""
    if not path:
        return value
    first, *rest = path
    if first == "*":
        return [put(body[0] if isinstance(body, list) and body else {}, tuple(rest), value)]
    whole = dict(body) if isinstance(body, dict) else {}
    return {**whole, first: put(whole.get(first), tuple(rest), value)}

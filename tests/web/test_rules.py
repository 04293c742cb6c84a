"""Addresses are put together as Werkzeug does it, by what is compiled when it is needed."""

from typing import Any

import pytest
from flask import Flask
from werkzeug import routing

from registry.web.rules import Rule
from tests.houses import House


def some(converter: Any) -> Any:
    if isinstance(converter, routing.AnyConverter):
        return min(converter.items)
    return 7 if isinstance(converter, routing.IntegerConverter) else "one ü"


def test_every_route_s_addresses_are_werkzeugs_own(house: House) -> None:
    rules = list(house.app.url_map.iter_rules())
    assert len(rules) > 500 and {type(rule) for rule in rules} == {Rule}
    for rule in rules:
        values = {name: some(converter) for name, converter in rule._converters.items()}
        for more in (False, True):
            theirs = routing.Rule._compile_builder(rule, more)(rule, **values, q=["a b", "c"])
            assert rule.build({**values, "q": ["a b", "c"]}, more) == theirs, rule
            assert ("q=a+b&q=c" in theirs[1]) == more


def test_one_is_compiled_once_and_not_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, bool]] = []
    theirs = routing.Rule._compile_builder

    def noted(rule: Rule, append_unknown: bool = True) -> Any:
        made.append((rule.rule, append_unknown))
        return theirs(rule, append_unknown)

    monkeypatch.setattr(routing.Rule, "_compile_builder", noted)
    app = Flask(__name__, static_folder=None)
    app.url_rule_class = Rule
    app.add_url_rule("/one/<int:self>", "one", lambda: "")
    app.add_url_rule("/other/<name>", "other", lambda: "")
    with app.test_request_context():
        assert not made
        assert app.url_for("one", self=1, q="x") == "/one/1?q=x" and app.url_for("one", self=2) == "/one/2"
    assert made == [("/one/<int:self>", True)]

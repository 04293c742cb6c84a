"""A broken plugin is its own trouble: it is off and says why, and everybody else is answered."""

import threading
from collections.abc import Iterator

import pytest

from registry.plugins import patience
from registry.plugins.finding import Unfit, load
from registry.plugins.host import MOST_FAILURES, Failure, Host, everywhere
from registry.plugins.records import PluginInfo
from registry.sdk import Action
from tests.plugins.world import broken, taken_in

REASONS = {
    "missing_module": "The module a_library_that_nobody_has is missing: install it beside the plugin.",
    "fails_on_import": "RuntimeError: the licence file is damaged",
    "exits": "It tried to end the program (exit 3) while it was loaded.",
    "wrong_signature": "weather",
    "misspelt_hook": "pannels",
    "old_api": "It was written for API 0, and this is API 1. Ask its makers for a newer version.",
    "no_info": "has no PLUGIN = PluginInfo(...).",
    "needy": "It needs the plugin nowhere, which is not installed.",
    "table_without_prefix": "The table 'loan' must begin with 'table_without_prefix_'.",
    "template_outside": "Its template base.html lies outside of templates/template_outside/.",
}
LATE = ("exits_late", "generator_that_raises", "raises_late")
HERE = {"place": "asset", "subject": None, "actor": None}


@pytest.fixture
def host() -> Iterator[Host]:
    with taken_in(broken(*REASONS, *LATE), is_open=everywhere) as made:
        yield made


@pytest.mark.parametrize("name", REASONS)
def test_what_does_not_fit_stays_outside_and_says_why(host: Host, name: str) -> None:
    assert REASONS[name] in host.plugins[name].reason
    assert host.plugins[name].state == "failed"


def test_the_others_work(host: Host) -> None:
    assert {plugin.name for plugin in host.working()} == set(LATE)


def test_a_failure_is_an_answer_with_a_number(host: Host) -> None:
    [(plugin, failed)] = host.each("panels", **HERE)
    assert plugin.name == "raises_late" and isinstance(failed, Failure)
    assert host.unwritten[-1].number == failed.incident.number and "KeyError" in failed.incident.error


def test_a_generator_is_read_inside_of_the_guard(host: Host) -> None:
    [(_, failed)] = host.each("actions", **HERE)
    assert isinstance(failed, Failure) and not isinstance(failed, Action)


def test_nobody_ends_the_program(host: Host) -> None:
    [(_, failed)] = host.each("menu", customer=None, actor=None)
    assert isinstance(failed, Failure) and "no more menus" in failed.incident.error


def test_who_fails_again_and_again_is_suspended(host: Host) -> None:
    for _ in range(MOST_FAILURES + 10):
        host.each("panels", **HERE)
    plugin = host.plugins["raises_late"]
    assert plugin.state == "suspended" and plugin.failures == MOST_FAILURES and "panels" in plugin.reason
    host.resume(plugin)
    assert plugin.works and host.each("panels", **HERE)


def test_a_strict_house_does_not_look_away() -> None:
    with pytest.raises(Unfit, match="missing_module: The module a_library_that_nobody_has is missing"):
        load(Host(strict=True), broken("missing_module"))
    strict = Host(strict=True)
    load(strict, broken("raises_late"))
    with pytest.raises(Failure):
        strict.each("panels", **HERE)


def test_who_needs_a_plugin_goes_with_it() -> None:
    with taken_in(broken("raises_late")) as host:
        needy = host.plugins["raises_late"]
        needy.info = PluginInfo("raises_late", "Raises late", "1.0", needs=("gone",))
        from registry.plugins.finding import check_needs

        check_needs(host)
        assert needy.reason == "It needs the plugin gone, which is not installed."


# --- Patience ----------------------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LONGEST", 0.05)


@pytest.mark.usefixtures("short")
def test_who_does_not_come_back_is_left_where_it_stands() -> None:
    """It sleeps 30 seconds, and swallows every Exception."""
    with taken_in(broken("slow", "raises_late"), is_open=everywhere) as host:
        found = host.each("panels", **HERE)
        assert [plugin.name for plugin, _ in found] == ["raises_late", "slow"]
        assert "did not come back" in found[1][1].incident.error


@pytest.mark.usefixtures("short")
def test_the_next_one_has_as_long() -> None:
    with taken_in(broken("slow"), is_open=everywhere) as host:
        slow = host.implementations("panels")[0]
        host._hooks["panels"] = (slow, slow, slow)
        assert [type(failed) for _, failed in host.each("panels", **HERE)] == [Failure] * 3


@pytest.mark.usefixtures("short")
def test_nobody_is_cut_off_who_is_no_plugin() -> None:
    assert patience.begin() and not patience.begin(), "the outer clock counts"
    patience.end()
    threading.Event().wait(0.1)  # a clock that was not stopped would ring here


@pytest.mark.usefixtures("short")
def test_other_threads_are_left_alone() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(patience.begin()))
    thread.start()
    thread.join()
    assert found == [False]


@pytest.mark.usefixtures("short")
def test_what_other_threads_do_meanwhile_is_no_reason_to_cut_the_core_off() -> None:
    """A request beside runs a plugin's code while the main thread, its clock wound up, is between two plugins."""

    def beside() -> None:
        patience.leave(patience.enter())
        patience.enter()

    assert patience.begin()
    try:
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
        threading.Event().wait(0.1)  # the clock rings here
    finally:
        patience.leave(False)
        patience.end()


def test_the_time_a_plugin_takes_is_counted(host: Host) -> None:
    host.each("panels", **HERE)
    plugin = host.plugins["raises_late"]
    assert plugin.calls == 1 and plugin.seconds > 0

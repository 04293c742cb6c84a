"""The notice plan of a customer and what each reader chose, through the API."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel import clock
from registry.notices.plans import GRACE_DAYS, due_step, in_hours, window
from tests.houses import House, People
from tests.ladder import API

PLAN = f"{API}/customers/acme/notice-plan"
MINE = f"{API}/me/notices"


def test_a_plan_nobody_has_changed_is_the_default(people: People) -> None:
    answer = people.reader.get(PLAN)
    assert answer.json == {
        "enabled": True, "steps": [90, 30, 7, 0], "kinds": ["warranty", "licence", "contract"], "roles": ["manager"],
        "users": [], "account_manager": True, "quiet_from": "20:00", "quiet_to": "07:00", "quiet_days": [],
        "version": 1,
    }  # fmt: skip
    assert answer.headers["ETag"] == '"1"'


def test_it_is_changed_with_the_version_that_was_read(people: People) -> None:
    changed = people.owner.put(PLAN, {"steps": [7, 60, 7], "quiet_days": [7, 6]}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.json["steps"], changed.json["quiet_days"], changed.json["quiet_from"]) == ([60, 7], [6, 7], "20:00")
    assert people.owner.put(PLAN, {"steps": [1]}, headers={"If-Match": '"1"'}).status_code == 412
    assert people.owner.put(PLAN, {"steps": [1]}).status_code == 428
    assert people.reader.get(PLAN).json == changed.json
    (entry,) = people.owner.get(f"{API}/audit?action=notice.plan_changed").json["items"]
    assert entry["before"]["steps"] == [90, 30, 7, 0] and entry["after"]["steps"] == [60, 7]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [-1]}, "steps"),
        ({"steps": [3651]}, "steps"),
        ({"steps": list(range(11))}, "steps"),
        ({"kinds": ["weather"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"roles": ["admin"]}, "roles"),
        ({"users": [10**6]}, "users"),
        ({"quiet_from": "24:00"}, "quiet_from"),
        ({"quiet_from": None}, "quiet_to"),
        ({"quiet_from": "09:00", "quiet_to": "09:00"}, "quiet_to"),
        ({"quiet_from": "09:00", "quiet_to": "08:01"}, "quiet_to"),
        ({"quiet_from": "00:00", "quiet_to": "23:01"}, "quiet_to"),
        ({"quiet_days": [1, 2, 3, 4, 5, 6, 7]}, "quiet_days"),
        ({"quiet_days": [0]}, "quiet_days"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_wrong(people: People, change: dict[str, object], field: str) -> None:
    refused = people.owner.put(PLAN, change, headers={"If-Match": "*"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_only_ones_own_people_can_be_told(people: People) -> None:
    for person in (people.stranger, people.engineer):
        refused = people.owner.put(PLAN, {"users": [person.user.id]}, headers={"If-Match": "*"})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["users"])
    taken = people.owner.put(PLAN, {"users": [people.colleague.user.id]}, headers={"If-Match": "*"})
    assert taken.json["users"] == [people.colleague.user.id]


def test_who_may_see_and_who_may_change(people: People) -> None:
    star = {"headers": {"If-Match": "*"}}
    for person in (people.reader, people.colleague, people.engineer, people.auditor):
        assert person.get(PLAN).status_code == 200
        assert person.put(PLAN, {"enabled": False}, **star).status_code == 403
    for person in (people.owner, people.account_manager, people.admin):
        assert person.put(PLAN, {"enabled": False}, **star).status_code == 200
    assert people.stranger.get(PLAN).status_code == 404
    assert people.stranger.put(PLAN, {"enabled": False}, **star).status_code == 404


def test_everybody_chooses_for_himself(people: People) -> None:
    assert people.reader.get(MINE).json == {"muted": [], "version": 1}
    chosen = people.reader.put(MINE, {"muted": ["licence", "licence"]}, headers={"If-Match": '"1"'})
    assert (chosen.json, chosen.headers["ETag"]) == ({"muted": ["licence"], "version": 2}, '"2"')
    assert people.reader.put(MINE, {"muted": []}, headers={"If-Match": '"1"'}).status_code == 412
    assert people.reader.put(MINE, {"muted": []}).status_code == 428
    assert people.reader.put(MINE, {"muted": ["x"]}, headers={"If-Match": "*"}).status_code == 422
    assert people.owner.get(MINE).json == {"muted": [], "version": 1}


# --- Reckoning ---------------------------------------------------------------------------------------------

plans = st.lists(st.integers(0, 400), min_size=1, max_size=10, unique=True)


@given(plans, st.integers(-30, 500))
def test_the_most_urgent_step_that_has_come(steps: list[int], left: int) -> None:
    step, today = due_step(steps, left), date(2027, 3, 1)
    first, last = window(steps, today)
    assert (step is not None) == (first <= today + timedelta(days=left) <= last)
    if step is None:
        assert left > max(steps) or left < (-GRACE_DAYS if 0 in steps else 0)
    elif left >= 0:
        assert step >= left and not [other for other in steps if left <= other < step]
    else:
        assert step == 0


@given(st.times(), st.times(), st.times())
def test_quiet_hours_and_the_hours_left_are_the_whole_day(now: time, begin: time, end: time) -> None:
    first, last = f"{begin:%H:%M}", f"{end:%H:%M}"
    if first != last:
        local = datetime.combine(date(2027, 3, 1), now)
        assert in_hours(local, first, last) != in_hours(local, last, first)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [("19:59", False), ("20:00", True), ("23:59", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_over_midnight(now: str, quiet: bool) -> None:
    local = datetime.combine(date(2027, 3, 1), time.fromisoformat(now))
    assert in_hours(local, "20:00", "07:00") == quiet
    assert in_hours(local, None, None) is False


def test_the_version_of_a_plan_that_was_never_saved_is_worth_nothing_once_it_was(house: House, people: People) -> None:
    """Two who read the default: one wins."""
    with clock.frozen(clock.now()):
        answers = [
            person.put(PLAN, {"steps": [5]}, headers={"If-Match": '"1"'}).status_code
            for person in (people.owner, people.admin)
        ]
    assert answers == [200, 412]

"""Sessions that nobody comes back to do not stay for ever."""

from datetime import timedelta

from registry.kernel import clock
from registry.people.models import Session
from registry.people.signin import FORGET_AFTER, Origin, forget_sessions, sign_in
from tests.houses import House

PASSWORD = "a quiet lighthouse"


def test_only_long_ended_sessions_are_forgotten(any_house: House) -> None:
    any_house.person("admin@operator.example", "admin", password=PASSWORD)
    now = clock.now()
    with clock.frozen(now - FORGET_AFTER - timedelta(seconds=1)):
        sign_in("admin@operator.example", PASSWORD, Origin())
    with clock.frozen(now - FORGET_AFTER + timedelta(seconds=1)):
        sign_in("admin@operator.example", PASSWORD, Origin())
    with clock.frozen(now):
        assert forget_sessions() == 1
    assert Session.select().count() == 1

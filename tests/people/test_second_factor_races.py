"""Fifty at once for one recovery code, one code of the app, one half session: exactly one wins, on both engines."""

import json
from typing import Any

import pytest

from registry.kernel import clock
from registry.people import second_factor, signin
from registry.people.models import RecoveryCode, Session
from registry.people.signin import Origin
from tests.houses import SECRET, House
from tests.programs import start_text

CROWD = """
import json, sys, threading, time
from datetime import datetime
from pathlib import Path

from registry.app import open_house
from registry.kernel import clock, db, throttle
from registry.kernel.access import Actor
from registry.kernel.errors import Problem
from registry.people import second_factor, signin
from registry.people.models import User
from registry.people.signin import Origin
from registry.settings import Settings

folder, url, secret, at, what, value, user_id = sys.argv[1:]
open_house(Settings(data=Path(folder), database=url, secret=secret, queue="memory:", log_level="CRITICAL"))
throttle.take = lambda *_a, **_k: None  # or the buckets would decide, and not what is tried here
outcomes, start = [], threading.Barrier(25)

def one(user):
    start.wait(120)
    with db.connection(), clock.frozen(datetime.fromisoformat(at)):
        try:
            if what == "recovery":
                won = second_factor.use_recovery_code(Actor.system(), user, value)
            elif what == "code":
                won = second_factor.check_code(user.id, value)
            else:
                won = bool(signin.finish(value, Origin(), by="code"))
            outcomes.append("won" if won else "lost")
        except Problem as problem:
            outcomes.append(problem.code)
        except Exception as error:
            outcomes.append(repr(error))

with db.connection():
    user = User.get_by_id(int(user_id))
threads = [threading.Thread(target=one, args=(user,)) for _ in range(25)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(outcomes))
"""


def crowd(house: House, what: str, value: str, user_id: int) -> list[str]:
    """What became of fifty tries in two processes."""
    chosen, now = house.settings, clock.now().isoformat()
    arguments = [str(chosen.data), chosen.database, SECRET, now, what, value, str(user_id)]
    both = [start_text(CROWD, *arguments) for _ in range(2)]
    return [outcome for one in both for outcome in json.loads(one.communicate()[0])]


@pytest.fixture
def enrolled(any_house: House) -> tuple[Any, str, list[str]]:
    """A user, the secret of his app, his recovery codes."""
    import pyotp

    user = any_house.person("eva@x.example", "engineer").user
    secret, _ = second_factor.begin(user)
    at = pyotp.TOTP(secret).at(clock.now())
    return user, secret, second_factor.confirm(any_house.system, user, at)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["recovery", "code", "half"])
def test_exactly_one_wins(any_house: House, enrolled: tuple[Any, str, list[str]], what: str) -> None:
    import pyotp

    user, secret, codes = enrolled
    value = {
        "recovery": codes[-1],
        "code": pyotp.TOTP(secret).at(clock.now().timestamp() + second_factor.STEP),
        "half": signin.open_session(user, Origin()),
    }[what]
    RecoveryCode.delete().where(RecoveryCode.hash != signin.hash_token(codes[-1].replace("-", ""))).execute()
    found = crowd(any_house, what, value, user.id)
    assert len(found) == 50 and found.count("won") == 1, found
    assert set(found) <= {"won", "lost", "unauthenticated", "busy"}
    assert second_factor.codes_left(user.id) == (0 if what == "recovery" else 1)
    full = Session.select().where(Session.stage == "full").count()
    assert full == (1 if what == "half" else 0)

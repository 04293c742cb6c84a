"""A program that registers fifty assets in one bulk call and dies in the middle: python -m tests.assets.killed POINT"""

import sys

from registry.app import open_house
from registry.assets import service
from registry.kernel import audit, db, wall
from registry.kernel.access import Actor
from registry.settings import Settings
from tests.imports.killed import before

UNITS = 50
POINTS = {
    "before the first unit": lambda: before(service, "register_asset"),
    "between two units": lambda: before(service, "register_asset", times=UNITS // 2),
    "between a unit and its audit entry": lambda: before(audit, "record", times=UNITS),
}


def main(point: str) -> None:
    open_house(Settings.load(log_level="ERROR"))
    wall.stand(wall.EVERYWHERE)
    with db.connection():
        POINTS[point]()
        items = [{"customer": "acme", "product": "Switch 48", "serial": f"S{number}"} for number in range(UNITS)]
        service.bulk(Actor.system(), items)


if __name__ == "__main__":
    main(sys.argv[1])

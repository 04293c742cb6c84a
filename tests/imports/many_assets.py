"""Asset files of any size, always the same for the same numbers: for tests of memory and for measuring."""

import csv
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADERS = (
    "Serial Number",
    "Asset Tag",
    "Name",
    "Model",
    "Manufacturer",
    "Model Number",
    "Location",
    "Room",
    "Status",
    "Purchase Date",
    "Delivery Date",
    "Purchase Cost",
)
MODELS = 200
SITES = 40
STATUSES = ("In use", "In stock", "Planned")
FIRST_DAY = date(2018, 1, 1)


def rows(count: int, *, first: int = 0, room: str = "Rack") -> Iterator[tuple[str, ...]]:
    """`count` rows, all different, from number `first` on. Another `room` makes changed rows of the same units."""
    for number in range(first, first + count):
        model = number % MODELS
        bought = FIRST_DAY + timedelta(days=number % 2500)
        yield (
            f"SN{number:09d}",
            f"TAG-{number:08d}",
            f"device-{number}.example.net",
            f"Model {model}",
            f"Maker {model % 9}",
            f"PN-{model:05d}",
            f"Site {number % SITES}",
            f"{room} {number % 77}",
            STATUSES[number % 3],
            bought.isoformat(),
            (bought + timedelta(days=14)).isoformat(),
            f"{number % 90_000}.{number % 100:02d}",
        )


def write(path: Path, count: int, *, first: int = 0, room: str = "Rack") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(rows(count, first=first, room=room))
    return path


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))

"""Print a thousand labels, in a process that does nothing else: python thousand.py FILE. It tells what that took."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from registry.labels.codes import address, new_code
from registry.labels.printing import Printer, Wish, printed
from registry.labels.sheets import SHEETS
from registry.labels.templates import FULL, Subject

HOUSE = Printer("https://assets.example.com", "Northgate IT", "+886 2 5555 0100")


def main(path: str) -> None:
    subjects = [
        Subject(
            new_code(), number, f"T-{number:05d}", f"SN{number:08d}", "Catalyst 9300 機架交換器 48",
            "Harbourline Shipping & Terminals", "Kaohsiung 高雄", "", HOUSE.phone, HOUSE.operator,
        )
        for number in range(1000)
    ]  # fmt: skip
    began = time.process_time()
    Path(path).write_bytes(printed(subjects, Wish(SHEETS["L7160"], FULL), HOUSE, "pdf"))
    spent = time.process_time() - began
    # Not getrusage: what it tells begins with the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    addresses = [address(HOUSE.base, one.code) for one in subjects]
    print(json.dumps({"seconds": spent, "peak_kb": peak, "addresses": addresses}))


if __name__ == "__main__":
    main(sys.argv[1])

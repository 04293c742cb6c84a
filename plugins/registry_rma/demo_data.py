"""What `assetcare demo` tells of the RMA desk, as data. Days count back from today, at the clocks of the customer.

A step is (day, time, who, what, facts): `what` is the state that the unit is moved to, or one of the verbs of demo.py.
"""

from dataclasses import dataclass
from typing import Any

PRIYA, RUBEN = "priya.raman@northgate.example", "ruben.castell@northgate.example"
LEUNG, KATRIN = "leung.chiho@harbourline.example", "katrin.vogel@elbtal.example"
ELENA, WALTER = "elena.marquez@mesaclinics.example", "walter.begay@mesaclinics.example"

Facts = dict[str, Any]
Step = tuple[int, str, str, str, Facts]


@dataclass(frozen=True, slots=True)
class Story:
    """A unit (customer, name, and the slot of a module inside) with what was claimed of it, and what came of it."""

    unit: tuple[str, str, str]
    opened: tuple[int, str, str]  # day, time, by whom
    claim: Facts
    steps: tuple[Step, ...]


# Code, title, and the price in the smallest unit of: the house's currency, harbourline's, elbtal's
PRICES = (
    ("DIAG", "Diagnosis", 9_000, 70_000, 8_500),
    ("POWER", "Power supply, part and work", 26_000, 203_000, 24_000),
    ("SWITCH", "Repair of a switch", 48_000, 375_000, 45_000),
)
OWN_PRICES = (("harbourline", "HKD"), ("elbtal", "EUR"))
OWED = {"charge": False, "charge_reason": "Within the term, and without anybody's fault."}
REPAIR, REPLACE = {"remedy": "repair", **OWED}, {"remedy": "replace", **OWED}
COOL = {"Temperature": "29"}
SOUND_LR = {"Wavelength": "1310", "Tx power": "-2.4", "Rx power": "-8.8", "Temperature": "34",
            "Supply voltage": "3.30"}  # fmt: skip


def _taken_on(day: int, remedy: Facts, who: str = PRIYA) -> tuple[Step, ...]:
    return ((day, "11:05", who, "triage", {}), (day, "11:20", who, "approved", remedy),
            (day, "11:25", who, "awaiting_receipt", {}))  # fmt: skip


def _sent_back(day: int, carrier: str, tracking: str, arrived: int, who: str, receiver: str) -> tuple[Step, ...]:
    return ((day, "14:30", PRIYA, "ready", {}),
            (day, "16:00", PRIYA, "shipped", {"carrier": carrier, "tracking": tracking}),
            (arrived, "11:20", who, "delivered", {"receiver": receiver}))  # fmt: skip


STORIES = (
    Story(
        ("harbourline", "agg-kc-01", "Eth1/3"), (26, "10:12", LEUNG),
        {"fault": "The link to the yard cameras drops several times an hour. Receive power has sunk below its limit.",
         "cause": "module", "parameter": "Rx power", "value": "-16.1", "unit": "dBm", "fault_on": 27},
        (*_taken_on(26, REPLACE),
         (20, "10:40", PRIYA, "received", {"spot": "Shelf R2"}), (20, "14:10", PRIYA, "inspecting", {}),
         (20, "14:20", PRIYA, "test", {"Rx power": "-16.3", "Tx power": "-2.6"}),
         (20, "14:25", PRIYA, "replacing", {}), (19, "09:30", PRIYA, "verifying", {"serial": "LMR7700518"}),
         (19, "09:50", PRIYA, "test", SOUND_LR), (19, "10:00", PRIYA, "passed", {}),
         *_sent_back(19, "Harbour Express", "HX 4471 2088", 18, LEUNG, "Leung Chi-ho"),
         (18, "15:00", PRIYA, "record", {"action": "Module exchanged. Its receiver has aged.", "cause": "module"}),
         (18, "15:05", PRIYA, "closed", {})),
    ),
    Story(
        ("elbtal", "mes-03", ""), (44, "08:40", PRIYA),
        {"fault": "The left power supply hums, and the server restarts under load.", "cause": "module",
         "fault_on": 45, "channel": "telephone", "contact": KATRIN},
        ((44, "09:10", PRIYA, "confirm", {}), *_taken_on(44, REPAIR),
         (40, "09:20", PRIYA, "received", {"spot": "Bench 1"}), (40, "10:00", PRIYA, "inspecting", {}),
         (40, "10:30", PRIYA, "repairing", {}),
         (39, "13:40", PRIYA, "verifying", {"action": "Changed power supply 2 and the cable of its backplane.",
                                            "parts": "1 power supply 750 W, 1 cable"}),
         (39, "14:10", PRIYA, "test", COOL), (39, "14:15", PRIYA, "passed", {}),
         *_sent_back(39, "Elbe Kurier", "EK-90418", 37, KATRIN, "Katrin Vogel"),
         (37, "13:00", PRIYA, "record", {"action": "Changed power supply 2 and the cable of its backplane.",
                                         "parts": "1 power supply 750 W, 1 cable", "cause": "module"}),
         (36, "09:00", PRIYA, "closed", {})),
    ),
    Story(
        ("harbourline", "gate-fw-02", ""), (63, "12:20", LEUNG), {"fault": "Restarts by itself, always around noon."},
        (*_taken_on(62, REPAIR), (59, "10:00", PRIYA, "received", {}), (59, "10:30", PRIYA, "inspecting", {}),
         (57, "11:00", PRIYA, "test", COOL), (57, "11:10", PRIYA, "no_fault_found", {}),
         *_sent_back(57, "Harbour Express", "HX 4470 1162", 55, LEUNG, "Zhao Lin"),
         (55, "15:00", PRIYA, "record", {"action": "Two days under load without a restart. The socket at the gate "
                                         "should be looked at.", "cause": "environment"}),
         (54, "09:00", PRIYA, "closed", {})),
    ),
    Story(
        ("mesa-clinics", "pacs-06", ""), (12, "09:15", WALTER),
        {"fault": "Drops out of the cluster every night at about two.", "fault_on": 14},
        (*_taken_on(11, REPAIR), (7, "10:10", PRIYA, "received", {"spot": "Bench 3"}),
         (7, "13:00", PRIYA, "inspecting", {}), (6, "09:00", PRIYA, "repairing", {}),
         (3, "15:30", PRIYA, "verifying", {"action": "Changed the main board.", "parts": "1 main board"}),
         (2, "10:00", PRIYA, "test", {"Temperature": "47"}), (1, "09:30", PRIYA, "failed", {})),
    ),
    Story(
        ("mesa-clinics", "pacs-05", ""), (34, "10:30", ELENA),
        {"fault": "The fans run at full speed, and it switches off after an hour.", "fault_on": 34},
        (*_taken_on(34, REPAIR), (29, "10:10", PRIYA, "received", {}), (29, "13:00", PRIYA, "inspecting", {}),
         (28, "09:00", PRIYA, "repairing", {}),
         (20, "15:30", PRIYA, "verifying", {"action": "Changed the fans and the sensor.", "parts": "4 fans, 1 sensor"}),
         (19, "10:00", PRIYA, "test", {"Temperature": "52"}), (19, "10:10", PRIYA, "failed", {}),
         (3, "09:40", ELENA, "refund_or_return", {})),
    ),
    Story(
        ("elbtal", "pi-acc-01", ""), (6, "08:05", KATRIN),
        {"fault": "Ports 9 to 16 have been dead since the thunderstorm.", "fault_on": 8},
        ((5, "09:30", PRIYA, "triage", {}), (4, "10:15", PRIYA, "quote", {"SWITCH": 1, "DIAG": 1}),
         (3, "09:00", PRIYA, "quoted", {})),
    ),
    Story(
        ("elbtal", "mes-06", ""), (16, "09:25", KATRIN), {"fault": "Does not start any more.", "fault_on": 17},
        ((16, "10:30", PRIYA, "triage", {}), (15, "10:15", PRIYA, "quote", {"POWER": 1, "DIAG": 1}),
         (15, "10:30", PRIYA, "quoted", {}), (14, "13:10", KATRIN, "accept", {}),
         (14, "14:00", PRIYA, "awaiting_receipt", {}), (9, "11:00", PRIYA, "received", {"spot": "Bench 1"}),
         (8, "09:10", PRIYA, "inspecting", {}), (1, "14:20", PRIYA, "repairing", {})),
    ),
    Story(
        ("mesa-clinics", "image-store-02", ""), (1, "16:50", ELENA),
        {"fault": "Two disks have failed within a week, and the array does not rebuild.", "fault_on": 1}, (),
    ),
    Story(
        ("harbourline", "acc-ty-01", "Eth1/1"), (7, "09:35", LEUNG),
        {"fault": "Transmit power is below its limit, the ring runs on one side only.", "cause": "module",
         "parameter": "Tx power", "value": "-11.2", "unit": "dBm", "fault_on": 7},
        (*_taken_on(7, REPLACE), (7, "12:00", PRIYA, "track", {"kind": "advance", "serial": "LMR7700533"}),
         (6, "10:00", PRIYA, "track:shipped", {}), (4, "15:30", PRIYA, "track:delivered", {})),
    ),
    Story(
        ("harbourline", "tos-app-04", ""), (5, "08:50", LEUNG),
        {"fault": "Memory errors, and a crash with a stack of 40 containers on the screen.", "fault_on": 5},
        (*_taken_on(5, REPAIR), (5, "12:00", PRIYA, "track", {"kind": "loaner", "serial": "NG-LOAN-07"}),
         (4, "10:00", PRIYA, "track:out", {}), (1, "15:20", PRIYA, "received", {"spot": "Bench 2"})),
    ),
    Story(
        ("elbtal", "hh-fw", ""), (30, "10:00", KATRIN), {"fault": "One of the two fans stands still.", "fault_on": 31},
        (*_taken_on(30, REPAIR), (25, "10:10", PRIYA, "received", {}), (25, "13:00", PRIYA, "inspecting", {}),
         (24, "09:00", PRIYA, "repairing", {}),
         (23, "11:30", PRIYA, "verifying", {"action": "Changed the fan.", "parts": "1 fan"}),
         (23, "12:00", PRIYA, "test", COOL), (23, "12:10", PRIYA, "passed", {}), (23, "14:30", PRIYA, "ready", {}),
         (23, "16:00", PRIYA, "shipped", {"carrier": "Elbe Kurier", "tracking": "EK-90677"}),
         (2, "09:15", PRIYA, "lost_in_transit", {"reason": "The carrier has found no trace of it since Hannover."})),
    ),
    Story(
        ("elbtal", "erp-db", ""), (13, "07:50", KATRIN), {"fault": "The battery of the controller is empty."},
        (*_taken_on(13, REPAIR), (8, "10:10", PRIYA, "received", {"spot": "Bench 4"}),
         (7, "13:00", PRIYA, "inspecting", {}), (5, "09:00", PRIYA, "repairing", {})),
    ),
    Story(
        ("mesa-clinics", "ups-den", ""), (24, "07:30", ELENA),
        {"fault": "Goes to bypass as soon as the lift starts.", "fault_on": 24, "cause": "module"},
        (*_taken_on(24, REPAIR), (20, "10:10", PRIYA, "received", {}), (20, "13:00", PRIYA, "inspecting", {}),
         (19, "09:00", PRIYA, "repairing", {}),
         (4, "11:30", PRIYA, "verifying", {"action": "Changed the inverter.", "parts": "1 inverter"}),
         (4, "12:00", PRIYA, "test", COOL), (4, "12:10", PRIYA, "passed", {}), (1, "09:00", PRIYA, "ready", {}),
         (1, "16:00", PRIYA, "shipped", {"carrier": "Front Range Freight", "tracking": "FRF 77120"})),
    ),
    Story(
        ("mesa-clinics", "sf-fw-01", ""), (17, "15:10", WALTER), {"fault": "No way into the internet."},
        ((17, "16:40", WALTER, "cancelled", {"reason": "It was the provider."}),),
    ),
)  # fmt: skip

"""Modules in an installation: readings as a monitoring program brings them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from registry.kernel import clock
from registry.optics import given
from registry.optics.taking import take
from tests.houses import House

THRESHOLDS = {
    "temperature_c": {"high_alarm": 75, "high_warning": 70, "low_warning": 0, "low_alarm": -5},
    "voltage_v": {"high_alarm": 3.63, "high_warning": 3.46, "low_warning": 3.13, "low_alarm": 2.97},
    "tx_bias_ma": {"high_alarm": 70, "high_warning": 60, "low_warning": 10, "low_alarm": 5},
    "tx_power_dbm": {"high_alarm": 3.5, "high_warning": 0.5, "low_warning": -8.2, "low_alarm": -12.2},
    "rx_power_dbm": {"high_alarm": 2.5, "high_warning": 0.5, "low_warning": -14.4, "low_alarm": -18.4},
}
GOOD = {"tx_bias_ma": 30.0, "tx_power_dbm": -3.0, "rx_power_dbm": -6.0}
WORN = {"tx_power_dbm": -13.0, "tx_bias_ma": 72.0}
DEAF = {"rx_power_dbm": -25.0}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def item(hours: float = 0, *, serial: str = "S1", lanes: int = 1, port: str = "Et1", **lane: Any) -> dict[str, Any]:
    """One module at one time, `hours` before NOW. Of `lane` what belongs to a module is the module's."""
    of_module = {name: lane.pop(name) for name in ("vendor", "part_number", "host", "asset", "revision", "dom")
                 if name in lane}  # fmt: skip
    measured = {name: lane.pop(name) for name in ("temperature_c", "voltage_v") if name in lane}
    up = lane.pop("admin_up", True)
    at = NOW - timedelta(hours=hours)
    return {
        "vendor": "ACME OPTICS", "part_number": "AO-10G-LR", "serial": serial, "media": "optical", "dom": True,
        "at": at.isoformat().replace("+00:00", "Z"), "port": port, "admin_up": up, "host": "sw1",
        "readings": {
            "temperature_c": 35.0, "voltage_v": 3.3, **measured,
            "lanes": [{"lane": number, **GOOD, **lane} for number in range(1, lanes + 1)],
        },
        "thresholds": THRESHOLDS, **of_module,
    }  # fmt: skip


def bring(house: House, *items: dict[str, Any], actor: Any = None, **more: Any) -> dict[str, Any]:
    """Through the shapes of the API into the house, as of NOW."""
    from registry.optics.schemas import ReadingIn

    ready = given.from_items(ReadingIn(many=True).load(items))
    options = {"customer": "acme", "source": "api", "register": True, **more}
    return take(actor or house.system, ready, **options)


def at_now(monkeypatch: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)

"""The bundled plugins in a checkout that nobody has installed: the same as setup.cfg would bring."""

import configparser
from importlib.metadata import EntryPoint
from pathlib import Path

from registry.plugins import finding, host, installed, patience

# Or demo data on a busy machine would stop a plugin for all tests that follow.
host.SLOW_SECONDS, patience.LONGEST = 600.0, 120.0
SETUP = Path(__file__).parent.parent / "setup.cfg"


def entries() -> list[EntryPoint]:
    """Entry points of setup.cfg that this Python environment does not know."""
    parser = configparser.ConfigParser()
    parser.read(SETUP, encoding="utf-8")
    lines = parser.get("options.entry_points", finding.GROUP, fallback="").split("\n")
    named = [line.split(" = ") for line in lines if line]
    known = {each.name for each in finding.installed()}
    return [EntryPoint(name, module, finding.GROUP) for name, module in named if name not in known]


def load() -> None:
    """Once for the process, before any application is made."""
    installed.load(also=entries())

"""Programs that tests start on a house of theirs, as processes of their own."""

import subprocess
import sys
from pathlib import Path

from tests.houses import House

ROOT = Path(__file__).resolve().parent.parent


def start_module(house: House, module: str, *arguments: str) -> subprocess.Popen[str]:
    """python -m `module` with the settings of `house`; close the house first, its database is used by the program."""
    environment = {
        "ASSETCARE_DATA": str(house.settings.data),
        "ASSETCARE_DATABASE": house.settings.database,
        "ASSETCARE_SECRET": house.settings.secret,
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) once it has ended."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def run_module(house: House, module: str, *arguments: str) -> tuple[int, str, str]:
    return finished(start_module(house, module, *arguments))

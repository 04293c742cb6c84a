"""Programs that tests start on a house of theirs, as processes of their own."""

from tests.houses import House
from tests.security.nursery import Forked, shared

PATH = "/usr/bin:/bin"


def start_module(house: House, module: str, *arguments: str) -> Forked:
    """python -m `module` with the settings of `house`; close the house first, its database is used by the program."""
    environment = {
        "ASSETCARE_DATA": str(house.settings.data),
        "ASSETCARE_DATABASE": house.settings.database,
        "ASSETCARE_SECRET": house.settings.secret,
        "PATH": PATH,
    }
    return shared().start(("-m", module, *arguments), environment)


def start_text(text: str, *arguments: str) -> Forked:
    """python -c `text`; the house that it opens is what `arguments` say."""
    return shared().start(("-c", text, *arguments), {"PATH": PATH})


def finished(process: Forked) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) once it has ended."""
    out, err = process.communicate()
    return process.wait(), out, err


def run_module(house: House, module: str, *arguments: str) -> tuple[int, str, str]:
    return finished(start_module(house, module, *arguments))

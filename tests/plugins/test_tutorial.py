"""The tutorial of docs/plugins.md, followed to the letter; what comes out is the example."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.test_serving import ROOT, install
from tests.server import clean_environment

TUTORIAL = ROOT / "docs" / "plugins.md"
EXAMPLE = ROOT / "examples" / "acme-loans"
STEP = re.compile(
    r"```console\n(?P<console>.*?)```|"
    r"In `(?P<file>[^`]+)`, replace\n\n```\w+\n(?P<old>.*?)\n```\n\nby\n\n```\w+\n(?P<new>.*?)\n```",
    re.S,
)  # fmt: skip


def follow(folder: Path, *, tested: bool) -> Path:
    """Do what it says, in `folder`; answers the plugin's folder. pip is played by a folder on the path."""
    site, plugin, passed, told = folder / "site", folder / "acme-loans", 0, 0
    install(site, "acme_loans", module="acme_loans.plugin")
    for step in STEP.finditer(TUTORIAL.read_text()):
        if step["file"]:
            path = plugin / step["file"]
            assert path.read_text().count(step["old"]) == 1, f"{step['file']}: {step['old']}"
            path.write_text(path.read_text().replace(step["old"], step["new"]))
            told += 1
            continue
        for line in step["console"].splitlines():
            words = line.removeprefix("$ ").replace('"', "").replace("Loans of Acme", "Loans_of_Acme").split()
            words = [word.replace("Loans_of_Acme", "Loans of Acme") for word in words]
            if words[0] == "assetcare":
                run(folder, site, plugin, [sys.executable, "-m", "registry", *words[1:]])
            elif words == ["pytest"] and tested:
                run(plugin, site, plugin, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"])
                passed += 1
            else:
                assert words[0] in ("cd", "pip", "pytest"), line
    assert passed == (2 if tested else 0) and told == len(re.findall(r", replace\n", TUTORIAL.read_text()))
    assert not (folder / "data").exists(), "who writes a plugin needs no installation"
    return plugin


def run(where: Path, site: Path, plugin: Path, command: list[str]) -> None:
    settings = {"ASSETCARE_DATA": str(site.parent / "data"), "PYTHONDONTWRITEBYTECODE": "1"}
    settings["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of this environment: they take longer to load than all its tests
    environment = clean_environment(PYTHONPATH=f"{site}:{plugin}:{ROOT}", **settings)
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def texts(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


@pytest.mark.slow
def test_the_tutorial_leads_to_the_example(tmp_path: Path) -> None:
    made = texts(follow(tmp_path, tested=True))
    assert len(made) > 20
    kept = texts(EXAMPLE)
    assert made.keys() == kept.keys()
    assert made == kept, "python -m tests.plugins.test_tutorial writes the example anew"


if __name__ == "__main__":
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shutil.rmtree(EXAMPLE, ignore_errors=True)
        shutil.copytree(follow(Path(folder), tested=False), EXAMPLE, ignore=shutil.ignore_patterns("__pycache__"))

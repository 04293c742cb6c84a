"""What is installed is what was written: the hand-made package list, the wheel, and the wheel at work."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.needs import lacking
from tests.server import Server, clean_environment
from tests.source import imported, modules

ROOT = Path(__file__).parent.parent
RESOURCES = ("templates", "static")
SOURCES = ("registry", "plugins", *RESOURCES, "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(section: str, option: str) -> list[str]:
    return [it for it in setup_cfg().get(section, option, fallback="").splitlines() if it]


def package_dirs() -> dict[str, str]:
    return dict(re.split(r"\s*=\s*", it, maxsplit=1) for it in lines("options", "package_dir"))


def folders_with_code(source_root: Path) -> set[str]:
    """Import names of the folders that hold Python files; migrations need no __init__.py to be missed."""
    folders = {path.parent.relative_to(source_root) for path in source_root.glob("*/**/*.py")}
    return {".".join(it.parts) for it in folders if not {"tests", "__pycache__"} & set(it.parts)}


def test_the_package_list_names_every_folder_with_code():
    in_registry = {it for it in folders_with_code(ROOT) if it.split(".")[0] == "registry"}
    in_plugins = folders_with_code(ROOT / "plugins")
    resources = {f"registry.{it}" for it in RESOURCES}
    assert set(lines("options", "packages")) == in_registry | in_plugins | resources


def test_the_package_list_names_nothing_twice():
    listed = lines("options", "packages")
    assert len(listed) == len(set(listed))


def test_mapped_packages_are_listed_and_their_folders_exist():
    for package, folder in package_dirs().items():
        assert package in lines("options", "packages")
        assert (ROOT / folder).is_dir()


def test_every_package_of_code_has_an_init_file():
    """Without one it is a namespace, open to any other distribution. Migrations are read, not imported."""
    listed = [it for it in lines("options", "packages") if it not in package_dirs() and "migrations" not in it]
    of_plugins = {it.split(".")[0] for it in package_dirs()} - {"registry"}
    base = {it: ROOT / "plugins" if it.split(".")[0] in of_plugins else ROOT for it in listed}
    assert not [it for it in listed if not (base[it] / it.replace(".", "/") / "__init__.py").exists()]


def test_every_plugin_package_is_mapped_to_its_folder():
    for package in folders_with_code(ROOT / "plugins"):
        top = package.split(".")[0]
        assert package_dirs().get(top) == f"plugins/{top}"


def test_the_command_stands_where_its_entry_point_says():
    target = dict(it.split(" = ") for it in lines("options.entry_points", "console_scripts"))["assetcare"]
    module, function = target.split(":")
    source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
    assert re.search(rf"^(def {function}\b|from .* import .*\b{function}\b|{function} = )", source, re.MULTILINE)


def test_every_library_that_the_code_imports_is_asked_for():
    """Those of the tests are there in development, so a missing requirement would show at the user's only."""
    wanted = [*lines("options", "install_requires"), *lines("options.extras_require", "redis")]  # imported if there
    asked = {distribution_name(it) for it in wanted}
    for framework in ("flask", "flask-smorest"):  # their own parts may be used through them
        asked |= {distribution_name(it) for it in metadata.requires(framework) or []}
    origins = metadata.packages_distributions()
    ours = [name for name in modules() if name != "registry.testing"]  # for who has the extra "test"
    tops = {target.split(".")[0] for name in ours for target in imported(name)}
    foreign = tops - set(sys.stdlib_module_names) - {"registry"}
    not_asked = {it for it in foreign if not asked & {distribution_name(by) for by in origins.get(it, [])}}
    assert not not_asked


def distribution_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def test_the_npm_lock_names_no_download_address():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in packages.items() if name)


# --- The wheel: built once, looked into, installed into a fresh environment, started from another folder ---

pack = pytest.mark.xdist_group("packaging")  # one process builds and installs for all of them


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: setuptools takes stale files from build folders."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(source))
    (built,) = target.glob("assetcare-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs' folder of a fresh environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    pip(folder / "bin", "install", "--no-compile", str(wheel))
    return folder / "bin"


def pip(programs: Path, command: str, *arguments: str) -> None:
    """Our own pip at work on another environment: to install one there takes longer than most of what it does."""
    run(sys.executable, "-m", "pip", "--python", str(programs / "python"), command, "--quiet", *arguments)


def run(*command: str) -> None:
    environment = clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1")
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.slow
@pack
def test_the_wheel_holds_all_code_and_resources_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        content = {it for it in archive.namelist() if not it.endswith("/")}
    code = {it for it in source_files("registry") if it.endswith(".py")}
    resources = {f"registry/{it}" for folder in RESOURCES for it in source_files(folder)}
    texts = {it for it in source_files("registry") if it.startswith("registry/mails/")}
    scaffold = {it for it in source_files("registry") if it.startswith("registry/plugins/scaffold/")}
    assert texts and len(scaffold) > 15 and code | resources | texts | scaffold <= content
    assert any(it.startswith("registry/migrations/0001_") for it in content)
    assert any(it.startswith("registry/templates/") for it in content)
    assert any(it.startswith("registry/static/") for it in content)
    assert not [it for it in content if re.search(r"(^|/)(tests?|conftest\.py|bench|__pycache__)(/|$)", it)]
    others = {it.split("/")[0] for it in content} - {"registry"}
    assert all(re.match(r"assetcare-.*\.dist-info$|registry_\w+$", it) for it in others)


def source_files(folder: str) -> set[str]:
    files = (it for it in (ROOT / folder).rglob("*") if it.is_file() and "__pycache__" not in it.parts)
    return {str(it.relative_to(ROOT)) for it in files}


@pytest.mark.slow
@pack
def test_the_wheel_carries_the_built_front_end(wheel):
    if not (ROOT / "static" / "dist" / "manifest.json").exists():
        lacking("assets", "the front-end libraries are not built: run make assets")
    with zipfile.ZipFile(wheel) as archive:
        manifest = json.loads(archive.read("registry/static/dist/manifest.json"))
        assert manifest
        for name in manifest:
            assert archive.getinfo(f"registry/static/dist/{name}").file_size > 0


@pytest.mark.slow
@pack
def test_the_installed_wheel_serves_from_another_folder(installed, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Server(installed / "assetcare", data=tmp_path / "data", folder=elsewhere) as server:
        assert server.get("/healthz").status == 200
        assert server.get("/readyz").status == 200
        page = server.get("/")
        assert (page.status, page.type) == (200, "text/html")
        linked = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"', page.text))
        assert linked, "the first page names no style sheet and no script"
        for address in linked:
            answer = server.get(address)
            assert (address, answer.status) == (address, 200)
            assert answer.text.strip()
    assert server.exit_code == 0, server.log()
    assert not list(elsewhere.iterdir())


@pytest.mark.slow
@pack
def test_a_partner_s_wheel_is_taken_in_and_works(installed, tmp_path):
    """examples/acme-loans, built and installed beside Assetcare as a partner's customer would do it."""
    source = tmp_path / "acme-loans"
    shutil.copytree(ROOT / "examples" / "acme-loans", source, ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source))
    [built] = tmp_path.glob("acme_loans-*.whl")
    pip(installed, "install", "--no-deps", str(built))
    try:
        data = tmp_path / "data"
        environment = clean_environment(ASSETCARE_DATA=str(data), ASSETCARE_LOG_LEVEL="WARNING")

        def told(*arguments: str) -> str:
            command = [str(installed / "assetcare"), *arguments]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        told("customer", "create", "acme")
        [row] = [row for row in json.loads(told("plugin", "list", "--json")) if row["name"] == "acme_loans"]
        assert (row["state"], row["version"], row["distribution"]) == ("working", "0.1.0", "acme-loans")
        assert told("acme-loans", "list", "--customer", "acme") == ""
        with Server(installed / "assetcare", data=data, folder=tmp_path) as server:
            assert server.get("/readyz").status == 200
            assert server.get("/c/acme/x/acme_loans/reminders").text.count("Sign in") > 0
            assert server.get("/api/v1/x/acme_loans/reminders?customer=acme").status == 401
    finally:
        pip(installed, "uninstall", "--yes", "acme-loans")

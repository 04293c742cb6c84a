"""What docs/deploy offers can be used as it stands: every setting exists, every command runs, every file is there."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from registry import commands
from registry.cli import cli
from registry.settings import Settings, describe
from tests.smtp import certificate

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
NAMES = re.compile(r"\bASSETCARE_[A-Z0-9_]+\b")
OTHERS = {"ASSETCARE_TEST_REQUIRE"}  # the tests' own
OURS = ("migrate", "web", "worker")  # services of compose.yaml that are Assetcare


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def environment() -> dict[str, str]:
    lines = (DEPLOY / "assetcare.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def known_command(words: list[str]) -> None:
    """Raises when `assetcare WORDS` is no command, or has no such option."""
    if "serve" not in cli.commands or "user" not in cli.commands:
        commands.install(cli)
    command = cli.commands[words[0]]
    command.make_context(words[0], words[1:], resilient_parsing=False)


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_setting_that_a_document_names_exists(path: Path) -> None:
    if path.is_file():
        known = {variable for variable, _, _ in describe()} | OTHERS
        assert set(NAMES.findall(path.read_text())) <= known


# --- systemd ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_start_a_command_that_exists_without_rights_they_do_not_need(unit: Path) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit.read_text())
    service = parsed["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/bin/assetcare")
    known_command(words)
    assert service["User"] == "assetcare" and service["StateDirectoryMode"] == "0700" and service["UMask"] == "0077"
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "MemoryDenyWriteExecute"):
        assert service[name] == "yes", name
    assert service["ProtectSystem"] == "strict" and service["CapabilityBoundingSet"] == ""
    assert service["WorkingDirectory"] == environment()["ASSETCARE_DATA"] == f"/var/lib/{service['StateDirectory']}"
    assert parsed["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze on this machine")
    installed = tmp_path / unit.name
    installed.write_text(unit.read_text().replace("/opt/assetcare/bin/assetcare", "/bin/true"))
    checked = subprocess.run(["systemd-analyze", "verify", str(installed)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr.strip()) == (0, "")
    rated = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(installed)]
    exposed = subprocess.run(rated, capture_output=True, text=True, check=False)
    assert exposed.returncode == 0, exposed.stdout.splitlines()[-1]


def test_the_two_units_differ_in_what_they_must() -> None:
    web, worker = (unit.read_text().splitlines() for unit in UNITS)
    common = {line for line in web if "=" in line} & {line for line in worker if "=" in line}
    assert len(common) > 35, "they are hardened alike"


def test_the_environment_file_is_understood() -> None:
    given = environment()
    filled = given | {"ASSETCARE_SECRET": "x" * 40, "ASSETCARE_METRICS_TOKEN": "y" * 20}
    chosen = Settings.load(filled)
    assert chosen.https and chosen.proxies == 1 and not chosen.embedded
    for name in ("ASSETCARE_SECRET", "AWS_SECRET_ACCESS_KEY", "ASSETCARE_METRICS_TOKEN", "POSTGRES_PASSWORD"):
        assert given[name] == "", f"{name}: nothing that somebody might leave as it is"


# --- Containers ---------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in lines)]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            image, name = rest.split(" AS ")
            assert re.fullmatch(r"[\w./-]+:[\w.-]+", image) and not image.endswith(":latest"), image
            found[name] = []
        else:
            found[list(found)[-1]].append((word, rest))
    return found


KNOWN = {"COPY", "RUN", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def test_the_container_file_copies_what_there_is() -> None:
    built: list[str] = []
    for name, steps in stages().items():
        assert {word for word, _ in steps} <= KNOWN
        for source in (rest for word, rest in steps if word == "COPY"):
            words = source.split()
            if words[0].startswith("--from="):
                assert words[0].removeprefix("--from=") in built
                continue
            for path in words[:-1]:
                assert (ROOT / path).exists() or path == "static/", path
        built.append(name)


def test_the_container_file_builds_the_whole_wheel() -> None:
    """A root of packages that is not copied would be missing from the image."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    placed = dict(line.replace(" ", "").split("=") for line in config["options"]["package_dir"].strip().splitlines())
    tops = {package.split(".")[0] for package in config["options"]["packages"].split()}
    folders = {placed.get(top, top).split("/")[0] for top in tops} | {path.split("/")[0] for path in placed.values()}
    copied = {word.rstrip("/") for step, rest in stages()["wheel"] if step == "COPY" for word in rest.split()[:-1]}
    arrived = {rest.split()[-1].rstrip("/") for step, rest in stages()["wheel"] if step == "COPY"}
    assert folders <= copied | arrived
    assert {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"} <= copied


def test_the_image_runs_as_nobody_and_tells_how_it_is() -> None:
    last = list(stages().values())[-1]
    steps = dict(last)
    assert steps["USER"] not in ("root", "0") and steps["USER"].isdigit()
    assert "/readyz" in steps["HEALTHCHECK"] and "--timeout" in steps["HEALTHCHECK"]
    compile(yaml.safe_load(steps["HEALTHCHECK"].partition("CMD ")[2])[2], "health check", "exec")
    known_command(yaml.safe_load(steps["CMD"]))
    order = [word for word, _ in last]
    assert order.index("USER") > max(at for at, word in enumerate(order) if word in ("RUN", "COPY"))


def test_the_compose_file_holds_together(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"db", "redis", "storage", *OURS, "proxy"}, "the topology that tests/topology.py runs"
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        assert set(service["networks"]) <= set(compose["networks"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source == "./tls" or (DEPLOY / source).is_file(), (name, volume)
        assert ":" in service["image"] or name in OURS, f"{name}: an image without a version"
    outside = {name for name, service in services.items() if service.get("ports")}
    assert outside == {"proxy"}, "nothing else is to be reached from outside"
    assert not {"db", "redis", "storage"} & {n for n, s in services.items() if "outside" in s["networks"]}


def test_the_compose_file_sets_what_exists(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{(\w+):\?\}", text))
    assert wanted == set(re.findall(r"\$\{(\w+)", text)) and wanted <= environment().keys()
    for name in OURS:
        service = compose["services"][name]
        known_command(service["command"])
        values = {key: re.sub(r"\$\{\w+:\?\}", "x" * 8, value) for key, value in service["environment"].items()}
        chosen = Settings.load(environment() | values | {"ASSETCARE_SECRET": "", "ASSETCARE_METRICS_TOKEN": ""})
        assert chosen.queue.startswith("redis://redis:") and chosen.storage.startswith("s3://assetcare?")
        assert service["read_only"] and service["cap_drop"] == ["ALL"]


# --- The proxy ----------------------------------------------------------------------------------------------


def test_the_proxy_takes_what_the_application_takes() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    largest = re.search(r"client_max_body_size (\d+)m;", text)
    assert largest and int(largest[1]) > Settings().max_upload_mb
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "X-Forwarded-Host $host", "Host $host"):
        assert f"proxy_set_header {header};" in text
    assert "$proxy_add_x_forwarded_for" not in text, "what a client says of its own address must not be believed"
    assert text.count("{") == text.count("}")


def test_nginx_takes_its_file(tmp_path: Path) -> None:
    if not shutil.which("nginx"):
        pytest.skip("there is no nginx on this machine")
    pem, _ = certificate(tmp_path, "assets.example.com")
    text = (DEPLOY / "nginx.conf").read_text().replace("server web:8000", "server 127.0.0.1:8000")
    text = text.replace("/etc/nginx/tls/fullchain.pem", str(pem))
    text = text.replace("/etc/nginx/tls/privkey.pem", str(tmp_path / "key.pem"))
    text = text.replace("/var/log/nginx/access.log", str(tmp_path / "access.log"))
    text = text.replace("listen 80 ", "listen 127.0.0.1:18080 ").replace("listen [::]:80 default_server;", "")
    text = text.replace("listen 443 ", "listen 127.0.0.1:18443 ").replace("listen [::]:443 ssl;", "")
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr
    numbers = [int(part) for part in re.findall(r"\d+", version)[:3]]
    if numbers < [1, 25, 1]:  # Debian's: http2 was an option of listen
        text = text.replace("    http2 on;\n", "")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {text} }}")
    checked = subprocess.run(["nginx", "-t", "-q", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_commands_in_the_documents_exist() -> None:
    """Every `assetcare ...` line of a console block of the documents, as far as its words are commands."""
    if "user" not in cli.commands:
        commands.install(cli)
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in re.findall(r"```(?:console|sh|bash)\n(.*?)```", path.read_text(), re.S):
            for line in re.findall(r"^\$?\s*(?:sudo \S+ )*assetcare ([^<|#\n]+)", block, re.M):
                group: click.Command = cli
                for word in shlex.split(line):
                    if not isinstance(group, click.Group) or (group.invoke_without_command and word[0] == "-"):
                        break
                    if group.name == "import" and word not in group.commands:
                        break  # short for: import file KIND FILE
                    assert word in group.commands, f"{path.name}: assetcare {line}"
                    group = group.commands[word]

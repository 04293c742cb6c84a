"""Who may open a connection: modules that are named in docs/outgoing.md, and nobody else."""

import ast
from collections.abc import Iterable

import pytest

from tests.source import ROOT, file_of, imported, imports_of, modules

# Whatever can reach another machine, of the standard library and of what is installed.
REACHING = {
    "aiohttp", "asyncio", "authlib", "boto3", "botocore", "ftplib", "gunicorn", "http.client", "http.server", "httpx",
    "huey", "imaplib", "multiprocessing", "nntplib", "playhouse.pool", "playhouse.postgres_ext", "poplib", "psycopg",
    "psycopg_pool", "redis", "requests", "s3transfer", "smtplib", "socket", "socketserver", "ssl", "telnetlib",
    "urllib.request", "urllib3", "webauthn", "wsgiref", "xmlrpc",
}  # fmt: skip

ALLOWED: dict[str, set[str]] = {
    "registry.cli": {"psycopg"},
    "registry.flowing": {"gunicorn", "socket"},  # connections that have come in
    "registry.handover.scrubbing": {"psycopg"},
    "registry.kernel.db": {"playhouse.pool"},
    "registry.kernel.destinations": {"socket"},
    "registry.kernel.files.s3_bucket": {"boto3", "botocore", "urllib3"},
    "registry.kernel.locks": {"psycopg"},
    "registry.kernel.mending": {"psycopg"},
    "registry.kernel.mail_transport": {"smtplib", "ssl"},
    "registry.kernel.outgoing": {"http.client", "socket", "ssl"},
    "registry.kernel.queues": {"huey", "psycopg"},
    "registry.kernel.sides": {"psycopg"},
    "registry.kernel.wall": {"playhouse.pool", "psycopg"},
    "registry.notices.commands": {"smtplib"},  # its errors
    "registry.people.ceremonies": {"webauthn"},
    "registry.people.identity_provider": {"authlib", "urllib3"},
    "registry.server": {"gunicorn"},
    "registry.web.flows.body": {"gunicorn"},
    "registry.web.flows.wire": {"gunicorn", "socket"},
}


def reaching(names: Iterable[str]) -> set[str]:
    """The names from REACHING that are among the imported ones."""
    return {known for name in names for known in REACHING if name == known or name.startswith(f"{known}.")}


def found() -> dict[str, set[str]]:
    return {name: libraries for name in modules() if (libraries := reaching(imported(name)))}


def test_only_named_modules_can_open_a_connection() -> None:
    for name, libraries in found().items():
        assert libraries <= ALLOWED.get(name, set()), f"{name} imports {libraries}: tell of it in docs/outgoing.md"


def test_the_list_is_not_stale() -> None:
    there = found()
    for name, libraries in ALLOWED.items():
        assert libraries <= there.get(name, set()), f"{name} no longer imports all of {libraries}"


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_each_of_them_is_in_the_document(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "outgoing.md").read_text()


def test_commands_of_the_system_are_run_in_few_places() -> None:
    """A program that is started could call anywhere. The server starts its worker, which is ours."""
    starting = {
        name
        for name in modules()
        if {"subprocess", "pty"} & {one.split(".")[0] for one in imported(name)}
        or "os.system(" in file_of(name).read_text()
    }
    assert starting == {"registry.server"}


@pytest.mark.parametrize(
    "text",
    ["import socket", "import http.client as h", "from urllib import request", "from urllib.request import urlopen",
     "def f():\n    import requests", "from redis.client import Redis",
     "import importlib\nimportlib.import_module('ssl')"],
)  # fmt: skip
def test_the_finder_finds_them(text: str) -> None:
    assert len(reaching(imports_in(text))) == 1


def test_the_finder_lets_the_harmless_be() -> None:
    harmless = (
        "import http\nfrom urllib.parse import urlsplit\nimport registry.kernel.mail\nfrom http import HTTPStatus"
    )
    assert not reaching(imports_in(harmless))


def imports_in(text: str) -> list[str]:
    return [name for node in ast.walk(ast.parse(text)) for name in imports_of(node)]

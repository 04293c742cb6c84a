"""Large files through nginx as docs/deploy/nginx.conf sets it up."""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.flows.plugin import KEY
from tests.flows.test_server import CONTENT, Flowing, told, until
from tests.server import free_port
from tests.test_deploy import DEPLOY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on this machine"),
]


def configuration(work: Path, upstream: int, port: int) -> str:
    """The documented file, for this machine and without TLS, with what is commented out in it."""
    text = (DEPLOY / "nginx.conf").read_text().replace("server web:8000", f"server 127.0.0.1:{upstream}")
    text = re.sub(r"^    #(?=location|}|    )", "    ", text, flags=re.M)
    text = text.replace("/var/log/nginx/access.log", str(work / "access.log"))
    text = text.replace("/var/lib/assetcare/files", str(work / "data" / "files"))
    text = re.sub(r"server \{\n    listen 80 .*?\n\}\n", "", text, flags=re.S)
    text = re.sub(r"^    (ssl_.*|http2 on|listen \[::\].*);\n", "", text, flags=re.M)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    paths = "".join(f"{name}_temp_path {work}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"daemon off; pid {work}/nginx.pid; {user} events {{}} http {{ access_log off; {paths} "
        f"client_body_temp_path {work}/bodies; {text} }}"
    )


@contextmanager
def in_front_of(server: Flowing, work: Path) -> Iterator[int]:
    port = free_port()
    (work / "nginx.conf").write_text(configuration(work, server.port, port))
    process = subprocess.Popen(["nginx", "-c", str(work / "nginx.conf"), "-e", str(work / "nginx.log")])

    def answers() -> bool:
        assert process.poll() is None, (work / "nginx.log").read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
        return False

    try:
        until(answers)
        yield port
    finally:
        process.terminate()
        process.wait(120)


def test_nginx_hands_on_what_comes_as_it_comes_and_sends_what_is_kept(tmp_path: Path) -> None:
    with (
        Flowing(tmp_path, ASSETCARE_SENDFILE="x-accel-redirect:/kept/", ASSETCARE_PROXIES="1") as server,
        in_front_of(server, tmp_path) as port,
    ):
        behind, server.port = server.port, port
        with server.put("through", 2 * len(CONTENT), CONTENT[:1000]) as caller:
            until(lambda: server.arrived("through"))  # before that nginx may notice first that he has gone
            caller.sendall(CONTENT[1000:])
        found = server.outcome("through")
        assert found["outcome"] == "cut" and found["received"] > len(CONTENT) - 65536, "a buffer's worth stays there"
        whole = told(server.put("whole", len(CONTENT), CONTENT, more="\nConnection: close"))
        assert json.loads(whole[2])["outcome"] == "whole"

        query = f"b%C3%A4r.png?size={len(CONTENT)}"
        status, headers, body = server.fetch(query, "\nConnection: close")
        assert (status, body) == (200, CONTENT)
        assert headers["etag"] == '"e1"' and headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("sandbox") and headers["x-frame-options"] == "DENY"
        assert headers["content-type"] == "image/png" and "b%C3%A4r" in headers["content-disposition"]
        status, headers, body = server.fetch(query, '\nConnection: close\nRange: bytes=5-9\nIf-Range: "e1"')
        assert (status, body) == (206, CONTENT[5:10])
        assert server.fetch(query, '\nConnection: close\nRange: bytes=5-9\nIf-Range: "e2"')[0] == 200
        assert (server.folder / "delivered").read_text().split()[:2] == [f"0-{len(CONTENT)}", "5-10"]
        assert told(server.begin(f"GET /kept/{KEY} HTTP/1.1\nHost: localhost\nConnection: close"))[0] == 404
        logged = (tmp_path / "access.log").read_text()
        assert " PUT 200 " in logged and "through" not in logged and "kept" not in logged, (
            "an address may be a credential"
        )
        server.port = behind

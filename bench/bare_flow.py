"""The least one can do with a large body: into a file, with a running CRC-32C, on the disk when it is answered.

`python -m bench.bare_flow FOLDER PORT` serves it with the registry's own gunicorn.
"""

import os
import sys
from pathlib import Path

from crc32c import crc32c
from flask import Flask

from registry.server import Server
from registry.settings import Settings
from registry.web.flows.body import body


def create_app(settings: Settings) -> Flask:
    app = Flask("bare", static_folder=None)
    app.config["ASSETCARE"] = settings

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.put("/x/bare/flow/<name>")
    def take(name: str) -> str:
        total, target = 0, settings.data / name
        with target.open("wb", buffering=0) as file:
            for piece in body().pieces():
                file.write(piece)
                total = crc32c(piece, total)
            os.fdatasync(file.fileno())
        target.unlink()
        return str(total)

    return app


if __name__ == "__main__":
    chosen = Settings(data=Path(sys.argv[1]), port=int(sys.argv[2]), consumer=False)
    Server(chosen, create_app(chosen)).run()

"""The kinds of queues, on huey. Their messages are numbers of tickets (kernel/tickets)."""

import json
from typing import Any

from huey import Huey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

NAME = "assetcare"
CONNECT_SECONDS, ANSWER_SECONDS = 2, 5  # a request does not wait longer for a queue that does not answer


class _Plain(Serializer):
    """Messages as JSON: whoever can write to the queue can name a ticket, and nothing else."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        return Message(*json.loads(data))


def open_queue(url: str) -> Huey:
    """The queue at `url`: sqlite:///PATH, redis://... or postgresql://..."""
    common: dict[str, Any] = {"results": False, "serializer": _Plain()}
    if url.startswith("sqlite:///"):
        return SqliteHuey(NAME, filename=url.removeprefix("sqlite:///"), fsync=True, **common)
    if url.startswith("redis"):
        return _redis(url, common)
    return _postgres(url.replace("postgres://", "postgresql://", 1), common)


def _redis(url: str, common: dict[str, Any]) -> Huey:
    from huey import RedisHuey
    from huey.storage import ConnectionPool  # of redis, an extra: only installations that use it have it

    pool = ConnectionPool.from_url(
        url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS, health_check_interval=30
    )
    return RedisHuey(NAME, connection_pool=pool, **common)


def _postgres(url: str, common: dict[str, Any]) -> Huey:
    """Its tables are made by whoever may make tables, which the application's own role need not."""
    import psycopg
    from huey import PostgresHuey

    with psycopg.connect(url, connect_timeout=ANSWER_SECONDS) as opened:
        row = opened.execute("SELECT to_regclass('huey_task')").fetchone()
    made = row is not None and row[0] is not None
    return PostgresHuey(NAME, dsn=url, connect_timeout=ANSWER_SECONDS, create_tables=not made, **common)

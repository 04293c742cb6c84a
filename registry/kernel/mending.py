"""After code that is not ours has used the connection: what it left open ends, and what it ended is noticed."""

import sqlite3
from typing import Any

from psycopg.pq import TransactionStatus

from registry.kernel.db import database, is_sqlite

OPEN = (TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR)


class TransactionLost(RuntimeError):
    """Somebody else ended the transaction that the caller is in: what was written in it so far is gone."""


def depth() -> int:
    """How many transactions and savepoints this thread is in."""
    return int(database.transaction_depth()) if database.obj is not None else 0


def put_right(before: int) -> str:
    """After foreign code that began at depth `before`: what it left open is rolled back. Answers what was wrong, "" for
    nothing. Raises TransactionLost when the caller's own transaction is no more."""
    if database.obj is None or (database.is_closed() and not before):
        return ""
    left = depth() - before
    for _ in range(left):
        database.pop_transaction()
    raw: Any = database.connection()
    try:
        inside = raw.in_transaction if is_sqlite() else raw.info.transaction_status in OPEN
        gone = not is_sqlite() and raw.closed
    except sqlite3.ProgrammingError:
        inside, gone = False, True
    if gone:  # closed behind our back
        _let_go()
    if before and not inside and is_sqlite():
        database.connection().execute("BEGIN")  # so that the caller has something to roll back
    if before and (not inside or left):
        raise TransactionLost("a plugin ended the transaction that it was called in, or left one open")
    if before or not inside:
        return "it left a transaction open" if left else ""
    database.rollback()
    return "it left a transaction open"


def _let_go() -> None:
    while database.transaction_depth():
        database.pop_transaction()
    database.close()

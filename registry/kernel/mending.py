"""After code that is not ours has used the connection: what it left open ends, and what it ended is noticed."""

import sqlite3
from typing import Any

from peewee import OperationalError
from psycopg.pq import TransactionStatus

from registry.kernel.db import database, is_away, is_sqlite, unreachable
from registry.kernel.errors import Busy
from registry.kernel.wall import WalledPostgres

OPEN = (TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR)


class TransactionLost(RuntimeError):
    """Somebody else ended the transaction that the caller is in: what was written in it so far is gone."""


def depth() -> int:
    """How many transactions and savepoints this thread is in."""
    return int(database.obj.transaction_depth()) if database.obj is not None else 0


def is_lost() -> bool:
    """Whether this thread's connection broke off: the server ended, or the way to it. Not one that was closed here."""
    return isinstance(database.obj, WalledPostgres) and not database.is_closed() and database.connection().broken


def is_of_the_database(error: BaseException) -> bool:
    """Whether that is nobody's failure who was asked while the database was away or busy. Asked before put_right()."""
    return is_lost() or isinstance(error, Busy) or (isinstance(error, OperationalError) and is_away(error))


def put_right(before: int) -> str:
    """After foreign code that began at depth `before`: what it left open is rolled back. Answers what was wrong, "" for
    nothing. Raises TransactionLost when the caller's own transaction is no more, Busy when the server is gone that it
    was in."""
    engine = database.obj  # asked for by itself: this stands in the way of every call, and the proxy takes its time
    if engine is None or (engine.is_closed() and not before):
        return ""
    left = engine.transaction_depth() - before
    for _ in range(left):
        database.pop_transaction()
    if before and is_lost():
        raise unreachable()
    raw: Any = engine.connection()
    embedded = is_sqlite()
    try:
        inside = raw.in_transaction if embedded else raw.info.transaction_status in OPEN
        gone = not embedded and raw.closed
    except sqlite3.ProgrammingError:
        inside, gone = False, True
    if gone:  # closed behind our back
        _let_go()
    if before and not inside and embedded:
        database.connection().execute("BEGIN")  # so that the caller has something to roll back
    if before and (not inside or left):
        raise TransactionLost("a plugin ended the transaction that it was called in, or left one open")
    if before or not inside:
        return "it left a transaction open" if left else ""
    database.rollback()
    return "it left a transaction open"


def _let_go() -> None:
    """Go on with another connection. Whoever is in a transaction ends it there, or he would find none to end."""
    inside = [database.pop_transaction() for _ in range(depth())]
    database.close()
    if inside:
        database.connect()
    for one in reversed(inside):
        database.push_transaction(one)

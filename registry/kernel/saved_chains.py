"""Audit chains of a saved database: looked over beside the one that this process works with."""

import sqlite3
from pathlib import Path
from typing import Any

from registry.kernel import audit


def broken_in(copy: Path) -> list[list[Any]]:
    """The chains of a copy that do not verify, read beside the database that this process works with. One that cannot
    be read at all is told as well, and saved all the same."""
    side = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
    try:
        heads = {
            chain: (seq, last) for chain, seq, last in side.execute("SELECT customer_id, seq, hash FROM chain_head")
        }
        chains = set(heads) | {row[0] for row in side.execute("SELECT DISTINCT customer_id FROM audit_entry")}
        states = [_state_in(side, chain, heads.get(chain)) for chain in sorted(chains)]
    except sqlite3.Error as error:
        return [[audit.HOUSE, f"the database cannot be read: {error}"]]
    finally:
        side.close()
    return [[state.customer_id, state.fault] for state in states if state.fault]


def _state_in(side: sqlite3.Connection, chain: int, head: tuple[int, str] | None) -> audit.ChainState:
    return audit.judged(chain, audit.rows_of(chain, run=side.execute), head, lambda: head[0] if head else None)


def told_of(faults: list[list[Any]] | None) -> list[str]:
    return [f"chain {chain}: {fault}" for chain, fault in faults or ()]

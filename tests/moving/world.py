"""An installation with everything that a copy or a backup could lose, and databases to carry it into."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry import demo
from registry.assets.models import Asset
from registry.contracts.models import Contract
from registry.kernel import audit, db, schema
from registry.kernel.access import visible
from registry.kernel.copying import bound
from registry.kernel.sides import open_side
from tests.houses import House
from tests.postgres import Cluster

STRANGE = "Zürich 東京 🜁 \u202e'\"\\\t\n%_;--\u00ad e\u0301"


def furnished(house: House) -> House:
    """Demo data, and what life adds to it."""
    house.settings.data.joinpath("secret").unlink(missing_ok=True)
    demo.fill(house.settings)
    rows = list(visible(Asset, house.system).order_by(Asset.id).limit(9))
    first, last = rows[0], rows[-1]
    custom = {"zz": 1, "a": [1.5, {"y": None, "x": True}], "big": 2**62, "text": STRANGE, "exact": 10.0}
    Asset.update(name=STRANGE, custom=custom, cost_minor=2**53 + 1).where(Asset.id == first.id).execute()
    # The one that contains has the higher id, so neither order of ids would do.
    Asset.update(parent=last.id, slot="1/0/1", site=None, place="").where(Asset.id == first.id).execute()
    Contract.update(satisfaction_target="95.50").where(
        Contract.id == visible(Contract, house.system).first().id
    ).execute()
    forgotten = house.asset(demo_customer(house), "GONE-1")
    Asset.delete().where(Asset.id == forgotten.id).execute()  # its id must not come back
    return house


def demo_customer(house: House) -> str:
    return str(db.run_sql("SELECT slug FROM customer ORDER BY id").fetchone()[0])


def close(house: House) -> str:
    """Out of use; its address."""
    house.close()
    return house.settings.database_url


def fresh_postgres(cluster: Cluster, name: str) -> str:
    cluster.drop_database(name)
    return cluster.create_database(name, owner=cluster.ordinary_user)


def found_in(url: str) -> dict[str, Any]:
    """What a copy must have of the source, in words that are the same on both engines."""
    with bound(url):
        first = Asset.name.python_value(db.run_sql("SELECT name FROM asset ORDER BY id LIMIT 1").fetchone()[0])
        chains = [(one.customer_id, one.length, one.head, one.fault) for one in audit.verify()]
        target = db.run_sql("SELECT satisfaction_target FROM contract ORDER BY id LIMIT 1").fetchone()[0]
        parent = db.run_sql("SELECT parent_id FROM asset ORDER BY id LIMIT 1").fetchone()[0]
        return {"name": first, "chains": chains, "target": float(target or 0), "parent": parent, "next": next_ids(url)}


def next_ids(url: str) -> dict[str, int]:
    side = open_side(url)
    try:
        return {str(model._meta.table_name): side.next_id(str(model._meta.table_name)) for model in schema.models()}
    finally:
        side.close()


def schema_of(url: str) -> dict[str, str]:
    with bound(url):
        return schema.existing()


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()

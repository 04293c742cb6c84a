"""A furnished house on PostgreSQL is brought over row by row, and is the first one to the last."""

from pathlib import Path

import pytest

from registry.kernel.db import run_sql
from tests import rows
from tests.houses import Furnished, House
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres


def another(cluster: Cluster, template: str, folder: Path, name: str) -> House:
    cluster.drop_database(name)
    house = House(folder, cluster.create_database(name, template, cluster.ordinary_user))
    house.cluster, house.template = cluster, template
    house.open()
    return house


@pytest.mark.parametrize("more", [False, True], ids=["rows", "a table more"])
def test_all_of_it_is_there(postgres_cluster: Cluster, postgres_template: str, tmp_path: Path, more: bool) -> None:
    """With a table of its own it cannot be brought by rows, and is copied whole."""
    first = another(postgres_cluster, postgres_template, tmp_path, "rows_first")
    people = House._people(first)
    first.asset()
    if more:
        run_sql("CREATE TABLE of_its_own (id INTEGER)")
        run_sql("INSERT INTO of_its_own VALUES (1)")
    furnished = Furnished(first, people)
    wanted = rows.read(postgres_cluster.url("rows_first"))
    first.close()

    second = another(postgres_cluster, postgres_template, tmp_path, "rows_second")
    moved = furnished.move_in(second)
    assert rows.read(postgres_cluster.url("rows_second")) == wanted
    assert len(wanted.tables["app_user"].splitlines()) == 8 and ("of_its_own" in wanted.tables) == more
    assert moved.admin.get("/api/v1/assets").json["items"][0]["serial"] == "SN-1"
    assert second.asset(serial="SN-2").id == 2
    second.close()
    for name in ("rows_first", "rows_second"):
        postgres_cluster.drop_database(name)

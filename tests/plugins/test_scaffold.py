"""`assetcare plugin new`: what it writes passes its own tests, and works in an installation."""

import re
from pathlib import Path

import pytest

from registry.plugins.scaffolding import begin
from tests.plugins.test_serving import Installation, install


def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    for name in ("Acme", "1st", "registry-x", "a", "x" * 32, "../up", "core name"):
        with pytest.raises(ValueError, match="letters|registry"):
            begin(name, tmp_path)
    with pytest.raises(ValueError, match="title"):
        begin("acme-loans", tmp_path, title='A "title"')
    begin("acme-loans", tmp_path)
    with pytest.raises(ValueError, match="there already"):
        begin("acme-loans", tmp_path)


def test_every_name_is_put_in(tmp_path: Path) -> None:
    """That its tests pass at once: the tutorial."""
    folder = begin("acme-loans", tmp_path, title="Loans of Acme")
    texts = [path for path in folder.rglob("*") if path.suffix in (".py", ".html", ".toml", ".md")]
    assert len(texts) > 15 and not [path for path in texts if "@" in re.sub(r"(?m)^ *@\w.*$", "", path.read_text())]


@pytest.mark.slow
def test_it_lives_in_an_installation_from_first_to_last(tmp_path: Path) -> None:
    folder = begin("acme-loans", tmp_path)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    house = Installation(data, install(tmp_path / "site", "acme_loans", module="acme_loans.plugin"))
    house.settings["PYTHONPATH"] += f":{folder}"
    house.run("customer", "create", "acme")
    assert house.run("acme-loans", "list", "--customer", "acme") == ""
    (folder / "acme_loans" / "models.py").write_text(
        (folder / "acme_loans" / "models.py").read_text().replace(
            "    told = ", "    place = CharField(max_length=50, null=True)\n    told = "
        )
    )  # fmt: skip
    assert "do not make the columns place" in house.plugins()["acme_loans"]["reason"]
    assert "0002_place.sqlite.sql" in house.run("plugin", "freeze", "acme_loans", "0002_place")
    house.run("plugin", "drop-data", "acme_loans", code=2)
    assert "off for the house" in house.run("plugin", "disable", "acme-loans"), "with the new column it works again"
    told = house.run("plugin", "drop-data", "acme-loans", "--confirm", "acme_loans")
    assert "Dropped: acme_loans_reminder; files: 0." in told and "Restart Assetcare now" in told

"""What "make rules" says about a rule is worth no more than this."""

from types import SimpleNamespace

from tests.rules_plugin import OWED, collect, is_proven, table


def reports(*rules: str) -> list[object]:
    return [SimpleNamespace(user_properties=[("rule", rule), ("other", "x")]) for rule in rules]


def test_a_passing_test_proves_a_rule_and_a_failing_one_takes_that_back():
    results = collect({"passed": reports("S4-09", "S4-10"), "failed": reports("S4-10")})
    assert is_proven(results, "S4-09")
    assert not is_proven(results, "S4-10")


def test_a_test_that_broke_in_its_set_up_counts_as_failed():
    assert not is_proven(collect({"passed": reports("S4-09"), "error": reports("S4-09")}), "S4-09")


def test_a_skipped_test_proves_nothing_and_spoils_nothing():
    results = collect({"passed": reports("S4-09"), "skipped": reports("S4-09", "S4-10")})
    assert is_proven(results, "S4-09")
    assert not is_proven(results, "S4-10")


def test_the_table_ends_with_the_owed_rules_that_nothing_proves():
    lines = table(collect({"passed": reports(*OWED[1:], "S2-01")}))
    assert lines[-1].endswith(f"without a passing test: {OWED[0]}")
    assert any(line.startswith("S2-01") and line.endswith(" proven") for line in lines)
    assert table(collect({"passed": reports(*OWED)}))[-1].endswith("without a passing test: none")

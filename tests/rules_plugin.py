"""Which rules of the source documents have a passing test.

A test names the rules it proves: `@pytest.mark.rule("S4-09", "S4-10")`. A rule counts as proven when at least
one test that names it passed and none failed; a skipped test proves nothing. `pytest --rules` prints it all.
"""

from collections import Counter, defaultdict

import pytest

OWED = (
    *("S0-01", "S0-02", "S0-04", "S0-22", "S0-25", "S0-26", "S0-28", "S0-29"),
    *("S1-11", "S1-12", "S1-13", "S1-17", "S1-39", "S1-40", "S1-41"),
    *("S3-06", "S3-07", "S3-08", "S3-09", "S3-10", "S3-11", "S3-12", "S3-17", "S3-18"),
    *("S4-03", "S4-04", "S4-05", "S4-06", "S4-09", "S4-10", "S4-11", "S4-12"),
)

Results = dict[str, Counter[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rules", action="store_true", help="print which seed rules have a passing test")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for rule in {rule for mark in item.iter_markers("rule") for rule in mark.args}:
            item.user_properties.append(("rule", rule))  # travels with the report, also from another process


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    results = collect(terminalreporter.stats)
    if config.getoption("--rules"):
        terminalreporter.section("rules of the source documents")
        for line in table(results):
            terminalreporter.write_line(line)
    elif results:
        proven = sum(is_proven(results, rule) for rule in OWED)
        terminalreporter.write_line(f"rules proven: {proven} of {len(OWED)} owed (make rules prints them)")


def collect(stats: dict[str, list[object]]) -> Results:
    """Count the outcome of each test under each rule that it names."""
    results: Results = defaultdict(Counter)
    for key, outcome in (
        ("passed", "passed"),
        ("failed", "failed"),
        ("error", "failed"),
        ("skipped", "skipped"),
    ):
        for report in stats.get(key, []):
            for name, rule in getattr(report, "user_properties", []):
                if name == "rule":
                    results[rule][outcome] += 1
    return results


def is_proven(results: Results, rule: str) -> bool:
    counts = results.get(rule, Counter())
    return counts["passed"] > 0 and counts["failed"] == 0


def table(results: Results) -> list[str]:
    """The lines of `make rules`: every rule with its counts, then the owed ones that nothing proves."""
    lines = ["rule    passed  failed  skipped"]
    for rule in sorted(results.keys() | set(OWED)):
        counts = results.get(rule, Counter())
        state = "proven" if is_proven(results, rule) else "NOT PROVEN"
        lines.append(f"{rule:<6}{counts['passed']:>8}{counts['failed']:>8}{counts['skipped']:>9}  {state}")
    missing = [rule for rule in OWED if not is_proven(results, rule)]
    lines.append(
        f"owed {len(OWED)}, proven {len(OWED) - len(missing)}, without a passing test: " + (" ".join(missing) or "none")
    )
    return lines

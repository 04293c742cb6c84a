"""python -m bench [BENCH ...]: measure, and print the table of figures and goals."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench import chains, flows, hooks, lists, optic_readings, optics, pages, scaling, starts, unit, writes
from bench.house import folder
from bench.report import Result, table

Bench = Callable[[Path, argparse.Namespace], list[Result]]
BENCHES: dict[str, Bench] = {
    "bare": lambda work, chosen: lists.against_bare(work, chosen.page_of, chosen.rounds),
    "growing": lambda work, chosen: lists.growing(work, chosen.small, chosen.large, chosen.rounds),
    "pages": lambda work, chosen: pages.against_json(work, chosen.page_of, chosen.rounds),
    "unit": lambda work, chosen: unit.against_json(work, chosen.page_of, chosen.rounds),
    "creating": lambda work, chosen: writes.creating(work, chosen.seconds),
    "importing": lambda work, chosen: writes.importing(work, chosen.import_rows),
    "exporting": lambda work, chosen: writes.exporting(work, chosen.export_rows),
    "verifying": lambda work, chosen: chains.verifying(work, chosen.audit_entries),
    "hooks": lambda work, _chosen: hooks.calling(work),
    "optics": lambda work, _chosen: optics.decoding(work),
    "readings": lambda work, chosen: optic_readings.keeping(work, chosen.readings),
    "flows": lambda work, chosen: flows.flowing(work, chosen.megabytes, chosen.transfers),
    "starting": lambda work, chosen: starts.starting(work, chosen.starts),
}
# Takes long and has no goals: only when it is asked for by name.
ON_REQUEST: dict[str, Bench] = {
    f"scaling-{engine}": lambda work, chosen, engine=engine: scaling.scaling(  # type: ignore[misc]
        work,
        chosen.sizes,
        scaling.Plan(engine, chosen.customers, chosen.rounds, chosen.seconds, chosen.audit_entries, chosen.import_rows),
    )
    for engine in ("sqlite", "postgresql")
}
ON_REQUEST["flows-s3"] = lambda work, chosen: flows.through_s3(work, chosen.s3_megabytes)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed and memory against the goals.")
    names = f"which ones (default: the first {len(BENCHES)}): {', '.join(BENCHES | ON_REQUEST)}"
    parser.add_argument("bench", nargs="*", help=names)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N", help="assets, for scaling-..."
    )
    for name, default, meaning in (
        ("page-of", 100_000, "rows behind the page that is compared with bare Flask"),
        ("small", 10_000, "rows of the small registry"),
        ("large", 1_000_000, "rows of the large registry"),
        ("rounds", 300, "requests for each median"),
        ("seconds", 10, "how long clients create assets"),
        ("import-rows", 100_000, "rows of the imported file"),
        ("export-rows", 1_000_000, "rows of the exported list"),
        ("megabytes", 1024, "size of the large file"),
        ("s3-megabytes", 5000, "size of the file that goes through an S3 store"),
        ("transfers", 5, "how often the large file is sent and fetched"),
        ("readings", 1_000_000, "readings of optics that are kept"),
        ("starts", 7, "how often to start the server"),
        ("customers", 1000, "customers of a registry whose scaling is measured"),
        ("audit-entries", 1_000_000, "audit entries that are verified, there and in verifying"),
    ):
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{meaning} (default {default:,})"
        )
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.bench if name not in BENCHES | ON_REQUEST]:
        parser.error(f"unknown: {', '.join(unknown)}. Choose from: {', '.join(BENCHES | ON_REQUEST)}")
    return chosen


def main() -> int:
    chosen = arguments()
    results: list[Result] = []
    try:
        for name in chosen.bench or BENCHES:
            print(f"{name} ...", file=sys.stderr, flush=True)
            with folder() as work:
                results += (BENCHES | ON_REQUEST)[name](work, chosen)
    finally:  # what was measured before something failed is worth seeing
        print(table(results), flush=True)
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

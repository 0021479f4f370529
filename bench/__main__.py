"""Runs the benchmarks and writes docs/benchmarks.md.

`make bench` runs all of it, which takes a while; `make bench BENCH="--engines sqlite --parts load"` a part.
"""

import argparse
import sys
from collections.abc import Sequence

from bench import dashboard, load, report, scale
from bench.report import Results
from bench.server import running

ENGINES = ("sqlite", "postgresql")
PARTS = ("load", "scale", "series", "dashboard")


def main(given: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 0 when it could be measured, whatever the figures."""
    options = _options(given)
    try:
        if "load" in options.parts:
            load.ensure_wrk()
        results = [_of_engine(engine, options) for engine in options.engines]
    except FileNotFoundError as missing:
        sys.exit(f"The benchmarks can't run: {missing}")
    if not options.quick:
        if set(options.engines) == set(ENGINES) and set(options.parts) == set(PARTS):
            report.write(results)
        report.write_dashboards(results)
        print(f"Written to {report.FILE.name}.")
    return 0


def _options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seconds", type=int, default=10, help="of a run of wrk")
    parser.add_argument("--runs", type=int, default=3, help="of a case")
    parser.add_argument("--rounds", type=int, default=40, help="of a page of the dashboard")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data; nothing is written down")
    return parser.parse_args(given)


def _of_engine(engine: str, options: argparse.Namespace) -> Results:
    results = Results(engine)
    sizes = (scale.LARGE, scale.LONG, dashboard.LARGE)
    large, long, many = (size // (10 if options.quick else 1) for size in sizes)
    with running(engine) as server:
        print(f"\n{report.NAMES[engine]}", flush=True)
        if "load" in options.parts:
            for case in load.prepare(server.base):
                figure = load.measure(server, case, seconds=options.seconds, runs=options.runs)
                results.figures.append(figure)
                print(report.line(figure, engine), flush=True)
    # A database of its own: what the load left behind would be vacuumed in between.
    with running(engine) as server:
        if "scale" in options.parts:
            small_owner, large_owner = scale.prepare(server, large)
            results.ratios += scale.compare(small_owner, large_owner, (scale.SMALL, large))
            print(report.ratio_table(results.ratios), flush=True)
            results.reading = scale.read_all(server, large_owner)
            print(report.reading(results.reading), flush=True)
            small_owner.http.close()
            large_owner.http.close()
        if "series" in options.parts:
            owner = scale.register(server.base, "bench-series")
            owner.call("POST", "streams", {"id": "top", "name": "Top"})
            results.series += scale.compare_series(owner, long)
            print(report.ratio_table(results.series), flush=True)
    with running(engine) as server:
        if "dashboard" in options.parts:
            results.dashboard = dashboard.measure(server, many, options.rounds)
            print(dashboard.table(results.dashboard), flush=True)
    return results


if __name__ == "__main__":
    sys.exit(main())

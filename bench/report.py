"""The figures as tables, on the screen and in docs/benchmarks.md."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from bench import dashboard, load, scale
from bench.dashboard import Dashboard
from bench.load import Figure
from bench.scale import Ratio, Reading

FILE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
NAMES = {"sqlite": "SQLite, as it comes (1 worker)", "postgresql": "PostgreSQL, durable (2 workers)"}


@dataclass
class Results:
    """All figures of an engine."""

    engine: str
    figures: list[Figure] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    series: list[Ratio] = field(default_factory=list)
    reading: Reading | None = None
    dashboard: Dashboard | None = None


def target(figure: Figure, engine: str) -> float:
    """Requests a second to reach; SQLite owes half."""
    return figure.target / (2 if engine == "sqlite" else 1)


def line(figure: Figure, engine: str) -> str:
    """A row of the load's table."""
    aim = target(figure, engine)
    mark = "yes" if figure.rate >= aim and not figure.failed else "no"
    return (
        f"| {figure.title} | {figure.rate:.0f} | {figure.lowest:.0f}–{figure.highest:.0f} | {aim:.0f}"
        f" | {mark} | {figure.cpu:.2f} | {figure.p50} | {figure.p99} | {figure.failed} |"
    )


def ratio_table(ratios: Sequence[Ratio]) -> str:
    """Calls on small against large."""
    head = "| | small, ms | large, ms | ratio | at most 1.3 |\n| --- | ---: | ---: | ---: | --- |"
    rows = [
        f"| {one.title} | {one.small:.2f} | {one.large:.2f} | {one.ratio:.2f}"
        f" | {'yes' if one.ratio <= scale.MOST_RATIO else 'no'} |"
        for one in ratios
    ]
    return "\n".join([head, *rows])


def reading(found: Reading) -> str:
    """A sentence."""
    return (
        f"One call that reads {found.events:,} events: the first byte after {found.first * 1000:.0f} ms,"
        f" the last after {found.whole:.1f} s; the worker grew by {found.growth:.1f} MiB"
        f" (at most {scale.MOST_GROWTH:.0f})."
    )


def machine() -> str:
    """What the figures were measured on, without names."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parser = "in C" if find_spec("gunicorn_h1c") else "in Python"
    one, five, _ = os.getloadavg()
    return (
        f"{cores} cores ({platform.machine()}), {memory:.0f} GiB of memory,"
        f" Python {platform.python_version()}, HTTP parser {parser}; server,"
        " database and load share them. Load average at the end:"
        f" {one:.1f} (1 min), {five:.1f} (5 min)."
    )


def write(results: Sequence[Results]) -> None:
    """Write the document."""
    parts = [
        "# Benchmarks",
        "`make bench` measures and writes this page. It starts servers and databases of its own and"
        " needs wrk.",
        f"Measured on {datetime.now(UTC):%d %B %Y}. {machine()}",
        f"Load: {load.CONNECTIONS} connections. The middle of the runs counts, lowest and highest stand"
        " beside it. *CPU* is processor time of server and database a request, in ms: other than the rate it"
        " hardly depends on what else the machine does.",
    ]
    for one in results:
        parts.append(f"## {NAMES[one.engine]}")
        head = (
            "| | requests/s | from–to | target | reached | CPU | p50 | p99 | failed |\n"
            "| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |"
        )
        parts.append("\n".join([head, *(line(figure, one.engine) for figure in one.figures)]))
        parts.append(
            f"Twenty events of an account of {scale.LARGE:,} against one of {scale.SMALL:,},"
            " one call at a time:"
        )
        parts.append(ratio_table(one.ratios))
        if one.reading:
            parts.append(reading(one.reading))
        parts.append(f"A series of {scale.LONG:,} points against one of {scale.SHORT:,}:")
        parts.append(ratio_table(one.series))
    FILE.write_text("\n\n".join(parts) + "\n")


def write_dashboards(results: Sequence[Results]) -> None:
    """Put the sections about the dashboard in their place in the document, or at its end; others stay."""
    sections = re.split(r"^(?=## )", FILE.read_text(), flags=re.MULTILINE)
    for one in results:
        if one.dashboard is not None:
            title = f"## The dashboard, {NAMES[one.engine]}"
            sections = [section for section in sections if not section.startswith(f"{title}\n")]
            sections[-1] = sections[-1].rstrip() + "\n\n"
            sections.append(f"{title}\n\n{_dashboard(one.dashboard)}\n")
    FILE.write_text("".join(sections))


def _dashboard(found: Dashboard) -> str:
    intro = (
        f"Measured on {datetime.now(UTC):%d %B %Y}. {machine()} Accounts of {dashboard.SMALL:,} and"
        f" {dashboard.LARGE:,} events in three years and that of `make demo`. Whole answers of the server:"
        " the 95th percentile, which counts, and the middle of the times beside it. The ratio is that of the"
        " middle times, as these tell less of disturbances; what the small account doesn't have has none."
    )
    return f"{intro}\n\n{dashboard.table(found)}"

"""The figures as people read them."""

from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.aims import KILOBYTE, aims_of, slowness
from bench.figures import Figures

Column = tuple[str, Callable[[Figures], str]]


def print_report(found: dict[str, Any], console: Console) -> None:
    rate = found["commits_per_s"]
    console.print(
        f"\nA bare loop commits {rate:,.0f} rows/s here, {1000 / rate:.2f} ms each. “of raw” is a figure's part of what such a "
        "loop reaches with as many durable commits.\n"
    )
    for title, table in _tables(found, rate):
        table.title, table.title_justify = title, "left"
        console.print(table)
        console.print()
    if times := slowness(found):
        console.print(
            f"A run of the peers takes {times:.1f} times the processor time here that it took, in their versions of then, where "
            "the aims were set. For what Mallard computes it will be much the same; what waits for the disk takes as long.\n"
        )


def _tables(found: dict[str, Any], rate: float) -> Iterable[tuple[str, Table]]:
    ours = {"mallard": found["sequential"]["mallard"]}
    sequential = ours | {
        f"mallard + {name}": figures for name, figures in found["variants"].items() if "at once" not in name
    }
    sequential |= {name: figures for name, figures in found["sequential"].items() if name not in ours}
    yield "message → tool → answer, one after another", _table(sequential, _sequential(rate))
    yield (
        "message → risky call → wait → all closed and opened anew → approved → answer",
        _table(found["resumed"], _resumed(rate)),
    )
    yield "the same in a file with many waiting runs", _table(found["backlog"], _backlog(rate))
    yield "the same after 100 runs in the conversation", _table(found["history"], _history(rate))
    many = {"mallard": found["at_once"]["mallard"]}
    many |= {
        f"mallard + {name.partition(',')[0]}": figures
        for name, figures in found["variants"].items()
        if "at once" in name
    }
    many |= {name: figures for name, figures in found["at_once"].items() if name not in many}
    yield "message → tool → answer, 200 at once", _table(many, _at_once(rate))
    yield "how often an approved risky tool was executed (once is right)", _table(found["executions"], _EXECUTIONS)
    starts = {"no platform": found["ready"]} | {f"on {names}": ready for names, ready in found["ready_on"].items()}
    yield "start until it serves", _table(starts, _READY)
    yield "aims", _aims(found)


def _table(rows: dict[str, Figures], columns: Iterable[Column]) -> Table:
    columns = list(columns)
    table = Table("", *(name for name, _ in columns))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, figures in rows.items():
        table.add_row(name, *(render(figures) for _, render in columns))
    return table


def _of(key: str, form: str = ".1f") -> Callable[[Figures], str]:
    def render(figures: Figures) -> str:
        value = figures.get(key)
        return "–" if value is None else format(value, form)

    return render


def _both(name: str) -> Callable[[Figures], str]:
    return lambda figures: f"{figures[f'{name}_p50_ms']:.1f} / {figures[f'{name}_p99_ms']:.1f}"


def _durable(figures: Figures) -> float:
    """Durable commits of a run: what the runtime counts, else its flushes."""
    return float(figures["commits"] if figures.get("commits") is not None else figures["fsyncs"])


def _of_raw(rate: float, key: str = "runs_per_s") -> Callable[[Figures], str]:
    """So many runs a second, as part of what the bare loop reaches with as many commits."""
    return lambda figures: f"{figures[key] * _durable(figures) / rate:.0%}" if key in figures else "–"


def _time_of_raw(rate: float, key: str, *flushes: str) -> Callable[[Figures], str]:
    """What the bare loop needs for as many commits, as part of so many milliseconds."""
    return lambda figures: f"{sum(figures[each] for each in flushes) / rate * 1000 / figures[key]:.0%}"


def _kilobytes(key: str) -> Callable[[Figures], str]:
    return lambda figures: f"{figures[key] / KILOBYTE:.1f}"


def _sequential(rate: float) -> list[Column]:
    return [
        ("runs/s", _of("runs_per_s", ",.0f")),
        ("of raw", _of_raw(rate)),
        ("p50 / p99 ms", _both("run")),
        ("CPU ms", _of("cpu_ms", ".2f")),
        ("commits", _of("commits")),
        ("fsyncs", _of("fsyncs")),
        ("KB/run", _kilobytes("bytes")),
        ("RSS MB", _of("rss_mb", ".0f")),
        ("runs/s, fsync free", _of("free_runs_per_s", ",.0f")),
        ("runs/s, HTTP model", _of("http_runs_per_s", ",.0f")),
        ("of raw", _of_raw(rate, "http_runs_per_s")),
        ("HTTP p50 ms", _of("http_run_p50_ms")),
    ]


def _resumed(rate: float) -> list[Column]:
    return [
        ("suspend p50 / p99 ms", _both("suspend")),
        ("of raw", _time_of_raw(rate, "suspend_p50_ms", "suspend_fsyncs")),
        ("open p50 / p99 ms", _both("open")),
        ("decision → answer p50 / p99 ms", _both("decide")),
        ("of raw", _time_of_raw(rate, "decide_p50_ms", "decide_fsyncs")),
        ("fsyncs", lambda figures: f"{figures['suspend_fsyncs']:.1f} + {figures['decide_fsyncs']:.1f}"),
        ("commits", _of("commits")),
        ("KB/run", _kilobytes("bytes")),
        ("decision → answer, new process, p50 ms", _of("restarted_decide_p50_ms")),
        ("of raw", _time_of_raw(rate, "restarted_decide_p50_ms", "decide_fsyncs")),
    ]


def _backlog(rate: float) -> list[Column]:
    return [
        ("waiting", _of("waiting", ",")),
        ("KB per waiting run", _kilobytes("waiting_bytes")),
        *_resumed(rate)[:6],
        ("RSS MB", _of("rss_mb", ".0f")),
    ]


def _history(rate: float) -> list[Column]:
    return [
        ("suspend + resume, new, p50 ms", _of("new_whole_p50_ms")),
        ("after 100 runs", _of("late_whole_p50_ms")),
        ("of raw", _time_of_raw(rate, "late_whole_p50_ms", "late_suspend_fsyncs", "late_decide_fsyncs")),
        ("times", _of("growth", ".2f")),
        ("decision → answer, new, p50 ms", _of("new_decide_p50_ms")),
        ("after 100 runs", _of("late_decide_p50_ms")),
        ("of raw", _time_of_raw(rate, "late_decide_p50_ms", "late_decide_fsyncs")),
        ("times", _of("decide_growth", ".2f")),
        ("KB/run, new", _kilobytes("new_bytes")),
        ("after 100 runs", _kilobytes("late_bytes")),
    ]


def _at_once(rate: float) -> list[Column]:
    return [
        ("runs/s", _of("runs_per_s", ",.0f")),
        ("of raw", _of_raw(rate)),
        ("p50 / p99 ms", _both("run")),
        ("CPU ms", _of("cpu_ms", ".2f")),
        ("commits", _of("commits", ".3f")),
        ("fsyncs", _of("fsyncs", ".3f")),
        ("RSS MB", _of("rss_mb", ".0f")),
    ]


_EXECUTIONS: list[Column] = [
    ("killed in mid-call, then recovered", lambda figures: str(figures["killed"]["executions"])),
    ("approved by two at once", lambda figures: str(figures["twice"]["executions"])),
]
_READY: list[Column] = [
    ("ready ms", _of("ready_ms", ".0f")),
    ("CPU ms", _of("cpu_ms", ".0f")),
    ("RSS MB", _of("rss_mb", ".0f")),
]


def _aims(found: dict[str, Any]) -> Table:
    table = Table("", "aim", "found", "")
    for aim in aims_of(found):
        value = f"{aim.found:,.0f}" if aim.found >= 100 else f"{aim.found:.2f}".rstrip("0").rstrip(".")
        table.add_row(aim.what, f"{aim.aim} {aim.unit}", f"{value} {aim.unit}", "✓" if aim.reached else "missed")
    return table

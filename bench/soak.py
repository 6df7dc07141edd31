"""The long form of what `make test` samples: crash points, also those of the recovery, on every platform; far more
interleavings; and a long day for two processes on two platforms.

    python -m bench.soak [--minutes 60] [--messages 2000]

Deaths come first: at every point of every kind of run, and then at every point of the recovery from it; and on the
loopback Slack and Discord, again and again. What time is left goes to interleavings, each round from a seed of its own; a
failing one prints its steps. Then so many messages, a quarter of which ask for approval, are worked by two processes that
are killed and started again all the time; that takes about as long again, says at the beginning how long at most, and
prints what was done in it; a failing one prints the seed that repeats it. Ends with 1 where anything was lost.
"""

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from runtime.records import Effect
from tests.crashes.enumeration import Enumeration
from tests.crashes.nursery import Nursery
from tests.crashes.on_chat import ChatEnumeration
from tests.crashes.on_discord import open_discord_pond
from tests.crashes.on_slack import open_slack_pond
from tests.interleavings.machine import Interleavings
from tests.soak.plan import Plan
from tests.soak.soak import soak_by_itself

ROUND = 100  # interleavings to a seed
SECONDS_EACH = 0.9  # from one message to the next, where two platforms are served
KINDS: Mapping[str, Mapping[str, Any]] = {
    **{f"effect {effect}": {"effect": effect} for effect in Effect},
    "an answer that the courier brings": {"effect": Effect.EXTERNAL, "streams": False},
    "no card, effect external": {"effect": Effect.EXTERNAL, "gated": False},
    "no card, effect idempotent": {"effect": Effect.IDEMPOTENT, "gated": False},
    "a question": {"effect": Effect.NONE, "question": True},
}
PONDS = {"Slack": open_slack_pond, "Discord": open_discord_pond}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description="Kill, interleave, and count what was lost."
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="how long, about; half of it goes to deaths")
    parser.add_argument("--messages", type=int, default=2_000, help="to two processes on two platforms; 0 for none")
    given = parser.parse_args()
    minutes = given.minutes
    logging.disable(logging.CRITICAL)  # what goes wrong here goes wrong on purpose
    began = time.monotonic()
    lost = die_everywhere(until=began + minutes * 30)
    lost += interleave(until=began + minutes * 60)
    lost += serve_both(given.messages) if given.messages else 0
    print(f"{lost} failures in {(time.monotonic() - began) / 60:.1f} minutes")
    return 1 if lost else 0


def die_everywhere(*, until: float) -> int:
    """Each kind of run, and each chat platform, gets its share of the time; points are taken in a new order each time.
    Returns the failures."""
    failures, left = 0, len(KINDS) + len(PONDS)
    with Nursery() as nursery:
        for name, kind in KINDS.items():
            share, left = (until - time.monotonic()) / left, left - 1
            with tempfile.TemporaryDirectory() as folder:
                runs = Enumeration(nursery=nursery, folder=Path(folder), **kind)
                failures += _die_within(name, runs, time.monotonic() + share)
        for name, open_pond in PONDS.items():
            share, left = (until - time.monotonic()) / left, left - 1
            with tempfile.TemporaryDirectory() as folder:
                chats = ChatEnumeration(nursery=nursery, folder=Path(folder), open_pond=open_pond)
                failures += asyncio.run(_die_on_chat(name, chats, time.monotonic() + share))
    return failures


def _die_within(name: str, runs: Enumeration, until: float) -> int:
    points = list(runs.points())
    random.shuffle(points)
    for point in points:
        runs.die_at(point)
    finished = 0
    for point in points:
        if time.monotonic() > until:
            break
        for _ in runs.die_twice_everywhere(point):
            pass
        finished += 1
    what = f"{name}: {len(points)} points, of {finished} every point of the recovery too; {runs.trials} trials"
    return _report(what, runs.failures)


async def _die_on_chat(name: str, runs: ChatEnumeration, until: float) -> int:
    """Every point once, and then again in another order while there is time."""
    points, trials = list(await runs.points()), 0
    while trials == 0 or time.monotonic() < until:
        random.shuffle(points)
        for point in points:
            if trials >= len(points) and time.monotonic() > until:
                break
            await runs.die_at(point)
            trials += 1
    return _report(f"{name}: {len(points)} points, {trials} trials", runs.failures)


def _report(what: str, failures: Sequence[str]) -> int:
    print(f"{what}, {len(failures)} failures", *failures, sep="\n  ", flush=True)
    return len(failures)


def interleave(*, until: float) -> int:
    """Rounds of interleavings until the time is up. Returns the failures."""
    rounds = failures = 0
    while time.monotonic() < until:
        rounds += 1
        number = random.randrange(2**32)
        machine = seed(number)(type("Interleavings", (Interleavings,), {}))
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=ROUND,
                    stateful_step_count=80,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except Exception as broken:
            failures += 1
            print(f"seed {number}: {broken}", *getattr(broken, "__notes__", ()), sep="\n", flush=True)
    print(f"{rounds} rounds of {ROUND} interleavings, {failures} failures", flush=True)
    return failures


def serve_both(messages: int) -> int:
    """One soak of two processes. Returns how many laws were broken."""
    plan = Plan(
        seed=random.randrange(2**32),
        messages=messages,
        approvals=messages // 4,
        kills=messages // 10,
        seconds=messages * SECONDS_EACH,
    )
    print(f"{plan.words}: at most {plan.limit / 60:.0f} minutes", flush=True)
    outcome = asyncio.run(soak_by_itself(plan))
    print(outcome, flush=True)
    return len(outcome.broken)


if __name__ == "__main__":
    raise SystemExit(main())

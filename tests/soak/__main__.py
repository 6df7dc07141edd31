"""`python -m tests.soak`: one soak. A seed that failed does the same deeds again."""

import argparse
import asyncio
import random

from tests.soak.plan import Plan
from tests.soak.soak import soak_by_itself


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak", description="Two processes, two platforms, and bad luck."
    )
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of a run to repeat")
    parser.add_argument("--messages", type=int, default=Plan(seed=0).messages)
    parser.add_argument("--approvals", type=int, default=Plan(seed=0).approvals)
    parser.add_argument("--kills", type=int, default=Plan(seed=0).kills)
    parser.add_argument("--seconds", type=float, default=Plan(seed=0).seconds, help="until the last deed is begun")
    parser.add_argument("--plan", action="store_true", help="only print the deeds")
    given = parser.parse_args()
    plan = Plan(
        seed=given.seed,
        messages=given.messages,
        approvals=given.approvals,
        kills=given.kills,
        seconds=given.seconds,
    )
    if given.plan:
        print(*plan.deeds(), sep="\n")
        return 0
    outcome = asyncio.run(soak_by_itself(plan))
    print(outcome)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())

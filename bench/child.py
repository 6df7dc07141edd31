"""One measurement in a process of its own: `python -m bench.child '{"subject": …, "workload": …, …}'` prints its figures."""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bench import workloads
from bench.disk import Disk
from bench.subject import Open, Setting
from bench.workloads import Bench

SUBJECTS = {
    "mallard": ("bench.mallard", "open_mallard"),
    "langgraph": ("bench.peers.langgraph_sqlite", "open_langgraph"),
    "openai-agents": ("bench.peers.agents_sqlite", "open_agents"),
    "pydantic-ai": ("bench.peers.pydantic_steps", "open_pydantic_ai"),
}


def open_of(name: str) -> Open:
    module, function = SUBJECTS[name]
    found: Open = getattr(importlib.import_module(module), function)
    return found


def main(order: dict[str, Any]) -> None:
    setting = Setting(
        folder=Path(order["folder"]), model_url=order.get("model_url", ""), variant=order.get("variant", "")
    )
    bench = Bench(open=open_of(order["subject"]), setting=setting, disk=Disk())
    workload = getattr(workloads, order["workload"])
    print(json.dumps(asyncio.run(workload(bench, **order["with"]))))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

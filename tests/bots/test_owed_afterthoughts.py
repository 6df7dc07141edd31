"""What a process without a language model makes of the afterthoughts that another one left owed: nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.bots.conftest import Mallard
from tests.bots.modelled import modelled
from tests.fakes.model import Received
from tests.fakes.replies import Hang, Reply, Say


def afterthoughts(folder: Path) -> list[tuple[str, str, int]]:
    with closing(sqlite3.connect(folder / "data" / "mallard.db")) as connection:
        return connection.execute("SELECT kind, status, attempts FROM afterthoughts ORDER BY kind").fetchall()


def reply(received: Received) -> Reply:
    """No tool is called, and nothing is thought afterwards for as long as the process lives."""
    return Hang() if received.model == "afterthinker" else Say(text=json.dumps({"calls": []}))


def test_what_is_owed_waits_for_the_day_that_there_is_a_model(mallard: Mallard, tmp_path: Path) -> None:
    with modelled(reply) as model:
        afterwards = {"MALLARD_MODEL_MEMORY_NAME": "afterthinker", "MALLARD_MODEL_CRITIC_NAME": "afterthinker"}
        assert mallard("chat", "--once", "we meet at noon", **model, **afterwards).returncode == 0
    owed = afterthoughts(tmp_path)
    assert [(kind, status) for kind, status, _ in owed] == [("memory", "owed"), ("reflection", "owed")]

    assert mallard("chat", stdin="list files\n").returncode == 0

    assert afterthoughts(tmp_path) == owed

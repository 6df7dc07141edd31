"""One of two processes on one database. It owns one wall, works the runs of both, and does what its standard input says.

    ask 3            a message arrives on its wall, in the conversation of that number
    click TOKEN      somebody clicks here: on whatever wall the card stands
    stop             end gracefully

Each line is answered with one line.
"""

import asyncio
import sys
from pathlib import Path

from runtime.policy import Roles
from runtime.records import ConversationRef, Effect, IncomingMessage, UserRef
from tests.crashes.household import Household, RealClock
from tests.crashes.points import Points
from tests.crashes.trial import UNTIL_REST, Life
from tests.crashes.wall import Wall

TWINS = ("slack", "discord")
ANN = UserRef(platform="slack", space="T1", id="ann")


async def serve(folder: Path, name: str) -> None:
    life = Life(folder=str(folder), number=TWINS.index(name), effect=Effect.EXTERNAL, streams=True)
    roles = Roles(users=None, approvers=frozenset({ANN}))
    wall = Wall(folder / f"wall-{name}", streams=True, name=name)
    house = Household(life, wall, Points(UNTIL_REST, life.journal), roles, works_for=frozenset(TWINS))
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with house.store, asyncio.TaskGroup() as tasks:
        tasks.create_task(house.worker.run())
        tasks.create_task(house.courier.run())
        print("here", flush=True)
        while line := (await commands.readline()).decode().split():
            match line:
                case ["ask", number]:
                    where = ConversationRef(platform=name, channel=f"c{number}")
                    message = IncomingMessage(
                        id=number, where=where, author=ANN, text=f"Do {number}.", sent_at=RealClock().now()
                    )
                    await house.door.receive(message)
                    print("heard", flush=True)
                case ["click", token]:
                    where = ConversationRef(platform=name, channel="anywhere")
                    done = await house.door.click(token, by=ANN, by_name="Ann", where=where)
                    print(done.outcome, flush=True)
                case _:
                    break
        house.worker.stop()
        house.courier.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))

"""One life of the process: a household that works, and a person who uses it."""

import asyncio
import os
from pathlib import Path

from bots.catching_up import catch_up
from bots.discord import DiscordPlatform, DiscordSettings
from bots.slack import SlackPlatform, SlackSettings
from runtime.policy import Roles
from runtime.ports import Platform
from runtime.records import IncomingMessage, UserRef
from tests.crashes.household import Household, RealClock
from tests.crashes.points import Points
from tests.crashes.trial import Chat, Life
from tests.crashes.wall import PERSON, WHERE, Wall, read_wall

MESSAGE = "m1"


class Ann:
    """She asks once, and clicks whatever card stands open on the wall, old or new."""

    def __init__(self, house: Household, life: Life) -> None:
        self._house, self._life = house, life
        self._wall = Path(life.folder) / "wall"
        self._accepted = Path(life.folder) / "accepted"
        self._clicked: set[str] = set()

    async def asks(self) -> None:
        """Tell it what it has not accepted yet, as a platform does."""
        if self._accepted.exists() and not self._life.told_again:
            return
        await self._house.door.receive(
            IncomingMessage(
                id=MESSAGE, where=WHERE, author=PERSON, text="Do it.", sent_at=RealClock().now(), direct=True
            )
        )
        self._accepted.touch()

    async def clicks_what_is_open(self) -> bool:
        """Approve, say that it was done, or answer: once for each card. Returns whether there was anything to click."""
        found = False
        for message in read_wall(self._wall):
            offered = (message.buttons.get(verb) for verb in ("approve", "mark_done", "answer_1"))
            token = next(filter(None, offered), None)
            if token is not None and token not in self._clicked:
                self._clicked.add(token)
                found = True
                settlement = await self._house.door.click(token, by=PERSON, by_name="Ann", where=WHERE)
                with (Path(self._life.folder) / "clicks").open("a") as file:
                    file.write(f"{settlement.outcome}\n")
        return found


async def live(life: Life) -> None:
    """Live until all is at rest and nothing is left to click, or until fate says otherwise."""
    points = Points(life.fate, life.journal)
    news = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear() -> None:
        loop.call_soon_threadsafe(news.set)

    points.heard = hear
    if life.chat:
        house = Household(life, _platform(life.chat), points, _roles(life.chat))
    else:
        house = Household(life, Wall(Path(life.folder) / "wall", streams=life.streams), points, Roles())
    async with house.store, asyncio.TaskGroup() as tasks:
        since = await house.store.begin_serving(house.platform.name, RealClock().now())
        seen = house.store.list_seen(house.platform.name)
        house.door.begin_catching_up(house.platform.name)
        await house.platform.start(house.door)
        tasks.create_task(house.worker.run())
        tasks.create_task(house.courier.run())
        if life.thinks:
            tasks.create_task(house.afterthoughts.run())
        while not house.worker.has_room_for(house.platform.name):  # noqa: ASYNC110  it takes one turn of the loop
            await asyncio.sleep(0)
        for _ in range(2):  # what a start writes is committed apart from what people bring
            await house.store.database.write(lambda tx: None)
        await catch_up(house.platform, house.door, seen, since)
        await (_serve_people(house, life, news) if life.chat else _serve_ann(house, life, news))
        await house.platform.stop()
        house.worker.stop()
        house.courier.stop()
        house.afterthoughts.stop()


async def _serve_ann(house: Household, life: Life, news: asyncio.Event) -> None:
    ann = Ann(house, life)
    await ann.clicks_what_is_open()  # an old card, before anything was recovered
    await ann.asks()
    while not house.is_at_rest() or await ann.clicks_what_is_open():
        await news.wait()
        news.clear()


async def _serve_people(house: Household, life: Life, news: asyncio.Event) -> None:
    """People are outside: listen until what they asked has been answered, and every card is closed."""
    life.serving.write_text("now")
    while not house.is_done():
        await news.wait()
        news.clear()


def _platform(chat: Chat) -> Platform:
    if chat.platform == "slack":
        return SlackPlatform(
            SlackSettings(
                bot_token=chat.token, app_token="xapp-loopback", api_base_url=chat.url, ping_interval=0.2,
                watchdog_interval=0.1, flush_interval=0.01, stop_patience=2.0, read_retries=0,
            ),
            RealClock(),
        )  # fmt: skip
    return DiscordPlatform(
        DiscordSettings(
            token=chat.token,
            api_url=chat.url,
            request_timeout=2.0,
            ready_timeout=0.02,
            flush_interval=0.01,
            stop_patience=2.0,
        ),
        RealClock(),
    )


def _roles(chat: Chat) -> Roles:
    asker, decider = (UserRef(platform=chat.platform, space=chat.space, id=id_) for id_ in (chat.asker, chat.decider))
    return Roles(users=frozenset({asker}), approvers=frozenset({decider}))


def run(life: Life) -> None:
    """Live in this process. What went wrong is in the life's log, and in the exit status."""
    with life.log.open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    life.pid.write_text(str(os.getpid()))
    asyncio.run(live(life))

"""Where a soak takes place: two loopback platforms, a model behind HTTP, a database, and two processes that serve it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.discord import Discord
from tests.fakes.model import ScriptedEndpoint
from tests.fakes.slack import Slack
from tests.soak.books import Books
from tests.soak.children import Child
from tests.soak.jobs import LEDGER
from tests.soak.mind import think
from tests.stories.sides.on_discord import DiscordSide
from tests.stories.sides.on_slack import SlackSide
from tests.stories.sides.side import SIDES, Side, SideName

CONNECTED = 60.0
PATIENCE = 240.0  # until something said can be continued: processes come and go meanwhile


@dataclass(slots=True, kw_only=True)
class City:
    folder: Path
    sides: dict[SideName, Side]
    children: dict[SideName, Child]
    books: Books
    mind: ScriptedEndpoint
    at_terminal: list[str] = field(default_factory=list)

    async def start(self, name: SideName) -> None:
        await self.children[name].start()
        await self.sides[name].connected(timeout=CONNECTED)

    async def terminal(self, *words: str, dies: float = 0.0) -> None:
        """`mallard …`, to its end, or killed after so many seconds."""
        child = Child(self.folder, *words)
        await child.start()
        try:
            if dies:
                await asyncio.sleep(dies)
                await child.kill()
            else:
                self.at_terminal.append(f"{' '.join(words)}: {await child.ended()}")
        finally:
            await child.kill()

    def ledger(self) -> list[int]:
        """The jobs that were done, as they say themselves."""
        path = self.folder / "workspace" / LEDGER
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def logs(self) -> dict[str, str]:
        """What the processes wrote, by command."""
        return {path.stem: path.read_text(errors="replace") for path in self.folder.glob("*.log")}

    def write_settings(self) -> None:
        names = {
            "MALLARD_USERS": ",".join(side.written("alice") for side in self.sides.values()),
            "MALLARD_APPROVERS": ",".join(side.written("bob", "carol") for side in self.sides.values()),
            "MALLARD_APPROVAL_HOURS": "never",
            "MALLARD_MODEL_BASE_URL": self.mind.base_url,
            "MALLARD_MODEL_NAME": "scripted",
            "MALLARD_TOKEN_BUDGET": "6000",
        }
        for side in self.sides.values():
            names |= side.settings
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))
        (self.folder / "workspace").mkdir()


@asynccontextmanager
async def open_city(folder: Path) -> AsyncIterator[City]:
    """A city whose processes are not started yet; whatever still lives at the end is killed."""
    async with Slack() as slack, Discord() as discord, ScriptedEndpoint(think) as mind:
        sides: dict[SideName, Side] = {
            "slack": SlackSide(slack, patience=PATIENCE),
            "discord": DiscordSide(discord, patience=PATIENCE),
        }
        city = City(
            folder=folder,
            sides=sides,
            children={name: Child(folder, "up", name) for name in SIDES},
            books=Books(folder / "data" / "mallard.db"),
            mind=mind,
        )
        city.write_settings()
        try:
            yield city
        finally:
            for child in city.children.values():
                await child.kill()

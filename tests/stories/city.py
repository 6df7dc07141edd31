"""A city with both platforms, one database, and a real process for each platform: processes come and go, people stay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct, field

from tests.fakes.discord import Discord
from tests.fakes.slack import Slack
from tests.stories.children import Child
from tests.stories.crossing import CaptureFor
from tests.stories.sides.on_discord import DiscordSide
from tests.stories.sides.on_slack import SlackSide
from tests.stories.sides.side import SIDES, Side, SideName

CONNECTED = 60.0  # seconds in which a process has to come up, at least


class City(Struct, kw_only=True):
    """`at_terminal` is what was typed there, with the exit status of each; `starting` are the processes on their way.
    A process has `patience` seconds to come up, and as many to end."""

    folder: Path
    sides: Mapping[SideName, Side]
    children: Mapping[SideName, Child]
    patience: float = CONNECTED
    at_terminal: list[tuple[str, int]] = field(default_factory=list)
    starting: set[SideName] = field(default_factory=set)

    async def start(self, *names: SideName) -> None:
        """Start the processes of these platforms, and wait until each is connected."""
        self.starting.update(names)
        for name in names:
            await self.children[name].start()
        for name in names:
            await self.sides[name].connected(timeout=self.patience)
            self.starting.discard(name)

    async def kill(self, name: SideName) -> None:
        await self.children[name].kill()
        await self.sides[name].left()

    async def stop(self, name: SideName) -> None:
        """Ask a platform's process to end, and wait until it has: well, and with nothing to regret."""
        await self.children[name].stop()
        await self.sides[name].left()

    async def terminal(self, *words: str, dies: float = 0.0) -> None:
        """`mallard …`, to its end, or killed after so many seconds."""
        child = Child(self.folder, *words, patience=self.patience)
        await child.start()
        try:
            if dies:
                await asyncio.sleep(dies)
                await child.kill()
            else:
                self.at_terminal.append((" ".join(words), await child.ended()))
        finally:
            await child.kill()

    async def until(self, look: Callable[[], object]) -> None:
        """Until it is so in a file: files tell nobody."""
        async with asyncio.timeout(self.patience):
            while not look():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def other(self, side: Side) -> Side:
        return next(each for each in self.sides.values() if each is not side)

    def lines(self, name: str) -> list[str]:
        """What a file of the workspace says; [] where there is none."""
        path = self.folder / "workspace" / name
        return path.read_text().split() if path.exists() else []

    def logs(self) -> dict[str, str]:
        """What the processes wrote, by command."""
        return {path.stem: path.read_text(errors="replace") for path in self.folder.glob("*.log")}

    def check_clean(self) -> None:
        """Nothing was done that either platform refuses or a careful app avoids, and nobody wrote of a fault of ours."""
        broken = [breach for side in self.sides.values() for breach in side.breaches]
        broken += [name for name, log in self.logs().items() if "Traceback" in log]
        assert not broken, broken

    def write_settings(self, more: Mapping[str, str]) -> None:
        names = {
            "MALLARD_USERS": ",".join(side.written("alice") for side in self.sides.values()),
            "MALLARD_APPROVERS": ",".join(side.written("bob", "carol") for side in self.sides.values()),
        }
        for side in self.sides.values():
            names |= side.settings
        names |= more
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))
        (self.folder / "workspace").mkdir()


@asynccontextmanager
async def open_city(
    folder: Path,
    settings: Mapping[str, str],
    *,
    capture_for: CaptureFor = lambda platform: None,
    patience: float = 30.0,
) -> AsyncIterator[City]:
    """A city whose processes are not started yet; whatever still lives at the end is killed. `settings` go beside those
    that lead to the platforms and name the people, by their environment names."""
    async with Slack(capture=capture_for("slack")) as slack, Discord(capture=capture_for("discord")) as discord:
        sides: dict[SideName, Side] = {
            "slack": SlackSide(slack, patience=patience),
            "discord": DiscordSide(discord, patience=patience),
        }
        room = max(CONNECTED, patience)
        children = {name: Child(folder, "up", name, patience=room) for name in SIDES}
        city = City(folder=folder, sides=sides, children=children, patience=room)
        city.write_settings(settings)
        try:
            yield city
        finally:
            for child in city.children.values():
                await child.kill()

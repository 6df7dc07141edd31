"""A run that is worked on, at the terminal: what is being done, and its answer while it is written."""

from typing import TYPE_CHECKING

from runtime.blocks import BETWEEN_BLOCKS, read_blocks
from runtime.ports import OnPosted, StreamRequest
from runtime.records import MessageRef

if TYPE_CHECKING:
    from bots.terminal.platform import TerminalPlatform


class TerminalStream:
    """A status beside the input line, and the answer block by block while it is written.

    Silent for a run of a conversation that is not open here: its answer is brought to where it is.
    """

    def __init__(self, platform: "TerminalPlatform", request: StreamRequest) -> None:
        self._platform, self._request = platform, request
        self._is_here = request.where.channel == platform.where.channel
        self._on_posted: OnPosted | None = None
        self._message: MessageRef | None = None
        self._streamed = ""
        self._begun = ""
        self._is_broken = False

    @property
    def message(self) -> MessageRef | None:
        return self._message

    async def status(self, text: str) -> None:
        if self._is_here:
            self._platform.set_status(self._request.run_id, text)

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._on_posted = on_posted

    async def append(self, text: str) -> None:
        if not self._is_here or not self._platform.screen.streams or self._on_posted is None:
            return
        self._begun += text
        if "\n" not in text:
            return
        finished, self._begun = split_finished(self._begun)
        if finished:
            await self._print(finished, goes_on=True)

    async def finish_answer(self, markdown: str) -> bool:
        """True where the screen says exactly `markdown`: only what was written so far and fits is gone on with."""
        if not self._streamed or not markdown.startswith(self._streamed):
            return False
        await self._print(f"{markdown.removeprefix(self._streamed)}\n")
        if self._message is not None and not self._is_broken:
            self._platform.note_text(self._message, markdown)
        return not self._is_broken

    async def close(self, *, suspended: bool) -> None:
        self._platform.set_status(self._request.run_id, "")

    async def _print(self, lines: str, *, goes_on: bool = False) -> None:
        """Once something could not be printed nothing more is: the whole answer is brought instead."""
        if self._is_broken:
            return
        try:
            self._platform.screen.write(lines, goes_on=goes_on)
        except OSError:
            self._is_broken = True
            return
        self._streamed += lines
        if self._message is None and self._on_posted is not None:
            self._message = self._platform.note_posted(self._request.where, "")
            await self._on_posted(self._message)


def split_finished(text: str) -> tuple[str, str]:
    """The blocks that look the same whatever comes, and what has to wait: the last one may go on."""
    whole_lines = text[: text.rfind("\n") + 1]
    blocks = read_blocks(whole_lines)
    cuts = (at for at in range(len(blocks.lines) - 1, 0, -1) if blocks.costs[at] == BETWEEN_BLOCKS)
    finished = "".join(blocks.lines[: next(cuts, 0)])
    return finished, text[len(finished) :]

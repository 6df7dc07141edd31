"""Output on its way to people."""

import logging

from msgspec.structs import replace

from runtime.masking import Chunks, Masker
from runtime.records import Observation
from runtime.tools.port import OnOutput
from runtime.tools.visible import make_prose_visible, shorten

_LOG = logging.getLogger(__name__)


def presentable(observation: Observation, cap: int) -> Observation:
    """Only characters that people can see, and no more of them than the cap."""
    text, left_out = shorten(make_prose_visible(observation.text.replace("\r\n", "\n")), cap)
    if text == observation.text and not left_out:
        return observation
    metadata = {**observation.metadata, "left_out": left_out} if left_out else observation.metadata
    return replace(observation, text=text, metadata=metadata)


class LiveOutput:
    """What a tool says while it runs: without secrets, and it never decides whether the tool runs."""

    def __init__(self, on_output: OnOutput, masker: Masker) -> None:
        self._on_output = on_output
        self._chunks = Chunks(masker)

    async def add(self, text: str) -> None:
        await self._tell(self._chunks.add(text))

    async def end(self) -> None:
        await self._tell(self._chunks.end())

    async def _tell(self, text: str) -> None:
        try:
            if text:
                await self._on_output(text)
        except Exception:
            _LOG.warning("showing a tool's output failed", exc_info=True)

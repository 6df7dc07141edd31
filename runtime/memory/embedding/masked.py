"""An embedder that is shown no secrets."""

from collections.abc import Sequence

from msgspec import Struct

from runtime.errors import EmbeddingUnavailable
from runtime.masking import Masker
from runtime.memory.ports import Embedder
from runtime.memory.records import Vector


class MaskedEmbedder(Struct, frozen=True, kw_only=True):
    """The Embedder port. Texts are masked on their way to the model, and so is what it says of its failures."""

    embedder: Embedder
    masker: Masker

    async def space(self) -> str:
        try:
            return await self.embedder.space()
        except EmbeddingUnavailable as error:
            raise EmbeddingUnavailable(self.masker.mask(str(error))) from None

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        try:
            return await self.embedder.embed([self.masker.mask(text) for text in texts])
        except EmbeddingUnavailable as error:
            raise EmbeddingUnavailable(self.masker.mask(str(error))) from None

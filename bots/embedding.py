"""What makes the vectors of memories, as the settings choose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bots.settings import Settings
from runtime.masking import Masker
from runtime.memory.embedding.masked import MaskedEmbedder
from runtime.memory.ports import Embedder
from runtime.models.endpoint import Endpoint


@asynccontextmanager
async def open_embedder_of(settings: Settings, masker: Masker) -> AsyncIterator[Embedder | None]:
    """The endpoint where one is named, else the model of this machine; None where memories are found by words alone.

    Nothing is loaded and nobody is asked before there is something to embed. It is shown no secrets.
    """
    if settings.embedding == "off":
        yield None
    elif settings.uses_embedding_endpoint:
        from runtime.memory.embedding.endpoint import open_endpoint

        async with open_endpoint(endpoint_of(settings)) as endpoint:
            yield MaskedEmbedder(embedder=endpoint, masker=masker)
    else:
        from runtime.memory.embedding.local import open_local

        async with open_local() as local:
            yield MaskedEmbedder(embedder=local, masker=masker)


def endpoint_of(settings: Settings) -> Endpoint:
    """The endpoint that the settings name. Raises SettingsError for a key that cannot be sent."""
    from runtime.memory.embedding.endpoint import PATH, SETTINGS

    key = settings.embedding_api_key
    return Endpoint(
        base_url=str(settings.embedding_base_url).rstrip("/"),
        model=settings.embedding_name or "",
        api_key=key.get_secret_value() if key else "",
        timeout_s=settings.embedding_timeout_s,
        path=PATH,
        settings=SETTINGS,
    )

"""The models that the settings choose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bots.settings import Settings
from runtime.models.port import Model, Role


@asynccontextmanager
async def open_model_of(settings: Settings) -> AsyncIterator[Model]:
    """The configured models, or the embedded default where no role has one: settings give one to every role or to none."""
    from runtime.models.endpoint import Endpoint

    chosen = {role: choice for role in Role if (choice := settings.find_model(role)) is not None}
    if not chosen:
        from runtime.models.embedded import EmbeddedModel

        yield EmbeddedModel()
        return
    from runtime.models.client import open_model

    endpoints = {
        role: Endpoint(
            base_url=choice.base_url,
            model=choice.name,
            api_key=choice.api_key.get_secret_value() if choice.api_key else "",
            timeout_s=choice.timeout_s,
            reasoning=choice.reasoning,
            extra=choice.extra,
        )
        for role, choice in chosen.items()
    }
    async with open_model(endpoints) as model:
        yield model

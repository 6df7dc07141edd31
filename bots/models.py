"""The models that the settings choose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bots.settings import ModelChoice, Settings
from runtime.models.endpoint import Endpoint
from runtime.models.port import Model, Role


@asynccontextmanager
async def open_model_of(settings: Settings) -> AsyncIterator[Model]:
    """The configured models, or the embedded default where no role has one: settings give one to every role or to none."""
    chosen = {role: choice for role in Role if (choice := settings.find_model(role)) is not None}
    if not chosen:
        from runtime.models.embedded import EmbeddedModel

        yield EmbeddedModel()
        return
    from runtime.models.client import open_model

    async with open_model({role: endpoint_of(choice) for role, choice in chosen.items()}) as model:
        yield model


def endpoint_of(choice: ModelChoice) -> Endpoint:
    """The endpoint that was chosen. Raises SettingsError for a key that cannot be sent."""
    return Endpoint(
        base_url=choice.base_url,
        model=choice.name,
        api_key=choice.api_key.get_secret_value() if choice.api_key else "",
        timeout_s=choice.timeout_s,
        reasoning=choice.reasoning,
        extra=choice.extra,
        settings=choice.settings,
    )

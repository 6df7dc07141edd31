"""Components and modals made by us, in the clothes that discord.py sends them in. It keeps nothing of them."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from bots.discord.components import Component

FORM_PATIENCE = 900.0
"""How long the library remembers a modal that nobody sends off: Discord takes it no longer either."""


class Shown(ui.LayoutView):
    def __init__(self, components: Sequence[Component]) -> None:
        super().__init__(timeout=None)
        self._components = list(components)

    def to_components(self) -> list[Component]:
        return self._components

    def has_components_v2(self) -> bool:
        return True

    def is_dispatchable(self) -> bool:
        """Clicks are found by their custom id, also those on what another process sent."""
        return False


class Form(ui.Modal):
    def __init__(self, payload: Component) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"], timeout=FORM_PATIENCE)
        self._payload = payload

    def to_dict(self) -> dict[str, Any]:
        return self._payload

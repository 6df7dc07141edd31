"""Modals and home tabs: what the app published, and what the person did with it."""

from typing import Any, Literal

from msgspec import Struct, field

from tests.fakes.slack.content import Content, Control

Json = dict[str, Any]
DEEPEST_STACK = 3


class View(Struct, kw_only=True, eq=False):
    id: str
    kind: Literal["modal", "home"]
    user: str
    team: str
    payload: Json
    content: Content
    hash: str
    root_id: str
    previous_id: str | None = None
    bot_id: str
    app_id: str
    closed: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str((self.payload.get("title") or {}).get("text", ""))

    @property
    def text(self) -> str:
        return "\n".join(filter(None, [self.title, self.content.text]))

    @property
    def buttons(self) -> tuple[Control, ...]:
        return self.content.buttons

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id") or "")

    @property
    def inputs(self) -> tuple[Control, ...]:
        return tuple(control for control in self.content.controls if control.block["type"] == "input")

    def as_json(self) -> Json:
        """As the API and the payloads show it."""
        return {
            "id": self.id,
            "team_id": self.team,
            "type": self.kind,
            "blocks": list(self.content.blocks),
            "private_metadata": self.payload.get("private_metadata") or "",
            "callback_id": self.callback_id,
            "state": {"values": self.values},
            "hash": self.hash,
            "title": self.payload.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(self.payload.get("clear_on_close")),
            "notify_on_close": bool(self.payload.get("notify_on_close")),
            "close": self.payload.get("close"),
            "submit": self.payload.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": self.app_id,
            "external_id": self.payload.get("external_id") or "",
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }

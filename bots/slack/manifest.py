"""The app's manifest: what `mallard slack manifest` prints for Slack's "create an app from a manifest"."""

from typing import Any

COMMAND = "/mallard"
SHORTCUT = "ask_mallard"

PROMPTS = (
    ("What can you do?", "help"),
    ("What is waiting for me?", "pending"),
    ("What did you do lately?", "history"),
)

BOT_SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "users:read",
)

BOT_EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)


def manifest(*, url: str = "") -> dict[str, Any]:
    """The manifest for Socket Mode; with `url`, the public address of the HTTP endpoint, for HTTP mode."""
    events: dict[str, Any] = {"bot_events": list(BOT_EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "History, pending approvals, options, or a request",
        "usage_hint": "history | pending | run 42 | stop | options | help",
        "should_escape": True,
    }
    if url:
        events["request_url"] = interactivity["request_url"] = command["url"] = url
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Mallard",
            "description": "An agent of your own that asks before it does anything risky.",
            "background_color": "#1f4d3a",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "mallard", "always_online": True},
            "agent_view": {
                "agent_description": "Plans, uses your tools, answers in the thread, and asks before anything risky.",
                "suggested_prompts": [{"title": title, "message": message} for title, message in PROMPTS],
            },
            "slash_commands": [command],
            "shortcuts": [
                {
                    "name": "Ask Mallard",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Hand this message to Mallard",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }

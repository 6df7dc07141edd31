"""Who and where: workspaces, the users in them, the channels they talk in."""

from typing import Any, Literal

from msgspec import Struct, field

ChannelKind = Literal["channel", "group", "im", "mpim"]


class Workspace(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    domain: str

    @property
    def url(self) -> str:
        return f"https://{self.domain}.slack.com/"


class User(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    team: str
    bot_id: str | None = None
    app_id: str | None = None

    @property
    def is_bot(self) -> bool:
        return self.bot_id is not None

    @property
    def real_name(self) -> str:
        return self.name.replace("-", " ").replace("_", " ").title()

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "deleted": False,
            "real_name": self.real_name,
            "tz": "Europe/Berlin",
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": {
                "real_name": self.real_name,
                "real_name_normalized": self.real_name,
                "display_name": self.name,
                "display_name_normalized": self.name,
                "team": self.team,
                "avatar_hash": "g000000000000",
            }
            | ({"api_app_id": self.app_id, "bot_id": self.bot_id} if self.is_bot else {}),
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1700000000,
        }


class Channel(Struct, kw_only=True, eq=False):
    id: str
    name: str
    kind: ChannelKind
    created: int
    team: str
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_shared: bool = False

    @property
    def is_direct(self) -> bool:
        return self.kind == "im"

    def peer_of(self, user: str) -> str:
        """The other one in a direct message."""
        return next(iter(self.members - {user}), user)

    def as_json(self, *, seen_by: str) -> dict[str, Any]:
        if self.kind == "im":
            return {
                "id": self.id,
                "created": self.created,
                "is_archived": self.is_archived,
                "is_im": True,
                "is_org_shared": False,
                "context_team_id": self.team,
                "updated": self.created * 1000,
                "user": self.peer_of(seen_by),
                "is_user_deleted": False,
                "priority": 0,
                "is_open": True,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": False,
            "unlinked": 0,
            "is_shared": self.is_shared,
            "is_org_shared": False,
            "is_ext_shared": self.is_shared,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "context_team_id": self.team,
            "updated": self.created * 1000,
            "creator": "U0ADMIN",
            "shared_team_ids": [self.team],
            "pending_connected_team_ids": [],
            "is_member": seen_by in self.members,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }

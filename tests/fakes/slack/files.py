"""A file in Slack: its bytes, and what the API says about it."""

from typing import Any

from msgspec import Struct, field


class File(Struct, kw_only=True, eq=False):
    id: str
    name: str
    title: str
    mimetype: str
    user: str
    created: int
    origin: str
    team: str
    expected_length: int
    content: bytes | None = None
    shared_in: dict[str, str] = field(default_factory=dict)  # channel → its kind
    completed: bool = False

    @property
    def url(self) -> str:
        return f"{self.origin}/files-pri/{self.team}-{self.id}/{self.name}"

    @property
    def text(self) -> str:
        return (self.content or b"").decode(errors="replace")

    def _shared_in(self, *kinds: str) -> list[str]:
        return [channel for channel, kind in self.shared_in.items() if kind in kinds]

    def as_json(self) -> dict[str, Any]:
        suffix = self.name.rpartition(".")[2] or "text"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": suffix,
            "pretty_type": suffix.upper(),
            "user": self.user,
            "user_team": self.team,
            "editable": False,
            "size": len(self.content or b""),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": "channel" in self.shared_in.values(),
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": self.url,
            "url_private_download": self.url.replace("/files-pri/", "/files-pri/download/"),
            "media_display_type": "unknown",
            "permalink": f"{self.origin}/files/{self.user}/{self.id}/{self.name}",
            "permalink_public": f"{self.origin}/files-pub/{self.id}",
            "channels": self._shared_in("channel"),
            "groups": self._shared_in("group", "mpim"),
            "ims": self._shared_in("im"),
            "is_starred": False,
            "has_rich_preview": False,
            "file_access": "visible",
        }

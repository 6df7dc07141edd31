"""A file in Slack: its bytes, and what the API says about it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True, eq=False)
class File:
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
    shared_in: set[str] = field(default_factory=set)
    completed: bool = False

    @property
    def url(self) -> str:
        return f"{self.origin}/files-pri/{self.team}-{self.id}/{self.name}"

    @property
    def text(self) -> str:
        return (self.content or b"").decode(errors="replace")

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
            "is_public": any(channel.startswith("C") for channel in self.shared_in),
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": self.url,
            "url_private_download": self.url.replace("/files-pri/", "/files-pri/download/"),
            "media_display_type": "unknown",
            "permalink": f"{self.origin}/files/{self.user}/{self.id}/{self.name}",
            "permalink_public": f"{self.origin}/files-pub/{self.id}",
            "channels": sorted(channel for channel in self.shared_in if channel.startswith("C")),
            "groups": sorted(channel for channel in self.shared_in if channel.startswith("G")),
            "ims": sorted(channel for channel in self.shared_in if channel.startswith("D")),
            "is_starred": False,
            "has_rich_preview": False,
            "file_access": "visible",
        }

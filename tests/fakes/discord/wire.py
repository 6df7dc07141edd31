"""Users, guilds, channels and threads as Discord writes them."""

from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import PRIVATE_THREAD, Channel, Guild, Member, Role, User
from tests.fakes.discord.snowflakes import born
from tests.fakes.discord.state import State

Json = dict[str, Any]
JOINED = "2025-01-01T00:00:00+00:00"
LARGEST_FILE = 10 * 2**20


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat()


def user_json(user: User) -> Json:
    body: Json = {
        "id": user.id,
        "username": user.name,
        "discriminator": "0",
        "global_name": None if user.is_bot else user.display_name,
        "avatar": None,
        "public_flags": 0,
    }
    return body | ({"bot": True} if user.is_bot else {})


def member_json(member: Member, *, with_user: bool = True) -> Json:
    body: Json = {
        "nick": member.nick,
        "avatar": None,
        "roles": sorted(member.roles),
        "joined_at": JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    return body | ({"user": user_json(member.user)} if with_user else {})


def role_json(role: Role) -> Json:
    return {
        "id": role.id,
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": 0 if role.bot is None else 1,
        "permissions": str(int(role.permissions)),
        "managed": role.bot is not None,
        "mentionable": False,
        "flags": 0,
        "tags": {"bot_id": role.bot} if role.bot else {},
    }


def channel_json(state: State, channel: Channel) -> Json:
    if channel.is_direct:
        peers = [user_json(state.users[user]) for user in channel.members if user != state.bot.id]
        last = state.newest(channel.id)
        return {"id": channel.id, "type": channel.type, "last_message_id": last, "flags": 0, "recipients": peers}
    if channel.is_thread:
        return _thread_json(state, channel)
    return {
        "id": channel.id,
        "type": channel.type,
        "guild_id": channel.guild,
        "name": channel.name,
        "position": 0,
        "permission_overwrites": [
            {
                "id": who,
                "type": int(overwrite.is_member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for who, overwrite in channel.overwrites.items()
        ],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "rate_limit_per_user": 0,
        "last_message_id": state.newest(channel.id),
        "flags": 0,
        **({"bitrate": 64000, "user_limit": 0, "rtc_region": None} if channel.type in (2, 13) else {}),
        **({"available_tags": [], "default_reaction_emoji": None} if channel.type in (15, 16) else {}),
    }


def _thread_json(state: State, thread: Channel) -> Json:
    spoken = sum(1 for message in state.visible(thread.id) if message.id != thread.id)
    body: Json = {
        "id": thread.id,
        "type": thread.type,
        "guild_id": thread.guild,
        "parent_id": thread.parent,
        "owner_id": thread.owner,
        "name": thread.name,
        "last_message_id": state.newest(thread.id),
        "message_count": spoken,
        "total_message_sent": spoken,
        "member_count": len(thread.members),
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": at(born(thread.id)),
            "locked": thread.locked,
            "create_timestamp": at(born(thread.id)),
            **({"invitable": False} if thread.type == PRIVATE_THREAD else {}),
        },
    }
    joined = state.bot.id in thread.members
    return body | ({"member": thread_member_json(thread, state.bot.id)} if joined else {})


def thread_member_json(thread: Channel, user: str) -> Json:
    return {"id": thread.id, "user_id": user, "join_timestamp": at(born(thread.id)), "flags": 1}


def guild_json(state: State, guild: Guild) -> Json:
    """As GUILD_CREATE shows it: of the members only the bot, of the threads those that it sees."""
    bot = state.bot.id
    channels = [c for c in state.channels.values() if c.guild == guild.id and not c.is_thread and not c.deleted]
    threads = [channel_json(state, thread) for thread in state.threads_of(guild.id) if _listed(state, thread)]
    return partial_guild_json(state, guild) | {
        "channels": [channel_json(state, channel) for channel in channels],
        "threads": threads,
        "members": [member_json(guild.members[bot])],
        "member_count": len(guild.members),
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _listed(state: State, thread: Channel) -> bool:
    """A private thread is told of only to its members."""
    return state.sees(thread, state.bot.id) and (not thread.is_private_thread or state.bot.id in thread.members)


def partial_guild_json(state: State, guild: Guild) -> Json:
    """As `GET /guilds/{guild}` shows it."""
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "vanity_url_code": None,
        "afk_channel_id": None,
        "system_channel_id": None,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "application_id": None,
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "system_channel_flags": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def application_json(state: State) -> Json:
    return {
        "id": state.app,
        "name": state.bot.name,
        "icon": None,
        "description": "",
        "bot": user_json(state.bot),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": {"id": "1", "username": "owner", "discriminator": "0", "global_name": None, "avatar": None},
        "team": None,
        "flags": state.flags,
        "interactions_endpoint_url": None,
        "rpc_origins": [],
        "integration_types_config": {"0": {}},
    }


def permission_words(permission: Permission) -> str:
    return str(int(permission))

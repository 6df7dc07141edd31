"""Who may do what: Discord's bits, and how roles and overwrites make them."""

from enum import IntFlag

from tests.fakes.discord.places import Channel, Guild


class Permission(IntFlag):
    ADMINISTRATOR = 1 << 3
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


# What a new server gives to everyone, and what the invitation asks for the bot.
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
INVITED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
ALL = Permission((1 << 50) - 1)
IN_DIRECT_MESSAGES = EVERYONE & ~Permission.CREATE_PUBLIC_THREADS & ~Permission.CREATE_PRIVATE_THREADS


def in_guild(guild: Guild, user: str) -> Permission:
    """What a member may do where no channel says otherwise."""
    if user == guild.owner:
        return ALL
    member = guild.members.get(user)
    if member is None:
        return Permission(0)
    held = Permission(guild.roles[guild.id].permissions)
    for role in member.roles:
        held |= guild.roles[role].permissions
    return ALL if held & Permission.ADMINISTRATOR else held


def in_channel(guild: Guild, channel: Channel, user: str) -> Permission:
    """What a member may do there; a thread is judged by its parent, whose channel is given."""
    held = in_guild(guild, user)
    if held == ALL or user not in guild.members:
        return held
    member = guild.members[user]
    for scope in ({guild.id}, member.roles, {user}):
        overwrites = [channel.overwrites[who] for who in scope if who in channel.overwrites]
        for overwrite in overwrites:
            held &= ~Permission(overwrite.deny)
        for overwrite in overwrites:
            held |= Permission(overwrite.allow)
    return held if held & Permission.VIEW_CHANNEL else Permission(0)

"""What holds in a conversation: the installation's defaults for it, and what people set there."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from runtime.archive import Archive
from runtime.contents import Entry, Page
from runtime.records import ConversationRef, IncomingMessage, JsonObject, Reasoning, Workspace

_SWITCH = {"on": True, "off": False, "yes": True, "no": False, "true": True, "false": False}


class Options(Struct, frozen=True, kw_only=True):
    workspace: Workspace
    reasoning: Reasoning = Reasoning.AUTO
    debug: bool = False
    reflect: bool = True


Defaults = Callable[[ConversationRef], Options]


def channel_of(where: ConversationRef) -> ConversationRef:
    """The channel or direct message that a thread is in."""
    return replace(where, thread="") if where.thread else where


def options_for(record: Archive, defaults: Defaults, where: ConversationRef) -> Options:
    """What holds in a conversation now: what was set in the thread, in its channel, and by the installation."""
    options = defaults(where)
    for place in (channel_of(where), where) if where.thread else (where,):
        known = record.find_conversation(place)
        if known is not None and known.options:
            options = _overlaid(options, known.options)
    return options


def options_of_message(options: Options, message: IncomingMessage) -> Options:
    """What holds for one message that says more itself."""
    if message.reasoning is not None:
        options = replace(options, reasoning=message.reasoning)
    if message.debug is not None:
        options = replace(options, debug=message.debug)
    return options if message.reflect is None else replace(options, reflect=message.reflect)


def _overlaid(options: Options, stored: JsonObject) -> Options:
    return replace(
        options,
        reasoning=Reasoning(stored.get("reasoning", options.reasoning)),
        debug=bool(stored.get("debug", options.debug)),
        reflect=bool(stored.get("reflect", options.reflect)),
    )


def changed(stored: JsonObject, name: str, value: str) -> JsonObject | str:
    """The stored options with one set, or a sentence that says what can be set."""
    match name:
        case "reasoning" if value in tuple(Reasoning):
            return {**stored, name: value}
        case "debug" | "reflect" if value in _SWITCH:
            return {**stored, name: _SWITCH[value]}
        case "reasoning":
            return "`reasoning` can be `on`, `off` or `auto`."
        case "debug" | "reflect":
            return f"`{name}` can be `on` or `off`."
        case "workspace":
            return "The workspace is chosen in `mallard.toml`, by whoever runs Mallard."
        case _:
            return f"There is no option `{name}`: set `reasoning`, `debug` or `reflect`."


def options_page(options: Options, *, note: str = "") -> Page:
    entries = (
        Entry(
            text=f"workspace: {options.workspace.id}", detail="the folder that tools work in; chosen in mallard.toml"
        ),
        Entry(text=f"reasoning: {options.reasoning}", detail="on, off or auto: whether the models think at length"),
        Entry(text=f"debug: {'on' if options.debug else 'off'}", detail="post each run's timeline when it ends"),
        Entry(text=f"reflect: {'on' if options.reflect else 'off'}", detail="let runs be learned from"),
    )
    return Page(
        title="Options of this conversation", entries=entries, note=note or "Change one with `options debug on`."
    )

"""Pages, texts and notes as components. Pure."""

from collections.abc import Iterator, Sequence

from bots.discord import components
from bots.discord.components import Component
from bots.discord.settings import PREFIX
from bots.discord.wording import mended, spoken
from runtime.contents import Entry, Page
from runtime.excerpts import shares
from runtime.showing import shortened, visible

_ROOMS = (3_600, 2_600, 1_700, 800)
_AROUND = 7  # container, title, what is not shown, note, a row of two buttons
_MOST_ENTRIES = 40
_NOTE = 2_000


def text_components(markdown: str, mark: int = 0) -> list[Component]:
    return [components.text(markdown, mark=mark)]


def note_components(words: str, mark: int = 0) -> list[Component]:
    """A few words of ours for one person."""
    return text_components(spoken(visible(words[:_NOTE])), mark)


def page_components(page: Page, mark: int = 0) -> list[Component]:
    """A page as a message, also an ephemeral one."""
    made: list[Component] = []
    for room in _ROOMS:
        made = [components.container(list(_page(page, room)), mark=mark)]
        if components.length_of(made) <= components.MESSAGE_TEXT:
            break
    return made


def _page(page: Page, room: int) -> Iterator[Component]:
    yield components.text(f"### {spoken(shortened(visible(page.title), 100)) or '–'}")
    shown = page.entries[: _fitting(page.entries)]
    note = _note(page.note, room)
    yield from _entries(shown, room - len(note))
    if missing := len(page.entries) - len(shown):
        yield components.text(f"-# {missing} more are not shown here.")
    if note:
        yield components.text(note)
    yield from components.rows(list(_turns(page)))


def _fitting(entries: Sequence[Entry]) -> int:
    """How many entries there are components for: one that opens takes three, others share a text."""
    left, in_text = components.MOST_COMPONENTS - _AROUND, False
    for number, entry in enumerate(entries[:_MOST_ENTRIES]):
        left -= 3 if entry.token else 0 if in_text else 1
        if left < 0:
            return number
        in_text = not entry.token
    return min(len(entries), _MOST_ENTRIES)


def _entries(shown: Sequence[Entry], room: int) -> Iterator[Component]:
    """Long ones share what room the short ones leave: the line first, its detail with what is left."""
    allowed = shares([min(len(entry.text), 300) + min(len(entry.detail), 500) for entry in shown], max(room, 0))
    lines: list[str] = []
    for number, (entry, limit) in enumerate(zip(shown, allowed, strict=True), 1):
        said = _said(entry, limit)
        if not entry.token:
            lines.append(said)
            continue
        if lines:
            yield components.text("\n".join(lines))
            lines = []
        yield components.section(said, _button("open", number, entry.token))
    if lines:
        yield components.text("\n".join(lines))


def _said(entry: Entry, limit: int) -> str:
    text = shortened(visible(entry.text), min(300, limit))
    detail = _lines(visible(entry.detail), min(500, limit - len(text)))
    return f"**{spoken(text) or '–'}**\n{spoken(detail)}" if detail else spoken(text) or "–"


def _lines(text: str, limit: int) -> str:
    kept = "\n".join(text.splitlines()[:12]).strip()
    if len(kept) <= limit:
        return kept
    return kept[: limit - 1] + "…" if limit > 1 else ""


def _note(note: str, room: int) -> str:
    """A remark in small print; one of several lines, which says how to do something, in full and in its own lines."""
    text = visible(note).strip()
    if "\n" not in text:
        line = spoken(shortened(text, min(400, room)))
        return f"-# {line}" if line else ""
    most = min(_NOTE, room)
    return spoken(text if len(text) <= most else mended(f"{text[: most - 1]}…"))


def _turns(page: Page) -> Iterator[Component]:
    for name, token in (("newer", page.newer), ("older", page.older)):
        if token:
            yield _button(name, 0, token)


def _button(verb: str, number: int, token: str) -> Component:
    return components.button(verb.capitalize(), custom_id=f"{PREFIX}page:{verb}:{number}:{token}")

"""Pages, texts and notes as blocks. Pure."""

from collections.abc import Iterator

from bots.slack import blocks
from bots.slack.blocks import Block
from bots.slack.wording import escaped, localised, neutralised
from runtime.contents import Entry, Page
from runtime.showing import shortened, visible

_MOST_ENTRIES = 20


def text_blocks(markdown: str) -> list[Block]:
    return [blocks.markdown(neutralised(markdown) or "–")]


def text_fallback(markdown: str) -> str:
    return blocks.fallback(markdown)


def page_blocks(page: Page, *, number_from: int = 0) -> list[Block]:
    """A page as a message, an ephemeral, a modal's body or a part of the home tab."""
    made: list[Block] = []
    for room in (9_000, 4_500, 2_000, 400):
        made = list(_page(page, room, number_from))
        if blocks.length(made) <= blocks.MESSAGE_TEXT:
            break
    return made


def page_text(page: Page) -> str:
    parts = [page.title, *(entry.text for entry in page.entries[:5]), page.note]
    return localised(blocks.fallback(visible(" · ".join(filter(None, parts)))))


def page_modal(page: Page) -> Block:
    return blocks.modal(page.title, page_blocks(page), callback_id="mallard:page")


def note_modal(title: str, words: str) -> Block:
    body = [blocks.rich_text(blocks.line(*blocks.spoken(visible(shortened(words, 2_000)))))]
    return blocks.modal(title, body)


def home_view(pending: Page, history: Page, *, note: str = "") -> Block:
    """The home tab. `note` says what became of the last click here."""
    top = [blocks.rich_text(blocks.line(*blocks.spoken(visible(note), bold=True)))] if note else []
    lists = [page_blocks(pending)]
    if history != pending:  # whoever may see neither is told so once
        lists.append([blocks.divider(), *page_blocks(history, number_from=100)])
    body = [*top, *(block for made in lists for block in made)]
    return {"type": "home", "blocks": body[: blocks.VIEW_BLOCKS]}


def _page(page: Page, room: int, number_from: int) -> Iterator[Block]:
    yield blocks.header(visible(page.title))
    shown = page.entries[:_MOST_ENTRIES]
    each = room // max(1, len(shown))
    for number, entry in enumerate(shown, number_from):
        yield _entry(entry, number, each)
    if missing := len(page.entries) - len(shown):
        yield blocks.context(f"{missing} more are not shown here.")
    if page.note:
        yield _note(visible(page.note), room)
    if turns := list(_turns(page, number_from)):
        yield blocks.actions(turns)


def _entry(entry: Entry, number: int, room: int) -> Block:
    """Lists may be long: the line first, its detail with what room is left."""
    text = shortened(visible(entry.text), min(300, room))
    detail = _lines(visible(entry.detail), min(500, max(min(60, room // 2), room - len(text))))
    words = escaped(text) + (f"\n{escaped(detail)}" if detail else "")
    more = None
    if entry.token:
        more = blocks.button("Open", action_id=f"mallard:open:{number}", value=entry.token)
    return blocks.section(localised(words) or "–", accessory=more)


def _note(text: str, room: int) -> Block:
    """A remark in small print; one of several lines, which says how to do something, in full and in its own lines."""
    if "\n" not in text.strip():
        return blocks.context(localised(escaped(shortened(text, min(400, room)))))
    limit = min(2_000, room)
    return blocks.section(localised(escaped(text if len(text) <= limit else f"{text[: limit - 1]}…")))


def _lines(text: str, limit: int) -> str:
    kept = "\n".join(text.splitlines()[:12])
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _turns(page: Page, number_from: int) -> Iterator[Block]:
    for name, token in (("newer", page.newer), ("older", page.older)):
        if token:
            yield blocks.button(name.capitalize(), action_id=f"mallard:{name}:{number_from}", value=token)

"""What a change of a text would change, in the form that everybody knows: a unified diff."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_CONTEXT = 3
# Beyond this many pairs of lines the finest diff costs more time than it saves its reader.
_FINE_PAIRS = 1_000_000
_NO_NEWLINE = "\n\\ No newline at end of file"


class _Change(NamedTuple):
    """Lines `before` to `before_end` of the old text become `after` to `after_end` of the new one."""

    before: int
    before_end: int
    after: int
    after_end: int


def difference(before: str | None, after: str, path: str) -> str:
    """A unified diff; `before` is None where there is no such file yet. "" where nothing would change."""
    if before == after:
        return ""
    old, new = _lines(before or ""), _lines(after)
    head = [f"--- {path}" if before is not None else "--- (new file)", f"+++ {path}"]
    return "\n".join([*head, *_hunks(old, new)])


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1]:
        lines[-1] += _NO_NEWLINE
        return lines
    return lines[:-1]


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for group in _grouped(_changes(old, new)):
        start = max(group[0].before - _CONTEXT, 0)
        end = min(group[-1].before_end + _CONTEXT, len(old))
        new_start = group[0].after - (group[0].before - start)
        new_end = group[-1].after_end + (end - group[-1].before_end)
        yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@"
        for change in group:
            yield from (f" {line}" for line in old[start : change.before])
            yield from (f"-{line}" for line in old[change.before : change.before_end])
            yield from (f"+{line}" for line in new[change.after : change.after_end])
            start = change.before_end
        yield from (f" {line}" for line in old[start:end])


def _range(start: int, end: int) -> str:
    count = end - start
    return f"{start + 1 if count else start},{count}"


def _grouped(changes: Iterator[_Change]) -> list[list[_Change]]:
    """Changes whose context would touch share a hunk."""
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.before - groups[-1][-1].before_end <= 2 * _CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - start
    same = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    old_end, new_end = len(old) - same, len(new) - same
    if (old_end - start) * (new_end - start) > _FINE_PAIRS:
        yield _Change(start, old_end, start, new_end)
        return
    matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
    for tag, before, before_end, after, after_end in matcher.get_opcodes():
        if tag != "equal":
            yield _Change(start + before, start + before_end, start + after, start + after_end)

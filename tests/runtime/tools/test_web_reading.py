"""What a page says to a reader who sees no page."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from runtime.tools.failure import ToolFailed
from runtime.tools.web.apart import read_html_apart
from runtime.tools.web.kinds import is_text, kind_of, read_plain
from runtime.tools.web.reading import read_html

HTML = kind_of("text/html; charset=utf-8")


def page(body: str, head: str = "") -> str:
    return read_html(HTML, f"<html><head>{head}</head><body>{body}</body></html>".encode(), "https://pond.example/a/b")


def test_a_page_becomes_markdown_with_its_title_and_whole_links() -> None:
    found = page(
        "<h1>Ducks</h1><p>They <b>quack</b>.</p><ul><li><a href='../c?d=1#e'>more</a></li></ul>"
        "<table><tr><th>a</th></tr><tr><td>1</td></tr></table><pre>x = 1</pre>",
        head="<title> All  about\nducks </title>",
    )

    assert found.startswith("Title: All about ducks\n\n# Ducks\n\nThey **quack**.")
    assert "* [more](https://pond.example/c?d=1#e)" in found
    assert "| a |" in found
    assert "x = 1" in found


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>HIDDEN</script>", "<style>HIDDEN</style>", "<noscript>HIDDEN</noscript>", "<template>HIDDEN</template>",
        "<!-- HIDDEN -->", "<p hidden>HIDDEN</p>", "<p aria-hidden='TRUE'>HIDDEN</p>", "<p style='display : none'>HIDDEN</p>",
        "<div style='visibility:hidden'><p>HIDDEN</p></div>", "<p style='opacity:0;'>HIDDEN</p>",
        "<svg><text>HIDDEN</text></svg>",
        "<p style='font-size:0px'>HIDDEN</p>",
        "<p style='position:absolute;left:-9999px'>HIDDEN</p>",
        "<input value='HIDDEN'>", "<iframe srcdoc='HIDDEN'>HIDDEN</iframe>", "<img src='/x' alt='HIDDEN' hidden>",
        "<a href='javascript:HIDDEN'>a</a>", "<a href='data:text/html,HIDDEN'>a</a>", "<img src='https://evil.example/HIDDEN'>",
    ],
)  # fmt: skip
def test_what_nobody_would_see_is_not_read(hidden: str) -> None:
    found = page(f"<p>before</p>{hidden}<p>after</p>")

    assert "HIDDEN" not in found
    assert "before" in found
    assert "after" in found


def test_what_only_looks_like_hiding_is_read() -> None:
    assert "seen" in page("<p style='opacity:0.9; font-size:12px; height:10px; left:-2px'>seen</p>")


@pytest.mark.parametrize(
    "content",
    [b"<a href='" * 50_000, b"<!--" * 100_000, b"<![" * 1_000, b"<div>" * 20_000, b"<table><tr><td>" * 2_000],
    ids=["attributes", "comments", "marks", "deep", "tables"],
)
async def test_a_page_that_is_made_to_be_hard_is_given_up_in_time_and_holds_nothing_up(content: bytes) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    began = time.monotonic()
    with suppress(ToolFailed):
        await read_html_apart(HTML, content, "https://pond.example/", seconds=1)
    took = time.monotonic() - began
    heart.cancel()

    assert took < 10
    assert beats > 5


async def test_whoever_stops_waiting_leaves_no_reader_behind() -> None:
    before = _children()
    reading = asyncio.create_task(read_html_apart(HTML, b"<!--" * 100_000, "https://pond.example/"))
    async with asyncio.timeout(5):
        while _children() <= before:  # noqa: ASYNC110  the system tells nobody that a process began
            await asyncio.sleep(0.01)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert _children() <= before


def _children() -> set[Path]:
    """Of this process, which has some from other tests."""
    own = str(os.getpid())
    stats = [(entry, entry / "stat") for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    parents = {}
    for entry, stat in stats:
        with suppress(OSError):
            parents[entry] = stat.read_text().rpartition(")")[2].split()[1]
    return {entry for entry, parent in parents.items() if parent == own}


@pytest.mark.parametrize(
    ("content_type", "content", "readable"),
    [
        ("application/json", b"{}", True), ("application/problem+json", b"{}", True), ("", b"abc", True), ("", b"a\x00", False),
        ("application/pdf", b"%PDF", False), ("application/octet-stream", b"abc", False), ("text/csv", b"a,b", True),
        ("text/plain; charset=utf-16", "a".encode("utf-16"), True), ("image/svg+xml", b"<svg/>", True),
        ("video/mp4", b"a", False),
    ],
)  # fmt: skip
def test_what_is_text_is_told_by_its_kind_and_by_its_bytes(content_type: str, content: bytes, readable: bool) -> None:
    assert is_text(kind_of(content_type), content) is readable


def test_a_text_is_read_in_the_letters_that_it_says() -> None:
    assert read_plain(kind_of("text/plain; charset=iso-8859-1"), b"\xe4") == "ä"
    assert read_plain(kind_of("text/plain; charset=klingon"), b"\xff") == "\ufffd"
    assert read_plain(kind_of("text/plain"), b"\xef\xbb\xbfa") == "a"

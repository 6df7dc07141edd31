"""Pages come back as a reader sees them, and only as much of them as is good."""

import asyncio
import gzip
import tracemalloc

import pytest

from tests.fakes.website import Asked, Website, answer
from tests.runtime.tools.doubles import Bench


async def test_a_page_comes_back_with_where_it_stood_and_what_it_is(bench: Bench, site: Website) -> None:
    site.pages["/a"] = answer("quäck", type_="text/plain; charset=utf-8")

    found = await bench.do(url=f"http://pond.example:{site.port}/a#part")

    assert found.text == f"200 Said · text/plain · 6 bytes\nhttp://pond.example:{site.port}/a\n\nquäck"
    assert found.metadata["status"] == 200
    (asked,) = site.asked
    assert (asked.method, asked.path, asked.headers["host"]) == ("GET", "/a", f"pond.example:{site.port}")


async def test_a_page_comes_back_as_a_reader_sees_it(bench: Bench, site: Website) -> None:
    site.pages["/a"] = answer("<h1>Duck</h1><p hidden>evil</p><a href='b'>b</a>", type_="text/html")

    found = await bench.do(url=f"http://pond.example:{site.port}/a")

    assert found.text.endswith(f"# Duck\n\n[b](http://pond.example:{site.port}/b)")


async def test_a_page_that_is_not_there_is_a_failure_with_its_words(bench: Bench, site: Website) -> None:
    found = await bench.do(url=f"http://pond.example:{site.port}/b")

    assert (found.ok, found.error) == (False, "http_404")
    assert "not here" in found.text


async def test_head_tells_the_headers(bench: Bench, site: Website) -> None:
    site.pages["/a"] = answer(ETag="w1", Set_Cookie="secret=1")

    found = await bench.do(url=f"http://pond.example:{site.port}/a", method="HEAD")

    assert "etag: w1" in found.text.lower()
    assert "secret" not in found.text


async def test_what_is_no_text_is_named_and_not_shown(bench: Bench, site: Website) -> None:
    site.pages["/png"] = answer(b"\x89PNG\x00abc", type_="image/png")
    site.pages["/lie"] = answer(b"text\x00\x01", type_="text/plain")

    said = [(await bench.do(url=f"http://pond.example:{site.port}/{path}")).text for path in ("png", "lie")]

    assert "[this is not text: image/png, 8 bytes]" in said[0]
    assert "[this is not text: text/plain, 6 bytes]" in said[1]


async def test_no_more_is_read_than_two_megabytes(bench: Bench, site: Website) -> None:
    site.pages["/"] = answer(b"x" * 5_000_000)

    found = await bench.do(url=f"http://pond.example:{site.port}/")

    assert (found.metadata["bytes"], found.metadata["whole"]) == (2_000_000, False)
    assert found.text.endswith("[only the first 2,000,000 bytes were read]")


async def test_what_a_few_bytes_blow_up_to_is_never_made(bench: Bench, site: Website) -> None:
    site.pages["/"] = answer(gzip.compress(b"\n" * 200_000_000, compresslevel=9), Content_Encoding="gzip")

    tracemalloc.start()
    try:
        found = await bench.do(url=f"http://pond.example:{site.port}/")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (found.metadata["bytes"], found.metadata["whole"]) == (2_000_000, False)
    assert most < 30_000_000


async def test_a_packed_page_is_unpacked(bench: Bench, site: Website) -> None:
    site.pages["/"] = answer(gzip.compress(b"quack" * 1000), Content_Encoding="gzip")

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).text.endswith("quackquack")
    assert site.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("packed", [("br", b"abc"), ("gzip", b"no gzip"), ("gzip, gzip", b"abc")], ids=str)
async def test_what_cannot_be_unpacked_is_said(bench: Bench, site: Website, packed: tuple[str, bytes]) -> None:
    encoding, content = packed
    site.pages["/"] = answer(content, Content_Encoding=encoding)

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).error == "broken"


@pytest.mark.parametrize("how", ["hangs", "drips"])
async def test_a_page_that_never_ends_does(bench: Bench, site: Website, how: str) -> None:
    bench.tool.timeout = 0.3  # type: ignore[misc]  # in the product it is a minute and a half
    site.pages["/"] = getattr(site, how)

    found = await bench.do(url=f"http://pond.example:{site.port}/")

    assert found.error == "timed_out"


async def test_a_host_that_is_not_there_is_said(bench: Bench, site: Website) -> None:
    port = site.port
    await site.__aexit__(None, None, None)

    assert (await bench.do(url=f"http://pond.example:{port}/")).error == "unreachable"
    assert (await bench.do(url="http://nowhere.example/")).error == "no_host"


@pytest.mark.promise(32)
async def test_what_was_sent_and_not_answered_may_have_arrived(bench: Bench, site: Website) -> None:
    async def breaks(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhal")

    site.pages["/"] = breaks
    read = await bench.do(url=f"http://pond.example:{site.port}/")
    posted = await bench.do(url=f"http://pond.example:{site.port}/", method="POST", body="x")

    assert (read.error, posted.error) == ("failed", "outcome_unknown")
    assert "was sent this, and no whole answer came back" in posted.text


@pytest.mark.parametrize(("body", "kind"), [("[" * 100_000, "text/plain; charset=utf-8"), ("[1]", "application/json")])
async def test_a_body_is_called_json_where_it_can_be_read_as_such(
    bench: Bench, site: Website, body: str, kind: str
) -> None:
    site.pages["/"] = answer("here")

    found = await bench.do(url=f"http://pond.example:{site.port}/", method="POST", body=body)

    assert found.ok
    assert site.asked[0].headers["content-type"] == kind

"""http_request: what is public can be read, what is inside cannot be reached, and what changes something is asked about."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runtime.records import Effect, Observation, Risk
from runtime.tools.http_request import HttpRequest
from runtime.tools.web.addresses import Address
from tests.fakes.website import Asked, Website, answer, leads_to
from tests.runtime.tools.doubles import Bench, workspace_at

PUBLIC, INNER = "127.0.0.1", "127.0.0.2"
NAMES = {
    "pond.example": (PUBLIC,),
    "lake.example": (PUBLIC,),
    "inner.example": (INNER,),
    "mixed.example": (PUBLIC, INNER),
}


def is_public(address: Address) -> bool:
    """In these tales one loopback address stands for the internet, and every other one for what is inside."""
    return str(address) == PUBLIC


@dataclass
class Names:
    """A resolver that knows a few names, counts the questions, and may change its mind after the first."""

    known: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(NAMES))
    later: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        found = self.later if host in self.asked and host in self.later else self.known
        self.asked.append(host)
        if host not in found:
            raise OSError("no such name") if not host[0].isdigit() else AssertionError(f"{host} was looked up")
        return found[host]


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with Website() as site:
        yield site


@pytest.fixture
async def inner(site: Website) -> AsyncIterator[Website]:
    """What must never be reached: at the same port, so that names alone would lead to it."""
    async with Website(host=INNER, port=site.port) as inner:
        yield inner
        assert inner.asked == [], "something inside the house was asked"


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def bench(tmp_path: Path, names: Names) -> Bench:
    return Bench(tool=HttpRequest(resolve=names, is_public=is_public), workspace=workspace_at(tmp_path))


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


@pytest.mark.parametrize("host", ["inner.example", "mixed.example"], ids=["private", "one of two is private"])
async def test_a_name_that_leads_inside_is_refused_before_anything_is_connected(
    bench: Bench, site: Website, inner: Website, host: str
) -> None:
    found = await bench.do(url=f"http://{host}:{site.port}/")

    assert found.error == "not_public"
    assert f"{host} leads to {INNER}, which is not a public address" in found.text
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.2/", "http://[::1]/", "http://[::ffff:127.0.0.2]/", "http://localhost/", "http://a.localhost/",
     "http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0/", "http://[64:ff9b::7f00:2]/"],
)  # fmt: skip
async def test_an_address_that_is_written_out_is_refused_before_anybody_is_asked(url: str) -> None:
    assessment = (await Bench(tool=HttpRequest(), workspace=workspace_at(Path())).review(url=url)).assessment

    assert "is not a public address" in assessment.refusal


@pytest.mark.parametrize("host", ["2130706434", "0x7f.2", "127.2", "017700000002"])
async def test_an_address_in_disguise_is_judged_by_where_it_leads(tmp_path: Path, host: str) -> None:
    found = await Bench(tool=HttpRequest(), workspace=workspace_at(tmp_path)).do(url=f"http://{host}/")

    assert not found.ok
    assert "is not a public address" in found.text or "There is no host" in found.text


async def test_a_name_is_looked_up_once_and_that_very_address_connected_to(
    bench: Bench, site: Website, inner: Website, names: Names
) -> None:
    names.later["pond.example"] = (INNER,)  # whoever asks a second time is led inside
    site.pages["/"] = answer("outside")

    found = await bench.do(url=f"http://pond.example:{site.port}/")

    assert found.text.endswith("outside")
    assert names.asked == ["pond.example"]


async def test_a_name_that_changed_its_mind_is_judged_anew_after_a_redirect(
    bench: Bench, site: Website, inner: Website, names: Names
) -> None:
    names.later["pond.example"] = (INNER,)
    site.pages["/"] = leads_to("/next")

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).error == "not_public"


@pytest.mark.parametrize("to", ["http://inner.example:{port}/", "http://127.0.0.2:{port}/", "//inner.example:{port}/x"])
async def test_a_redirect_that_leads_inside_is_refused(bench: Bench, site: Website, inner: Website, to: str) -> None:
    bench.tool._resolve.known["127.0.0.2"] = (INNER,)  # type: ignore[attr-defined]  # a resolver knows addresses too
    site.pages["/"] = leads_to(to.format(port=site.port))

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).error == "not_public"


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://pond.example/", "http://a:b@pond.example/", "gopher:x"])
async def test_a_redirect_to_what_could_not_be_asked_for_is_refused(bench: Bench, site: Website, to: str) -> None:
    site.pages["/"] = leads_to(to)

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).error == "refused"


async def test_redirects_are_followed_and_told_and_come_to_an_end(bench: Bench, site: Website) -> None:
    site.pages |= {"/1": leads_to("/2"), "/2": leads_to("/3", 308), "/3": answer("here"), "/round": leads_to("/round")}

    found = await bench.do(url=f"http://pond.example:{site.port}/1")
    round_ = await bench.do(url=f"http://pond.example:{site.port}/round")

    assert f"http://pond.example:{site.port}/3 (after 2 redirects)\n\nhere" in found.text
    assert (round_.error, len(site.asked)) == ("redirects", 3 + 6)


async def test_what_belongs_to_one_host_does_not_go_along_to_another(bench: Bench, site: Website) -> None:
    site.pages |= {"/1": leads_to("/2"), "/2": leads_to(f"http://lake.example:{site.port}/3"), "/3": answer("here")}
    headers = {"Authorization": "Bearer k", "X-Key": "k", "Accept": "text/plain"}

    await bench.do(url=f"http://pond.example:{site.port}/1", headers=headers)

    assert [asked.headers.get("authorization") for asked in site.asked] == ["Bearer k", "Bearer k", None]
    assert [asked.headers.get("x-key") for asked in site.asked] == ["k", "k", None]
    assert site.asked[2].headers["accept"] == "text/plain"


async def test_cookies_are_not_kept_from_one_request_to_the_next(bench: Bench, site: Website) -> None:
    site.pages |= {"/1": leads_to("/2", Set_Cookie="id=1"), "/2": answer("here")}

    await bench.do(url=f"http://pond.example:{site.port}/1")

    assert [asked.headers.get("cookie") for asked in site.asked] == [None, None]


async def test_what_was_posted_is_not_posted_again_where_it_leads(bench: Bench, site: Website) -> None:
    site.pages |= {"/new": leads_to("/made", 303), "/made": answer("made")}

    found = await bench.do(url=f"http://pond.example:{site.port}/new", method="POST", body='{"a":1}')

    assert found.text.endswith("made")
    posted, fetched = site.asked
    assert (posted.method, posted.body, posted.headers["content-type"]) == ("POST", b'{"a":1}', "application/json")
    assert (fetched.method, fetched.body, fetched.headers.get("content-type")) == ("GET", b"", None)


@pytest.mark.promise(14)
@pytest.mark.parametrize(("method", "status"), [("POST", 307), ("POST", 308), ("DELETE", 302), ("PUT", 301)])
async def test_what_people_approved_for_one_address_is_not_sent_to_another(
    bench: Bench, site: Website, method: str, status: int
) -> None:
    site.pages["/new"] = leads_to(f"http://lake.example:{site.port}/taken", status)

    found = await bench.do(url=f"http://pond.example:{site.port}/new", method=method, body="x")

    assert f"Location: http://lake.example:{site.port}/taken" in found.text
    assert len(site.asked) == 1


async def test_what_is_around_this_machine_is_not_asked_for_a_way_or_a_password(
    bench: Bench, site: Website, inner: Website, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://{INNER}:{inner.port}")
    (tmp_path / "netrc").write_text("machine pond.example login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    site.pages["/"] = answer("straight")

    assert (await bench.do(url=f"http://pond.example:{site.port}/")).text.endswith("straight")

    assert "authorization" not in site.asked[0].headers


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


async def test_reading_asks_nobody_and_says_what_it_lets_in_and_out(bench: Bench) -> None:
    reviewed = await bench.review(url="https://pond.example/?q=1", headers={"Accept": "text/html"})
    found = reviewed.assessment

    assert (found.risk, reviewed.effect) == (Risk.LOW, Effect.NONE)
    assert (found.sends_out, found.reads_untrusted) == (True, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_what_may_change_something_is_asked_about_and_never_repeated_by_itself(bench: Bench, method: str) -> None:
    reviewed = await bench.review(url="https://pond.example/", method=method, body="duck")

    assert (reviewed.assessment.risk, reviewed.effect) == (Risk.HIGH, Effect.EXTERNAL)
    assert f"It sends 4 bytes to pond.example with {method}" in reviewed.assessment.why_asked


async def test_headers_that_may_hold_a_key_are_asked_about(bench: Bench) -> None:
    reviewed = await bench.review(url="https://pond.example/", headers={"Authorization": "Bearer k"})

    assert (reviewed.assessment.risk, reviewed.effect) == (Risk.HIGH, Effect.NONE)


async def test_a_name_that_looks_like_another_is_shown_as_machines_read_it(bench: Bench) -> None:
    why = (await bench.review(url="https://pönd.example/")).assessment.why_asked

    assert "pönd.example (xn--pnd-sna.example)" in why


WRONG: dict[str, dict[str, object]] = {
    "another scheme": {"url": "file:///etc/passwd"},
    "no scheme": {"url": "pond.example/a"},
    "no host": {"url": "http:///a"},
    "credentials": {"url": "http://me:secret@pond.example/"},
    "empty credentials": {"url": "http://@pond.example/"},
    "a port that is none": {"url": "http://pond.example:99999/"},
    "port 0": {"url": "http://pond.example:0/"},
    "a line end": {"url": "http://pond.example/\r\nHost: inner"},
    "a body to read with": {"url": "http://pond.example/", "body": "x"},
    "another host": {"url": "http://pond.example/", "headers": {"Host": "inner"}},
    "a length": {"url": "http://pond.example/", "headers": {"content-length": "9"}},
    "a cookie": {"url": "http://pond.example/", "headers": {"Cookie": "a=b"}},
    "a header in two lines": {"url": "http://pond.example/", "headers": {"X-A": "b\r\nX-C: d"}},
    "a header with a colon": {"url": "http://pond.example/", "headers": {"X-A: b\r\nX": "d"}},
    "another method": {"url": "http://pond.example/", "method": "CONNECT"},
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_no_honest_request_holds_is_refused(bench: Bench, names: Names, what: str) -> None:
    reviewed = await bench.gateway.review("http_request", WRONG[what], bench.workspace)

    assert reviewed.assessment.refusal
    assert names.asked == []


@pytest.mark.parametrize("opened", ["inner.example", "inner.example:{port}", "127.0.0.2"])
async def test_an_operator_may_open_the_way_to_a_host_inside(
    site: Website, names: Names, tmp_path: Path, opened: str
) -> None:
    async with Website(host=INNER, pages={"/": answer("wiki")}) as wiki:
        allowed = opened.format(port=wiki.port)
        tool = HttpRequest(allow_hosts=[allowed], resolve=names, is_public=is_public)
        bench = Bench(tool=tool, workspace=workspace_at(tmp_path))
        names.known["127.0.0.2"] = (INNER,)
        host = "127.0.0.2" if opened[0].isdigit() else "inner.example"

        found = await bench.do(url=f"http://{host}:{wiki.port}/")
        other = await bench.do(url=f"http://mixed.example:{wiki.port}/")

    assert found.text.endswith("wiki")
    assert other.error == "not_public"


async def test_the_way_to_one_port_is_not_the_way_to_another(
    site: Website, inner: Website, names: Names, tmp_path: Path
) -> None:
    tool = HttpRequest(allow_hosts=["inner.example:1"], resolve=names, is_public=is_public)

    found = await Bench(tool=tool, workspace=workspace_at(tmp_path)).do(url=f"http://inner.example:{inner.port}/")

    assert isinstance(found, Observation)
    assert found.error == "not_public"

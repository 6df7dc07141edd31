"""Redirects are followed within bounds, and take nothing along that was meant for one address."""

import pytest

from tests.fakes.website import Website, answer, leads_to
from tests.runtime.tools.doubles import Bench


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

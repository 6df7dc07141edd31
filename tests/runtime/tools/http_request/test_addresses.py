"""What is public can be read, and what is inside cannot be reached, unless an operator opens the way."""

from pathlib import Path

import pytest

from runtime.records import Observation
from runtime.tools.http_request import HttpRequest
from tests.fakes.website import Website, answer, leads_to
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.http_request.names import INNER, Names, is_public


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

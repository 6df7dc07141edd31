"""What may change something or hold a key is asked about, and what no honest request holds is refused."""

import pytest

from runtime.records import Effect, Risk
from tests.runtime.tools.doubles import Bench
from tests.runtime.tools.http_request.names import Names


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

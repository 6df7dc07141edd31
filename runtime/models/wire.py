"""One request to one endpoint: httpx's ways of failing become ours here."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson

from runtime.errors import ModelRefused
from runtime.models.endpoint import Endpoint, Learned
from runtime.models.faults import Passing, fault_of
from runtime.models.port import ModelRequest
from runtime.models.requests import request_body

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S = 10.0
MAX_COMPLAINT = 10_000
TRIES_TO_LEARN = 6  # more than there is to leave out
# A server says 500 where its chat template objects.
_OBJECTING = frozenset({400, 422, 500, 501})


class Wire:
    """Sends requests to an endpoint. `learned` may be shared: it is of the server, not of the role."""

    def __init__(self, endpoint: Endpoint, http: "httpx.AsyncClient", learned: Learned) -> None:
        self._endpoint = endpoint
        self._http = http
        self._learned = learned

    async def send(self, request: ModelRequest, *, stream: bool) -> "httpx.Response":
        """The answer, its head read and its body not: close it. Raises Passing or ModelRefused for any but a good one.

        What the server objects to and the request can do without is left out, at once and from then on.
        """
        for _ in range(TRIES_TO_LEARN):
            body = request_body(request, self._endpoint, self._learned, stream=stream)
            response = await post(self._http, self._endpoint, orjson.dumps(body))
            if response.is_success:
                return response
            complaint = await read_complaint(response)
            if response.status_code not in _OBJECTING or not self._learned.learn(complaint, body):
                break
        raise fault_of(response.status_code, complaint, response.headers.get("Retry-After"), self._endpoint)


async def post(http: "httpx.AsyncClient", endpoint: Endpoint, content: bytes) -> "httpx.Response":
    """The answer, its head read and its body not, whatever its status. Raises Passing where there is none, and ModelRefused
    where nobody can be asked."""
    import httpx

    longest = endpoint.timeout_s
    timeout = httpx.Timeout(longest, connect=min(CONNECT_TIMEOUT_S, longest), pool=None)
    headers = {"Content-Type": "application/json"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    try:
        request = http.build_request("POST", endpoint.url, content=content, headers=headers, timeout=timeout)
        with faults_translated():
            return await http.send(request, stream=True)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise ModelRefused(
            f"The model's address is not a web address: set {endpoint.settings}_BASE_URL to one as http://localhost:11434/v1."
        ) from None


async def read_body(response: "httpx.Response") -> bytes:
    with faults_translated():
        try:
            return await response.aread()
        finally:
            await response.aclose()


async def read_parts(response: "httpx.Response") -> AsyncIterator[bytes]:
    with faults_translated():
        async for part in response.aiter_bytes():
            yield part


@contextmanager
def faults_translated() -> Iterator[None]:
    """Raises Passing for whatever can go wrong on the way."""
    import httpx

    try:
        yield
    except httpx.UnsupportedProtocol:
        raise
    except httpx.TimeoutException:
        raise Passing("it took too long") from None
    except httpx.ConnectError:
        raise Passing("it cannot be reached") from None
    except httpx.HTTPError as error:
        raise Passing(f"the connection broke ({type(error).__name__})") from None


async def read_complaint(response: "httpx.Response") -> str:
    return (await read_body(response))[:MAX_COMPLAINT].decode(errors="replace")

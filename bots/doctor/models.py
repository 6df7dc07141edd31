"""The models: whether each endpoint answers, knows what it is asked for, and takes the key."""

import asyncio
from dataclasses import replace
from typing import TypeAlias

import httpx
import orjson

from bots.doctor.findings import Finding, fail, ok, warn
from bots.models import endpoint_of
from bots.settings import ModelChoice, Settings
from runtime.errors import ModelRefused, SettingsError
from runtime.models.endpoint import Endpoint, Learned
from runtime.models.faults import Passing
from runtime.models.port import ChatMessage, ModelRequest, Part, Role
from runtime.models.wire import Wire, read_body
from runtime.tls import trust

_PATIENCE, _LONGEST_TRIAL = 10.0, 20.0
_TRIAL = ModelRequest(
    role=Role.THINKER, messages=(ChatMessage(speaker="user", part=Part.REQUEST, text="Say ok, and no more."),)
)
_FEW_TOKENS = {"max_tokens": 8}

_Key: TypeAlias = tuple[str, str, str]


async def examine_models(settings: Settings) -> tuple[Finding, ...]:
    """One finding for each endpoint, model and key that some role uses; the embedded default where none is configured.

    Each is asked for its models, and then for a few tokens: many tell their models to anybody.
    """
    roles_of: dict[_Key, list[Role]] = {}
    first: dict[_Key, ModelChoice] = {}
    for role in Role:
        if (choice := settings.find_model(role)) is not None:
            key = (choice.base_url, choice.name, choice.api_key.get_secret_value() if choice.api_key else "")
            roles_of.setdefault(key, []).append(role)
            first.setdefault(key, choice)
    if not first:
        return await _examine_embedded()
    async with httpx.AsyncClient(verify=trust(), timeout=_PATIENCE) as client:
        return tuple(
            await asyncio.gather(*(_examine_one(client, first[key], roles) for key, roles in roles_of.items()))
        )


async def _examine_one(client: httpx.AsyncClient, choice: ModelChoice, roles: list[Role]) -> Finding:
    part = "model" if len(roles) == len(Role) else f"model ({', '.join(roles)})"
    try:
        endpoint = endpoint_of(choice)
        listed = await _list_models(client, endpoint)
    except SettingsError as error:
        return fail(part, str(error), "")
    except httpx.HTTPError as error:
        return fail(
            part, f"{choice.base_url} does not answer ({type(error).__name__}: {error})",
            f"Start the model server, or correct {choice.settings}_BASE_URL.",
        )  # fmt: skip
    unlisted = bool(listed) and not {choice.name, f"{choice.name}:latest"} & listed
    advice = f"It has: {', '.join(sorted(listed)[:8])}." if unlisted else ""
    beside = f"; it lists no model {choice.name!r}" if unlisted else ""
    patience = min(choice.timeout_s, _LONGEST_TRIAL)
    try:
        async with asyncio.timeout(patience):
            await _ask_for_few_tokens(client, replace(endpoint, timeout_s=patience + _PATIENCE))
    except ModelRefused as refusal:
        return fail(part, f"{refusal}{beside}", advice)
    except Passing as fault:
        return fail(part, f"{endpoint.shown} gave no answer: {fault}{beside}", advice or _LATER)
    except TimeoutError:
        return warn(part, f"{endpoint.shown} gave no answer within {patience:g} seconds{beside}", advice or _LATER)
    if unlisted:
        return warn(part, f"{endpoint.shown} answers{beside}", f"{advice} Another one may answer in its place.")
    return ok(part, f"{choice.name} at {choice.base_url}")


_LATER = "It may be busy, or still loading the model: ask again in a while, and look at what the server says."


async def _list_models(client: httpx.AsyncClient, endpoint: Endpoint) -> frozenset[str]:
    """The names of its models; none where it does not tell."""
    headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
    answer = await client.get(f"{endpoint.base_url}/models", headers=headers)
    try:
        return frozenset(str(entry["id"]) for entry in answer.json()["data"])
    except (ValueError, KeyError, TypeError):
        return frozenset()


async def _ask_for_few_tokens(client: httpx.AsyncClient, endpoint: Endpoint) -> None:
    """Return once a completion came. Raises Passing or ModelRefused where none did."""
    limited = replace(endpoint, extra={**_FEW_TOKENS, **endpoint.extra})
    try:
        await _complete(client, limited)
    except ModelRefused as refusal:
        if "tokens" not in str(refusal):
            raise
        await _complete(client, endpoint)  # some take no such limit, or want another word for it


async def _complete(client: httpx.AsyncClient, endpoint: Endpoint) -> None:
    body = await read_body(await Wire(endpoint, client, Learned()).send(_TRIAL, stream=False))
    try:
        orjson.loads(body)["choices"][0]["message"]
    except (orjson.JSONDecodeError, LookupError, TypeError):
        raise Passing("its answer was no chat completion") from None


async def _examine_embedded() -> tuple[Finding, ...]:
    from runtime.models.detect import find_local_endpoints

    words = "none is configured; the built-in planner understands a few fixed phrases (`help` lists them)"
    for found in await find_local_endpoints():
        return (
            warn(
                "model", f"{words}. A server answers at {found.base_url}",
                f"To use it, add to .env: MALLARD_MODEL_BASE_URL={found.base_url} and "
                f"MALLARD_MODEL_NAME={found.models[0] if found.models else '…'}",
            ),
        )  # fmt: skip
    return (warn("model", words, "Set MALLARD_MODEL_BASE_URL and MALLARD_MODEL_NAME to use a language model."),)

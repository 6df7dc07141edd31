"""The models: whether each endpoint answers and knows what it is asked for."""

import asyncio

import httpx

from bots.doctor.findings import Finding, fail, ok, warn
from bots.settings import ModelChoice, Settings
from runtime.models.port import Role
from runtime.tls import trust

_PATIENCE = 10.0


async def examine_models(settings: Settings) -> tuple[Finding, ...]:
    """One finding for each endpoint and model that some role uses; the embedded default where none is configured."""
    chosen = {role: settings.find_model(role) for role in Role}
    roles_of: dict[tuple[str, str], list[Role]] = {}
    first: dict[tuple[str, str], ModelChoice] = {}
    for role, choice in chosen.items():
        if choice is not None:
            key = (choice.base_url, choice.name)
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
    key = choice.api_key.get_secret_value() if choice.api_key else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = await client.get(f"{choice.base_url}/models", headers=headers)
    except httpx.HTTPError as error:
        return fail(
            part, f"{choice.base_url} does not answer ({type(error).__name__}: {error})",
            "Start the model server, or correct the BASE_URL setting.",
        )  # fmt: skip
    if answer.status_code in {401, 403}:
        return fail(part, f"{choice.base_url} refuses the key ({answer.status_code})", "Correct the API_KEY setting.")
    if answer.status_code != 200:
        return warn(
            part, f"{choice.base_url} answers, but lists no models ({answer.status_code})",
            "Some endpoints never do: say something to the agent and see.",
        )  # fmt: skip
    known = _names(answer)
    if known and choice.name not in known:
        return fail(
            part, f"{choice.base_url} has no model {choice.name!r}", f"It has: {', '.join(sorted(known)[:8])}.",
        )  # fmt: skip
    return ok(part, f"{choice.name} at {choice.base_url}")


def _names(answer: httpx.Response) -> set[str]:
    try:
        return {str(entry["id"]) for entry in answer.json()["data"]}
    except (ValueError, KeyError, TypeError):
        return set()


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

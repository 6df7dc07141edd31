"""Where a secret was seen: in the record, on Slack, or by the model."""

import json
from collections.abc import Iterator

import msgspec
import orjson

from tests.stories.world import World


def told(world: World, *runs: int) -> Iterator[str]:
    """Everything that left: what was recorded, what Slack was sent, what the model was asked."""
    for number in runs or (1,):
        yield from (orjson.dumps(event.body).decode() for event in world.events(number))
        run = world.store.load_run(world.run_id(number))
        yield from (step.text for step in run.steps)
        for each in (one for step in run.steps for one in step.calls):
            yield each.reason
            yield msgspec.json.encode(each.observation).decode()
        yield f"{run.answer} {run.failure}"
    yield from (json.dumps(dict(sent.arguments), ensure_ascii=False) for sent in world.slack.record.calls)
    yield from (message.text for request in world.model.requests for message in request.messages)


def holds(world: World, secret: str, *runs: int) -> list[str]:
    return [text for text in told(world, *runs) if secret in text]

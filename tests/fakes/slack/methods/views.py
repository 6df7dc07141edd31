"""views.*: modals that open, change and stack; the home tab."""

from typing import Literal

from tests.fakes.slack.arguments import OBJECT, STRING, Signature
from tests.fakes.slack.content import Content
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import APP_ID, BOT
from tests.fakes.slack.triggers import Trigger
from tests.fakes.slack.views import DEEPEST_STACK, View
from tests.fakes.slack.wording import check_view


def open_view(stage: Stage, given: Json) -> Json:
    trigger = _trigger(stage, given)
    _check_kind(given["view"], "modal")
    view = new_view(stage, given["view"], user=trigger.user)
    stage.state.modals[trigger.user] = [view]
    return {"view": view.as_json()}


def push_view(stage: Stage, given: Json) -> Json:
    trigger = _trigger(stage, given)
    _check_kind(given["view"], "modal")
    stack = stage.state.modals.get(trigger.user, [])
    if trigger.view is None or not stack:
        raise Breach("invalid_arguments", "views.push needs a trigger_id from inside an open modal")
    return {"view": pushed(stage, given["view"], trigger.user).as_json()}


def pushed(stage: Stage, payload: Json, user: str) -> View:
    """A view on top of the open ones."""
    stack = stage.state.modals.setdefault(user, [])
    if len(stack) >= DEEPEST_STACK:
        raise Refusal("push_limit_reached", f"{DEEPEST_STACK} views are open")
    view = new_view(stage, payload, user=user)
    if stack:
        view.root_id, view.previous_id = stack[0].root_id, stack[-1].id
    stack.append(view)
    return view


def update_view(stage: Stage, given: Json) -> Json:
    if ("view_id" in given) == ("external_id" in given):
        raise Breach("invalid_arguments", "exactly one of view_id and external_id is required")
    view = next(
        (
            view
            for view in stage.state.views.values()
            if view.id == given.get("view_id") or view.payload.get("external_id") == given.get("external_id", ...)
        ),
        None,
    )
    if view is None or view.closed:
        raise Refusal("not_found", given.get("view_id", ""))
    if given.get("hash", view.hash) != view.hash:
        raise Refusal("hash_conflict", "the view changed in the meantime")
    _check_kind(given["view"], view.kind)
    redraw(stage, view, given["view"])
    return {"view": view.as_json()}


def redraw(stage: Stage, view: View, payload: Json) -> None:
    check_view(payload)
    view.payload = payload
    view.content = Content(fallback="", blocks=stage.state.identified(payload["blocks"]))
    view.hash = _hash(stage)
    view.errors = {}


def publish_home(stage: Stage, given: Json) -> Json:
    user = stage.state.user(given["user_id"])
    _check_kind(given["view"], "home")
    home = stage.state.homes.get(user.id)
    if home is not None and given.get("hash", home.hash) != home.hash:
        raise Refusal("hash_conflict", "the home tab changed in the meantime")
    if home is None:
        home = stage.state.homes[user.id] = new_view(stage, given["view"], user=user.id, kind="home")
    else:
        redraw(stage, home, given["view"])
    return {"view": home.as_json()}


def new_view(stage: Stage, payload: Json, *, user: str, kind: Literal["modal", "home"] = "modal") -> View:
    check_view(payload)
    external = payload.get("external_id")
    if external and any(v.payload.get("external_id") == external for v in stage.state.views.values() if not v.closed):
        raise Breach("duplicate_external_id", external)
    view_id = f"V{stage.state.number():08d}"
    view = View(
        id=view_id,
        kind=kind,
        user=user,
        team=BOT.team,
        payload=payload,
        content=Content(fallback="", blocks=stage.state.identified(payload["blocks"])),
        hash=_hash(stage),
        root_id=view_id,
        bot_id=str(BOT.bot_id),
        app_id=APP_ID,
    )
    stage.state.views[view_id] = view
    return view


def _hash(stage: Stage) -> str:
    return f"{int(stage.clock.now())}.{stage.state.number():08x}"


def _trigger(stage: Stage, given: Json) -> Trigger:
    if "trigger_id" not in given:
        raise Breach("invalid_arguments", "trigger_id is required")
    return stage.state.triggers.exchange(given["trigger_id"])


def _check_kind(view: Json, kind: str) -> None:
    if view.get("type") != kind:
        raise Breach("invalid_arguments", f"the view's type must be {kind}; is {view.get('type')!r}")


_TRIGGERED = {"trigger_id": STRING, "interactivity_pointer": STRING}
METHODS: Methods = {
    "views.open": Method(open_view, Signature({"view": OBJECT}, _TRIGGERED)),
    "views.push": Method(push_view, Signature({"view": OBJECT}, _TRIGGERED)),
    "views.update": Method(
        update_view, Signature({"view": OBJECT}, {"view_id": STRING, "external_id": STRING, "hash": STRING})
    ),
    "views.publish": Method(publish_home, Signature({"user_id": STRING, "view": OBJECT}, {"hash": STRING})),
}

"""A person's open modals: submitting them, closing them, and what the app's answer does to them."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.pulse import Pulse
from tests.fakes.slack import interactions
from tests.fakes.slack.envelopes import Receipt
from tests.fakes.slack.forms import filled_in
from tests.fakes.slack.methods.views import pushed, redraw
from tests.fakes.slack.places import User
from tests.fakes.slack.refusals import Refusal
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.views import View


class Modals:
    def __init__(self, stage: Stage, pulse: Pulse, user: User) -> None:
        self._stage = stage
        self._pulse = pulse
        self._user = user

    async def submit(self, view: View, values: Mapping[str, Any]) -> Receipt:
        assert view.kind == "modal", "a home tab has nothing to submit"
        assert not view.closed, "the modal is closed"
        view.values = filled_in(view, values)
        view.errors, view.trouble = {}, None
        trigger = self._stage.state.triggers.new_trigger(view.user, view=view.id)
        payload = interactions.view_submission(self._stage.state, self._user, view, trigger=trigger)
        receipt = await self._stage.dispatch.ask("interactive", payload)
        if receipt.acked:
            self._apply(view, dict(receipt.payload or {}))
        else:
            view.trouble = "We had some trouble connecting. Try again?"
        self._pulse.beat()
        return receipt

    async def close(self, view: View) -> Receipt | None:
        """The app hears of it only when it asked to (`notify_on_close`)."""
        self._remove(view)
        self._pulse.beat()
        if not view.payload.get("notify_on_close"):
            return None
        payload = interactions.view_closed(self._stage.state, self._user, view, cleared=False)
        return await self._stage.dispatch.ask("interactive", payload)

    def _apply(self, view: View, answer: dict[str, Any]) -> None:
        match answer:
            case {"response_action": "clear"}:
                for open_view in list(self._stack):
                    self._remove(open_view)
            case {"response_action": "errors", "errors": dict(errors)}:
                inputs = {control.block_id for control in view.inputs}
                if not errors or not set(errors) <= inputs:
                    self._breach(f"errors name {sorted(errors)}, the inputs are {sorted(inputs)}", answer)
                view.errors = errors
            case {"response_action": "update", "view": dict(payload)}:
                self._drawing(answer, lambda: redraw(self._stage, view, payload))
            case {"response_action": "push", "view": dict(payload)}:
                self._drawing(answer, lambda: pushed(self._stage, payload, view.user))
            case _ if not answer:
                self._remove(view)
            case _:
                self._breach("the answer to a submission must be empty or carry a response_action", answer)

    def _drawing(self, answer: dict[str, Any], draw: Any) -> None:
        try:
            draw()
        except Refusal as refusal:
            self._breach(f"{refusal.error}: {refusal.detail}", answer)

    def _breach(self, detail: str, answer: dict[str, Any]) -> None:
        self._stage.record.violation("view_submission", "invalid_response", detail, answer)

    @property
    def _stack(self) -> list[View]:
        return self._stage.state.modals.setdefault(self._user.id, [])

    def _remove(self, view: View) -> None:
        view.closed = True
        if view in self._stack:
            self._stack.remove(view)

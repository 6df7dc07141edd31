"""The limits of Discord's modals as the loopback holds them: exactly the limit is taken, one more is not."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.discord.layout.check import problems_in_modal

Json = dict[str, Any]


def text(content: str = "quack") -> Json:
    return {"type": 10, "content": content}


def button() -> Json:
    return {"type": 2, "style": 3, "label": "Yes", "custom_id": "a"}


def row(*inside: Json) -> Json:
    return {"type": 1, "components": list(inside)}


def option(value: str = "a") -> Json:
    return {"label": "A", "value": value}


def modal(*inside: Json, **more: Any) -> Json:
    return {"title": "Why?", "custom_id": "form", "components": list(inside), **more}


def label(component: Json | None = None, **more: Any) -> Json:
    return {"type": 18, "label": "Reason", "component": component or words(), **more}


def words(custom_id: str = "words", **more: Any) -> Json:
    return {"type": 4, "style": 2, "custom_id": custom_id, **more}


def choices(kind: int, count: int) -> Json:
    return label({"type": kind, "custom_id": "pick", "options": [option(str(n)) for n in range(count)]})


MODAL_LIMITS: list[tuple[str, int, Callable[[int], Json]]] = [
    ("components", 5, lambda n: modal(*[label(words(str(i))) for i in range(n)])),
    ("title", 45, lambda n: modal(label(), title="x" * n)),
    ("custom_id", 100, lambda n: modal(label(), custom_id="x" * n)),
    ("label", 45, lambda n: modal(label(label="x" * n))),
    ("description", 100, lambda n: modal(label(description="x" * n))),
    ("placeholder", 100, lambda n: modal(label(words(placeholder="x" * n)))),
    ("value", 4000, lambda n: modal(label(words(value="x" * n)))),
    ("max_length", 4000, lambda n: modal(label(words(max_length=n)))),
    ("style", 2, lambda n: modal(label(words(style=n)))),
    ("custom_id of an input", 100, lambda n: modal(label(words("x" * n)))),
    ("text", 4000, lambda n: modal(text("x" * n), label())),
    ("options of radio buttons", 10, lambda n: modal(choices(21, n))),
    ("options of checkboxes", 10, lambda n: modal(choices(22, n))),
    ("files of an upload", 10, lambda n: modal(label({"type": 19, "custom_id": "f", "max_values": n}))),
    ("label in a row", 45, lambda n: modal(row(words(label="x" * n)))),
]


@pytest.mark.parametrize(("most", "made"), [pytest.param(m, f, id=name) for name, m, f in MODAL_LIMITS])
def test_a_modals_limit_is_taken_and_one_more_is_not(most: int, made: Callable[[int], Json]) -> None:
    assert problems_in_modal(made(most)) == []
    assert problems_in_modal(made(most + 1)) != []


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        (modal(), "/data/components"),
        (modal(label(), title=""), "/data/title"),
        (modal(label(), colour="green"), "/data/colour"),
        ({"title": "Why?", "components": [label()]}, "/data/custom_id"),
        (modal(words()), "/data/components/0/type"),
        (modal(label(button())), "/data/components/0/component/type"),
        (modal(label(words(style=3))), "/data/components/0/component/style"),
        (modal(label({"type": 4, "custom_id": "w"})), "/data/components/0/component/style"),
        (modal(label(words(label="again"))), "/data/components/0/component/label"),
        (modal(row(words())), "/data/components/0/components/0/label"),
        (modal(label(words(min_length=5, max_length=4))), "/data/components/0/component/min_length"),
        (modal(label(words(required="yes"))), "/data/components/0/component/required"),
        (modal(label(words()), label(words())), "/data/components"),
        (modal(choices(21, 1)), "/data/components/0/component/options"),
        (modal({"type": 17, "components": [text()]}), "/data/components/0/type"),
        ("no modal", "/data"),
    ],
)
def test_what_is_wrong_with_a_modal_is_pointed_at(form: Any, pointer: str) -> None:
    assert pointer in [problem.pointer for problem in problems_in_modal(form)]


def test_what_the_library_sends_for_an_input_in_a_label_is_taken() -> None:
    assert problems_in_modal(modal(text(), label(words(label=None, required=False, max_length=3000)))) == []

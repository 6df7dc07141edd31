"""The limits of Discord's components as the loopback holds them: exactly the limit is taken, one more is not."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.discord.content import walk, with_ids
from tests.fakes.discord.layout.check import attachments_named, problems_in_components

Json = dict[str, Any]


def text(content: str = "quack", **more: Any) -> Json:
    return {"type": 10, "content": content, **more}


def button(custom_id: str = "a", **more: Any) -> Json:
    return {"type": 2, "style": 3, "label": "Yes", "custom_id": custom_id, **more}


def link(**more: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Look", "url": "https://x.y/z", **more}


def row(*inside: Json) -> Json:
    return {"type": 1, "components": list(inside)}


def option(value: str = "a", **more: Any) -> Json:
    return {"label": "A", "value": value, **more}


def select(count: int = 1, **more: Any) -> Json:
    return {"type": 3, "custom_id": "pick", "options": [option(str(n)) for n in range(count)], **more}


def section(count: int = 1, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": [text() for _ in range(count)], "accessory": accessory or button()}


def container(*inside: Json, **more: Any) -> Json:
    return {"type": 17, "components": list(inside), **more}


def media(url: str = "https://x.y/z.png") -> Json:
    return {"media": {"url": url}}


def gallery(count: int = 1, **more: Any) -> Json:
    return {"type": 12, "items": [{**media(), **more} for _ in range(count)]}


def thumbnail(**more: Any) -> Json:
    return {"type": 11, **media(), **more}


LIMITS: list[tuple[str, int, Callable[[int], list[Json]]]] = [
    ("components in all", 40, lambda n: [text() for _ in range(n)]),
    ("components in all, nested", 40, lambda n: [container(*[text() for _ in range(n - 1)])]),
    ("text", 4000, lambda n: [text("x" * n)]),
    ("text in all", 4000, lambda n: [text("x" * 2000), section(1), container(text("x" * (n - 2005)))]),
    ("buttons in a row", 5, lambda n: [row(*[button(str(i)) for i in range(n)])]),
    ("selects in a row", 1, lambda n: [row(*[select(custom_id=str(i)) for i in range(n)])]),
    ("texts in a section", 3, lambda n: [section(n)]),
    ("images in a gallery", 10, lambda n: [gallery(n)]),
    ("options of a select", 25, lambda n: [row(select(n))]),
    ("custom_id", 100, lambda n: [row(button("x" * n))]),
    ("label of a button", 80, lambda n: [row(button(label="x" * n))]),
    ("url of a button", 512, lambda n: [row(link(url="https://" + "x" * (n - 8)))]),
    ("placeholder of a select", 150, lambda n: [row(select(placeholder="x" * n))]),
    ("label of an option", 100, lambda n: [row(select(options=[option(label="x" * n)]))]),
    ("value of an option", 100, lambda n: [row(select(options=[option("x" * n)]))]),
    ("description of an option", 100, lambda n: [row(select(options=[option(description="x" * n)]))]),
    ("max_values", 25, lambda n: [row(select(max_values=n))]),
    ("style of a button", 5, lambda n: [row(link(style=n))]),
    ("accent", 0xFFFFFF, lambda n: [container(text(), accent_color=n)]),
    ("id", 2**31 - 1, lambda n: [text(id=n)]),
    ("spacing", 2, lambda n: [{"type": 14, "spacing": n}]),
    ("description of an image", 1024, lambda n: [gallery(1, description="x" * n)]),
    ("description of a thumbnail", 1024, lambda n: [section(1, thumbnail(description="x" * n))]),
]


@pytest.mark.parametrize(("most", "made"), [pytest.param(m, f, id=name) for name, m, f in LIMITS])
def test_the_limit_is_taken_and_one_more_is_not(most: int, made: Callable[[int], list[Json]]) -> None:
    assert problems_in_components(made(most), v2=True) == []
    assert problems_in_components(made(most + 1), v2=True) != []


@pytest.mark.parametrize(
    ("component", "pointer"),
    [
        ({"content": "no type"}, "/components/0/type"),
        ({"type": 99}, "/components/0/type"),
        (text(""), "/components/0/content"),
        ({"type": 10}, "/components/0/content"),
        (text(colour="green"), "/components/0/colour"),
        (text(id=-1), "/components/0/id"),
        (text(id="7"), "/components/0/id"),
        (button(), "/components/0/type"),
        (row(), "/components/0/components"),
        (row(button(), select()), "/components/0/components"),
        (row(text()), "/components/0/components/0/type"),
        (row(button(""), button("b")), "/components/0/components/0/custom_id"),
        (row({"type": 2, "style": 3, "label": "Yes"}), "/components/0/components/0/custom_id"),
        (row({"type": 2, "style": 3, "custom_id": "a"}), "/components/0/components/0/label"),
        (row(button(url="https://x.y")), "/components/0/components/0/url"),
        (row(link(custom_id="a")), "/components/0/components/0/custom_id"),
        (row(link(url="ftp://x.y")), "/components/0/components/0/url"),
        (row(button(style=6, sku_id="1")), "/components/0/components/0/custom_id"),
        (row({"type": 2, "style": 6, "sku_id": "1", "label": "x"}), "/components/0/components/0"),
        (row(button(disabled="no")), "/components/0/components/0/disabled"),
        (row(button(emoji="🦆")), "/components/0/components/0/emoji"),
        (row(select(options=[])), "/components/0/components/0/options"),
        (row(select(options=[option(), option()])), "/components/0/components/0/options"),
        (row(select(min_values=2, max_values=1)), "/components/0/components/0/min_values"),
        (section(0), "/components/0/components"),
        ({"type": 9, "components": [text()]}, "/components/0/accessory"),
        (section(1, select()), "/components/0/accessory/type"),
        ({"type": 9, "components": [button()], "accessory": button("b")}, "/components/0/components/0/type"),
        (gallery(0), "/components/0/items"),
        (gallery(1, spoiler="yes"), "/components/0/items/0/spoiler"),
        ({"type": 13, "file": {"url": "https://x.y/z.md"}}, "/components/0/file/url"),
        ({"type": 13}, "/components/0/file"),
        ({"type": 14, "divider": 1}, "/components/0/divider"),
        (container(), "/components/0/components"),
        (container(container(text())), "/components/0/components/0/type"),
        (container(text(), accent_color="red"), "/components/0/accent_color"),
        (thumbnail(), "/components/0/type"),
        ({"type": 18, "label": "Reason", "component": {}}, "/components/0/type"),
        ({"type": 4, "style": 2, "custom_id": "words"}, "/components/0/type"),
    ],
)
def test_what_is_wrong_is_pointed_at(component: Json, pointer: str) -> None:
    assert pointer in [problem.pointer for problem in problems_in_components([component], v2=True)]


@pytest.mark.parametrize(
    "components",
    [
        [text(id=7), text(id=7)],
        [row(button()), section(1, button())],
        [container(row(button()), row(select(custom_id="a")))],
    ],
)
def test_ids_stand_once_in_a_message(components: list[Json]) -> None:
    [problem] = problems_in_components(components, v2=True)
    assert "2 times" in problem.message


def test_ids_of_zero_and_links_without_ids_are_no_repetition() -> None:
    assert problems_in_components([text(id=0), text(id=0), row(link(), link())], v2=True) == []


@pytest.mark.parametrize("components", [[text()], [container(text())], [row(button())] * 6, {"type": 1}])
def test_without_the_flag_only_five_rows_are_taken(components: Any) -> None:
    assert problems_in_components([row(button())], v2=False) == []
    assert problems_in_components(components, v2=False) != []


def test_the_files_that_components_show_are_found() -> None:
    shown = [
        container({"type": 13, "file": {"url": "attachment://a.md"}}),
        {"type": 12, "items": [media("attachment://b.png"), media()]},
        section(1, {"type": 11, "media": {"url": "attachment://c.png"}}),
    ]
    assert sorted(attachments_named(shown)) == ["a.md", "b.png", "c.png"]


trees = st.recursive(
    st.builds(text, st.just("x"), id=st.integers(0, 9)),
    lambda inside: st.builds(lambda some: container(*some), st.lists(inside, max_size=3)),
    max_leaves=12,
)


@given(st.lists(trees, max_size=5))
def test_every_component_gets_an_id_and_keeps_its_own(components: list[Json]) -> None:
    given_ids = [component.get("id") for component in walk(components)]
    ids = [component["id"] for component in walk(with_ids(components))]
    assert all(ids)
    assert [now for before, now in zip(given_ids, ids, strict=True) if before] == [one for one in given_ids if one]
    invented = [now for before, now in zip(given_ids, ids, strict=True) if not before]
    assert len(set(invented)) == len(invented)
    assert not set(invented) & set(given_ids)

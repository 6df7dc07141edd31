"""A long answer becomes messages that each read well alone, and nothing of it is lost."""

import timeit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from runtime.splitting import cut_markdown, split_markdown

MARKDOWN = MarkdownIt("commonmark").enable("table").disable("html_block")
WORDS = "Ducks dabble. They rarely dive, and they quack about it. "

SNIPPETS = st.sampled_from(
    [
        "word ",
        "two words",
        "\n",
        "\n\n",
        "\r\n",
        "# title\n",
        "- item\n",
        "  - nested\n",
        "1. one\n",
        "> quoted\n",
        "```",
        "```py\n",
        "  ```sh\n",
        "- ```js\n",
        "> ~~~\n",
        "~~~~ text\n",
        "```\n",
        "    ```\n",
        "x = 1\n",
        "|a|b|\n|-|-|\n",
        "|1|2|\n",
        "[link](https://example.org/a_long_path)",
        "<@U12345>",
        "<div>\n",
        "`code`",
        "👩‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "\t",
        "    ",
    ]
)
TEXTS = st.lists(SNIPPETS | st.text(max_size=5), max_size=60).map("".join)


def join_pieces(text: str, limit: int) -> str:
    return "".join(piece.body for piece in cut_markdown(text, limit))


def open_fences(text: str) -> int:
    """Fences that nothing closes: they end with the text, or with the list or quote that they stand in."""
    count = 0
    lines = text.split("\n")
    for token in MARKDOWN.parse(text):
        if token.type == "fence" and token.map:
            first, end = token.map
            last = lines[end - 1].lstrip(" >\t")
            count += not (end - 1 > first and last.startswith(token.markup) and not last.strip("`~ \t\r"))
    return count


@given(TEXTS, st.integers(1, 120))
@example("```py\n" + "x\n" * 30 + "```", 40)
@pytest.mark.mistake(19)
def test_nothing_is_lost(text: str, limit: int) -> None:
    assert join_pieces(text, limit) == text
    for piece in cut_markdown(text, limit):
        for line in (piece.before + piece.after).splitlines():
            assert line.lstrip(" >\t").startswith(("```", "~~~", "|"))


@given(TEXTS, st.integers(1, 120))
@pytest.mark.mistake(19)
def test_every_message_fits_and_says_something(text: str, limit: int) -> None:
    for message in split_markdown(text, limit):
        assert len(message) <= limit
        assert message.strip()


@given(TEXTS)
def test_what_fits_comes_back_as_it_is(text: str) -> None:
    assert split_markdown(text, max(len(text), 1)) == ((text,) if text.strip() else ())


@pytest.mark.promise(27)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "- ", "> ", "1. "]),
            st.sampled_from(["```", "~~~", "````", "```py", "~~~sh title"]),
            st.lists(st.text("ab =#|`", min_size=0, max_size=20), max_size=30),
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(60, 200),
)
@pytest.mark.mistake(19)
def test_code_fences_are_closed_in_every_message(blocks: list[tuple[str, str, list[str]]], limit: int) -> None:
    text = ""
    for container, fence, lines in blocks:
        marker = fence[: 4 if fence.startswith("````") else 3]
        behind = ">" if container == "> " else " " * len(container)
        code = [line for line in lines if not line.lstrip(" ").startswith(marker)]
        text += "\n".join([container + fence, *(f"{behind}{line}" for line in code), behind + marker, "", WORDS, ""])
    assert open_fences(text) == 0
    for message in split_markdown(text, limit):
        assert open_fences(message) == 0, message


@pytest.mark.promise(27)
def test_answers_are_cut_between_paragraphs() -> None:
    paragraphs = [f"{n}: " + WORDS * 3 for n in range(20)]
    messages = split_markdown("\n\n".join(paragraphs), 600)
    assert len(messages) > 5
    assert [part.strip() for message in messages for part in message.split("\n\n")] == [
        paragraph.strip() for paragraph in paragraphs
    ]


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
def test_torn_code_is_fenced_again_in_its_language() -> None:
    text = "Look:\n\n```python title=x\n" + "".join(f"print({n})\n" for n in range(100)) + "```\n\nThat was it."
    first, *others = split_markdown(text, 300)
    assert first.startswith("Look:\n\n```python title=x\n")
    assert first.endswith("\n```")
    assert all(message.startswith("```python\nprint(") for message in others)
    assert others[-1].endswith("```\n\nThat was it.")


def test_code_in_a_quote_stays_in_the_quote() -> None:
    text = "> ```sh\n" + "> ls -la\n" * 50 + "> ```\n"
    for message in split_markdown(text, 120):
        assert message.startswith("> ```sh\n> ls -la\n")
        assert message.endswith("> ls -la\n> ```")


def test_a_fence_that_only_its_list_closes_does_not_swallow_what_follows() -> None:
    text = "- ```\n" + "  code\n" * 40 + "\nAfter the list.\n"
    messages = split_markdown(text, 100)
    assert messages[-1] == "After the list."
    assert [open_fences(message) for message in messages] == [0] * len(messages)


def test_a_torn_table_has_its_head_in_every_message() -> None:
    head = "| name | size |\n|------|-----:|\n"
    text = head + "".join(f"| file{n} | {n} |\n" for n in range(80))
    messages = split_markdown(text, 400)
    assert len(messages) > 2
    assert all(message.startswith(head) for message in messages)
    assert sum(message.count("| file") for message in messages) == 80


def test_a_title_is_not_left_alone_at_the_end() -> None:
    text = WORDS * 4 + "\n\n## The next part\n\n" + WORDS * 4
    messages = split_markdown(text, len(WORDS) * 4 + 30)
    assert messages[1].startswith("## The next part\n\nDucks")


@pytest.mark.parametrize(
    "whole",
    [
        "[a link with words](https://example.org/x)",
        "<@U12345678>",
        "<https://example.org|some words>",
        "`two words`",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "e\u0301\u0323",
        "👍🏽",
    ],
)
@pytest.mark.mistake(19)
def test_links_mentions_code_and_characters_stay_whole(whole: str) -> None:
    for before in range(30, 61):
        for filler in ("x" * before, "x " * (before // 2)):
            text = filler + whole + "y" * 100
            assert sum(message.count(whole) for message in split_markdown(text, 60)) == 1


def test_a_row_of_flags_is_cut_between_flags() -> None:
    assert split_markdown("🇩🇪🇫🇷" * 20, 21) == ("🇩🇪🇫🇷" * 5,) * 4


def test_a_long_line_is_cut_at_spaces() -> None:
    messages = split_markdown(WORDS * 50, 100)
    assert [word for message in messages for word in message.split()] == (WORDS * 50).split()


def test_a_line_without_spaces_is_cut_anyway() -> None:
    assert split_markdown("x" * 250, 100) == ("x" * 100, "x" * 100, "x" * 50)


def test_a_limit_of_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        split_markdown("too long", 0)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "`" * 200_000, "🇩" * 100_000, "> " * 100_000, "[a](" * 50_000, "a\u0301" * 100_000]
)
def test_hostile_text_does_not_stall_the_loop(text: str) -> None:
    assert timeit.timeit(lambda: split_markdown(text, 4_000), number=1) < 5

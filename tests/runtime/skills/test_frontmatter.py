"""The head of a SKILL.md: the rules of the format, each with a sentence that says what would be right."""

import pytest

from runtime.skills.frontmatter import Frontmatter, is_name, read_frontmatter

GOOD = "name: release-notes\ndescription: Write release notes.\n"


def read(head: str, *, folder: str = "release-notes") -> Frontmatter | tuple[str, ...]:
    return read_frontmatter(f"---\n{head}---\n\n# How\n", folder=folder)


def faults(head: str, *, folder: str = "release-notes") -> tuple[str, ...]:
    found = read(head, folder=folder)
    assert isinstance(found, tuple)
    return found


def test_all_fields_are_read_as_they_are_written() -> None:
    found = read(
        GOOD + "license: Apache-2.0\ncompatibility: Needs git\nallowed-tools: Bash(git:*) Read\n"
        "metadata:\n  author: the team\n  version: 1.0\n  draft: yes\n"
    )

    assert found == Frontmatter(
        name="release-notes",
        description="Write release notes.",
        license="Apache-2.0",
        compatibility="Needs git",
        metadata={"author": "the team", "version": "1.0", "draft": "yes"},
        allowed_tools=("Bash(git:*)", "Read"),
    )


def test_tools_may_be_a_list_and_a_description_may_be_folded() -> None:
    found = read("name: a1\ndescription: >\n  One\n  two.\nallowed-tools:\n  - Read\n", folder="a1")

    assert found == Frontmatter(name="a1", description="One two.", allowed_tools=("Read",))


def test_lines_may_end_with_cr_lf() -> None:
    found = read_frontmatter("---\r\nname: a\r\ndescription: b\r\n---\r\nbody\r\n", folder="a")

    assert found == Frontmatter(name="a", description="b")


@pytest.mark.parametrize("name", ["a", "1", "pdf-processing", "a" * 64, "x1-2-y"])
def test_names_of_the_format(name: str) -> None:
    assert is_name(name)
    assert isinstance(read(f"name: {name}\ndescription: b\n", folder=name), Frontmatter)


@pytest.mark.parametrize("name", ["PDF", "-a", "a-", "a--b", "a_b", "a b", "a" * 65, "ä", "a/b", "..", "''"])
def test_names_that_are_none(name: str) -> None:
    assert not is_name(name)
    assert "lower-case letters, digits and single hyphens" in faults(f"name: {name}\ndescription: b\n", folder=name)[0]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("description: b\n", "`name` is missing"),
        ("name: other\ndescription: b\n", "`name` is 'other', and its folder is called 'release-notes'"),
        ("name: [a]\ndescription: b\n", "`name` is not a text"),
        ("name: release-notes\n", "`description` is missing"),
        ("name: release-notes\ndescription: '  '\n", "`description` must be a text of 1 to 1,024 characters"),
        ("name: release-notes\ndescription: [b]\n", "`description` must be a text"),
        (f"name: release-notes\ndescription: {'b' * 1025}\n", "`description` has 1,025 characters; 1,024 are the most"),
        (GOOD + f"compatibility: {'c' * 501}\n", "`compatibility` has 501 characters; 500 are the most"),
        (GOOD + "compatibility: ''\n", "`compatibility` must be a text"),
        (GOOD + "license: [MIT]\n", "`license` must be a text"),
        (GOOD + "metadata: words\n", "`metadata` must be fields of your own"),
        (GOOD + "metadata:\n  a: [1]\n", "`metadata` must be fields of your own"),
        (GOOD + "allowed-tools:\n  a: b\n", "`allowed-tools` must be names"),
        (GOOD + "version: 1\n", "`version` is not a field of the format"),
        (GOOD + "name: again\n", "Line 4: `name` stands there twice"),
        (GOOD + "metadata: &a {b: c}\n", "Line 4: anchors (&) and aliases (*) are not taken"),
        (GOOD + "metadata: *a\n", "anchors (&) and aliases (*) are not taken"),
        (GOOD + "metadata: !!python/object:os.system {}\n", "Line 4: tags (!) are not taken"),
        (GOOD + "metadata: [[[[[[x]]]]]]\n", "nested too deeply"),
        ("- a\n- b\n", "It is not a list of fields"),
        ("? [a]\n: b\n", "a field's name must be a word"),
        ("name: 'a\n", "this is not YAML"),
        ("name: a: b\n", "Line 2: this is not YAML (mapping values are not allowed here)"),
        ("name: \x07\n", "this is not YAML"),
        ("", "It is not a list of fields"),
        ("a: " + "b" * 16_000 + "\n", "Its head has 16,00"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(head: str, said: str) -> None:
    assert any(said in fault for fault in faults(head)), faults(head)


@pytest.mark.parametrize(
    "content", ["", "# No head\n", "---\nname: a\n", " ---\nname: a\n---\n", "\n---\nname: a\n---\n"]
)
def test_without_a_head_there_is_no_skill(content: str) -> None:
    (fault,) = read_frontmatter(content, folder="a")  # type: ignore[misc]  # it is a tuple of faults

    assert "must begin with a line `---`" in fault


def test_every_fault_is_told_at_once() -> None:
    assert len(faults("version: 1\nname: A\n")) == 3


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    layers = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 20))

    assert "not taken" in faults(f"l0: &l0 [x]\n{layers}")[0]


def test_brackets_without_an_end_are_refused() -> None:
    assert "nested too deeply" in faults("name: " + "[" * 15_000 + "\n")[0]

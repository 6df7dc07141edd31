"""The digest changes with anything that a person was shown, and with nothing else."""

import hashlib
import json
import os
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.digest import canonical_form, digest_of, real_path
from runtime.records import Workspace

WORKSPACE = Workspace(id="main", path="/srv/main")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), JSON, max_size=4)


@settings(deadline=None)
@given(arguments=ARGUMENTS, chance=st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(arguments: dict[str, Any], chance: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            chance.shuffle(items)
            return dict(items)
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    assert digest_of("t", "1", shuffled(arguments), WORKSPACE) == digest_of("t", "1", arguments, WORKSPACE)


@pytest.mark.promise(14)
@settings(deadline=None)
@given(one=ARGUMENTS, other=ARGUMENTS)
def test_other_arguments_have_another_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    assume(_as_numbers_of_json(one) != _as_numbers_of_json(other))

    assert digest_of("t", "1", one, WORKSPACE) != digest_of("t", "1", other, WORKSPACE)


@pytest.mark.promise(14)
@settings(deadline=None)
@given(arguments=ARGUMENTS.filter(bool), value=JSON, choice=st.data())
def test_changing_one_value_changes_the_digest(arguments: dict[str, Any], value: Any, choice: Any) -> None:
    key = choice.draw(st.sampled_from(sorted(arguments)))
    assume(_as_numbers_of_json(arguments[key]) != _as_numbers_of_json(value))

    changed = arguments | {key: value}

    assert digest_of("t", "1", changed, WORKSPACE) != digest_of("t", "1", arguments, WORKSPACE)


@pytest.mark.promise(14)
@pytest.mark.parametrize(
    ("tool", "version", "workspace"),
    [
        ("u", "1", WORKSPACE),
        ("t", "2", WORKSPACE),
        ("t", "1", replace(WORKSPACE, id="other")),
        ("t", "1", replace(WORKSPACE, path="/srv/other")),
    ],
)
def test_tool_version_and_workspace_are_part_of_it(tool: str, version: str, workspace: Workspace) -> None:
    assert digest_of(tool, version, {}, workspace) != digest_of("t", "1", {}, WORKSPACE)


@settings(deadline=None, max_examples=300)
@given(arguments=ARGUMENTS)
@example(arguments={chr(code): chr(code) for code in range(0x100)})
@example(arguments={"fraction": 1e21, "small": 1e-7, "whole": 1.0, "minus": -0.0, "\U0001f600": 1, "\ufb33": 2})
def test_the_quick_way_writes_what_the_library_writes(arguments: dict[str, Any]) -> None:
    assert canonical_form(arguments) == rfc8785.dumps(arguments)


def test_the_digest_is_that_of_the_canonical_form() -> None:
    # The form is written out here, so that a digest recorded today is still the right one tomorrow.
    form = '{"arguments":{"a":"é\\n","b":1},"tool":"t","version":"1","workspace":{"id":"main","path":"/srv/main"}}'

    found = digest_of("t", "1", {"b": 1.0, "a": "é\n"}, WORKSPACE)

    assert found == hashlib.sha256(form.encode()).hexdigest()


def test_a_workspace_reached_by_a_link_is_the_place_it_leads_to(tmp_path: Path) -> None:
    place, link = tmp_path / "place", tmp_path / "link"
    place.mkdir()
    link.symlink_to(place)

    def through(path: Path) -> str:
        return digest_of("t", "1", {}, Workspace(id="main", path=str(path)))

    assert through(link) == through(place)


@pytest.mark.parametrize(
    "name",
    ["", "deep/er/folder", "link", "link/inside", "chain", "dangling", "missing/folder", "a file", "deep/../link/."],
)
def test_a_folder_s_real_path_is_what_the_library_finds(tmp_path: Path, name: str) -> None:
    (tmp_path / "deep" / "er" / "folder").mkdir(parents=True)
    (tmp_path / "place" / "inside").mkdir(parents=True)
    (tmp_path / "a file").touch()
    for link, target in (("link", "place"), ("chain", "link"), ("dangling", "nowhere")):
        (tmp_path / link).symlink_to(target)

    assert real_path(f"{tmp_path}/{name}") == os.path.realpath(f"{tmp_path}/{name}")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {1: 2}, object()])
def test_what_the_canonical_form_cannot_carry_is_refused_in_words(value: Any) -> None:
    with pytest.raises(ValueError, match="the arguments of t have no exact canonical form"):
        digest_of("t", "1", {"a": [value]}, WORKSPACE)


def _as_numbers_of_json(value: Any) -> str:
    """Equal texts for values that are equal in JSON, where 1 and 1.0 are one number, and true is none."""

    def unified(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: unified(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [unified(inner) for inner in item]
        if isinstance(item, int | float) and not isinstance(item, bool):
            return float(item) + 0.0
        return item

    return json.dumps(unified(value), sort_keys=True)


def test_a_folder_that_is_gone_has_no_name_that_the_kernel_made_up(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()

    with chdir(gone):
        gone.rmdir()
        with pytest.raises(FileNotFoundError):
            real_path(".")

"""list_files, read_file and search_files: what they show, what they leave out, and that they say so."""

from pathlib import Path
from typing import Any

import pytest

from runtime.records import Effect, Observation, Risk
from runtime.tools.list_files import ListFiles
from runtime.tools.port import Tool
from runtime.tools.read_file import ReadFile
from runtime.tools.search_files import SearchFiles
from runtime.tools.secret_names import looks_secret
from tests.runtime.tools.doubles import Bench, workspace_at


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("needle")
    (tmp_path / "docs" / "a.md").write_text("one\nNeedle two\nthree needle\n")
    (tmp_path / "docs" / "deep" / "b.txt").write_text("needle")
    (tmp_path / "binary.bin").write_bytes(b"needle\x00\x01")
    (tmp_path / ".env").write_text("KEY=needle")
    return tmp_path


@pytest.mark.parametrize("tool", [ListFiles(), ReadFile(), SearchFiles()], ids=lambda tool: tool.name)
async def test_looking_is_without_effect_and_without_risk(place: Path, tool: Tool) -> None:
    arguments = {"read_file": {"path": "docs/a.md"}, "search_files": {"text": "x"}, "list_files": {}}[tool.name]

    reviewed = await _bench(tool, place).review(**arguments)

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.NONE, Risk.NONE)


async def test_a_folder_is_listed_in_order_with_sizes(place: Path) -> None:
    found = await _do(ListFiles(), place)

    assert found.text.splitlines() == [".env  10 bytes", ".git/", "binary.bin  8 bytes", "docs/"]


async def test_a_listing_goes_as_deep_as_asked_and_leaves_gits_own_alone(place: Path) -> None:
    found = await _do(ListFiles(), place, depth=3)

    assert found.text.splitlines() == [
        ".env  10 bytes",
        ".git/",
        "binary.bin  8 bytes",
        "docs/",
        "docs/a.md  28 bytes",
        "docs/deep/",
        "docs/deep/b.txt  6 bytes",
    ]


async def test_a_very_full_folder_is_listed_up_to_a_limit_and_says_so(tmp_path: Path) -> None:
    for number in range(1_005):
        (tmp_path / f"{number:04}").touch()

    found = await _do(ListFiles(), tmp_path)

    lines = found.text.splitlines()
    assert (lines[0], lines[999]) == ("0000  0 bytes", "0999  0 bytes")
    assert "more than these 1,000 entries" in lines[1000]
    assert len(lines) == 1001


async def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    assert (await _do(ListFiles(), tmp_path)).text == "[the folder is empty]"


async def test_a_name_that_is_not_text_is_listed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m").touch()
    (tmp_path / "\udcff").touch()

    assert (await _do(ListFiles(), tmp_path)).text == "a␛[31m  0 bytes\n\ufffd  0 bytes"


async def test_a_file_is_read_whole(place: Path) -> None:
    found = await _do(ReadFile(), place, path="docs/a.md")

    assert found.text == "one\nNeedle two\nthree needle"
    assert found.metadata == {"lines": 3, "first": 1, "last": 3}


async def test_some_lines_are_read_and_their_place_is_said(place: Path) -> None:
    found = await _do(ReadFile(), place, path="docs/a.md", start=2, count=1)

    assert found.text == "Needle two\n[lines 2 to 2 of 3]"


async def test_a_long_file_is_read_as_far_as_fits_in_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("".join(f"line {n}\n" for n in range(20_000)))

    first = await _do(ReadFile(), tmp_path, path="long")
    last = first.metadata["last"]
    second = await _do(ReadFile(), tmp_path, path="long", start=last + 1)

    assert first.text.endswith(f"\nline {last - 1}\n[lines 1 to {last:,} of 20,000]")
    assert second.text.startswith(f"line {last}\n")
    assert len(first.text) <= ReadFile.output_cap


async def test_one_endless_line_keeps_its_head_and_tail(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("a" * 100_000 + "b")

    found = await _do(ReadFile(), tmp_path, path="long")

    assert (found.text[0], found.text[-1]) == ("a", "b")
    assert "characters left out" in found.text
    assert len(found.text) <= ReadFile.output_cap


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "[the file is empty]"),
        (b"caf\xe9\n", "caf\ufffd"),
        (b"\xef\xbb\xbfa\n", "a"),
        (b"a\r\nb\r\n", "a\nb\n[lines end with CR LF]"),
    ],
)
async def test_unusual_text_is_read_as_well_as_can_be(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "f").write_bytes(content)

    assert (await _do(ReadFile(), tmp_path, path="f")).text == text


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("binary.bin", "binary"),
        ("nothing", "not_found"),
        ("docs", "refused"),
        ("docs/a.md/x", "refused"),
        ("huge", "too_large"),
    ],
)
async def test_what_cannot_be_read_is_said_in_words(place: Path, path: str, error: str) -> None:
    with (place / "huge").open("wb") as file:
        file.truncate(10_000_001)

    found = await _do(ReadFile(), place, path=path)

    assert (found.ok, found.error) == (False, error)
    assert path.removesuffix("/x") in found.text


async def test_a_start_beyond_the_end_is_said(place: Path) -> None:
    assert (await _do(ReadFile(), place, path="docs/a.md", start=9)).text == "docs/a.md has only 3 lines."


SECRETS = [
    ".env", "a/.ENV", ".env.local", "prod.env", "key.pem", "x/ID_RSA", "id_ed25519", "credentials", "credentials.json", ".netrc",
    ".git-credentials", ".ssh/config", ".aws/config", ".git/config", "sub/.git/config", "secrets.yaml", "./.npmrc",
]  # fmt: skip
HARMLESS = [
    ".env.example", "env.py", "id_rsa.pub", "environment.md", "README", "keys.md", "config", ".github/config", "monkey"
]  # fmt: skip


@pytest.mark.parametrize("path", SECRETS)
async def test_reading_what_looks_like_a_secret_is_asked(tmp_path: Path, path: str) -> None:
    assessment = (await _bench(ReadFile(), tmp_path).review(path=path)).assessment

    assert assessment.risk is Risk.HIGH
    assert "passwords or keys" in assessment.why_asked


@pytest.mark.parametrize("path", HARMLESS)
def test_harmless_names_are_not_secrets(path: str) -> None:
    assert not looks_secret(path)


async def test_a_search_names_path_line_and_text_and_what_it_left_out(place: Path) -> None:
    found = await _do(SearchFiles(), place, text="needle")

    assert found.text.splitlines() == [
        "docs/a.md:3: three needle",
        "docs/deep/b.txt:1: needle",
        "[1 left out whose names promise secrets]",
        "[1 left out: not text, too large, or not readable]",
    ]


@pytest.mark.parametrize(
    ("arguments", "hits"),
    [
        ({"ignore_case": True}, ["docs/a.md:2", "docs/a.md:3", "docs/deep/b.txt:1"]),
        ({"glob": "*.md"}, ["docs/a.md:3"]),
        ({"glob": "docs/deep/*"}, ["docs/deep/b.txt:1"]),
        ({"path": "docs/deep"}, ["docs/deep/b.txt:1"]),
        ({"path": "docs/a.md"}, ["docs/a.md:3"]),
        ({"path": ".env"}, []),
    ],
)
async def test_a_search_can_be_narrowed(place: Path, arguments: dict[str, Any], hits: list[str]) -> None:
    found = await _do(SearchFiles(), place, text="needle", **arguments)

    lines = [line for line in found.text.splitlines() if not line.startswith("[")]
    assert [line.rpartition(": ")[0] for line in lines] == hits


async def test_a_search_takes_the_text_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a.c\nabc\n")

    assert (await _do(SearchFiles(), tmp_path, text="a.c")).text == "f:1: a.c"


async def test_a_search_stops_at_its_limit_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x\n" * 1000)

    found = await _do(SearchFiles(), tmp_path, text="x")

    assert found.metadata["matches"] == 200
    assert "first 200 matches" in found.text


async def test_a_long_line_is_shown_around_the_match(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a" * 5000 + "needle" + "b" * 5000)

    found = await _do(SearchFiles(), tmp_path, text="needle")

    assert "aaneedlebb" in found.text
    assert len(found.text) < 400


def _bench(tool: Tool, place: Path) -> Bench:
    return Bench(tool=tool, workspace=workspace_at(place))


async def _do(tool: Tool, place: Path, **arguments: Any) -> Observation:
    return await _bench(tool, place).do(**arguments)

"""What makes the vectors of memories is what the settings say, from the first setting to the doctor's line."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bots.doctor.embedding import examine_embedding
from bots.doctor.findings import Level
from bots.embedding import open_embedder_of
from bots.house import open_house
from bots.masking import masker_of
from bots.platforms import Chosen
from bots.settings import Settings, load_settings
from runtime.errors import SettingsError
from runtime.memory.embedding.minilm import SPACE
from tests.command import environment
from tests.fakes.embeddings import EmbeddingsEndpoint
from tests.fakes.replies import Refuse

KEY = "sk-embedding-0123456789"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MALLARD_") or name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)


def load(folder: Path, *, toml: str = "", **settings: str) -> Settings:
    (folder / ".env").write_text("".join(f"MALLARD_{name}={value}\n" for name, value in settings.items()))
    (folder / "mallard.toml").write_text(toml)
    return load_settings(folder)


def pointing_at(server: EmbeddingsEndpoint, **settings: str) -> dict[str, str]:
    named = {"EMBEDDING_BASE_URL": server.base_url, "EMBEDDING_NAME": "pond", "EMBEDDING_API_KEY": KEY}
    return named | settings


async def test_an_endpoint_that_is_named_is_asked_with_its_own_key(tmp_path: Path) -> None:
    async with EmbeddingsEndpoint() as server:
        settings = load(tmp_path, MODEL_API_KEY="sk-of-the-model", **pointing_at(server))
        async with open_embedder_of(settings, masker_of(settings)) as embedder:
            assert embedder is not None
            (vector,) = await embedder.embed([f"the key is {KEY}"])
    assert vector.space == "pond/16"
    assert server.keys == [f"Bearer {KEY}"]
    assert KEY not in server.texts[0]


async def test_a_models_key_goes_to_no_other_endpoint(tmp_path: Path) -> None:
    async with EmbeddingsEndpoint() as server:
        settings = load(tmp_path, MODEL_API_KEY="sk-of-the-model", **pointing_at(server, EMBEDDING_API_KEY=""))
        async with open_embedder_of(settings, masker_of(settings)) as embedder:
            assert embedder is not None
            await embedder.embed(["duck"])
    assert server.keys == [""]


async def test_local_is_local_whatever_else_is_named_and_off_is_off(tmp_path: Path) -> None:
    async with EmbeddingsEndpoint() as server:
        settings = load(tmp_path, **pointing_at(server, EMBEDDING="local"))
        async with open_embedder_of(settings, masker_of(settings)) as embedder:
            assert embedder is not None
            assert (await embedder.embed(["duck"]))[0].space == SPACE
        settings = load(tmp_path, **pointing_at(server, EMBEDDING="off"))
        async with open_embedder_of(settings, masker_of(settings)) as embedder:
            assert embedder is None
    assert server.received == []


def test_a_table_of_the_file_names_an_endpoint_as_well(tmp_path: Path) -> None:
    settings = load(tmp_path, toml='[embedding]\nbase_url = "http://127.0.0.1:1/v1"\nname = "pond"\ntimeout_s = 3\n')
    assert settings.uses_embedding_endpoint
    assert (settings.embedding_name, settings.embedding_timeout_s) == ("pond", 3)
    assert load(tmp_path, toml='embedding = "off"\n').embedding == "off"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"EMBEDDING_BASE_URL": "http://127.0.0.1:1/v1"}, "MALLARD_EMBEDDING_NAME is missing"),
        ({"EMBEDDING_NAME": "pond"}, "MALLARD_EMBEDDING_BASE_URL is missing"),
        ({"EMBEDDING_API_KEY": KEY}, "MALLARD_EMBEDDING_BASE_URL is missing"),
        ({"EMBEDDING": "cloud"}, "MALLARD_EMBEDDING in .env, line 1 is 'cloud'"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load(tmp_path, **given)


async def test_the_doctor_makes_a_vector_and_says_where(tmp_path: Path) -> None:
    async with EmbeddingsEndpoint([None, Refuse(status=401, message="who are you?")]) as server:
        settings = load(tmp_path, **pointing_at(server))
        (well,) = await examine_embedding(settings)
        (ill,) = await examine_embedding(settings)
    (local,) = await examine_embedding(load(tmp_path))
    (off,) = await examine_embedding(load(tmp_path, EMBEDDING="off"))
    assert [each.level for each in (well, ill, local, off)] == [Level.OK, Level.WARN, Level.OK, Level.OK]
    assert well.words.endswith(f"vectors of pond/16, made at {server.base_url}")
    assert "by their words alone: pond at http" in ill.words
    assert "set MALLARD_EMBEDDING_API_KEY: who are you?" in ill.words
    assert local.words.endswith(f"vectors of {SPACE}, made on this machine")
    assert "MALLARD_EMBEDDING=off" in off.words


async def test_a_working_house_sees_to_memories_without_vectors_unless_they_are_off(tmp_path: Path) -> None:
    seen = {}
    for choice in ("local", "off"):
        async with open_house(load(tmp_path, EMBEDDING=choice), Chosen()) as house, house.working():
            seen[choice] = "re-embedding" in {task.get_name() for task in asyncio.all_tasks()}
    assert seen == {"local": True, "off": False}


def test_nothing_of_it_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from bots.house import open_house
from bots.platforms import Chosen
from bots.settings import load_settings

async def main():
    async with open_house(load_settings(Path.cwd()), Chosen()) as house, house.working():
        print([name for name in ("numpy", "onnxruntime", "httpx") if name in sys.modules])

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "[]", ran.stderr

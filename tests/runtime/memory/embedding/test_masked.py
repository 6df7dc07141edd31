"""What makes vectors is shown no secrets, and lets none out."""

import httpx
import pytest

from runtime.errors import EmbeddingUnavailable
from runtime.masking import Masker
from runtime.memory.embedding.endpoint import PATH, SETTINGS, EndpointEmbedder
from runtime.memory.embedding.masked import MaskedEmbedder
from runtime.models.endpoint import Endpoint
from runtime.tls import trust
from tests.fakes.embeddings import EmbeddingsEndpoint
from tests.fakes.replies import Refuse

SECRET = "correct-horse-battery-staple"


async def test_a_secret_reaches_no_endpoint_and_comes_back_from_none() -> None:
    refusal = Refuse(status=400, message=f"no vector for {SECRET}")
    async with (
        EmbeddingsEndpoint([None, refusal, refusal]) as server,
        httpx.AsyncClient(verify=trust(), trust_env=False) as http,
    ):
        endpoint = Endpoint(base_url=server.base_url, model="pond", path=PATH, settings=SETTINGS)
        embedder = MaskedEmbedder(
            embedder=EndpointEmbedder(endpoint, http), masker=Masker({"MALLARD_DISCORD_TOKEN": SECRET})
        )
        await embedder.embed([f"the password is {SECRET}", "duck"])
        with pytest.raises(EmbeddingUnavailable) as of_texts:
            await embedder.embed(["duck"])
        fresh = MaskedEmbedder(embedder=EndpointEmbedder(endpoint, http), masker=embedder.masker)
        with pytest.raises(EmbeddingUnavailable) as of_space:
            await fresh.space()
    assert server.texts[0].startswith("the password is ")
    assert server.texts[1] == "duck"
    assert not [text for text in (*server.texts, str(of_texts.value), str(of_space.value)) if SECRET in text]

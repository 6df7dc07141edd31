"""What makes the vectors of memories: whether it makes one."""

from bots.doctor.findings import Finding, ok, warn
from bots.embedding import open_embedder_of
from bots.masking import masker_of
from bots.settings import Settings
from runtime.errors import EmbeddingUnavailable, SettingsError

_PART = "memory"


async def examine_embedding(settings: Settings) -> tuple[Finding, ...]:
    """Embeds a word: loads the local model, or asks the endpoint. Without vectors Mallard works, and finds less."""
    try:
        async with open_embedder_of(settings, masker_of(settings)) as embedder:
            if embedder is None:
                return (ok(_PART, "memories are found by their words alone, as MALLARD_EMBEDDING=off says"),)
            (vector,) = await embedder.embed(["duck"])
    except (EmbeddingUnavailable, SettingsError) as error:
        return (warn(_PART, f"memories are found by their words alone: {error}", ""),)
    where = f"at {settings.embedding_base_url}" if settings.uses_embedding_endpoint else "on this machine"
    return (ok(_PART, f"memories are found by words and by vectors of {vector.space}, made {where}"),)

"""What makes the vectors that memories are found by."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bots.settings.values import EmbeddingUrl


class EmbeddingChoices(BaseModel):
    """The settings `embedding_…`. An endpoint needs its address and its model's name; a model's key is never sent to it."""

    model_config = ConfigDict(defer_build=True)  # it is checked as a part of the settings, never alone

    embedding: Literal["auto", "off", "local"] = "auto"
    embedding_base_url: EmbeddingUrl | None = None
    embedding_name: str | None = None
    embedding_api_key: SecretStr | None = None
    embedding_timeout_s: Annotated[float, Field(gt=0)] = 10.0

    @property
    def uses_embedding_endpoint(self) -> bool:
        return self.embedding == "auto" and self.embedding_base_url is not None

    @property
    def missing_of_embedding(self) -> str:
        """The setting that is missing beside another one; "" where none is."""
        if self.embedding_base_url is not None and not self.embedding_name:
            return "embedding_name"
        beside = self.embedding_name or self.embedding_api_key
        return "embedding_base_url" if beside and self.embedding_base_url is None else ""

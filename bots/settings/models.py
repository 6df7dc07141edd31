"""Which model serves which role: a default, and what single roles do differently."""

from typing import Annotated, Any

from msgspec import Struct, field
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bots.settings.values import JsonText, ModelUrl
from runtime.models.port import Role
from runtime.records import Reasoning

_OF_A_MODEL = ("base_url", "name", "api_key", "timeout_s", "reasoning", "extra")

Seconds = Annotated[float, Field(gt=0)]


class ModelChoice(Struct, frozen=True, kw_only=True):
    """An OpenAI-compatible endpoint and what to ask of it. `base_url` has no slash at its end. `settings` is how the settings
    begin that change it: those of the role where it has any of its own that say where and as whom."""

    base_url: str
    name: str
    api_key: SecretStr | None = None
    timeout_s: float
    reasoning: Reasoning
    extra: dict[str, Any] = field(default_factory=dict)
    settings: str = "MALLARD_MODEL"


class ModelChoices(BaseModel):
    """The settings `model_…` and `model_<role>_…`; what a role leaves open is taken from the default."""

    model_config = ConfigDict(defer_build=True)  # it is checked as a part of the settings, never alone

    model_base_url: ModelUrl | None = None
    model_name: str | None = None
    model_api_key: SecretStr | None = None
    model_timeout_s: Seconds = 120.0
    model_reasoning: Reasoning = Reasoning.AUTO
    model_extra_parameters: JsonText = None

    model_action_base_url: ModelUrl | None = None
    model_action_name: str | None = None
    model_action_api_key: SecretStr | None = None
    model_action_timeout_s: Seconds | None = None
    model_action_reasoning: Reasoning | None = None
    model_action_extra_parameters: JsonText = None

    model_thinker_base_url: ModelUrl | None = None
    model_thinker_name: str | None = None
    model_thinker_api_key: SecretStr | None = None
    model_thinker_timeout_s: Seconds | None = None
    model_thinker_reasoning: Reasoning | None = None
    model_thinker_extra_parameters: JsonText = None

    model_memory_base_url: ModelUrl | None = None
    model_memory_name: str | None = None
    model_memory_api_key: SecretStr | None = None
    model_memory_timeout_s: Seconds | None = None
    model_memory_reasoning: Reasoning | None = None
    model_memory_extra_parameters: JsonText = None

    model_critic_base_url: ModelUrl | None = None
    model_critic_name: str | None = None
    model_critic_api_key: SecretStr | None = None
    model_critic_timeout_s: Seconds | None = None
    model_critic_reasoning: Reasoning | None = None
    model_critic_extra_parameters: JsonText = None

    def find_model(self, role: Role) -> ModelChoice | None:
        """What serves `role`; None where nothing is configured for it. `load_settings` lets through all roles or none."""
        chosen = {part: self._of_role(role, part) for part in _OF_A_MODEL}
        if chosen["base_url"] is None or chosen["name"] is None:
            return None
        chosen["base_url"] = str(chosen["base_url"]).rstrip("/")
        chosen["extra"] = chosen["extra"] or {}
        own = any(getattr(self, f"model_{role}_{part}") is not None for part in ("base_url", "name", "api_key"))
        return ModelChoice(**chosen, settings=f"MALLARD_MODEL_{role.upper()}" if own else "MALLARD_MODEL")

    @property
    def roles_with_model(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if self.find_model(role) is not None)

    def list_incomplete_models(self) -> tuple[tuple[str, str], ...]:
        """The settings that are missing beside others: (what is missing, what asks for it)."""
        found: list[tuple[str, str]] = []
        for prefix in ("model", *(f"model_{role}" for role in Role)):
            base_url, name = f"{prefix}_base_url", f"{prefix}_name"
            if getattr(self, base_url) and not (getattr(self, name) or self.model_name):
                found.append((name, base_url))
            if getattr(self, name) and not (getattr(self, base_url) or self.model_base_url):
                found.append((base_url, name))
        return tuple(found)

    def _of_role(self, role: Role, part: str) -> Any:
        part = "extra_parameters" if part == "extra" else part
        own = getattr(self, f"model_{role}_{part}")
        # A role that names an endpoint of its own must not hand the default endpoint's key to it.
        if part == "api_key" and own is None and getattr(self, f"model_{role}_base_url") is not None:
            return None
        return getattr(self, f"model_{part}") if own is None else own

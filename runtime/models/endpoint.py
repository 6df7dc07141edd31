"""Where a model is, and what was learned about the server behind it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runtime.errors import SettingsError
from runtime.records import JsonObject, Reasoning

# Both spellings are sent: Ollama and hosted models read the first, vLLM and llama.cpp the second. A server that
# refuses one is asked without it from then on.
THINK: JsonObject = {"reasoning_effort": "medium", "chat_template_kwargs": {"enable_thinking": True}}
DO_NOT_THINK: JsonObject = {"reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model behind an OpenAI-compatible API. `base_url` ends before `/chat/completions`, or what `path` says instead.
    `settings` is how the settings begin that people are sent to when something is wrong.

    `extra` goes into every request as it is and has the last word; a field of it that is None is left out of the
    request. `reasoning` holds where a request leaves it open. Raises SettingsError for a key that cannot be sent.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 120.0
    reasoning: Reasoning = Reasoning.AUTO
    extra: JsonObject = field(default_factory=dict)
    think: JsonObject = field(default_factory=lambda: THINK)
    do_not_think: JsonObject = field(default_factory=lambda: DO_NOT_THINK)
    path: str = "chat/completions"
    settings: str = "MALLARD_MODEL"

    def __post_init__(self) -> None:
        if not (self.api_key.isascii() and self.api_key.isprintable()) or " " in self.api_key:
            raise SettingsError(
                f"The model's API key holds spaces, line ends or signs that no key has: copy it again ({self.settings}_API_KEY)."
            )

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.path}"

    @property
    def shown(self) -> str:
        """For people: the model and its host, nothing secret."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{self.model} at {parts.scheme}://{parts.hostname}{port}{parts.path}"


class Learned:
    """What a server turned out not to take. Lives as long as the process: a restart asks once more."""

    def __init__(self) -> None:
        self.formats = ["json_schema", "json_object"]
        self.left_out: set[str] = set()

    def learn(self, complaint: str, body: JsonObject) -> bool:
        """Whether a refusal speaks of something in the request that can be left out; if so, it is from now on."""
        said = complaint.lower().replace("_", " ")
        if "response_format" in body and any(
            word in said for word in ("response format", "json schema", "json object")
        ):
            kind = body["response_format"].get("type", "")
            self.formats = [other for other in self.formats if other != kind]
            return True
        for name in ("stream_options", "chat_template_kwargs", "reasoning_effort"):
            if name in body and name.replace("_", " ") in said:
                self.left_out.add(name)
                return True
        return False

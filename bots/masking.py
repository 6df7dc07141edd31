"""The masker of an installation: it knows every secret of the settings, whichever of them there are."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from bots.settings import Settings
from bots.settings.explaining import written
from runtime.masking import Masker


def masker_of(settings: Settings) -> Masker:
    secrets = (found for name in Settings.model_fields for found in _secrets_in(getattr(settings, name), written(name)))
    return Masker(dict(secrets))


def _secrets_in(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every secret of a setting, with a name that says where it stands."""
    match value:
        case SecretStr():
            yield name, value.get_secret_value()
        case BaseModel():
            for field in type(value).model_fields:
                yield from _secrets_in(getattr(value, field), f"{name}.{field}")
        case Mapping():
            for key, each in value.items():
                yield from _secrets_in(each, f"{name}.{key}")
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _secrets_in(each, f"{name}.{number}")
        case _:
            pass

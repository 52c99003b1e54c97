"""How is a value written in the configuration that several sections have?"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.core.routes import Place, parse_place
from bot.core.rules.model import Name


class Section(BaseModel):
    """A part of the configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


def one_or_more(value: object) -> object:
    """A list as YAML writes it, or as a person writes it into a variable: a, b, c."""
    if isinstance(value, str) and value != "all":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def one_or_several(value: object) -> object:
    """A list of sections, or a single one."""
    return [value] if isinstance(value, dict) else value


def at_least(shortest: timedelta) -> Any:
    """No shorter length of time than this."""

    def check(length: timedelta) -> timedelta:
        if length < shortest:
            raise ValueError(f"must be at least {int(shortest.total_seconds())}s")
        return length

    return AfterValidator(check)


def _place(value: object) -> object:
    return parse_place(value) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_more)]
PoolNames = Annotated[Literal["all"] | Annotated[tuple[Name, ...], Field(min_length=1)], BeforeValidator(one_or_more)]
Channel = Annotated[Place, BeforeValidator(_place)]
Channels = Annotated[tuple[Channel, ...], BeforeValidator(one_or_more), Field(min_length=1)]

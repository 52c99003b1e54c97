"""What does the body of an error say, in whichever of the vendor's dialects it is written?"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.modelarts.transport import Answer

_IDENTIFIER = re.compile(r"[\w.:-]{1,80}", re.ASCII)
_GATEWAY = re.compile(r"APIGW?\.(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """What an error's body says, in whichever of the dialects."""

    code: str | None
    message: str
    request_id: str | None
    is_json: bool

    @property
    def short(self) -> str | None:
        """The code; of the gateway's the digits alone, because its prefix varies."""
        return short(self.code)


def told_by(answer: Answer, secrets: tuple[str, ...]) -> Told:
    """What `answer` says, without any of `secrets`."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    fields = _fields(body) if isinstance(body, dict) else {}
    request_id = identifier(answer.headers.get("X-Request-Id")) or identifier(fields.get("request_id"))
    return Told(
        code=identifier(_without(secrets, fields.get("code"))),
        message=_without(secrets, fields.get("message")),
        request_id=identifier(_without(secrets, request_id)),
        is_json=isinstance(body, dict),
    )


def _without(secrets: tuple[str, ...], value: object) -> str:
    text = "" if value is None else str(value)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


def _fields(body: Mapping[str, Any]) -> dict[str, object]:
    """Code, message and request id, whatever they are called; each may stand one level down."""
    found: dict[str, object] = {}
    for level in (body, *(value for value in body.values() if isinstance(value, dict))):
        for name, spellings in (
            ("code", ("error_code", "errorCode", "code")),
            ("message", ("error_msg", "errorMsg", "message")),
            ("request_id", ("request_id", "requestId")),
        ):
            for spelling in spellings:
                if isinstance(level.get(spelling), str | int):
                    found.setdefault(name, level[spelling])
    return found


def identifier(value: object) -> str | None:
    """`value` if it can be a code or an id, and nothing else."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if _IDENTIFIER.fullmatch(text) else None


def short(code: str | None) -> str | None:
    """`code` without the gateway's prefix, which is `APIG.` on some gateways and `APIGW.` on others."""
    found = _GATEWAY.fullmatch(code or "")
    return found[1] if found else code

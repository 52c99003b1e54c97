"""Which part of Microsoft's SDK is used? The check of a token alone, without what its packages load beside it.

The SDK's packages import everything when any of it is imported: models of every activity, a web server, telemetry. The
check needs two files of it and PyJWT, so these are loaded under their own names from where they are installed.
"""

import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

_SDK = "microsoft_teams"
_CLOUDS = f"{_SDK}.api.auth.cloud_environment"
_TOKENS = f"{_SDK}.apps.auth.token_validator"
_NO_DOTENV = "PYTHON_DOTENV_DISABLED"


def token_validator(client_id: str, openid_metadata_url: str | None, token_issuer: str | None) -> Any:
    """The SDK's validator of what the Bot Connector sends to this bot.

    Raises:
        ImportError: The SDK is not installed.
    """
    # The second one imports the first.
    clouds, tokens = _module(_CLOUDS), _module(_TOKENS)
    public = clouds.PUBLIC
    cloud = clouds.with_overrides(
        public,
        openid_metadata_url=openid_metadata_url or public.openid_metadata_url,
        token_issuer=token_issuer or public.token_issuer,
    )
    return tokens.TokenValidator.for_service(client_id, cloud=cloud)


def _module(name: str) -> ModuleType:
    """The module, without the packages that it stands in; with them where it is not the file that we know."""
    known = sys.modules.get(name)
    if known is not None:
        return known
    found = importlib.util.find_spec(_SDK)
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = Path(folder, *name.split(".")[1:]).with_suffix(".py")
        spec = importlib.util.spec_from_file_location(name, file) if file.is_file() else None
        if spec is not None and spec.loader is not None:
            sys.modules[name] = made = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(made)
            except BaseException:
                del sys.modules[name]
                raise
            return made
    with _imported_quietly():
        return importlib.import_module(name)


@contextmanager
def _imported_quietly() -> Iterator[None]:
    """The SDK reads the nearest .env into the environment when it is imported, and warns of its own previews."""
    before = os.environ.get(_NO_DOTENV)
    os.environ[_NO_DOTENV] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is None:
            del os.environ[_NO_DOTENV]
        else:
            os.environ[_NO_DOTENV] = before

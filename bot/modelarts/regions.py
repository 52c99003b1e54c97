"""Where does ModelArts, and where does IAM, answer for a region?

The tables are those of the official SDK (`modelarts_region.py`, `auth/endpoint.py`); an endpoint given by hand wins,
which partner clouds and the European site need.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.core.alike import alike
from bot.modelarts.text import shown

MODELARTS_REGIONS = (
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-east-4",
    "cn-north-1",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-north-11",
    "cn-north-12",
    "cn-south-1",
    "cn-southwest-2",
    "cn-southwest-3",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "sa-brazil-1",
    "tr-west-1",
)
# The one region whose address in the SDK ends otherwise.
_OTHER_SUFFIX = {"ap-southeast-1": "myhuaweicloud.cn"}

_IAM_REGIONS = frozenset(
    {
        "ae-ad-1",
        "af-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "cn-east-2",
        "cn-east-3",
        "cn-east-4",
        "cn-east-5",
        "cn-north-1",
        "cn-north-2",
        "cn-north-4",
        "cn-north-9",
        "cn-north-12",
        "cn-south-1",
        "cn-south-2",
        "cn-southwest-2",
        "eu-west-0",
        "la-north-2",
        "la-south-2",
        "me-east-1",
        "my-kualalumpur-1",
        "na-mexico-1",
        "ru-moscow-1",
        "sa-brazil-1",
        "tr-west-1",
    }
)
_OTHER_IAM = {"eu-west-101": "https://iam.eu-west-101.myhuaweicloud.eu"}
_ANY_IAM = "https://iam.myhuaweicloud.com"


def modelarts_endpoint(region: str, environment: Mapping[str, str] | None = None) -> str:
    """The address of ModelArts in `region`; the SDK's own variable for it in `environment` wins.

    Raises:
        ValueError: The region is not one we know an address for.
    """
    override = (environment or {}).get(f"HUAWEICLOUD_SDK_REGION_MODELARTS_{region.upper().replace('-', '_')}")
    if override:
        return checked_endpoint(override.split(",")[0])
    if region not in MODELARTS_REGIONS:
        [(near, _)] = alike(region[:64], MODELARTS_REGIONS, most=1)
        raise ValueError(
            f"no ModelArts address is known for region {shown(region)}"
            f" (the nearest known is {MODELARTS_REGIONS[near]}); set the endpoint instead"
        )
    return f"https://modelarts.{region}.{_OTHER_SUFFIX.get(region, 'myhuaweicloud.com')}"


def iam_endpoint(region: str | None, environment: Mapping[str, str] | None = None) -> str:
    """The address of IAM for `region`; `HUAWEICLOUD_SDK_IAM_ENDPOINT` in `environment` wins."""
    override = (environment or {}).get("HUAWEICLOUD_SDK_IAM_ENDPOINT")
    if override:
        return checked_endpoint(override)
    if region in _IAM_REGIONS:
        return f"https://iam.{region}.myhuaweicloud.com"
    return _OTHER_IAM.get(region or "", _ANY_IAM)


def checked_endpoint(text: str) -> str:
    """`text` as `https://host[:port]`.

    Plain http is taken for loopback addresses only: a signature is proof enough for whoever reads it on the way.

    Raises:
        ValueError: It is not the address of a server, or not a safe one.
    """
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{shown(text)} is not an address") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("an endpoint carries no user name or password")
    if not host or not _plain(host) or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"{shown(text)} is not an endpoint: write https://host or https://host:port")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError(f"{shown(text)} must start with https:// (plain http is for this machine's own addresses)")
    bare = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bare}" if port is None else f"{parts.scheme}://{bare}:{port}"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(host: str) -> bool:
    return host.isascii() and all(character.isalnum() or character in ".-:" for character in host)

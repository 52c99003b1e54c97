"""Would Teams find the bot where the configuration says, and does the bot find the webhook? Nothing is told there."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

_SECONDS = 10.0
_ENOUGH = 4096
# What a proxy says while nothing stands behind it.
_NOBODY_BEHIND = frozenset({502, 503, 504})


def messaging_endpoint(session: requests.Session, public_url: str | None) -> Iterator[tuple[str, str | None]]:
    """What was tried of the address that is registered for the bot, and what is wrong with it.

    Whoever brings no token of Teams must be turned away, so a request without one shows that it is the bot who answers.
    """
    yield from _endpoint(session, "Teams", public_url, "/api/messages")


def slack_endpoint(session: requests.Session, public_url: str | None) -> Iterator[tuple[str, str | None]]:
    """What was tried of the request URL of the Slack app, and what is wrong with it: as for Teams."""
    yield from _endpoint(session, "Slack", public_url, "/slack/events")


def _endpoint(
    session: requests.Session, platform: str, public_url: str | None, path: str
) -> Iterator[tuple[str, str | None]]:
    key = f"{platform.lower()}.public_url"
    if public_url is None:
        _note(f"where {platform} reaches the bot is not known here: with {key} it is tried as well")
        return
    address = f"{public_url}{path}"
    if urlsplit(address).scheme != "https":
        _note(f"{address} is for a stand-in on this machine: {platform} itself wants https")
    what = f"{platform}'{'' if platform.endswith('s') else 's'} way to the bot, {address}"
    try:
        answer = session.post(address, json={"type": "message"}, timeout=_SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        yield what, f"its certificate is not trusted, so {platform} does not call it: give it one of a public authority"
    except requests.exceptions.ConnectionError as error:
        if _is_refused(error):
            _note(f"nothing listens at {address}: once pool-stats run and the proxy are up, check again")
        else:
            yield what, f"it cannot be reached from here: see that {key} is right, and its name in the DNS"
    except requests.exceptions.RequestException:
        yield what, "it does not answer in time: see that the proxy and pool-stats run are well, and check again"
    else:
        yield from _answered(what, address, answer.status_code, key)


def _answered(what: str, address: str, status: int, key: str) -> Iterator[tuple[str, str | None]]:
    match status:
        case 401:
            yield what, None
        case 404 | 405:
            path, mode = urlsplit(address).path, key.replace("public_url", "mode")
            yield what, f"it does not lead to {path} of the bot: see the proxy's paths, and {mode}"
        case _ if status in _NOBODY_BEHIND:
            _note(f"nothing stands behind {address} ({status}): once pool-stats run is up, check again")
        case _:
            yield (
                what,
                f"whoever answers is not the bot ({status}, where a stranger must get 401): see {key} and the proxy",
            )


def webhook(session: requests.Session, url: str) -> Iterator[tuple[str, str | None]]:
    """What was tried of a webhook. Its own address would post, so only its host is asked."""
    parts = urlsplit(url)
    what = f"the host of Teams' webhook, {parts.hostname}"
    try:
        session.head(f"{parts.scheme}://{parts.netloc}/", timeout=_SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        yield what, "its certificate is not trusted here: see that no proxy answers in its place"
    except requests.exceptions.RequestException:
        yield what, "it cannot be reached from here: see that this machine may open connections to it"
    else:
        yield what, None
    _note("whether the webhook of Teams takes messages shows when it is used: pool-stats cannot try it unseen")


def not_slack(session: requests.Session, api_url: str) -> str | None:
    """Why the Web API is not Slack's, where that shows; it is asked without a token."""
    host = urlsplit(api_url).hostname
    try:
        with session.post(
            f"{api_url.rstrip('/')}/api.test", timeout=_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            start = next(answer.iter_content(_ENOUGH), b"")
    except requests.exceptions.SSLError:
        trusted = "or name the authority that signed it with REQUESTS_CA_BUNDLE and SSL_CERT_FILE"
        return f"the certificate of {host} is not trusted here: see that no proxy answers in its place, {trusted}"
    except requests.exceptions.RequestException:
        # It cannot be reached, or not now, which is said already.
        return None
    # Slack says so, whatever is asked of it.
    is_slack = answer.status_code in {429, 500, 502, 503, 504} or b'"ok":' in start
    return None if is_slack else f"{host} is not Slack's Web API: check SLACK_API_URL, and that no proxy answers there"


def _is_refused(error: BaseException) -> bool:
    """Whether the machine is there and nothing listens."""
    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen, "reason", None) or next((a for a in seen.args if isinstance(a, BaseException)), None)
        if isinstance(seen, ConnectionRefusedError) or "Connection refused" in str(seen):
            return True
        seen = reason if isinstance(reason, BaseException) else seen.__cause__
    return False


def _note(text: str) -> None:
    print(f"note: {text}")  # noqa: T201 - standard output is the answer

"""What can be done about what a check found?"""

from bot.messages.sending import DeliveryError, Needs, Unclear
from bot.modelarts.dialects import short
from bot.modelarts.errors import (
    BadCredentials,
    BadRequest,
    ModelArtsError,
    NotAllowed,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
    UnknownPool,
)
from bot.store.errors import StoreError

CLOCK = "set it right, such as with NTP: at fifteen minutes ModelArts refuses every request"
BOT_TOKEN = "copy SLACK_BOT_TOKEN, which begins with xoxb-, anew from the app's page (OAuth & Permissions)"  # noqa: S105 - says where it is found
SLACK = "see that this machine reaches slack.com (network, firewall, SLACK_API_URL), and check again"
SIGNING_SECRET = "copy SLACK_SIGNING_SECRET anew from the app's page (Basic Information)"  # noqa: S105 - likewise
CLIENT = "copy SLACK_CLIENT_ID and SLACK_CLIENT_SECRET anew from the app's page (Basic Information)"
APP_TOKEN = "see that SLACK_APP_TOKEN is of this app and that this machine may open connections to wss-*.slack.com"  # noqa: S105 - likewise
NO_POOL = "check modelarts.pools, and modelarts.region and the project, where ModelArts has none that it names"
DATABASE_URL = "look at the user, the password and the rest of DATABASE_URL, too"
FIRST_RUN = "start it with pool-stats run, add the app to its teams and chats, and check again"

# The first that fits.
_MODELARTS: tuple[tuple[type[ModelArtsError], str], ...] = (
    (BadCredentials, "set HUAWEICLOUD_SDK_AK and _SK (or modelarts.iam_user and its password) to valid ones"),
    (NotAllowed, "give the IAM user modelarts:pool:list and modelarts:pool:get"),
    (Throttled, "lower modelarts.max_rate, and check again in a minute"),
    (Unavailable, "see that this machine reaches the endpoint (network, proxy variables), and check again"),
    (UnknownPool, "correct modelarts.pools, or drop the pool there"),
    (BadRequest, "check modelarts.project_id and modelarts.region"),
    (UnexpectedAnswer, "check modelarts.endpoint and modelarts.region, and that no proxy answers in its place"),
)
# By the code of ModelArts or its gateway, where it says more than the kind of the error.
_CODES = {
    "ModelArts.0210": "check modelarts.project_id (HUAWEICLOUD_SDK_PROJECT_ID) and modelarts.region",
    "ModelArts.4116": "have the account's owner settle what it owes",
    "ModelArts.4118": "have the account's owner settle what it owes",
    "0310": "check modelarts.project_id (HUAWEICLOUD_SDK_PROJECT_ID) and modelarts.region",
    "0802": "check modelarts.region, or have an administrator let the user into it",
}
_NEEDS = {
    Needs.CHANNEL: "let the bot write there, or name another channel in the configuration",
    Needs.WORKSPACE: "have an administrator put it right, and install the app again",
}


def with_advice(error: Exception) -> str:
    """What went wrong, and what to do about it; some errors say so themselves."""
    return unless_said(str(error), _advice(error))


def unless_said(said: str, advice: str) -> str:
    """What is wrong with the advice, unless it says so itself."""
    return said if _advises(said) else f"{said}; {advice}"


def _advises(said: str) -> bool:
    return any(f": {verb} " in said or f", {verb} " in said for verb in _VERBS)


# How the sentences begin with which errors say themselves what to do.
_VERBS = (
    "add",
    "check",
    "correct",
    "install",
    "invite",
    "name",
    "put",
    "set",
    "switch",
    "unarchive",
    "let",
    "see",
    "free",
)


def _advice(error: Exception) -> str:
    if isinstance(error, ModelArtsError) and (known := _CODES.get(short(error.error_code) or "")):
        return known
    for kind, advice in _MODELARTS:
        if isinstance(error, kind):
            return advice
    if isinstance(error, DeliveryError) and error.needs is not None:
        return _NEEDS[error.needs]
    if isinstance(error, StoreError):
        return "check DATABASE_URL; where it names the right database, put back a backup"
    if isinstance(error, Unclear):
        return "see that this machine reaches it (network, firewall), and check again"
    return "check again; where it stays, look into the log with log.level: debug"

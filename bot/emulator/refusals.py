"""How does ModelArts, its gateway or IAM say no? The documented codes and texts."""

from dataclasses import dataclass, field

_IAM_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


@dataclass(slots=True, eq=False)
class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """An answer that is not a success."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    iam: bool = False

    def body(self, request_id: str) -> dict[str, object]:
        """The JSON: IAM's own form, the gateway's with the request id, or the service's without."""
        if self.iam:
            title = _IAM_TITLES.get(self.status, "Error")
            return {"error": {"code": self.status, "message": self.message, "title": title}}
        body: dict[str, object] = {"error_code": self.code, "error_msg": self.message}
        if self.code.startswith("APIG"):
            body["request_id"] = request_id
        return body


def no_such_api() -> Refusal:
    """No route of that path and method."""
    return Refusal(404, "APIG.0101", "The API does not exist or has not been published in the environment.")


def not_authenticated(reason: str) -> Refusal:
    """The gateway does not believe the caller."""
    return Refusal(401, "APIG.0301", f"Incorrect IAM authentication information: {reason}")


def token_expired() -> Refusal:
    """The token was good once."""
    return Refusal(401, "APIG.0307", "The token must be updated.")


def throttled(policy: str, limit: int, window: str, retry_after: int | None = None) -> Refusal:
    """Too many requests."""
    text = f"The throttling threshold has been reached: policy {policy} over ratelimit,limit:{limit},time:{window}"
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(429, "APIG.0308", text, headers)


def bad_request() -> Refusal:
    """A parameter that cannot be."""
    return Refusal(400, "ModelArts.50004000", "Bad request.")


def no_such_pool(name: str | None = None) -> Refusal:
    """There is no such pool; some APIs name it, others do not."""
    return Refusal(404, "ModelArts.50015001", "pool not found" if name is None else f"Pool {name} not found.")


def other_project() -> Refusal:
    """The project in the path is not the caller's."""
    return Refusal(403, "ModelArts.0210", "The project id in the URL does not match the project id of the token.")


def not_allowed(action: str) -> Refusal:
    """A policy forbids the action."""
    return Refusal(403, "ModelArts.0112", f"Policy doesn't allow {action} to be performed.")


def unavailable() -> Refusal:
    """The service is down."""
    return Refusal(503, "APIG.0601", "Internal server error")


def iam(status: int, message: str) -> Refusal:
    """IAM's own form."""
    return Refusal(status, "", message, iam=True)

"""What does the Bot Connector say when it refuses?

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-agent-apis
"""

from typing import Any

from starlette.responses import JSONResponse, Response

# The codes a bot may meet, each with its status and its sentence.
CODES: dict[str, tuple[int, str]] = {
    "BadArgument": (400, "Invalid request payload."),
    "BadSyntax": (400, "Could not parse the request."),
    "Unauthorized": (401, "Authorization has been denied for this request."),
    "BotNotRegistered": (401, "No registration found for this bot."),
    "BotDisabledByAdmin": (403, "The tenant admin disabled this bot."),
    "BotNotInConversationRoster": (403, "The bot is not part of the conversation roster."),
    "ConversationBlockedByUser": (403, "User blocked the conversation with the bot."),
    "ForbiddenOperationException": (403, "Bot is not installed in user's personal scope."),
    "NotEnoughPermissions": (403, "Bot doesn't have required permissions to perform this action."),
    "ActivityNotFoundInConversation": (404, "The specified activity could not be found in the conversation."),
    "ConversationNotFound": (404, "Conversation not found."),
    "MemberNotFoundInConversation": (404, "The specified member could not be found in the conversation."),
    "MethodNotAllowed": (405, "The HTTP method is not supported."),
    "PreconditionFailed": (412, "Precondition failed, please try again."),
    "MessageSizeTooBig": (413, "Message size too large."),
    "Throttled": (429, "Too many requests."),
    "InternalServerError": (500, "An unexpected error occurred."),
    "ServiceError": (502, "Service dependency issue."),
    "ServiceUnavailable": (503, "Service is unavailable."),
    "GatewayTimeout": (504, "Gateway timeout."),
}


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """The Bot Connector does not do what it was asked."""

    def __init__(self, code: str, message: str = "", *, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def response(self) -> Response:
        """As it is on the wire."""
        status, usual = CODES.get(self.code, (400, self.code))
        body: dict[str, Any] = {"error": {"code": self.code, "message": self.message or usual}}
        if status == CODES["Unauthorized"][0]:
            body = {"message": self.message or usual}
        headers = {"retry-after": str(self.retry_after)} if self.retry_after else None
        return JSONResponse(body, status, headers=headers)

"""Can a platform have received what failed? Where it cannot, it may be said again without a look."""

import ssl

from urllib3.exceptions import NewConnectionError


def was_not_sent(error: BaseException) -> bool:
    """Whether the error came while connecting, so that not a byte of the call has left."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or cause in seen:
            continue
        if isinstance(cause, NewConnectionError | ssl.SSLCertVerificationError):
            return True
        seen.append(cause)
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return False

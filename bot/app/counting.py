"""What became of what people asked for? Each answer is counted, and so is what could not be answered."""

from collections.abc import Callable
from typing import TypeVar

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.spoken import HOME
from bot.messages.form import Form, Misfilled
from bot.metrics import Metrics
from bot.tracing import span

BUTTON, FORM, SHORTCUT = "button", "form", "shortcut"
# What anybody types must not make new metrics.
_KNOWN = {POOL_STATS: POOL_STATS, POOL_ALERTS: POOL_ALERTS, POOL_DIGEST: POOL_DIGEST, HOME: "home"}

_T = TypeVar("_T")


def counted(metrics: Metrics, command: str, answer: Callable[[], _T]) -> _T:
    """The answer, once it is counted: `answered`, a `form`, one that is `misfilled`, or `failed` where it raises."""
    outcome = "failed"
    with span("answer", command=command) as seen:
        try:
            made = answer()
            outcome = "form" if isinstance(made, Form) else "answered"
        except Misfilled:
            outcome = "misfilled"
            raise
        finally:
            seen.note(outcome=outcome)
            metrics.answers.labels(command, outcome).inc()
    return made


def called(command: str) -> str:
    """The command by the name under which it is counted."""
    return _KNOWN.get(command, "unknown")

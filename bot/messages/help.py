"""What can a command do?"""

from collections.abc import Sequence

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.messages.model import Block, Button, Facts, Footnote, Message, Paragraph, Span, Tone, Verb
from bot.messages.phrases import LONGEST_WHY, begun, one_line

_LONGEST_SUMMARY = 500

_USAGE: dict[str, tuple[tuple[str, str], ...]] = {
    POOL_STATS: (
        ("/pool-stats <pool>", "the jobs of one pool by type and status, and what changed in the last hour"),
        ("/pool-stats", "all pools, the worst first; train-* for some of them"),
        ("/pool-stats <pool> chart 7d", "its queue over 1h, 6h, 24h, 7d or 30d, with alerts and limits"),
        ("/pool-stats <pool> why", "why its jobs wait: who waits, who holds the capacity, and when the queue drains"),
        ("/pool-stats <pool> jobs Failed", "its newest failures; jobs Queue the longest waits, or any other status"),
        ("/pool-stats compare <pool> <pool>", "two to four pools side by side"),
        ("/pool-stats help", "this help"),
    ),
    POOL_ALERTS: (
        ("/pool-alerts", "the alerts that are open, the most urgent first"),
        ("/pool-alerts rules", "every rule, and how often each has fired lately"),
        ("/pool-alerts test <rule>", "what a rule would have done, such as test Queue above 50 for 10m in train-*"),
        ("/pool-alerts add", "a new rule; before it is saved you see what it would have done"),
        ("/pool-alerts edit <name>", "change a rule made in chat; remove <name> ends it, restore has it back"),
        ("/pool-alerts drill", "an exercise: told where an alert would be, and over by itself"),
        ("/pool-alerts silence <pools> <time>", "nobody is told meanwhile: silence train-* 2h rule … reason …"),
        ("/pool-alerts silences", "the silences in force, to end them or let them last longer"),
        ("/pool-alerts log", "who did what, the newest first"),
        ("/pool-alerts help", "this help"),
    ),
    POOL_DIGEST: (
        ("/pool-digest", "the digests of this channel"),
        ("/pool-digest add", "a new one for this channel, such as add 09:00 mon-fri Asia/Shanghai train-*"),
        ("/pool-digest now", "posts this channel’s digest at once, or one of all pools"),
        ("/pool-digest remove", "the digest of this channel comes no more"),
        ("/pool-digest help", "this help"),
    ),
}


def help_message(command: str, problem: str | None = None) -> Message:
    """How `command` is used; `problem` says why help is shown unasked."""
    usage = _USAGE.get(command, _USAGE[POOL_STATS])
    about = command if command in _USAGE else POOL_STATS
    pairs: tuple[tuple[str, tuple[Span, ...]], ...] = tuple((typed, (does,)) for typed, does in usage)
    blocks: list[Block] = [Facts(pairs)]
    said = ""
    if problem:
        said = f"{begun(one_line(problem, LONGEST_WHY))}. "
        blocks.insert(0, Paragraph((said.strip(),)))
    if about == POOL_STATS:
        hint = "A pool is named by its name, its id or a unique beginning of one; capital letters do not matter."
        blocks.append(Footnote((hint,)))
    others = [other for other in _USAGE if other != about]
    blocks.append(Footnote((f"See also {' and '.join(others)}.",)))
    return Message(
        title=f"How to use {about}",
        summary=f"{said}{_listed(usage)}.",
        tone=Tone.WARNING if problem else Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=(Button("All pools", Verb.SHOW, ""),),
    )


def _listed(usage: Sequence[tuple[str, str]]) -> str:
    """Every command with what it does; where that is more than a notification holds, the commands alone."""
    whole = "; ".join(f"{typed}: {does}" for typed, does in usage)
    return whole if len(whole) <= _LONGEST_SUMMARY else "; ".join(typed for typed, _ in usage)

"""What can a command do?"""

from collections.abc import Sequence

from bot.core.command import POOL_ALERTS, POOL_DIGEST, POOL_STATS
from bot.core.language import N_, _
from bot.messages.model import Block, Button, Facts, Footnote, Message, Paragraph, Span, Tone, Verb
from bot.messages.phrases import LONGEST_WHY, begun, one_line

_LONGEST_SUMMARY = 500

_USAGE: dict[str, tuple[tuple[str, str], ...]] = {
    POOL_STATS: (
        ("/pool-stats <pool>", N_("the jobs of one pool by type and status, and what changed in the last hour")),
        ("/pool-stats", N_("all pools, the worst first; train-* for some of them")),
        ("/pool-stats <pool> chart 7d", N_("its queue over 1h, 6h, 24h, 7d or 30d, with alerts and limits")),
        (
            "/pool-stats <pool> why",
            N_("why its jobs wait: who waits, who holds the capacity, and when the queue drains"),
        ),
        (
            "/pool-stats <pool> jobs Failed",
            N_("its newest failures; jobs Queue the longest waits, or any other status"),
        ),
        ("/pool-stats mine train-*", N_("which pools are yours: this list and Home begin with them")),
        ("/pool-stats compare <pool> <pool>", N_("two to four pools side by side")),
        ("/pool-stats help", N_("this help")),
    ),
    POOL_ALERTS: (
        ("/pool-alerts", N_("the alerts that are open, the most urgent first")),
        ("/pool-alerts rules", N_("every rule, and how often each has fired lately")),
        ("/pool-alerts test <rule>", N_("what a rule would have done, such as test Queue above 50 for 10m in train-*")),
        ("/pool-alerts add", N_("a new rule; before it is saved you see what it would have done")),
        ("/pool-alerts edit <name>", N_("change a rule made in chat; remove <name> ends it, restore has it back")),
        ("/pool-alerts drill", N_("an exercise: told where an alert would be, and over by itself")),
        (
            "/pool-alerts silence <pools> <time>",
            N_("nobody is told meanwhile: silence train-* 2h rule … reason …, or from 22:00 to 04:00"),
        ),
        ("/pool-alerts silences", N_("the silences in force, to end them or let them last longer")),
        ("/pool-alerts log", N_("who did what, the newest first; log export hands it to admins as a file")),
        ("/pool-alerts help", N_("this help")),
    ),
    POOL_DIGEST: (
        ("/pool-digest", N_("the digests of this channel")),
        ("/pool-digest add", N_("a new one for this channel, such as add 09:00 mon-fri Asia/Shanghai train-*")),
        ("/pool-digest now", N_("posts this channel’s digest at once, or one of all pools")),
        ("/pool-digest remove", N_("the digest of this channel comes no more")),
        ("/pool-digest help", N_("this help")),
    ),
}


def help_message(command: str, problem: str | None = None) -> Message:
    """How `command` is used; `problem` says why help is shown unasked."""
    usage = _USAGE.get(command, _USAGE[POOL_STATS])
    about = command if command in _USAGE else POOL_STATS
    pairs: tuple[tuple[str, tuple[Span, ...]], ...] = tuple((typed, (_(does),)) for typed, does in usage)
    blocks: list[Block] = [Facts(pairs)]
    said = ""
    if problem:
        said = _("{sentence}.", sentence=begun(one_line(problem, LONGEST_WHY)))
        blocks.insert(0, Paragraph((said,)))
    if about == POOL_STATS:
        hint = _("A pool is named by its name, its id or a unique beginning of one; capital letters do not matter.")
        blocks.append(Footnote((hint,)))
    others = [other for other in _USAGE if other != about]
    blocks.append(Footnote((_("See also {one} and {another}.", one=others[0], another=others[1]),)))
    listed = _("{sentence}.", sentence=_listed(usage))
    return Message(
        title=_("How to use {command}", command=about),
        summary=_("{sentence} {another}", sentence=said, another=listed) if said else listed,
        tone=Tone.WARNING if problem else Tone.NEUTRAL,
        blocks=tuple(blocks),
        buttons=(Button(_("All pools"), Verb.SHOW, ""),),
    )


def _listed(usage: Sequence[tuple[str, str]]) -> str:
    """Every command with what it does; where that is more than a notification holds, the commands alone."""
    whole = _("; ").join(_("{command}: {does}", command=typed, does=_(does)) for typed, does in usage)
    return whole if len(whole) <= _LONGEST_SUMMARY else _("; ").join(typed for typed, _does in usage)

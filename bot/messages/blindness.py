"""What is said when something cannot be seen, and when it can be seen again?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.core import because
from bot.core.because import Why
from bot.core.blindness import Spell, SpellKind, Turn, Unseen
from bot.core.durations import spoken
from bot.core.language import N_, _, _n
from bot.core.stats import Pool
from bot.messages.model import Block, Bold, Button, Message, Paragraph, Span, Tone, Verb, When
from bot.messages.phrases import (
    LONGEST_NAME,
    LONGEST_WHY,
    begun,
    both,
    listed,
    named,
    one_line,
    sentences,
    spans,
    utc,
)

MOST_NAMED = 10
NAMED_IN_A_SENTENCE = 3
ACCESS_KEY = N_("its access key (HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or the credentials file)")
_STOPS = N_("Until then nothing is read: no alert fires or ends, and digests and answers have no new figures.")
_GOES_ON = N_("The bot goes on trying. Until it succeeds no alert fires or ends here.")
# Said of a signature that was refused because of the time it was made at.
_CLOCK = "does not accept our signature: the clock of this machine"
# What can be done about it, by the kind of failure.
_ADVICE = {
    "NotAllowed": N_("Whoever manages the account has to grant the bot the right modelarts:pool:get for it."),
    "NotServed": N_("Whoever runs the bot has to check modelarts.region and modelarts.endpoint."),
    "Throttled": N_("Something else may use up what the account may ask; modelarts.max_rate lowers the bot’s share."),
    "UnknownPool": N_("Whoever runs the bot has to check the project and the region."),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one channel may know of a spell.

    Attributes:
        pools: Those of the spell's pools that the channel may hear of.
        watched: How many pools it may hear of that are read at all.
        alerts: How many open alerts about `pools` there are.
        credentials: With what the bot proves who it is, for whoever has to renew it.
    """

    pools: Sequence[Unseen]
    watched: int
    alerts: int
    credentials: Why = ACCESS_KEY


def blindness_message(spell: Spell, scene: Scene, *, now: datetime) -> Message:
    """The spell's one message, as it stands. It holds no ages, which would be wrong a minute after."""
    match spell.kind:
        case SpellKind.GONE:
            return _gone(spell, scene, now)
        case SpellKind.ACCOUNT | SpellKind.POOLS if spell.ended_at is not None:
            return _seen_again(spell, scene, spell.ended_at, now)
        case SpellKind.ACCOUNT | SpellKind.POOLS:
            return _blind(spell, scene, now)
        case kind:
            assert_never(kind)


def _blind(spell: Spell, scene: Scene, now: datetime) -> Message:
    title = _title(spell, scene)
    reason = _reason(spell.why)
    alerts = _alerts(scene)
    seen = _seen_since(spell, alerts, When(spell.since))
    blocks: list[Block] = [
        Paragraph((Bold(reason),)),
        Paragraph(seen),
        Paragraph((_advice(spell, scene.credentials),)),
    ]
    if spell.kind is SpellKind.POOLS and len(scene.pools) > 1:
        blocks += _lines(scene.pools)
    return Message(
        title=title,
        summary=_blind_summary(spell, title, reason, alerts, utc(spell.since, now=now)),
        tone=Tone.CRITICAL if spell.kind is SpellKind.ACCOUNT else Tone.WARNING,
        blocks=tuple(blocks),
        buttons=_buttons(),
    )


def _title(spell: Spell, scene: Scene) -> str:
    if not scene.pools and spell.account:
        return _("I am blind in account {account}: there is no list of its pools", account=spell.account)
    if not scene.pools:
        return _("I am blind: there is no list of pools")
    first, number = named(scene.pools[0].pool), len(scene.pools)
    if spell.kind is SpellKind.ACCOUNT and spell.account:
        return _n(
            "I am blind in account {account}: its pool cannot be read",
            "I am blind in account {account}: none of its {number} pools can be read",
            number,
            account=spell.account,
        )
    if spell.kind is SpellKind.ACCOUNT and number == 1:
        return _("I am blind: {pool} cannot be read", pool=first)
    if spell.kind is SpellKind.ACCOUNT:
        return _("I am blind: none of {number} pools can be read", number=number)
    if number == 1:
        return _("{pool} cannot be read", pool=first)
    return _("{number} of {all} pools cannot be read", number=number, all=scene.watched)


def _reason(why: Why) -> str:
    """The sentence without what is only true for a moment: for how long nothing is asked."""
    said = one_line(because.said(why).partition("; ")[0].partition("；")[0], LONGEST_WHY)
    first = said.partition(" ")[0]
    return begun(said) if first.isalpha() and first.islower() else said


def _alerts(scene: Scene) -> str:
    if not scene.alerts:
        return _("No open alert is concerned; new trouble would not be noticed.")
    return _n(
        "{number} open alert cannot be seen: it stays open, this is not a recovery.",
        "{number} open alerts cannot be seen: they stay open, this is not a recovery.",
        scene.alerts,
    )


def _advice(spell: Spell, credentials: Why) -> str:
    if spell.cause == "BadCredentials" and _CLOCK in str(spell.why):
        said = _("Whoever runs the bot has to set that clock right: no key is accepted with a wrong one.")
        return sentences([said, _(_STOPS)])
    if spell.cause == "BadCredentials":
        said = _(
            "Whoever runs the bot has to check and renew {credentials}, and start it again unless they are in a file.",
            credentials=_with_what(credentials),
        )
        return sentences([said, _(_STOPS)])
    advice = _ADVICE.get(spell.cause)
    return _(_GOES_ON) if advice is None else sentences([_(advice), _(_GOES_ON)])


def _with_what(credentials: Why) -> str:
    return _(credentials) if isinstance(credentials, str) else because.said(credentials)


def _lines(pools: Sequence[Unseen]) -> list[Block]:
    lines: list[Block] = []
    for each in pools[:MOST_NAMED]:
        back = spans(" · seen again {when}", when=When(each.back_at)) if each.back_at is not None else ()
        line = spans(
            "{pool} · since {when} · {reason}{back}",
            pool=Bold(named(each.pool)),
            when=When(each.since),
            reason=_reason(each.why),
            back=back,
        )
        lines.append(Paragraph(line))
    if len(pools) > MOST_NAMED:
        lines.append(Paragraph((_("+{number} more pools.", number=len(pools) - MOST_NAMED),)))
    return lines


def _seen_again(spell: Spell, scene: Scene, ended_at: datetime, now: datetime) -> Message:
    title = _sees_again(spell)
    if spell.kind is not SpellKind.ACCOUNT:
        title = _("{pools} can be read again", pools=_whom([each.pool for each in scene.pools]))
    length, reason = spoken(ended_at - spell.since), _reason(spell.why)
    summary = _(
        "{title}. Not seen from {since} to {until} ({length}): {reason}. "
        "Alerts are judged by new readings from there on.",
        title=title,
        since=utc(spell.since, now=now),
        until=utc(ended_at, now=now),
        length=length,
        reason=reason,
    )
    seen = spans(
        "Not seen from {since} to {until} ({length}).", since=When(spell.since), until=When(ended_at), length=length
    )
    on = _("{reason}. Alerts are judged by new readings from there on.", reason=reason)
    return Message(
        title=title,
        summary=summary,
        tone=Tone.GOOD,
        blocks=(Paragraph(seen), Paragraph((on,))),
        buttons=_buttons(),
    )


def _sees_again(spell: Spell) -> str:
    return _("I can see account {account} again", account=spell.account) if spell.account else _("I can see again")


def _gone(spell: Spell, scene: Scene, now: datetime) -> Message:
    whom, number = _whom([each.pool for each in scene.pools]), len(scene.pools)
    if all(each.back_at is not None for each in scene.pools):
        return _returned(scene, whom)
    title = _n("{pools} does not exist any more", "{pools} do not exist any more", number, pools=whom)
    rest = _n(
        "Open alerts about it were closed; it is watched again should it come back.",
        "Open alerts about them were closed; each is watched again should it come back.",
        number,
    )
    known = spans("{known}{when}.", known=Bold(_("ModelArts has known no such pool since ")), when=When(spell.since))
    said = _("ModelArts has known no such pool since {when}.", when=utc(spell.since, now=now))
    lines = _lines(scene.pools) if number > 1 else []
    summary = sentences([_("{sentence}.", sentence=title), said, rest])
    blocks = (Paragraph(known), Paragraph((rest,)), *lines)
    return Message(title=title, summary=summary, tone=Tone.NEUTRAL, blocks=blocks, buttons=_buttons())


def blindness_entry(turn: Turn, scene: Scene, *, now: datetime) -> Message | None:
    """One line for the thread under the message: who joined, what can be seen again; `None` for nothing."""
    line = _line(turn, scene)
    if not line:
        return None
    said = "".join(utc(s.at, now=now) if isinstance(s, When) else s if isinstance(s, str) else s.text for s in line)
    return Message(title="", summary=_("{sentence}.", sentence=said), blocks=(Paragraph(line),))


def _whom(pools: Sequence[Pool]) -> str:
    names = [one_line(named(pool), LONGEST_NAME) for pool in pools[:NAMED_IN_A_SENTENCE]]
    more = len(pools) - len(names)
    if more:
        return listed(names, more)
    return both(names) if names else _("The list of pools")


def _buttons() -> tuple[Button, ...]:
    return (Button(_("Show all pools"), Verb.SHOW, ""),)


def _seen_since(spell: Spell, alerts: str, since: When) -> tuple[Span, ...]:
    if spell.kind is SpellKind.ACCOUNT and spell.account:
        return spans("Nothing of it has been seen since {when}. {alerts}", when=since, alerts=alerts)
    if spell.kind is SpellKind.ACCOUNT:
        return spans("Nothing has been seen since {when}. {alerts}", when=since, alerts=alerts)
    return spans("Not seen since {when}. {alerts}", when=since, alerts=alerts)


def _blind_summary(spell: Spell, title: str, reason: str, alerts: str, since: str) -> str:
    if spell.kind is SpellKind.ACCOUNT and spell.account:
        said = _(
            "Nothing of it has been seen since {when}: {reason}. {alerts}", when=since, reason=reason, alerts=alerts
        )
    elif spell.kind is SpellKind.ACCOUNT:
        said = _("Nothing has been seen since {when}: {reason}. {alerts}", when=since, reason=reason, alerts=alerts)
    else:
        said = _("Not seen since {when}: {reason}. {alerts}", when=since, reason=reason, alerts=alerts)
    return sentences([_("{sentence}.", sentence=title), said])


def _returned(scene: Scene, whom: str) -> Message:
    number = len(scene.pools)
    title = _n("{pools} is back", "{pools} are back", number, pools=whom)
    watched = _n("{pools} is back, and watched again.", "{pools} are back, and watched again.", number, pools=whom)
    rest = _("What comes back is watched again.")
    summary = sentences([_("{sentence}.", sentence=title), _("ModelArts knows it again."), rest])
    blocks = (Paragraph((watched,)), Paragraph((rest,)), *_lines(scene.pools))
    return Message(title=title, summary=summary, tone=Tone.NEUTRAL, blocks=blocks, buttons=_buttons())


def _line(turn: Turn, scene: Scene) -> tuple[Span, ...]:
    spell = turn.spell
    heard = {each.pool.id for each in scene.pools}
    back = [each.pool for each in turn.back if each.pool.id in heard]
    joined = [each for each in turn.joined if each.pool.id in heard]
    if spell.kind is SpellKind.GONE:
        return spans("{pools} back, and watched again", pools=Bold(_whom(back))) if back else ()
    if spell.ended_at is not None:
        what = _sees_again(spell)
        if spell.kind is not SpellKind.ACCOUNT:
            what = _("{pools} seen", pools=_whom([each.pool for each in scene.pools]))
        length = spoken(spell.ended_at - spell.since)
        return spans("{what} since {when}, after {length}", what=Bold(what), when=When(spell.ended_at), length=length)
    if joined:
        what = _("{pools} not seen either", pools=_whom([each.pool for each in joined]))
        reason = _reason(joined[0].why)
        return spans("{what} since {when}: {reason}", what=Bold(what), when=When(joined[0].since), reason=reason)
    return (Bold(_("{pools} seen again", pools=_whom(back))),) if back else ()

"""What is said when something cannot be seen, and when it can be seen again?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.core.blindness import Spell, SpellKind, Turn, Unseen
from bot.core.durations import spoken
from bot.core.stats import Pool
from bot.messages.model import Block, Bold, Button, Message, Paragraph, Span, Tone, Verb, When
from bot.messages.phrases import LONGEST_NAME, LONGEST_WHY, begun, counted, named, one_line, utc

MOST_NAMED = 10
NAMED_IN_A_SENTENCE = 3
ACCESS_KEY = "its access key (HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or the credentials file)"
_STOPS = "Until then nothing is read: no alert fires or ends, and digests and answers have no new figures."
_GOES_ON = "The bot goes on trying. Until it succeeds no alert fires or ends here."
# Said of a signature that was refused because of the time it was made at.
_CLOCK = "does not accept our signature: the clock of this machine"
# What can be done about it, by the kind of failure.
_ADVICE = {
    "NotAllowed": "Whoever manages the account has to grant the bot the right modelarts:pool:get for it. " + _GOES_ON,
    "NotServed": "Whoever runs the bot has to check modelarts.region and modelarts.endpoint. " + _GOES_ON,
    "Throttled": "Something else may use up what the account may ask; modelarts.max_rate lowers the bot’s share. "
    + _GOES_ON,
    "UnknownPool": "Whoever runs the bot has to check the project and the region. " + _GOES_ON,
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
    credentials: str = ACCESS_KEY


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
    seen = "Nothing has been seen since" if spell.kind is SpellKind.ACCOUNT else "Not seen since"
    alerts = _alerts(scene)
    blocks: list[Block] = [
        Paragraph((Bold(reason),)),
        Paragraph((f"{seen} ", When(spell.since), f". {alerts}")),
        Paragraph((_advice(spell, scene.credentials),)),
    ]
    if spell.kind is SpellKind.POOLS and len(scene.pools) > 1:
        blocks += _lines(scene.pools)
    return Message(
        title=title,
        summary=f"{title}. {seen} {utc(spell.since, now=now)}: {reason}. {alerts}",
        tone=Tone.CRITICAL if spell.kind is SpellKind.ACCOUNT else Tone.WARNING,
        blocks=tuple(blocks),
        buttons=_buttons(),
    )


def _title(spell: Spell, scene: Scene) -> str:
    if not scene.pools:
        return "I am blind: there is no list of pools"
    what = f"{named(scene.pools[0].pool)} cannot be read"
    if spell.kind is SpellKind.ACCOUNT:
        return f"I am blind: {what if len(scene.pools) == 1 else f'none of {len(scene.pools)} pools can be read'}"
    return what if len(scene.pools) == 1 else f"{len(scene.pools)} of {scene.watched} pools cannot be read"


def _reason(why: str) -> str:
    """The sentence without what is only true for a moment: for how long nothing is asked."""
    said = one_line(why.partition("; ")[0], LONGEST_WHY)
    first, _, _ = said.partition(" ")
    return begun(said) if first.isalpha() and first.islower() else said


def _alerts(scene: Scene) -> str:
    if not scene.alerts:
        return "No open alert is concerned; new trouble would not be noticed."
    stay = "it stays open" if scene.alerts == 1 else "they stay open"
    return f"{counted(scene.alerts, 'open alert')} cannot be seen: {stay}, this is not a recovery."


def _advice(spell: Spell, credentials: str) -> str:
    if spell.cause == "BadCredentials" and _CLOCK in spell.why:
        return f"Whoever runs the bot has to set that clock right: no key is accepted with a wrong one. {_STOPS}"
    if spell.cause == "BadCredentials":
        return f"Whoever runs the bot has to check and renew {credentials}, and start it again. {_STOPS}"
    return _ADVICE.get(spell.cause, _GOES_ON)


def _lines(pools: Sequence[Unseen]) -> list[Block]:
    lines: list[Block] = []
    for each in pools[:MOST_NAMED]:
        back: tuple[Span, ...] = (" · seen again ", When(each.back_at)) if each.back_at is not None else ()
        spans = (Bold(named(each.pool)), " · since ", When(each.since), f" · {_reason(each.why)}", *back)
        lines.append(Paragraph(spans))
    if len(pools) > MOST_NAMED:
        lines.append(Paragraph((f"+{len(pools) - MOST_NAMED} more pools.",)))
    return lines


def _seen_again(spell: Spell, scene: Scene, ended_at: datetime, now: datetime) -> Message:
    whom = _whom([each.pool for each in scene.pools])
    title = "I can see again" if spell.kind is SpellKind.ACCOUNT else f"{whom} can be read again"
    length = spoken(ended_at - spell.since)
    span = f"from {utc(spell.since, now=now)} to {utc(ended_at, now=now)} ({length})"
    return Message(
        title=title,
        summary=f"{title}. Not seen {span}: {_reason(spell.why)}. Alerts are judged by new readings from there on.",
        tone=Tone.GOOD,
        blocks=(
            Paragraph(("Not seen from ", When(spell.since), " to ", When(ended_at), f" ({length}).")),
            Paragraph((f"{_reason(spell.why)}. Alerts are judged by new readings from there on.",)),
        ),
        buttons=_buttons(),
    )


def _gone(spell: Spell, scene: Scene, now: datetime) -> Message:
    whom = _whom([each.pool for each in scene.pools])
    away = [each for each in scene.pools if each.back_at is None]
    do = "does" if len(scene.pools) == 1 else "do"
    returned = f"{whom} {'is' if len(scene.pools) == 1 else 'are'} back"
    title = f"{whom} {do} not exist any more" if away else returned
    since = utc(spell.since, now=now)
    rest = "Open alerts about it were closed; it is watched again should it come back."
    if len(scene.pools) > 1:
        rest = "Open alerts about them were closed; each is watched again should it come back."
    if not away:
        rest = "What comes back is watched again."
    blocks: list[Block] = [
        Paragraph((Bold("ModelArts has known no such pool since "), When(spell.since), ".")) if away else
        Paragraph((f"{returned}, and watched again.",)),
        Paragraph((rest,)),
    ]  # fmt: skip
    if len(scene.pools) > 1 or not away:
        blocks += _lines(scene.pools)
    said = f"ModelArts has known no such pool since {since}." if away else "ModelArts knows it again."
    return Message(
        title=title, summary=f"{title}. {said} {rest}", tone=Tone.NEUTRAL, blocks=tuple(blocks), buttons=_buttons()
    )


def blindness_entry(turn: Turn, scene: Scene, *, now: datetime) -> Message | None:
    """One line for the thread under the message: who joined, what can be seen again; `None` for nothing."""
    spell = turn.spell
    heard = {each.pool.id for each in scene.pools}
    back = [each.pool for each in turn.back if each.pool.id in heard]
    joined = [each for each in turn.joined if each.pool.id in heard]
    spans: tuple[Span, ...]
    if spell.kind is SpellKind.GONE:
        spans = (Bold(_whom(back)), " back, and watched again") if back else ()
    elif spell.ended_at is not None:
        what = "I can see again" if spell.kind is SpellKind.ACCOUNT else f"{_whom([e.pool for e in scene.pools])} seen"
        spans = (Bold(what), " since ", When(spell.ended_at), f", after {spoken(spell.ended_at - spell.since)}")
    elif joined:
        spans = (Bold(f"{_whom([each.pool for each in joined])} not seen either"), " since ", When(joined[0].since))
        spans = (*spans, f": {_reason(joined[0].why)}")
    else:
        spans = (Bold(f"{_whom(back)} seen again"),) if back else ()
    if not spans:
        return None
    said = "".join(utc(s.at, now=now) if isinstance(s, When) else s if isinstance(s, str) else s.text for s in spans)
    return Message(title="", summary=f"{said}.", blocks=(Paragraph(spans),))


def _whom(pools: Sequence[Pool]) -> str:
    names = [one_line(named(pool), LONGEST_NAME) for pool in pools[:NAMED_IN_A_SENTENCE]]
    more = len(pools) - len(names)
    if more:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "The list of pools"


def _buttons() -> tuple[Button, ...]:
    return (Button("Show all pools", Verb.SHOW, ""),)

"""What is said about rules in chat: which there are, what one would have told, and how one is made?"""

from collections.abc import Mapping
from datetime import timedelta
from typing import assert_never

from bot.charts.letters import pictured
from bot.core.because import said
from bot.core.command import POOL_ALERTS, Asker
from bot.core.language import _, spoken_language
from bot.core.planning_words import AboutRules, RuleWord
from bot.core.rule_text import ChatRule, parse_rule, rule_text
from bot.core.rules.model import AlertRule, SpikeRule, ThresholdRule
from bot.core.trial import Trial
from bot.jobs import drill
from bot.jobs.changing_rules import NOT_ADMIN, added, changed, refuse_taken_name, with_one
from bot.jobs.desk import Desk, in_use
from bot.jobs.trial import try_rule
from bot.messages import trouble
from bot.messages.form import Form, Misfilled, Purpose
from bot.messages.help import help_message
from bot.messages.model import Message
from bot.messages.rule_form import fingerprint, rule_form, rule_in, tried_form
from bot.messages.rules import Listed, rules_message, trial_message
from bot.store import rules
from bot.store.engine import StoreError, reading

# How often each rule has fired is told of this time.
LATELY = timedelta(days=7)


def answered(about: AboutRules, asker: Asker, desk: Desk) -> Message | Form:
    """What to say, or the form to fill in. Nothing that can go wrong goes unanswered."""
    try:
        return _answered(about, asker, desk)
    except rules.NameTaken as error:
        return trouble.cannot_do(error.why)
    except StoreError as error:
        return trouble.own_failure(error.why)


def submitted(purpose: Purpose, subject: str, typed: Mapping[str, str], asker: Asker, desk: Desk) -> Message | Form:
    """What comes of a rule's form: what it would have done, or that it is saved.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    rule_id, _space, tried_as = subject.partition(" ")
    if not desk.access.may_change(asker):
        return trouble.cannot_do(_(NOT_ADMIN))
    rule = rule_in(typed)
    try:
        with reading(desk.engine) as db:
            refuse_taken_name(db, rule, rule_id, desk)
        if purpose is Purpose.TRY_RULE or tried_as != fingerprint(rule):
            return tried_form(_tried(rule, asker, desk), rule_id=rule_id)
        return changed(rule_id, rule, asker, desk) if rule_id else added(rule, asker, desk)
    except rules.NameTaken as error:
        raise Misfilled({"name": said(error.why)}) from error
    except StoreError as error:
        return trouble.own_failure(error.why)


def _answered(about: AboutRules, asker: Asker, desk: Desk) -> Message | Form:
    match about.word:
        case RuleWord.RULES:
            return _listed(asker, desk)
        case RuleWord.TEST:
            return _tested(about.words, asker, desk)
        case _ if not desk.access.may_change(asker):
            return trouble.cannot_do(_(NOT_ADMIN))
        case RuleWord.ADD | RuleWord.KEEP:
            return _begun(about, asker, desk)
        case RuleWord.DRILL:
            seen = desk.access.visible(asker, desk.pools)
            return drill.begin(about.words, asker, engine=desk.engine, routes=desk.routes, pools=seen, at=desk.at)
        case RuleWord.EDIT | RuleWord.REMOVE | RuleWord.RESTORE | RuleWord.UNDO:
            return with_one(about, asker, desk)
        case word:
            assert_never(word)


def _listed(asker: Asker, desk: Desk) -> Message:
    with reading(desk.engine) as db:
        kept = rules.all_of(db)
        fired: dict[str, int] = {}
        for name, pool, number in rules.fired_since(db, desk.at.now - LATELY):
            if desk.access.may_see(asker, pool):
                fired[name] = fired.get(name, 0) + number
    names = {rule.name.casefold() for rule in desk.in_file}
    # A rule about pools that one may not see would name them.
    known = (rule for rule in desk.in_file if _may_know(rule, asker, desk))
    listed = [Listed(_as_known(rule, asker, desk), None, fired.get(rule.name, 0)) for rule in known]
    for each in kept:
        if not _may_know(each.rule, asker, desk):
            continue
        hidden = each.rule.name.casefold() in names
        number = 0 if hidden else fired.get(each.rule.name, 0)
        listed.append(Listed(_as_known(each.rule, asker, desk), each.id, number, hidden))
    return rules_message(listed, lately=LATELY, may_change=desk.access.may_change(asker))


def _tested(words: str, asker: Asker, desk: Desk) -> Message:
    try:
        rule = _named(words, asker, desk) or parse_rule(words)
    except ValueError as error:
        return help_message(POOL_ALERTS, str(error))
    trial = _tried(rule, asker, desk)
    said = rule_text(rule, with_name=True)
    # What cannot be said in words, such as a pool with a space in its name, is kept with the form.
    is_exact = _means(said) == rule
    may_keep = desk.access.may_change(asker) and is_exact
    return trial_message(
        trial,
        now=desk.at.now,
        keep=f"/pool-alerts keep {said}" if may_keep else None,
        edit=f"/pool-alerts add {said}" if may_keep else None,
        pictured=pictured(spoken_language()),
    )


def _means(said: str) -> ChatRule | None:
    try:
        return parse_rule(said)
    except ValueError:
        return None


def _may_know(rule: AlertRule, asker: Asker, desk: Desk) -> bool:
    return desk.access.knows_of(asker, rule.pools, desk.pools)


def _as_known(rule: AlertRule, asker: Asker, desk: Desk) -> AlertRule:
    """The rule without the names of pools that the asker may not know of."""
    return rule.model_copy(update={"pools": desk.access.known_of(asker, rule.pools, desk.pools)})


def _named(words: str, asker: Asker, desk: Desk) -> ChatRule | None:
    """The rule that is called so, of the file or made in chat."""
    with reading(desk.engine) as db:
        known = in_use(desk.in_file, rules.all_of(db))
    for rule in known:
        is_meant = rule.name.casefold() == words.casefold() and _may_know(rule, asker, desk)
        if is_meant and isinstance(rule, ThresholdRule | SpikeRule):
            return rule
    return None


def _tried(rule: ChatRule, asker: Asker, desk: Desk) -> Trial:
    seen = desk.access.visible(asker, desk.pools)
    return try_rule(rule, seen, engine=desk.engine, now=desk.at.now, passed=desk.passed, others=desk.others)


def _begun(about: AboutRules, asker: Asker, desk: Desk) -> Message | Form:
    if not about.words:
        return rule_form(None)
    try:
        rule = parse_rule(about.words)
    except ValueError as error:
        return help_message(POOL_ALERTS, str(error))
    return rule_form(rule) if about.word is RuleWord.ADD else added(rule, asker, desk)

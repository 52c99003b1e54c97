"""How are rules changed in chat: added, changed, removed and had back, each on record?"""

import difflib

from sqlalchemy import Connection

from bot.core.alerts import Alert, State
from bot.core.because import Because
from bot.core.command import Asker
from bot.core.language import N_, _, _n
from bot.core.planning_words import AboutRules, RuleWord
from bot.core.routes import Place, places
from bot.core.rule_text import ChatRule
from bot.core.stats import Pool
from bot.jobs.desk import Desk
from bot.messages import trouble
from bot.messages.form import Form
from bot.messages.model import Message
from bot.messages.rule_form import rule_form
from bot.messages.rules import kept_message, no_such_rule, removed_message
from bot.store import audit, rules
from bot.store.engine import writing

# More rules than that are a mistake, and every reading would be judged by all of them.
MOST_RULES = 100
NOT_ADMIN = N_("only the bot’s admins may do that; who they are stands in the configuration file, under access")


def with_one(about: AboutRules, asker: Asker, desk: Desk) -> Message | Form:
    """Something about one rule that was made in chat, named by its name or id."""
    with writing(desk.engine) as db:
        kept = _meant(db, about.words, asker, desk)
        if kept is None:
            return _no_such(db, about.words, asker, desk)
        if about.word is RuleWord.EDIT:
            return rule_form(kept.rule, rule_id=kept.id)
        done = _done(db, about.word, kept, asker, desk)
    desk.changed()
    return done


def _done(db: Connection, word: RuleWord, kept: rules.KeptRule, asker: Asker, desk: Desk) -> Message:
    by, at = str(asker), desk.at.wall
    match word:
        case RuleWord.REMOVE:
            if not kept.removed:
                rules.change(db, kept, kept.rule, by=by, at=at, removed=True)
                _record(db, "remove rule", asker, desk, before=kept.rule)
            return removed_message(kept.rule, kept.id)
        case RuleWord.UNDO if kept.before is None or not desk.access.knows_of(asker, kept.before.pools, desk.pools):
            return trouble.cannot_do(_("rule {rule} has not been changed: nothing to undo", rule=repr(kept.rule.name)))
        case RuleWord.UNDO:
            rule = kept.before or kept.rule
            refuse_taken_name(db, rule, kept.id, desk)
            rules.change(db, kept, rule, by=by, at=at)
            _record(db, "change rule", asker, desk, before=kept.rule, after=rule)
            return _kept(rule, kept.id, asker, desk, can_undo=True)
        case _:
            refuse_taken_name(db, kept.rule, kept.id, desk)
            if kept.removed:
                rules.change(db, kept, kept.rule, by=by, at=at)
                _record(db, "restore rule", asker, desk, after=kept.rule)
            return _kept(kept.rule, kept.id, asker, desk, is_new=True)


def added(rule: ChatRule, asker: Asker, desk: Desk) -> Message:
    """Keep a new rule.

    Raises:
        NameTaken: There is one of that name.
    """
    with writing(desk.engine) as db:
        refuse_taken_name(db, rule, "", desk)
        if len(rules.all_of(db)) >= MOST_RULES:
            return trouble.cannot_do(_too_many())
        made = rules.add(db, rule, by=str(asker), at=desk.at.wall)
        _record(db, "add rule", asker, desk, after=rule)
    desk.changed()
    return _kept(rule, made.id, asker, desk, is_new=True)


def _too_many() -> str:
    return _n(
        "there is {number} rule made in chat already: remove one first",
        "there are {number} rules made in chat already: remove one first",
        MOST_RULES,
    )


def changed(rule_id: str, rule: ChatRule, asker: Asker, desk: Desk) -> Message:
    """Keep another rule in the place of that with `rule_id`.

    Raises:
        NameTaken: There is another one of that name.
    """
    with writing(desk.engine) as db:
        kept = rules.get(db, rule_id, lock=True)
        if kept is None or kept.removed or not _may_know(kept, asker, desk):
            return trouble.cannot_do(_("the rule has been removed meanwhile: add it again, or restore it"))
        refuse_taken_name(db, rule, rule_id, desk)
        rules.change(db, kept, rule, by=str(asker), at=desk.at.wall)
        _record(db, "change rule", asker, desk, before=kept.rule, after=rule)
    desk.changed()
    return _kept(rule, rule_id, asker, desk, can_undo=kept.rule != rule)


def _kept(
    rule: ChatRule, rule_id: str, asker: Asker, desk: Desk, *, is_new: bool = False, can_undo: bool = False
) -> Message:
    heard = _heard(rule, asker, desk)
    return kept_message(rule, rule_id, places=heard, is_new=is_new, can_undo=can_undo)


def _heard(rule: ChatRule, asker: Asker, desk: Desk) -> list[Place]:
    """Where alerts of the rule would be told, of each pool that the asker may know of."""
    covered = [pool for pool in desk.access.visible(asker, desk.pools) if rule.covers(pool)] or [Pool("", "")]
    heard = [place for pool in covered for place in places(desk.routes, _as_alert(rule, pool, desk))]
    return list(dict.fromkeys(heard))


def _as_alert(rule: ChatRule, pool: Pool, desk: Desk) -> Alert:
    at = desk.at.now
    return Alert("", rule.name, rule.metric, rule.severity, pool, None, State.FIRING, at, at, at, 0, 0, "", at)


def refuse_taken_name(db: Connection, rule: ChatRule, rule_id: str, desk: Desk) -> None:
    """Names are unique in the file and in chat.

    Raises:
        NameTaken: Another rule has that name.
    """
    folded = rule.name.casefold()
    others = [each.rule.name for each in rules.all_of(db) if each.id != rule_id]
    if folded in {name.casefold() for name in (*others, *(each.name for each in desk.in_file))}:
        raise rules.NameTaken(Because("there is a rule {rule} already: choose another name", rule=repr(rule.name)))


def _meant(db: Connection, words: str, asker: Asker, desk: Desk) -> rules.KeptRule | None:
    known = rules.get(db, words, lock=True)
    if known is not None:
        return known if _may_know(known, asker, desk) else None
    return next((each for each in _known(db, asker, desk) if each.rule.name.casefold() == words.casefold()), None)


def _no_such(db: Connection, words: str, asker: Asker, desk: Desk) -> Message:
    names = {each.rule.name.casefold(): each for each in _known(db, asker, desk)}
    near = difflib.get_close_matches(words.casefold(), names, n=3)
    return no_such_rule(words, {names[name].id: names[name].rule.name for name in near})


def _known(db: Connection, asker: Asker, desk: Desk) -> list[rules.KeptRule]:
    """Those made in chat; what is about pools alone that the asker may not see is as if it did not exist."""
    return [each for each in rules.all_of(db) if _may_know(each, asker, desk)]


def _may_know(kept: rules.KeptRule, asker: Asker, desk: Desk) -> bool:
    return desk.access.knows_of(asker, kept.rule.pools, desk.pools)


def _record(
    db: Connection,
    action: str,
    asker: Asker,
    desk: Desk,
    *,
    before: ChatRule | None = None,
    after: ChatRule | None = None,
) -> None:
    """Who did it, and what the rule said before and after."""
    rule = after or before
    audit.record(
        db,
        at=desk.at.wall,
        actor=asker.signature,
        place=asker.place,
        action=action,
        subject=f"rule {rule.name if rule else ''}",
        before=None if before is None else before.model_dump(mode="json", exclude_none=True),
        after=None if after is None else after.model_dump(mode="json", exclude_none=True),
    )

"""What is filled in to ask about a pool, where nothing can be typed after a command?"""

from collections.abc import Mapping, Sequence

from bot.core.language import N_, _
from bot.core.stats import Pool
from bot.messages.form import ChoiceField, Form, FormField, Misfilled, Purpose, TextField, read
from bot.messages.phrases import LONGEST_NAME, named

# What a list in a form can hold on every platform.
MOST_POOLS = 100
_COMPARE = "compare"
_QUESTIONS = (
    ("show", N_("Its jobs now")),
    ("chart", N_("A chart of the last 24 hours")),
    ("why", N_("Why its jobs wait")),
    ("jobs", N_("The longest waits and the newest failures")),
    (_COMPARE, N_("Compare it with another pool")),
)


def question_form(pools: Sequence[Pool], *, chosen: Pool | None = None) -> Form:
    """What to fill in.

    Args:
        pools: Those that the reader may ask about; where they are more than a list holds, one may be named instead.
        chosen: The one that it is likely about.
    """
    listed = [*([chosen] if chosen else []), *(pool for pool in pools if pool != chosen)][:MOST_POOLS]
    choices = tuple((pool.id, named(pool)) for pool in listed)
    others = tuple((pool.id, named(pool)) for pool in pools[:MOST_POOLS])
    is_cut = len(pools) > len(listed)
    fields: list[FormField] = []
    if choices:
        pick = ChoiceField("pool", _("Pool"), choices, value=chosen.id if chosen else None, optional=is_cut)
        fields.append(pick)
    if is_cut or not choices:
        hint = _("Its name, its id, or a unique beginning of one.")
        fields.append(TextField("name", _("Or its name"), hint, optional=bool(choices), longest=LONGEST_NAME))
    questions = tuple((value, _(label)) for value, label in _QUESTIONS)
    fields.append(ChoiceField("question", _("Question"), questions, value="show"))
    if others:
        fields.append(ChoiceField("other", _("Compare with"), others, optional=True))
    return Form(_("Ask about a pool"), Purpose.ASK, "", tuple(fields), submit=_("Ask"))


def question_in(typed: Mapping[str, str], pools: Sequence[Pool]) -> str:
    """What would be typed after /pool-stats for it.

    Raises:
        Misfilled: Something in it is not as it must be.
    """
    values = read(question_form(pools), typed)
    pool = str(values.get("name") or values.get("pool") or "")
    if not pool:
        raise Misfilled({"pool": _("Please choose a pool.")})
    match values["question"]:
        case "show":
            return pool
        case "compare":
            other = values.get("other")
            if not other or other == pool:
                raise Misfilled({"other": _("Please choose another pool.")})
            return f"{_COMPARE} {pool} {other}"
        case question:
            return f"{pool} {question}"

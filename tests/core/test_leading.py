"""For how long may the leader act?"""

import math
from datetime import timedelta

from bot.core.leading import Lead, Terms

TERMS = Terms(timedelta(seconds=10))


def test_a_leader_that_is_not_confirmed_stops_before_the_database_gives_its_lead_away() -> None:
    lead = Lead(TERMS)
    lead.granted(asked_at=100.0)

    assert lead.holds(at=107.9)
    assert not lead.holds(at=108.0)
    assert lead.left(at=107.0) == timedelta(seconds=1)
    assert lead.left(at=170.0) == timedelta()


def test_who_was_not_granted_the_lead_or_lost_it_does_not_lead() -> None:
    lead = Lead(TERMS)
    assert not lead.holds(at=0.0)
    lead.granted(asked_at=0.0)
    lead.lost()

    assert not lead.holds(at=0.0)
    assert lead.left(at=0.0) is None


def test_a_lead_that_cannot_be_lost_lasts() -> None:
    lead = Lead(TERMS)
    lead.granted(asked_at=math.inf)

    assert lead.holds(at=1e12)
    assert lead.left(at=0.0) == timedelta(seconds=1e9)


def test_the_leader_says_that_it_is_there_several_times_within_its_lease() -> None:
    assert TERMS.look_every == timedelta(seconds=2)
    assert Terms(timedelta(seconds=2)).look_every * 3 < Terms(timedelta(seconds=2)).good_for
    assert Terms(timedelta(minutes=1)).look_every == timedelta(seconds=2)

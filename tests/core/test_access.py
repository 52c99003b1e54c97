"""Who may see which pool, and do what?"""

import pytest

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.core.silences import sight_of
from bot.core.stats import Pool

RESEARCH, OTHER = Pool("research-1", "Research"), Pool("train-1", "Train")


def somebody(channel: str = "C0000000001", *, user: str = "U0000000001", installed: str = "", **more: object) -> Asker:
    return Asker("slack", installed or "T0000001", channel, user, installed=installed, **more)  # type: ignore[arg-type]


def seen(access: Access, asker: Asker) -> str:
    return "".join(name for name, pool in (("r", RESEARCH), ("o", OTHER)) if access.may_see(asker, pool))


GRANTED = Access(
    ("slack:U0ADMIN0001", "slack:S0ADMINS001"),
    (
        Grant(
            ("research-*",),
            ("slack:C0RESEARCH1", "slack:T0000002/C0SHARED001"),
            ("slack:S0SCIENCE01",),
            ("slack:T0000003",),
        ),
    ),
)


@pytest.mark.parametrize(
    ("asker", "in_one", "in_several"),
    [
        pytest.param(somebody(), "o", "", id="a channel that nothing is granted to"),
        pytest.param(somebody("C0RESEARCH1"), "ro", "r", id="the channel, without its workspace"),
        pytest.param(somebody("C0RESEARCH1", installed="T0000001"), "ro", "r", id="the channel, in any workspace"),
        pytest.param(somebody("C0SHARED001", installed="T0000002"), "ro", "r", id="a channel of one workspace"),
        pytest.param(somebody("C0SHARED001", installed="T0000001"), "o", "", id="not that of another"),
        pytest.param(somebody(installed="T0000003"), "ro", "r", id="everybody of a workspace"),
        pytest.param(somebody(groups=("slack:S0SCIENCE01",)), "ro", "r", id="a user group, wherever its people are"),
        pytest.param(somebody(user="U0ADMIN0001", installed="T0000001"), "ro", "ro", id="an admin"),
        pytest.param(somebody(groups=("slack:S0ADMINS001",)), "ro", "ro", id="an admin by a user group"),
        pytest.param(somebody("C0RESEARCH1", is_outside=True), "", "", id="where another organisation listens"),
        pytest.param(
            somebody(user="U0ADMIN0001", is_outside=True), "", "", id="an admin does not speak up there either"
        ),
        pytest.param(Asker("cli", "", "", ""), "ro", "ro", id="whoever runs the bot"),
    ],
)
def test_who_sees_what(asker: Asker, in_one: str, in_several: str) -> None:
    several = Access(GRANTED.admins, GRANTED.grants, several=True)

    assert seen(GRANTED, asker) == in_one
    assert seen(several, asker) == in_several
    for access in (GRANTED, several):
        sight = sight_of(asker, access)
        assert "".join(n for n, p in (("r", RESEARCH), ("o", OTHER)) if sight.reaches(p)) == seen(access, asker)


def test_without_access_one_workspace_sees_everything_and_several_see_nothing() -> None:
    assert seen(Access(), somebody()) == "ro"
    assert Access().may_change(somebody())
    assert seen(Access(several=True), somebody(installed="T0000001")) == ""
    assert not Access(several=True).may_change(somebody(installed="T0000001"))
    assert not Access(several=True).may_hear("slack:T0000001/#ml-ops", OTHER)
    assert Access(several=True).may_see(Asker("teams", "1", "2", "3"), OTHER)


def test_a_channel_shared_with_others_is_told_where_that_is_allowed() -> None:
    access = Access(external=("slack:C0PARTNER01",))

    assert seen(access, somebody("C0PARTNER01", installed="T0000001", is_outside=True)) == "ro"
    assert seen(access, somebody("C0PARTNER02", is_outside=True)) == ""


@pytest.mark.parametrize(
    ("place", "hears"),
    [
        ("slack:T0000003/#anything", True),
        ("slack:T0000002/C0SHARED001", True),
        ("slack:T0000001/C0RESEARCH1", True),
        ("slack:T0000001/#anything", False),
        ("slack:#anything", False),
    ],
)
def test_which_channels_hear_of_it(place: str, hears: bool) -> None:
    assert GRANTED.may_hear(place, RESEARCH) is hears

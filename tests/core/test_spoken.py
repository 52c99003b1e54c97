"""Is what is said to the bot the command that is meant?"""

import pytest

from bot.core.access import Access, Grant
from bot.core.command import Asker
from bot.core.silences import sight_of
from bot.core.spoken import HOME, Spoken, spoken
from bot.core.stats import Pool


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("train-a100 why", Spoken("/pool-stats", "train-a100 why"), id="a question about a pool"),
        pytest.param("", Spoken("/pool-stats", "help"), id="nothing"),
        pytest.param("你好", Spoken("/pool-stats", "help"), id="a greeting"),
        pytest.param("pools", Spoken("/pool-stats", ""), id="all pools"),
        pytest.param("/train-a100", Spoken("/pool-stats", "train-a100"), id="a slash too many"),
        pytest.param("alerts rules", Spoken("/pool-alerts", "rules"), id="alerts"),
        pytest.param("/pool-alerts silence train-* 2h", Spoken("/pool-alerts", "silence train-* 2h"), id="a command"),
        pytest.param("Digests", Spoken("/pool-digest", ""), id="digests, whatever the case"),
        pytest.param("digest now", Spoken("/pool-digest", "now"), id="digest now"),
        pytest.param(" Home ", Spoken(HOME, ""), id="home"),
        pytest.param("stats alerts", Spoken("/pool-stats", "alerts"), id="a pool that is called as a word of ours"),
        pytest.param("help", Spoken("/pool-stats", "help"), id="help"),
        pytest.param("\u202e\x00alerts\u200b", Spoken("/pool-alerts", ""), id="marks that nobody typed"),
    ],
)
def test_words_mean_a_command(said: str, meant: Spoken) -> None:
    assert spoken(said) == meant


def test_what_is_seen_in_ones_channels_is_seen_in_a_direct_message_and_silenced_from_there() -> None:
    research, secret = Pool("p-1", "research-a"), Pool("p-2", "secret-a")
    access = Access(
        grants=(Grant(("research-*",), ("slack:C0RESEARCH",)), Grant(("secret-*",), ("slack:C0SECRET",))),
    )
    asker = Asker("slack", "T1", "D1", "U1", also=("C0RESEARCH",))

    assert access.visible(asker, (research, secret)) == (research,)
    assert sight_of(asker, access).reaches(research)
    assert not sight_of(asker, access).reaches(secret)

"""Where does the bot go with its token?"""

import pytest

from bot.teams.asking import TeamsError, ask, new_session
from tests.slack.stub import Stub, answering


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_so_that_the_token_goes_nowhere_else(status: int) -> None:
    with Stub() as stub, new_session() as session:
        stub.answers = [answering(status, b"", Location=stub.url + "elsewhere")]

        with pytest.raises(TeamsError):
            ask(session, "POST", stub.url, json={}, headers={"Authorization": "Bearer ours"})

        assert len(stub.asked) == 1

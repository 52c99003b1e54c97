"""Several accounts in one configuration: where their values come from, and what is said about wrong ones."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app.connecting import connect_modelarts
from bot.app.plan import connected, fixed
from bot.clock import Clock
from bot.core.stats import Pool
from bot.modelarts.accounts import Accounts
from bot.settings.accounts import wants
from bot.settings.reading import read
from tests.settings.test_reading import problems, written

TWO = """
modelarts: {max_rate: 5, read_timeout: 20s, pools: ["train-*"]}
accounts:
  - {name: prod, region: cn-north-4, project_id: aaaa, credentials_file: /run/secrets/prod}
  - {name: lab-east, region: cn-east-3, pools: all, credentials_env: LAB}
"""


def test_what_an_account_leaves_out_is_as_under_modelarts(tmp_path: Path) -> None:
    prod, lab = read(written(tmp_path, TWO), {"POOL_STATS_ACCOUNTS__LAB_EAST__MAX_RATE": "2"}).accounts

    assert (prod.name, prod.modelarts.region, prod.modelarts.max_rate) == ("prod", "cn-north-4", 5)
    assert (prod.modelarts.pools, prod.credentials_file) == (("train-*",), "/run/secrets/prod")
    assert (lab.modelarts.max_rate, lab.modelarts.pools, lab.credentials_env) == (2, "all", "LAB")
    assert {each.modelarts.read_timeout.total_seconds() for each in (prod, lab)} == {20}


def test_without_accounts_modelarts_is_the_only_one_and_has_no_name() -> None:
    (only,) = read(None, {"POOL_STATS_MODELARTS__REGION": "cn-north-4"}).accounts

    assert (only.name, only.modelarts.region, only.credentials_env) == ("", "cn-north-4", "HUAWEICLOUD_SDK")


def test_everything_that_is_wrong_with_accounts_is_told_at_once_and_where(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
modelarts: {region: cn-north-4}
accounts:
  - {name: prod, region: cn-north-4, project_id: aaaa, credentials_file: /a, credentials_env: LAB}
  - {name: Prod, endpoint: "https://modelarts.example.com"}
  - {name: cn-north-4, region: cn-north-4, project_id: aaaa}
  - {name: lab, auth: token, iam_user: bot, projectid: x}
  - {name: "two words", region: nowhere}
""",
    )

    said = problems(path, {"POOL_STATS_ACCOUNTS__LAB__MAXRATE": "1", "POOL_STATS_ACCOUNTS__HOME__MAX_RATE": "1"})

    no_account = "there is no account 'home' in accounts; known are: prod, Prod, cn-north-4, lab, two words"
    of_an_entry = "belongs into an entry of accounts; beside accounts, modelarts says what they have in common"
    too = ", too: pools could not be told apart by it"
    twice = "is about this project already: its pools would be read twice"
    assert said == [
        "POOL_STATS_ACCOUNTS__HOME__MAX_RATE: " + no_account,
        "POOL_STATS_ACCOUNTS__LAB__MAXRATE: unknown key 'maxrate'; the nearest known key is 'max_rate'",
        "pool-stats.yaml:7 accounts[3].projectid: unknown key 'projectid'; the nearest known key is 'project_id'",
        "pool-stats.yaml:8 accounts[4].name: 'two words' is no name for an account: up to 40 letters, digits, - and _",
        "pool-stats.yaml:8 accounts[4].region: is no region: write one as Huawei Cloud does, such as cn-north-4",
        "pool-stats.yaml:2 modelarts.region: region " + of_an_entry,
        "pool-stats.yaml:4 accounts[0].credentials_env: credentials_file is set as well: set one of the two",
        "pool-stats.yaml:5 accounts[1].name: another account is called 'Prod': every account needs its own name",
        "pool-stats.yaml:5 accounts[1]: set project_id, or the region whose name finds it",
        "pool-stats.yaml:6 accounts[2].name: 'cn-north-4' is the region of another account" + too,
        "pool-stats.yaml:6 accounts[2].project_id: the account 'prod' " + twice,
        "pool-stats.yaml:7 accounts[3]: where is it? set region, or endpoint",
        "pool-stats.yaml:7 accounts[3]: auth: token needs iam_domain",
    ]


def test_accounts_may_be_called_like_their_regions_and_stand_in_one_variable() -> None:
    listed = "[{name: cn-north-4, region: cn-north-4}, {name: CN-EAST-3, region: cn-east-3}]"
    found = read(None, {"POOL_STATS_ACCOUNTS": listed, "POOL_STATS_ACCOUNTS__CN_EAST_3__MAX_RATE": "2"}).accounts
    assert [(each.name, each.modelarts.max_rate) for each in found] == [("cn-north-4", 10), ("CN-EAST-3", 2)]

    assert problems(None, {"POOL_STATS_ACCOUNTS": "[{name: prod, region: cn-north-4}, {region: cn-east-3}]"}) == [
        "POOL_STATS_ACCOUNTS accounts[1].name: field required"
    ]
    assert problems(None, {"POOL_STATS_ACCOUNTS": "prod"}) == ["POOL_STATS_ACCOUNTS: should be a list"]
    (unlisted,) = problems(None, {"POOL_STATS_ACCOUNTS__PROD__REGION": "cn-north-4"})
    assert unlisted.endswith("list them in the file, or in POOL_STATS_ACCOUNTS: [{name: …, region: …}]")


def test_the_project_beside_a_key_is_not_that_of_two_regions() -> None:
    key = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "s", "HUAWEICLOUD_SDK_PROJECT_ID": "north"}
    lab = {"LAB_AK": "b", "LAB_SK": "t", "LAB_PROJECT_ID": "of-the-lab"}
    listed = "[{name: n, region: cn-north-4}, {name: e, region: cn-east-3}, {name: l, region: cn-south-1, %s}]"
    config = read(None, {**key, **lab, "POOL_STATS_ACCOUNTS": listed % "credentials_env: LAB"})

    with connect_modelarts(config, Clock()) as accounts:
        assert isinstance(accounts, Accounts)
        stated = [member.client.stated_project for member in accounts.members]
    assert stated == [None, None, ("https://modelarts.cn-south-1.myhuaweicloud.com", "of-the-lab")]


def test_of_several_accounts_that_there_were_one_is_left(tmp_path: Path) -> None:
    left = read(written(tmp_path, "modelarts: {region: cn-north-4}"), {}).settings

    assert wants(left, Pool("1", "train", "prod", "cn-north-4"))
    assert wants(left, Pool("1", "train"))
    assert not wants(left, Pool("2", "train", "lab", "cn-east-3"))


def test_what_is_read_again_is_about_the_accounts_that_are_connected(tmp_path: Path) -> None:
    running = read(written(tmp_path, TWO), {}).settings
    renamed = read(written(tmp_path, TWO.replace("lab-east", "lab").replace('["train-*"]', '["infer-*"]')), {}).settings
    alone = read(written(tmp_path, 'modelarts: {region: cn-north-4, pools: ["train-*"]}'), {}).settings

    there = Pool("1", "train", "lab-east", "cn-east-3")
    here = Pool("2", "train", "prod", "cn-north-4")
    assert wants(connected(running, renamed), there)
    assert not wants(connected(running, renamed), here), "which pools matter is used at once"
    assert wants(connected(running, alone), there)
    assert not wants(connected(alone, running), Pool("3", "infer"))
    assert list(fixed(running, renamed)) == ["accounts"]


def test_the_secrets_of_accounts_come_from_variables_and_files_and_are_never_shown(tmp_path: Path) -> None:
    secret, password = tmp_path / "sk", tmp_path / "password"
    secret.write_text("the-secret-key\n")
    password.write_text("the-password\n")
    path = written(tmp_path, TWO)

    config = read(
        path,
        {
            "LAB_AK": "the-access-key",
            "LAB_SK_FILE": str(secret),
            "POOL_STATS_ACCOUNTS__PROD__IAM_PASSWORD_FILE": str(password),
            "POOL_STATS_ACCOUNTS__PROD__CREDENTIALS_FILE": "/etc/prod",
        },
    )

    prod, lab = config.accounts
    assert (prod.credentials_file, prod.modelarts.iam_password) == ("/etc/prod", SecretStr("the-password"))
    assert config.environ["LAB_SK"] == "the-secret-key"
    assert config.files["LAB_SK"] == secret
    assert {"the-access-key", "the-secret-key", "the-password"} <= set(config.secrets())
    assert all(each not in repr(config) for each in ("the-access-key", "the-secret-key", "the-password"))
    assert lab.credentials_env == "LAB"


@pytest.mark.parametrize(
    ("pool", "wanted"),
    [
        pytest.param(Pool("1", "train-a", "prod", "cn-north-4"), True, id="named for its account"),
        pytest.param(Pool("2", "infer", "prod", "cn-north-4"), False, id="another account's wish is not its own"),
        pytest.param(Pool("3", "infer", "lab-east", "cn-east-3"), True, id="all of the other account"),
        pytest.param(Pool("4", "infer"), True, id="whose it is is not known: some account may want it"),
        pytest.param(Pool("5", "train-a", "gone"), False, id="an account that is not there any more"),
    ],
)
def test_each_account_says_which_of_its_pools_matter(tmp_path: Path, pool: Pool, wanted: bool) -> None:
    assert wants(read(written(tmp_path, TWO), {}).settings, pool) is wanted

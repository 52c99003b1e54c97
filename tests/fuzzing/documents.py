"""What does a good one of each look like, that comes from outside?"""

from typing import Any

STATISTICS = {
    "statistics": {
        "total": 12,
        "items": [
            {"type": "train", "total": 9, "status": {"Queue": 3, "Running": "6", "Odd": 1}},
            {"type": "infer", "total": 3, "status": {"Failed": 1, "Pending": None}},
        ],
    }
}
POOLS = {
    "items": [
        {
            "metadata": {
                "name": "pool-1",
                "labels": {"os.modelarts/name": "train-a100", "os.modelarts/workspace.id": "0"},
                "annotations": {"os.modelarts/description": "for all"},
                "creationTimestamp": "2026-01-01T00:00:00Z",
            },
            "spec": {"type": "Dedicate", "scope": ["Train"]},
            "status": {"phase": "Running", "resources": {"available": [{"flavor": "a100", "count": 4}]}},
        }
    ],
    "metadata": {"continue": "next"},
}
WORKLOADS = {
    "items": [
        {
            "type": "train", "status": "Queue", "jobName": "j", "uid": "u", "userName": "wei",
            "createTime": 1767225600000,
            "pendingDuration": 600, "pendingPosition": 2, "resourceRequirement": {"cpu": "8"},
            "hostIps": "10.0.0.1,10.0.0.2",
        }
    ],
    "total": 1,
}  # fmt: skip
RUNTIME = {"items": [{"metadata": {"name": "p"}, "table": {"workload": {"queue": {"train": 3, "sum": 3}}}}]}
REFUSAL = {"error_code": "ModelArts.4204", "error_msg": "no such pool", "request_id": "abc", "error": {"message": "x"}}

COMMAND = {
    "command": "/pool-stats", "text": "train-a100 chart 7d", "team_id": "T1", "channel_id": "C1", "channel_name": "ml",
    "user_id": "U1", "user_name": "wei", "response_url": "https://hooks.slack.com/x", "trigger_id": "1.2",
}  # fmt: skip
PRESS = {
    "type": "block_actions",
    "user": {"id": "U1", "username": "wei", "team_id": "T1"},
    "team": {"id": "T1", "domain": "d"},
    "enterprise": None,
    "is_enterprise_install": False,
    "channel": {"id": "C1", "name": "ml"},
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "is_ephemeral": True, "thread_ts": "1.1"},
    "view": {"type": "home", "id": "V1", "private_metadata": '{"channel": "D1"}'},
    "actions": [{"type": "button", "action_id": "pool-stats:0:0", "block_id": "b", "value": '["say", "/pool-stats"]'}],
    "response_url": "https://hooks.slack.com/x",
    "trigger_id": "1.2",
}
SUBMISSION = {
    "type": "view_submission",
    "user": {"id": "U1", "username": "wei"},
    "team": {"id": "T1"},
    "view": {
        "id": "V1",
        "type": "modal",
        "callback_id": "form",
        "private_metadata": '{"purpose": "silence", "subject": "7", "channel": "C1", "url": ""}',
        "state": {"values": {"field:reason": {"value": {"type": "plain_text_input", "value": "upgrade"}}}},
    },
}
SHORTCUT = {
    "type": "message_action", "callback_id": "ask", "user": {"id": "U1"}, "team": {"id": "T1"}, "channel": {"id": "C1"},
    "message": {"text": "<https://x.example|train-a100> &amp; <@U2>"}, "response_url": "https://h", "trigger_id": "1.2",
}  # fmt: skip
EVENT = {
    "type": "event_callback",
    "event_id": "Ev1",
    "team_id": "T1",
    "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}],
    "event": {
        "type": "app_mention", "user": "U1", "text": "<@UBOT> train-a100 &lt;why&gt;", "channel": "C1", "ts": "1.2",
        "thread_ts": "1.1", "channel_type": "channel", "tab": "home",
    },
}  # fmt: skip
GRANTED = {
    "ok": True, "access_token": "xoxb-1", "refresh_token": "r", "expires_in": 43200, "scope": "commands,chat:write",
    "bot_user_id": "UBOT", "app_id": "A1", "team": {"id": "T1", "name": "Team"}, "enterprise": {"id": "E1",
    "name": "Org"},
    "is_enterprise_install": False, "authed_user": {"id": "U1"},
}  # fmt: skip

ACTIVITY: dict[str, Any] = {
    "type": "message",
    "id": "1",
    "serviceUrl": "https://smba.example/x/",
    "channelId": "msteams",
    "from": {"id": "29:1", "name": "Wei", "aadObjectId": "0-1", "role": "user"},
    "recipient": {"id": "28:bot", "isTargeted": True},
    "conversation": {"id": "19:x@thread.tacv2;messageid=1", "tenantId": "t", "conversationType": "channel"},
    "channelData": {"tenant": {"id": "t"}, "team": {"id": "19:t"}, "channel": {"id": "19:x@thread.tacv2", "name": "A"}},
    "entities": [
        {"type": "mention", "mentioned": {"id": "28:bot"}, "text": "<at>bot</at>"},
        {"type": "clientInfo", "locale": "zh-CN", "timezone": "Asia/Shanghai"},
    ],
    "text": "<at>bot</at> train-a100 why",
    "locale": "en-GB",
    "localTimezone": "Asia/Shanghai",
}
ACTIVITIES = (
    ACTIVITY,
    {
        **ACTIVITY,
        "type": "invoke",
        "name": "adaptiveCard/action",
        "value": {
            "action": {"type": "Action.Execute", "verb": "say", "data": {"subject": "/pool-stats", "private": True}}
        },
    },
    {**ACTIVITY, "type": "invoke", "name": "task/fetch", "value": {"data": {"verb": "silence", "subject": "7 custom"}}},
    {**ACTIVITY, "type": "invoke", "name": "task/submit", "value": {"data": {"form": "{}", "field:reason": "x"}}},
    {**ACTIVITY, "type": "conversationUpdate", "membersAdded": [{"id": "28:bot"}], "membersRemoved": [{"id": "29:1"}]},
    {**ACTIVITY, "type": "installationUpdate", "action": "add-upgrade"},
)

CONFIGURATION: dict[str, Any] = {
    "modelarts": {"region": "cn-north-4", "project_id": "p", "pools": ["train-*"], "max_rate": 10},
    "poll": {"every": "60s", "workers": 8},
    "slack": {"mode": "http"},
    "teams": {"mode": "off"},
    "web": {"host": "127.0.0.1", "port": 8080},
    "rules": [
        {"name": "spike", "metric": "Queue", "kind": "spike", "severity": "warning"},
        {"name": "long", "metric": "Queue", "kind": "threshold", "above": 50, "clear_below": 40, "hold_for": "10m"},
        {"name": "share", "metric": "Queue", "kind": "ratio", "to": "Running", "above": 0.5},
    ],
    "routes": [{"match": {"severity": "critical"}, "to": ["slack:#a", "teams:Team/Alerts"]}, {"to": "slack:#b"}],
    "digests": [{"to": ["slack:#b"], "cron": "0 9 * * mon-fri", "timezone": "Asia/Shanghai", "pools": "all"}],
    "maintenance": [{"name": "weekly", "pools": ["train-*"], "days": "sat", "from": "01:00", "to": "03:00"}],
    "access": {"admins": ["slack:U1"], "pools": [{"pools": ["research-*"], "channels": ["slack:C1"]}]},
    "retention": {"readings": "30d"},
}
SEVERAL_ACCOUNTS: dict[str, Any] = {
    **CONFIGURATION,
    "modelarts": {"max_rate": 10},
    "accounts": [
        {"name": "north", "region": "cn-north-4", "credentials_file": "north", "pools": ["train-*"]},
        {"name": "east", "region": "cn-east-3", "project_id": "p2", "max_rate": 5, "credentials_env": "EAST"},
    ],
    "scale": {"mode": "cluster", "lease": "10s", "shards": 8},
    "traces": {"endpoint": "http://127.0.0.1:4318"},
}
SUITE: dict[str, Any] = {
    "interval": "60s",
    "rules": CONFIGURATION["rules"][:2],
    "tests": [
        {
            "name": "a long queue",
            "series": [{"pool": "train-a100", "type": "train", "metric": "Queue", "values": "0x5 60x20 0x5"}],
            "expect": [{"rule": "long", "firing_at": "15m"}],
        }
    ],
}
SAMPLES = (
    b"timestamp,pool,type,Queue,Pending,Running,Failed\n"
    b"2026-01-01T00:00:00Z,train-a100,train,1,0,5,0\n1767225660,train-a100,train,,0,5,1\n"
    b'1767225660.5,"train,b",infer,7,0,5,1\n'
)

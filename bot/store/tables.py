"""Which tables are there? The newest form of them; `migrations/` has the steps that lead to it."""

from sqlalchemy import (
    JSON,
    REAL,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from bot.core.stats import ENDED, JobStatus
from bot.store.moments import Moment, Reason, Words

# The newest revision in migrations/versions: a database that stands here needs no upgrade.
HEAD = "0015"

# SQLite numbers rows by itself only where the type is exactly INTEGER.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

# Nothing is made of what stands here: migrations make the tables. So an index of some rows only says so as SQLite does,
# and not as PostgreSQL does as well, whose name in a word such as postgresql_where imports 3 MB of its types.
metadata = MetaData()

# `account` and `region` are empty where there is but one account.
pools = Table(
    "pools",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("account", Words, nullable=False, server_default=""),
    Column("region", Words, nullable=False, server_default=""),
)

job_types = Table(
    "job_types",
    metadata,
    Column("key", SmallInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("name", Words, nullable=False, unique=True),
)

# The type of the only row of a reading that found no jobs at all; its counts are zeros. No job type has this key.
EMPTY = 0

# One row per pool, reading and job type. A status that was not reported is NULL. `unknown` is the JSON of the counts of
# statuses the documents do not know. Whole rows in the order of the key are a third of the size of one row per count.
samples = Table(
    "samples",
    metadata,
    Column("pool", Integer, ForeignKey("pools.key"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("type", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(status.value.lower(), Integer) for status in JobStatus),
    Column("total", Integer),
    Column("unknown", Text),
    sqlite_with_rowid=False,
)

failures = Table(
    "failures",
    metadata,
    Column("pool", Integer, ForeignKey("pools.key"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("why", Reason, nullable=False),
    sqlite_with_rowid=False,
)

# The type of the row of an hour that is about all job types together: the most of a sum is not the sum of the most.
ALL_TYPES = -1

# One row per pool, whole hour and job type, made of readings that are forgotten sooner. Of a status in which jobs wait
# or run: the least, the mean, the most and the last; of one in which jobs end: the last, and what was added. NULL where
# it was not reported. `readings` is how many there were of the pool.
hours = Table(
    "hours",
    metadata,
    Column("pool", Integer, ForeignKey("pools.key"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("type", SmallInteger, primary_key=True, autoincrement=False),
    Column("readings", Integer, nullable=False),
    *(
        Column(f"{status.value.lower()}_{figure}", REAL if figure == "mean" else Integer)
        for status in JobStatus
        for figure in (("last", "added") if status in ENDED else ("least", "mean", "most", "last"))
    ),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("rule", Words, nullable=False),
    Column("metric", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("pool_id", Words, nullable=False),
    Column("pool_name", Words, nullable=False),
    Column("job_type", Words),
    Column("state", String(16), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("peak", BigInteger, nullable=False),
    Column("why", Reason, nullable=False),
    Column("fired_at", Moment),
    Column("resolved_at", Moment),
    Column("clear_since", Moment),
    Column("stale_since", Moment),
    Column("held_by", Words),
    Column("silenced_until", Moment),
    Column("kind", String(16)),
    # The incident in whose message people hear of it; NULL while nobody does.
    Column("incident_id", String(64)),
)
OPEN = text("state <> 'resolved'")
Index(
    "one_open_alert",
    alerts.c.rule,
    alerts.c.pool_id,
    text("coalesce(job_type, '')"),
    unique=True,
    sqlite_where=OPEN,
)
Index("open_alerts_of_a_pool", alerts.c.pool_id, sqlite_where=OPEN)
Index("alerts_by_beginning", alerts.c.began_at)
Index("alerts_by_end", alerts.c.resolved_at)
Index("alerts_of_an_incident", alerts.c.incident_id)

# What belongs together in a pool and stands in one message; its id is that of the alert that opened it.
incidents = Table(
    "incidents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("pool_id", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("aloud_at", Moment, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("ended_at", Moment),
)
Index("incidents_of_a_pool", incidents.c.pool_id, incidents.c.ended_at)
Index("incidents_by_end", incidents.c.ended_at)

# What was done while nobody acknowledged an incident: each step as the configuration writes it, and when it was made.
escalations = Table(
    "escalations",
    metadata,
    Column("seq", _SERIAL, primary_key=True),
    Column("incident_id", String(64), nullable=False),
    Column("step", Words, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("escalations_of_an_incident", escalations.c.incident_id)

# What stood behind an alert when it was told. `wanted_at` is in real time and stands until somebody asks ModelArts;
# `content` is NULL while nothing is known.
evidence = Table(
    "evidence",
    metadata,
    Column("alert_id", String(64), ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("pool_id", Words, nullable=False),
    Column("metric", String(16), nullable=False),
    Column("wanted_at", Moment),
    Column("taken_at", Moment),
    Column("content", JSON(none_as_null=True)),
)
WANTED = text("wanted_at IS NOT NULL")
Index("wanted_evidence", evidence.c.wanted_at, sqlite_where=WANTED)
Index("evidence_of_a_pool", evidence.c.pool_id, evidence.c.taken_at)

moves = Table(
    "moves",
    metadata,
    Column("seq", _SERIAL, primary_key=True),
    Column("alert_id", String(64), ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("event", String(16), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("why", Reason, nullable=False),
    Column("actor", Words, nullable=False),
)
Index("moves_of_an_alert", moves.c.alert_id)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", _SERIAL, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("key", Words, unique=True),
    Column("platform", String(16), nullable=False),
    Column("channel", Words, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("alert_id", String(64)),
    # The alert that its label names; `alert_id` says whose message it is, or is to stand under.
    Column("about", String(64)),
    Column("rank", SmallInteger, nullable=False, server_default="3"),
    Column("message", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("wanted_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("tried_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("unclear", Boolean, nullable=False),
    Column("why", Words),
    Column("settled_at", Moment),
    Column("posted_channel", Words),
    Column("posted_message", Words),
    sqlite_autoincrement=True,
)
WAITING = text("state = 'waiting'")
Index(
    "waiting_deliveries",
    deliveries.c.alert_id,
    deliveries.c.platform,
    deliveries.c.channel,
    deliveries.c.seq,
    sqlite_where=WAITING,
)
Index("deliveries_of_an_alert", deliveries.c.alert_id)
Index("settled_deliveries", deliveries.c.settled_at)

# Where the message of an incident stands, in each place it was told. Here and among the deliveries `alert_id` is the
# incident's id, which is that of its first alert.
posts = Table(
    "posts",
    metadata,
    Column("alert_id", String(64), primary_key=True),
    Column("platform", String(16), primary_key=True),
    Column("channel", Words, primary_key=True),
    Column("posted_channel", Words, nullable=False),
    Column("posted_message", Words, nullable=False),
    # A fingerprint of what the place was last told; NULL when that is not known.
    Column("content", String(64)),
    Column("at", Moment, nullable=False),
)

# What stands in one summary instead of in messages of its own, each with what its message would say now.
gathered = Table(
    "gathered",
    metadata,
    Column("alert_id", String(64), primary_key=True),
    Column("platform", String(16), primary_key=True),
    Column("channel", Words, primary_key=True),
    Column("summary_id", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("gathered_in_a_summary", gathered.c.summary_id)

audit = Table(
    "audit",
    metadata,
    Column("seq", _SERIAL, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    # Where it was done, such as slack:C012ABC, and about which pool, where it was about one.
    Column("place", Words),
    Column("pool_id", Words),
    Column("pool_name", Words),
)
Index("audit_by_time", audit.c.at)

# What nobody is told of for a while: which alerts, for how long, and how far the person who said so could see.
silences = Table(
    "silences",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("scope", JSON, nullable=False),
    Column("sight", JSON, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reason", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("place", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("starts_at", Moment),
)
Index("silences_by_end", silences.c.until)

# What the bot could not see, for how long, and whom that is told: of an account and of single pools one at a time.
spells = Table(
    "spells",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("pools", JSON, nullable=False),
    Column("cause", Words, nullable=False),
    Column("why", Reason, nullable=False),
    Column("back_since", Moment),
    Column("ended_at", Moment),
    Column("account", Words, nullable=False, server_default=""),
)
ONE_AT_A_TIME = text("ended_at IS NULL AND kind <> 'gone'")
Index("one_open_spell", spells.c.kind, spells.c.account, unique=True, sqlite_where=ONE_AT_A_TIME)
Index("spells_by_end", spells.c.ended_at)

# Rules that were made in chat, each as JSON; what it said `before` it was last changed, for who wants that back. The
# largest `revision` is that of the newest change: who knows it knows them all.
chat_rules = Table(
    "chat_rules",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Words, nullable=False),
    Column("folded", Words, nullable=False),
    Column("rule", Text, nullable=False),
    Column("before", Text),
    Column("revision", BigInteger, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("removed", Boolean, nullable=False),
)
IN_USE = text("NOT removed")
Index("one_rule_of_a_name", chat_rules.c.folded, unique=True, sqlite_where=IN_USE)
Index("chat_rules_by_revision", chat_rules.c.revision)

# Digests that were made in chat, each for the channel it was made in; `pools` are globs, NULL for all.
chat_digests = Table(
    "chat_digests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(16), nullable=False),
    Column("channel", Words, nullable=False),
    Column("cron", Words, nullable=False),
    Column("timezone", Words, nullable=False),
    Column("pools", JSON(none_as_null=True)),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("removed", Boolean, nullable=False),
)

# Exercises: messages like those of an alert that are about nothing. When one is over, what it told is marked as over.
drills = Table(
    "drills",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("began_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("asked_by", Words, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("ended", Boolean, nullable=False),
)

# Who has installed the app in Slack: a workspace, or a whole organisation. `sealed` are its tokens, encrypted; NULL
# once the app is uninstalled there or its tokens are revoked.
slack_workspaces = Table(
    "slack_workspaces",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("name", Words, nullable=False),
    Column("app", String(32), nullable=False),
    Column("bot_user", String(32), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("sealed", Text),
    Column("expires_at", Moment),
    Column("installed_at", Moment, nullable=False),
    Column("installed_by", String(32), nullable=False),
    Column("ended_at", Moment),
    Column("ended_why", Words, nullable=False),
    # Somebody asks Slack for a new token; nobody else does before then.
    Column("renewing_until", Moment),
)

# Installations that were begun and not ended, by a digest of what only the browser and Slack know of them.
install_states = Table(
    "install_states",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("until", Moment, nullable=False),
)

# Conversations of Teams that the bot is in, or was: of one person with it, of a group, or a channel, which has a team.
# The first channel of a team has the team's id, and no name.
conversations = Table(
    "conversations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("tenant", Words, nullable=False),
    Column("service_url", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("team_id", Words, nullable=False),
    Column("team_name", Words, nullable=False),
    Column("user_id", Words, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("left_at", Moment),
)
Index("conversations_of_a_team", conversations.c.team_id)

# What each person chose for themselves; `pools` are the globs that lists of pools begin with for them.
preferences = Table(
    "preferences",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("workspace", Words, primary_key=True),
    Column("person", Words, primary_key=True),
    Column("pools", JSON, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

# What people said lately, by a digest of its id: whoever puts it here first answers it.
heard = Table("heard", metadata, Column("key", String(64), primary_key=True), Column("at", Moment, nullable=False))

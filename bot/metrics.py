"""What does the bot count about itself? Every Prometheus metric, in one place."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The metrics of one bot, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.pool_jobs = Gauge(
            "modelarts_pool_jobs",
            "Jobs of a pool by type and status, as last reported",
            ["pool", "name", "type", "status"],
            registry=self.registry,
        )
        self.poll_age = Gauge(
            "modelarts_poll_age_seconds",
            "Seconds since the last successful reading of a pool",
            ["pool"],
            registry=self.registry,
        )
        self.polls = Counter("pool_stats_polls", "Polls by what became of them", ["outcome"], registry=self.registry)
        self.deliveries = Counter(
            "pool_stats_deliveries",
            "Deliveries by platform and what became of them",
            ["platform", "outcome"],
            registry=self.registry,
        )
        self.delivery_lag = Histogram(
            "pool_stats_delivery_lag_seconds",
            "Seconds from the decision to tell something to its being told",
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
            registry=self.registry,
        )
        self.alerts = Gauge("pool_stats_alerts", "Open alerts by state", ["state"], registry=self.registry)
        self.answers = Counter(
            "pool_stats_answers",
            "Answers in chat by command and outcome",
            ["command", "outcome"],
            registry=self.registry,
        )
        self.unknown_activities = Counter(
            "pool_stats_teams_unknown_activities",
            "What Teams sent that the bot does not know, by its type",
            ["type"],
            registry=self.registry,
        )
        self.leader = Gauge(
            "pool_stats_leader",
            "1 in the replica that reads the pools and sends what is to be told, else 0",
            registry=self.registry,
        )
        self.workers = Gauge(
            "pool_stats_workers", "Workers of the cluster that are there, as its leader sees it", registry=self.registry
        )
        self.shards_late = Gauge(
            "pool_stats_shards_late", "Shards of pools that wait too long for a worker", registry=self.registry
        )
        self.job_failures = Counter(
            "pool_stats_job_failures", "Scheduled jobs that ended with an error", ["job"], registry=self.registry
        )
        self._begin_at_nothing()

    def _begin_at_nothing(self) -> None:
        """Show what alert rules look at before it happens: to Prometheus a counter that appears at 1 has not risen."""
        for outcome in ("ok", "failed", "error", "skipped"):
            self.polls.labels(outcome)
        for platform in ("slack", "teams"):
            for outcome in ("sent", "given up", "error"):
                self.deliveries.labels(platform, outcome)

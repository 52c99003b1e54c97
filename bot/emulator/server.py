"""The stand-in as one object: started on a thread, asked over HTTP, told to misbehave from Python."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from threading import Thread
from types import TracebackType
from typing import Any, Self

from bot.emulator.access import Access, AccessKey, User
from bot.emulator.answers import Shape
from bot.emulator.clock import Clock, wall
from bot.emulator.control import PREFIX, Control
from bot.emulator.engine import Engine
from bot.emulator.faults import Fault, Kind
from bot.emulator.gateway import Gateway, Seen
from bot.emulator.http import HttpServer, Request, Response
from bot.emulator.pools import Pool
from bot.emulator.throttle import Limits, Throttle

_STOP_WITHIN = 10.0


class Emulator:
    """ModelArts, IAM and the metadata service on one loopback port.

    Args:
        engine: The pools and their jobs; without one there are none until `set_counts`.
        host: Where to listen.
        port: 0 takes a free one.
        clock: The time that answers speak of (createTime and the like); by default that of the engine.
        wall_clock: The time that authentication, locks and throttling go by, and the Date header tells.
        keys: The access keys that are accepted; by default one, see `access_key`.
        users: The IAM users who may ask for a token; by default one.
        projects: IAM's projects, name to id; by default `cn-north-4` with the engine's project.
        limits: How many requests are taken.

    Attributes:
        engine: The pools and their jobs.
        access: Keys, tokens and locks.
        gateway: Further switches: `runtime_metrics`, `runtime_workload`, `denied_actions`, `metadata.agency`.
        access_key: The first of the keys.
        user: The first of the users.
    """

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        wall_clock: Clock = wall,
        keys: Sequence[AccessKey] = (),
        users: Sequence[User] = (User(),),
        projects: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.engine = engine or Engine()
        self.access_key = keys[0] if keys else AccessKey(project_id=self.engine.project_id)
        self.user = users[0] if users else User()
        self.access = Access(
            list(keys) or [self.access_key], list(users), dict(projects or {"cn-north-4": self.engine.project_id})
        )
        throttle = Throttle(limits)
        self.gateway = Gateway(self.engine, self.access, throttle, clock or self.engine.clock, wall_clock)
        self._control = Control(self.engine, self.gateway.faults, throttle, self.gateway.log)
        self._http = HttpServer(self._answer, self.gateway.refuse, wall_clock)
        self._host, self._port = host, port
        self._running: tuple[Thread, asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def start(self) -> Self:
        """Listen, and answer on a thread of its own.

        Raises:
            OSError: The port is taken.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.create_server((self._host, self._port), family=family, backlog=512)
        self._port = listening.getsockname()[1]
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        thread = Thread(target=self._run, args=(loop, stop, listening), name="modelarts-stand-in", daemon=True)
        self._running = (thread, loop, stop)
        thread.start()
        return self

    def stop(self) -> None:
        """Drop every connection and end the thread. A second call does nothing."""
        if self._running is None:
            return
        thread, loop, stop = self._running
        self._running = None
        loop.call_soon_threadsafe(stop.set)
        thread.join(_STOP_WITHIN)

    def __enter__(self) -> Self:
        return self if self._running else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event, listening: socket.socket) -> None:
        try:
            loop.run_until_complete(self._http.run(listening, stop))
        finally:
            loop.close()
            listening.close()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        return self.gateway.answer(request)

    @property
    def port(self) -> int:
        """The port; that which was found, once started."""
        return self._port

    @property
    def url(self) -> str:
        """The endpoint, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def project_id(self) -> str:
        """The project."""
        return self.engine.project_id

    @property
    def environment(self) -> dict[str, str]:
        """What points a client here."""
        return {
            "POOL_STATS_MODELARTS__ENDPOINT": self.url,
            "HUAWEICLOUD_SDK_AK": self.access_key.access,
            "HUAWEICLOUD_SDK_SK": self.access_key.secret,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project_id,
        }

    @property
    def shape(self) -> Shape:
        """The form of statistics answers."""
        return self.engine.shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self.engine.shape = shape

    @property
    def limits(self) -> Limits:
        """How many requests are taken."""
        return self.gateway.throttle.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.gateway.throttle.limits = limits

    def misbehave(self, kind: Kind | str, **how: Any) -> Fault:
        """Let answers go wrong: `misbehave("status", status=500, route="statistics", times=3)`; see `Fault`."""
        fault = Fault(Kind(kind), **how)
        self.gateway.faults.add(fault)
        return fault

    def behave(self) -> None:
        """Take back every fault."""
        self.gateway.faults.clear()

    def set_counts(self, pool: str, counts: Mapping[str, Mapping[str, int]], *, name: str | None = None) -> Pool:
        """Set the jobs of a pool by hand, making the pool if need be; see `Engine.set_counts`."""
        return self.engine.set_counts(pool, counts, name=name)

    def expire_tokens(self) -> None:
        """Let every token issued so far be expired."""
        self.access.expire_tokens(now=self.gateway.wall_clock())

    @property
    def requests(self) -> list[Seen]:
        """The latest requests, oldest first; control requests are not among them."""
        return self.gateway.log.seen()

    @property
    def connections(self) -> int:
        """How many connections were ever accepted."""
        return self._http.connections

    def forget_requests(self) -> None:
        """Empty the list of requests."""
        self.gateway.log.forget()

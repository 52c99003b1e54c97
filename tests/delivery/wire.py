"""The way between a bot and its database, which can be cut without either end being told."""

import contextlib
import socket
import threading


class Wire:
    """Carries connections to a port of this machine; while it is cut nothing arrives, and nothing breaks."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._whole = threading.Event()
        self._whole.set()
        self._closed = False
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Let nothing through any more."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything through again, and what was held back first."""
        self._whole.set()

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        # Whoever waits at the listener is woken by this, not by closing it.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._whole.set()
        with self._lock:
            for end in self._ends:
                _hang_up(end)
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._ends.append(near)
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._whole.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
        except OSError:
            _hang_up(near)
            return
        far.settimeout(None)
        with self._lock:
            self._ends.append(far)
        back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with self._lock:
            self._ends = [end for end in self._ends if end not in {near, far}]
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while some := source.recv(65_536):
                self._whole.wait()
                sink.sendall(some)
        except OSError:
            pass
        finally:
            # That an end has hung up does not get through a wire that is cut either.
            self._whole.wait()
            _hang_up(sink)
            _hang_up(source)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

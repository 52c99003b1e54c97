"""`pool-stats run` while the time of day is set: the bot is a process whose real-time clock is shifted under it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.conftest import House
from tests.app.test_trouble import lines, queue, unready
from tests.running import eventually

pytestmark = pytest.mark.parametrize("house", ["socket"], indirect=True)

# The time of day is the real one and the number of seconds in a file; how long something lasts stays as it is.
SHIFTED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long shift(void) {
    long seconds = 0;
    FILE *file = fopen(getenv("CLOCK_SHIFT"), "r");
    if (file) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += shift();
    return failed;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *to, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    to->tv_sec = now.tv_sec;
    to->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


class ShiftedClock:
    """A clock that can be set, for a process that is started with `env`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler: apt install gcc")
        source, library, self._file = folder / "shifted.c", folder / "shifted.so", folder / "shift"
        source.write_text(SHIFTED)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True, capture_output=True)
        self.env = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(self._file)}

    def set(self, minutes: int) -> None:
        """So many minutes ahead of the real time from now on (negative: behind)."""
        new = self._file.with_suffix(".new")
        new.write_text(str(minutes * 60))
        new.replace(self._file)


def test_a_clock_that_is_set_back_and_ahead_neither_stops_the_bot_nor_doubles_an_alert(
    house: House, tmp_path: Path
) -> None:
    # No more than the quarter of an hour that signatures allow.
    clock = ShiftedClock(tmp_path)
    clock.set(10)
    house.start(**clock.env)
    queue(house, 60)
    eventually(house.messages, what="the alert")

    clock.set(-10)
    eventually(lambda: lines(house, "the clock has leapt 20 min back"), what="the leap back")
    queue(house, 0)
    eventually(lambda: house.messages()[0]["text"].startswith("Resolved"), what="the resolution")
    # It waits for others no longer than any alert does.
    queue(house, 65)
    eventually(lambda: "Queue 65" in str(house.messages()), what="the alert of the time that is past")
    queue(house, 0)
    eventually(lambda: all(m["text"].startswith("Resolved") for m in house.messages()), what="its resolution")

    clock.set(10)
    eventually(lambda: lines(house, "the clock has leapt 20 min ahead"), what="the leap ahead")
    queue(house, 70)
    eventually(lambda: "Queue 70" in str(house.messages()), what="the next alert")
    queue(house, 0)
    eventually(lambda: all(m["text"].startswith("Resolved") for m in house.messages()), what="its resolution")
    assert house.is_ready()


def test_a_clock_that_is_an_hour_wrong_makes_the_bot_blind_and_not_the_pools_well(house: House, tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path)
    clock.set(0)
    house.start(**clock.env)
    queue(house, 60)
    eventually(house.messages, what="the alert")

    clock.set(-60)
    queue(house, 0)
    unready(house, "credentials: ModelArts does not accept our signature: the clock of this machine is 1 h behind")
    assert [m["text"].startswith("Resolved") for m in house.messages()] == [False]

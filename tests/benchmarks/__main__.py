"""What does the bot cost beside the least that the same work could cost? `python -m tests.benchmarks [NAME …]`."""

import argparse
import importlib
import os
import platform
import sys

from tests.benchmarks.lines import CannotMeasure

# Those that take minutes, for the clock on the wall or for all that they do; only by name.
LONG = ("latency", "storm", "many", "fleets")
NAMES = ("poll", "store", "rules", "replay", "ack", "post", "start", "chart", "asking")


def main() -> int:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    usual, long = ", ".join(NAMES), ", ".join(LONG)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {usual}; without any, all of these; or of {long}")
    chosen = parser.parse_args().names or NAMES
    unknown = sorted(set(chosen) - {*NAMES, *LONG})
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}: choose among {usual}, {long}")
    _say(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.system()};"
        f" medians of rounds in which all variants run in turn (least–most)"
    )
    missed = 0
    for name in chosen:
        try:
            _say(f"\n{importlib.import_module(f'tests.benchmarks.{name}').measure()}")
        except CannotMeasure as error:
            missed += 1
            _say(f"\n{name}: not measured: {error}")
    return 1 if missed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

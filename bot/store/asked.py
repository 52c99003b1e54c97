"""What have workers been asked, beside the reading of pools, and what have they answered? The queue is Procrastinate's.

A question is for one worker, who answers in rows, as it goes; who asked takes them away, and what nobody takes is
deleted in time.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from bot.store import queue
from bot.store.queue_schema import ANSWERS, SCHEMA

# Nobody waits that long.
_FORGOTTEN_AFTER = timedelta(minutes=10)
_OPEN = f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE task_name = :task AND status = 'todo'"  # noqa: S608 - our constant
_TAKE_AWAY = text(f"{_OPEN} AND id = ANY(:ids)")
_NOBODYS = text(f"{_OPEN} AND queue_name <> ALL(:queues)")
_ANSWERED = text(
    f"SELECT number, answer FROM {ANSWERS} WHERE question = ANY(:ids) AND number <> ALL(:known)"  # noqa: S608 - ours
)
_TAKEN = text(f"DELETE FROM {ANSWERS} WHERE question = ANY(:ids)")  # noqa: S608 - our constant
_OLD = text(f"DELETE FROM {ANSWERS} WHERE at < now() - make_interval(secs => :seconds)")  # noqa: S608 - our constant
_ANSWER = text(f"INSERT INTO {ANSWERS} (question, answer) VALUES (:question, :answer)")  # noqa: S608 - our constant


def put(db: Connection, task: str, workers: Sequence[int], questions: Sequence[Mapping[str, Any]]) -> list[int]:
    """Put one question to each of all workers that are there; the numbers of the questions.

    A worker does one after the other.
    """
    db.execute(queue.THERE)
    db.execute(_NOBODYS, {"task": task, "queues": [queue.address(worker) for worker in workers]})
    db.execute(_OLD, {"seconds": _FORGOTTEN_AFTER.total_seconds()})
    each = zip(workers, questions, strict=True)
    return [queue.defer(db, task, worker, f"{task} {worker}", {"question": question}) for worker, question in each]


def answer(db: Connection, question: int, said: object) -> None:
    """Answer a part of a question, in anything that JSON knows."""
    db.execute(_ANSWER, {"question": question, "answer": json.dumps(said)})


def answers(db: Connection, questions: Collection[int], known: Collection[int]) -> Iterator[tuple[int, Any]]:
    """What was answered to these questions so far and is not known yet; the number of each answer, and what it says."""
    for row in db.execute(_ANSWERED, {"ids": list(questions), "known": list(known)}):
        yield row.number, json.loads(row.answer)


def take_away(db: Connection, task: str, questions: Collection[int]) -> None:
    """Nobody waits for these any more."""
    db.execute(queue.THERE)
    db.execute(_TAKE_AWAY, {"task": task, "ids": list(questions)})
    db.execute(_TAKEN, {"ids": list(questions)})

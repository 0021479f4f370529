"""Group commit: what several threads ask for at the same moment is done by one of them, at once.

Nobody waits for company. While one thread is busy those that come meanwhile stand in line, and the next
one of them takes the line along. So one transaction carries many calls just when many arrive.
"""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")
Together = Callable[[Sequence[Asked]], Sequence[Done | Exception]]


class _Place(Generic[Asked, Done]):
    """One call in line, until it is done, is to lead, or is to run alone."""

    __slots__ = ("alone", "asked", "done", "leads", "told")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.told = Event()
        self.done: Done | Exception | None = None
        self.leads = False
        self.alone = True  # until somebody did it


class GroupCommit(Generic[Asked, Done]):
    """Lines of calls that can be done together, one for each key."""

    def __init__(self, together: Together[Asked, Done], most: int) -> None:
        """`together` answers each of up to `most` calls: what came of it, or the error to raise."""
        self.together, self.most = together, most
        self.lock = Lock()
        self.lines: dict[Hashable, deque[_Place[Asked, Done]]] = {}

    def run(self, key: Hashable, asked: Asked) -> Done:
        """Do it, alone or together with what others ask for under the same key.

        Where doing all at once fails as a whole, each call is done alone: none fails for another's sake.
        """
        place = _Place[Asked, Done](asked)
        if self._join(key, place):
            place.told.wait()
        if place.leads:
            self._lead(key, place)
        if place.alone:
            (place.done,) = self.together([asked])
        if isinstance(place.done, Exception):
            raise place.done
        return place.done  # type: ignore[return-value]

    def _join(self, key: Hashable, place: _Place[Asked, Done]) -> bool:
        """Stand in line, if there is one; else begin it."""
        with self.lock:
            line = self.lines.get(key)
            if line is not None:
                line.append(place)
                return True
            self.lines[key] = deque()
            place.leads = True
            return False

    def _lead(self, key: Hashable, leader: _Place[Asked, Done]) -> None:
        with self.lock:
            line = self.lines[key]
            group = [leader, *(line.popleft() for _ in range(min(len(line), self.most - 1)))]
        try:
            for place, done in zip(group, self.together([one.asked for one in group]), strict=True):
                place.done, place.alone = done, False
        except Exception:
            if len(group) == 1:
                raise
        finally:
            self._hand_over(key)
            for place in group[1:]:
                place.told.set()

    def _hand_over(self, key: Hashable) -> None:
        """Let the next in line lead; without one the line ends."""
        with self.lock:
            line = self.lines[key]
            if not line:
                del self.lines[key]
                return
            following = line.popleft()
        following.leads = True
        following.told.set()

"""What the address of the dashboard asks for: a period and streams."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from events.dashboard.periods import Period
from pryvsite.web.zone import zone_of

__all__ = ["Selection", "chosen_streams", "zone_of"]


@dataclass(frozen=True)
class Selection:
    """A period, and the ticked streams: None for all."""

    period: Period
    streams: tuple[str, ...] | None

    @property
    def stream_query(self) -> str:
        """The streams as a part of a query string."""
        if self.streams is None:
            return ""
        given = QueryDict(mutable=True)
        given["streams"] = ",".join(self.streams)
        return f"&{given.urlencode()}"


def chosen_streams(query: QueryDict, known: Sequence[str]) -> tuple[str, ...] | None:
    """Ticked streams that exist; None for all. The tree's form sends one value per box."""
    if "streams" in query:
        given = [sid for text in query.getlist("streams") for sid in text.split(",")]
    elif "filter" in query:
        given = query.getlist("s")
    else:
        return None
    chosen = tuple(sid for sid in dict.fromkeys(given) if sid in known)
    return None if set(chosen) == set(known) else chosen

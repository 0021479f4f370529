"""Times of accesses in words, and looking things up."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from django import template

from accesses.sentences import moment_in_words
from pryvsite.kernel.clock import now

register = template.Library()


@register.filter
def day(moment: float, zone: tzinfo) -> str:
    """A date: "4 March 2027"."""
    return moment_in_words(float(moment), zone).rpartition(",")[0]


@register.filter
def moment(moment: float, zone: tzinfo) -> str:
    """A time as people say it: today, yesterday, else the date."""
    then, today = datetime.fromtimestamp(float(moment), zone), datetime.fromtimestamp(now(), zone)
    days = (today.date() - then.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'} at {then:%H:%M}"
    return f"{then:%-d %B %Y}"


@register.filter
def clock(moment: float) -> str:
    """A time of day with seconds, in UTC."""
    return f"{datetime.fromtimestamp(float(moment), UTC):%H:%M:%S}"


VERBS = {
    "get": "Read",
    "getOne": "Read one of the",
    "create": "Added to the",
    "update": "Changed",
    "delete": "Deleted",
    "getAttachment": "Read files of",
    "addFiles": "Added files to",
    "deleteFile": "Deleted files of",
}
OTHERS = {"getAccessInfo": "Asked about itself", "callBatch": "Sent several calls at once"}


@register.filter
def in_words(method: str) -> str:
    """A counted method as people say it: "Read events"."""
    what, _, verb = method.partition(":")
    if not verb:
        return OTHERS.get(method, method)
    return f"{VERBS[verb]} {what}" if verb in VERBS else f"{what}: {verb}"


@register.filter
def at(values: Mapping[int, str], place: int) -> str:
    """What a mapping holds at a place, or nothing."""
    return values.get(place, "")

"""Which kind of tile shows which events (ui §4.5). The type alone decides, and of types that the
catalogue doesn't have whether the contents are numbers."""

from functools import lru_cache

from events import types

# Kinds that stand once in an island; the others carry what they are of after a colon.
TITLES = {
    "notes": "Notes",
    "activities": "Time",
    "places": "Places",
    "pictures": "Pictures",
    "messages": "Messages",
    "links": "Links",
    "files": "Files",
    "other": "Other entries",
}
_BY_CLASS = {
    "note": "notes",
    "activity": "activities",
    "position": "places",
    "message": "messages",
    "url": "links",
    "audio": "files",
    "video": "files",
    "file": "files",
}
LINKS = frozenset({"picture/url", "audio/url", "video/url", "video/youtube", "video/vimeo", "file/url"})
BLEED = frozenset({"pictures", "places"})  # tiles without a margin


@lru_cache(maxsize=4096)
def kind_of(event_type: str, *, numeric: bool) -> str:
    """The kind of tile: first hit wins."""
    plain = event_type.removeprefix(types.SERIES)
    class_id = plain.partition("/")[0]
    if plain != event_type and class_id != "position":
        return f"series:{plain}"
    if event_type in LINKS:
        return "links"
    if class_id == "picture":
        return "pictures"
    if class_id in _BY_CLASS:
        return _BY_CLASS[class_id]
    if types.is_number(event_type):
        return f"numbers:{class_id}"
    if types.charted_fields(event_type) or event_type.startswith(types.FREE_FIELDS):
        return f"fields:{event_type}"
    return f"numbers:{class_id}" if numeric else "other"


def is_chart(kind: str) -> bool:
    """Whether the tile is a chart."""
    return kind.startswith(("numbers:", "fields:", "series:"))


def title_of(kind: str) -> str:
    """The tile's title, where its streams don't give a better one."""
    if kind in TITLES:
        return TITLES[kind]
    name = kind.partition(":")[2]
    if not name:
        return "More values"
    if name.startswith(types.FREE_FIELDS):
        return name.partition("/")[2].replace("-", " ").capitalize()
    return types.class_name(name.partition("/")[0])

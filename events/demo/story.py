"""The made-up life as a whole: its streams and its entries."""

from collections.abc import Iterator
from dataclasses import dataclass

from events.demo import body, days, pictures, places, things
from events.demo.entry import Entry, Span

YEARS = 3
SEED = 2026


@dataclass(frozen=True, slots=True)
class MadeStream:
    """A stream of the life; `colour` as the original dashboard keeps it."""

    id: str
    name: str
    parent: str = ""
    colour: str = ""
    trashed: bool = False


STREAMS = (
    MadeStream("diary", "Diary"),
    MadeStream("dreams", "Dreams", "diary"),
    MadeStream("mood", "Mood", "diary"),
    MadeStream("health", "Health", colour="#d54556"),
    MadeStream("heart", "Heart", "health"),
    MadeStream("pressure", "Blood pressure", "health"),
    MadeStream("weight", "Weight", "health"),
    MadeStream("sleep", "Sleep", "health"),
    MadeStream("temperature", "Temperature", "health"),
    MadeStream("medicine", "Medicine", "health"),
    MadeStream("allergies", "Allergies", "health"),
    MadeStream("sport", "Sport", colour="#378df0"),
    MadeStream("steps", "Steps", "sport"),
    MadeStream("running", "Running", "sport"),
    MadeStream("cycling", "Cycling", "sport"),
    MadeStream("swimming", "Swimming", "sport"),
    MadeStream("yoga", "Yoga", "sport"),
    MadeStream("photos", "Photos", colour="#bb8200"),
    MadeStream("travel", "Travel", "photos"),
    MadeStream("meals", "Meals", "photos"),
    MadeStream("garden", "Garden", "photos"),
    MadeStream("places", "Places", colour="#17504b"),
    MadeStream("daily-ways", "Daily ways", "places"),
    MadeStream("routes", "Routes", "places"),
    MadeStream("journeys", "Journeys", "places"),
    MadeStream("work", "Work", colour="#57658a"),
    MadeStream("project-river", "River house", "work"),
    MadeStream("project-attic", "Attic", "work"),
    MadeStream("meetings", "Meetings", "work"),
    MadeStream("calendar", "Calendar", "work"),
    MadeStream("expenses", "Expenses"),
    MadeStream("food", "Food", "expenses"),
    MadeStream("transport", "Transport", "expenses"),
    MadeStream("rent", "Rent", "expenses"),
    MadeStream("leisure", "Leisure", "expenses"),
    MadeStream("home", "Home"),
    MadeStream("outside", "Outside temperature", "home"),
    MadeStream("power", "Electricity", "home"),
    MadeStream("water", "Water", "home"),
    MadeStream("recipes", "Recipes", "home"),
    MadeStream("shelf", "Shelf"),
    MadeStream("documents", "Documents", "shelf"),
    MadeStream("links", "Links", "shelf"),
    MadeStream("messages", "Messages", "shelf"),
    MadeStream("music", "Music", "shelf"),
    MadeStream("reading", "Reading", "shelf"),
    MadeStream("old-plans", "Old plans", trashed=True),
)


def whole_life(until: float, days_back: int = YEARS * 365, seed: int = SEED) -> Iterator[Entry]:
    """Every entry up to `until` (Unix seconds), the same for the same arguments."""
    span = Span(until, days_back, seed)
    for part in (body.measurements, days.habits, places.positions, pictures.albums, things.things):
        yield from (entry for entry in part(span) if entry.time <= until)

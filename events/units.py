"""Measures in the units that somebody reads best; what is stored stays as it was recorded."""

from events import types
from pryvsite.web.comfort import current

# Fields of types that the catalogue doesn't have, whose names leave no doubt, and a part of the type that
# must agree.
_PLAIN_FIELDS = {
    "systolic": ("mmhg", "mmHg"),
    "diastolic": ("mmhg", "mmHg"),
    "rate": ("bpm", "bpm"),
    "pulse": ("bpm", "bpm"),
}
# metric type: (imperial type, factor, offset): imperial = metric × factor + offset
PAIRS = {
    "mass/kg": ("mass/lb", 2.2046226218, 0.0),
    "mass/g": ("mass/oz", 0.0352739619, 0.0),
    "length/km": ("length/mi", 0.6213711922, 0.0),
    "length/m": ("length/ft", 3.280839895, 0.0),
    "length/cm": ("length/in", 0.3937007874, 0.0),
    "temperature/c": ("temperature/f", 1.8, 32.0),
    "volume/l": ("volume/galus", 0.2641720524, 0.0),
    "volume/ml": ("volume/floz", 0.0338140227, 0.0),
    "speed/km-h": ("speed/mph", 0.6213711922, 0.0),
    "pressure/bar": ("pressure/psi", 14.5037737730, 0.0),
}
# The units of the fields of object types; the catalogue does not say them.
FIELD_UNITS = {
    "blood-pressure/mmhg-bpm": {"systolic": "mmHg", "diastolic": "mmHg", "rate": "bpm"},
    "position/wgs84": {
        "latitude": "°", "longitude": "°", "altitude": "m", "horizontalAccuracy": "m",
        "verticalAccuracy": "m", "speed": "m/s", "bearing": "°",
    },
}  # fmt: skip
BACK = {imperial: (metric, factor, offset) for metric, (imperial, factor, offset) in PAIRS.items()}


def scale_of(event_type: str) -> tuple[float, float, str]:
    """Factor, offset and unit by which the reader likes a type's values: shown = value × factor + offset."""
    wanted = current().units
    if wanted == "imperial" and event_type in PAIRS:
        other, factor, offset = PAIRS[event_type]
        return factor, offset, types.unit_of(other)
    if wanted == "metric" and event_type in BACK:
        other, factor, offset = BACK[event_type]
        return 1 / factor, -offset / factor, types.unit_of(other)
    return 1.0, 0.0, types.unit_of(event_type)


def field_unit(event_type: str, field: str) -> str:
    """The unit of a field of an object; empty where nothing tells."""
    known = FIELD_UNITS.get(event_type)
    if known is not None or types.is_known(event_type):
        return (known or {}).get(field, "")
    part, unit = _PLAIN_FIELDS.get(field, ("", ""))
    return unit if part and part in event_type.partition("/")[2].split("-") else ""


def measured(event_type: str, value: float) -> tuple[float, str]:
    """A value and its unit as the reader likes them."""
    factor, offset, unit = scale_of(event_type)
    return (value, unit) if factor == 1 and offset == 0 else (value * factor + offset, unit)

"""Colours of streams (ui §4.3, design §3): from `pryv-browser:bgColor`, inherited, else from the palette.

A colour of one's own becomes a class `k3f7d34`; the style sheet `colours.css?c=3f7d34` says what it is in
each theme, brought to the contrast that the palette keeps too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

KEY = "pryv-browser:bgColor"
PALETTE = ("s4", "s1", "s6", "s8", "s5", "s2", "s7", "s10", "s9", "s3")
# The palette's colours in the light theme, so that one of them picked by hand keeps its dark twin.
HEX = {
    "s1": "d54556", "s2": "bb8200", "s3": "6c5d00", "s4": "05886c", "s5": "17504b",
    "s6": "378df0", "s7": "57658a", "s8": "612c9d", "s9": "e456b3", "s10": "6f2d15",
}  # fmt: skip
NAMES = {
    "s1": "Coral", "s2": "Amber", "s3": "Olive", "s4": "Green", "s5": "Teal",
    "s6": "Sky", "s7": "Slate", "s8": "Violet", "s9": "Rose", "s10": "Brown",
}  # fmt: skip
_CLASS = {value: name for name, value in HEX.items()}
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
LIGHT, DARK = "f5f4f0", "1c1b19"  # what marks lie on: the page, the surface
NEEDED = 3.05  # contrast of marks
MAX_COLOURS = 60  # in one style sheet

Wire = Mapping[str, Any]


def hex_of(stream: Wire) -> str:
    """The stream's own colour as six digits; empty for none or nonsense."""
    data = stream.get("clientData")
    given = data.get(KEY) if isinstance(data, Mapping) else None
    return digits_of(given)


def digits_of(given: Any) -> str:
    """Six digits of a colour as people and other clients write it; empty for nonsense."""
    match = _COLOUR.fullmatch(given.strip()) if isinstance(given, str) else None
    if not match:
        return ""
    digits = match[1].lower()
    return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)


def class_of(digits: str) -> str:
    """The style class of a colour."""
    return _CLASS.get(digits, f"k{digits}")


def colours_of(trees: Sequence[Wire]) -> dict[str, str]:
    """The style class of every stream. Roots without a colour take those of the palette that no root has,
    the oldest first, so that a new stream changes none of the others."""
    own = {tree["id"]: class_of(digits) for tree in trees if (digits := hex_of(tree))}
    free = [name for name in PALETTE if name not in own.values()] or list(PALETTE)
    plain = [tree for tree in trees if tree["id"] not in own]
    plain.sort(key=lambda tree: (tree.get("created", 0), tree["id"]))
    for index, tree in enumerate(plain):
        own[tree["id"]] = free[index % len(free)]
    found: dict[str, str] = {}
    waiting = [(tree, own[tree["id"]]) for tree in trees]
    while waiting:
        node, colour = waiting.pop()
        digits = hex_of(node)
        colour = class_of(digits) if digits else colour
        found[node["id"]] = colour
        waiting.extend((child, colour) for child in node["children"])
    return found


def sheet_query(classes: Iterable[str]) -> str:
    """What the style sheet of these classes is asked with; empty when the palette has them all."""
    own = sorted({name[1:] for name in classes if name.startswith("k")})
    return ",".join(own[:MAX_COLOURS])


def style_sheet(query: str) -> str:
    """Rules for the colours of a query; what isn't a colour is left out."""
    rules = []
    for digits in query.split(",")[:MAX_COLOURS]:
        if re.fullmatch(r"[0-9a-f]{6}", digits):
            light, dark = legible(digits, LIGHT), legible(digits, DARK)
            rules.append(f".k{digits}{{--s:light-dark(#{light},#{dark})}}")
    return "\n".join(rules) + "\n"


def legible(digits: str, surface: str) -> str:
    """The colour, darker or lighter as far as it must be to stand out from a surface."""
    target = "000000" if luminance(surface) > 0.2 else "ffffff"
    for step in range(21):
        mixed = _mix(digits, target, step / 20)
        if contrast(mixed, surface) >= NEEDED:
            return mixed
    return target


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(digits: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: str, other: str, share: float) -> str:
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (0, 2, 4)]
    return "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)

"""JSON with one spelling per value, as JavaScript prints it; what integrity hashes are made of.

Source: spec api-data §3.10.
"""

import re
from typing import Any

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = re.compile(
    '["\\\\\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0604\u070f\u17b4\u17b5\u200c-\u200f'
    "\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]"
)
_EXACT = 2**53  # integers beyond lose digits in JavaScript


def stable_json(value: Any) -> str:
    """Keys sorted by UTF-16 units, null properties dropped, no white space."""
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return js_number(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_string(k)}:{stable_json(value[k])}" for k in _keys(value)]) + "}"
    return "[" + ",".join([stable_json(item) for item in value]) + "]"


def _keys(value: dict[str, Any]) -> list[str]:
    kept = [key for key, item in value.items() if item is not None]
    return sorted(kept, key=None if all(map(str.isascii, kept)) else _utf16)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _string(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or f"\\u{ord(char):04x}"


def js_number(value: float) -> str:
    """A finite number as JavaScript prints it."""
    if isinstance(value, int) and abs(value) <= _EXACT:
        return str(value)
    try:
        number = float(value)
    except OverflowError:
        return "null"  # what JSON.stringify makes of Infinity
    if number == 0:
        return "0"
    # repr gives the shortest digits that read back the same, as JavaScript does.
    if 1e-4 <= abs(number) < 1e16:
        return repr(number).removesuffix(".0")
    mantissa, _, power = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    raw = whole + fraction
    leading = len(raw) - len(raw.lstrip("0"))
    exponent = len(whole) - 1 - leading + int(power or 0)
    digits = raw.lstrip("0").rstrip("0")
    sign = "-" if number < 0 else ""
    return sign + _place(digits, exponent)


def _place(digits: str, exponent: int) -> str:
    """Digits d1d2… with value d1.d2… × 10^exponent."""
    if exponent >= 21 or exponent < -6:
        mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        return f"{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return digits[: exponent + 1] + "." + digits[exponent + 1 :]

"""Form fields made from the rules of a type: what to ask for, and the content that answers make."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms

from events import types
from events.units import FIELD_UNITS
from pryvsite.web.comfort import current

LONG = 300  # characters; texts that may be longer get an area
DEEPEST = 3  # levels of objects that become fields; what lies deeper is JSON
NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?", re.IGNORECASE)
BOUNDS = {"latitude": 90.0, "longitude": 180.0}  # of positions; the catalogue's rules leave them open


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to ask for. `path` leads to it in the content; empty: the content itself."""

    path: tuple[str, ...]
    label: str
    kind: str  # number, integer, text, area, url, choice, yesno, json
    required: bool
    unit: str = ""
    choices: tuple[str, ...] = ()
    most: int | None = None  # characters

    @property
    def name(self) -> str:
        """The name of its form field."""
        return "-".join(("content", *self.path))


def rules_of(event_type: str) -> list[Rule] | None:
    """What the content of a type asks for; empty: no content; None: only JSON will do."""
    schema = types.schema_of(event_type)
    if schema is None:
        return None
    if schema.get("type") == "null":
        return []
    if schema.get("type") != "object":
        label = "Note" if event_type.startswith("note/") else "Value"
        rule = _rule((), label, schema, required=True)
        unit = types.unit_of(event_type) if rule.kind == "number" else ""
        return [Rule((), rule.label, rule.kind, True, unit, rule.choices, rule.most)]
    units = FIELD_UNITS.get(event_type, {})
    found = list(_of_object((), schema, required=True, units=units))
    return found or None


def _of_object(
    path: tuple[str, ...], schema: Mapping[str, Any], *, required: bool, units: Mapping[str, str]
) -> Iterator[Rule]:
    needed = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        here, must = (*path, name), required and name in needed
        if inner.get("type") == "object" and inner.get("properties") and len(here) < DEEPEST:
            yield from _of_object(here, inner, required=must, units={})
        else:
            yield _rule(here, words(name), inner, required=must, unit=units.get(name, ""))


def _rule(
    path: tuple[str, ...], label: str, schema: Mapping[str, Any], *, required: bool, unit: str = ""
) -> Rule:
    kind, choices = schema.get("type"), tuple(str(c) for c in schema.get("enum", ()))
    most = schema.get("maxLength")
    if kind == "string" and choices:
        kind = "choice"
    elif kind == "string":
        is_address = str(schema.get("pattern", "")).startswith("^(https?)")
        is_long = label in ("Note", "Content", "Body", "Text") or (most or 0) > LONG
        kind = "url" if is_address else "area" if is_long else "text"
    elif kind == "boolean":
        kind = "yesno"
    elif kind not in ("number", "integer"):
        kind = "json"
    return Rule(path, label, str(kind), required, unit, choices, most)


def words(name: str) -> str:
    """`horizontalAccuracy` as "Horizontal accuracy"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("-", " ").replace("_", " "))
    return (apart[:1].upper() + apart[1:].lower()) if apart else name


class NumberField(forms.Field):
    """A number as people type it: comma or point, thin groups; whole ones stay whole."""

    default_error_messages = {
        "required": "Give a number.",
        "invalid": "Give a number, such as 72.5 or 72,5.",
        "whole": "Give a whole number.",
        "range": "Between −%(most)s and %(most)s expected.",
    }

    def __init__(self, *, whole: bool = False, most: float | None = None, **kwargs: Any) -> None:
        self.whole, self.most = whole, most
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | float | None:
        """The number; None where nothing was typed."""
        text = str(value or "").strip().replace("−", "-")
        text = re.sub(r"[\s\u202f\u00a0']", "", text)
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            code = "whole" if self.whole else "invalid"
            raise forms.ValidationError(self.error_messages[code], code=code)
        number = float(text.replace(",", "."))
        if not math.isfinite(number):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if self.whole and not number.is_integer():
            raise forms.ValidationError(self.error_messages["whole"], code="whole")
        if self.most is not None and abs(number) > self.most:
            message = self.error_messages["range"] % {"most": f"{self.most:g}"}
            raise forms.ValidationError(message, code="range")
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    def prepare_value(self, value: Any) -> Any:
        """As the reader writes decimals; what was typed stays as it was."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value).replace(".", ",") if is_number and current().decimal == "comma" else value


class JsonField(forms.CharField):
    """A value as JSON text; UNSET-like None where nothing was typed."""

    def to_python(self, value: Any) -> Any:
        """The decoded value wrapped in a list, so that `null` differs from nothing."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return [msgspec.json.decode(text.encode())]
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another value is meant, however it is written."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True


def field_of(rule: Rule) -> forms.Field:
    """The form field of a rule."""
    needed = {"required": f"{rule.label} is needed."}
    shared: dict[str, Any] = {"label": rule.label, "required": rule.required}
    if rule.kind in ("number", "integer"):
        large = rule.required and rule.unit != "°"  # coordinates are long
        attrs = {"class": "input input-num" if large else "input", "inputmode": "decimal"}
        most = BOUNDS.get(rule.path[-1]) if rule.path and rule.unit == "°" else None
        return NumberField(
            whole=rule.kind == "integer", most=most, widget=forms.TextInput(attrs=attrs), **shared
        )
    if rule.kind == "choice":
        options = [(value, words(value)) for value in rule.choices]
        blank = [] if rule.required else [("", "Not given")]
        menu = forms.Select(attrs={"class": "select"})
        return forms.ChoiceField(choices=[*blank, *options], widget=menu, **shared)
    if rule.kind == "yesno":
        blank = [] if rule.required else [("", "Not given")]
        options = [*blank, ("true", "Yes"), ("false", "No")]
        return forms.ChoiceField(choices=options, widget=forms.Select(attrs={"class": "select"}), **shared)
    if rule.kind == "json":
        area = forms.Textarea(attrs={"class": "area mono", "rows": 3})
        return JsonField(widget=area, help_text="As JSON.", error_messages=needed, **shared)
    limits: dict[str, Any] = {"max_length": rule.most} if rule.most else {}
    if rule.kind == "area":
        needed = {"required": "Write something first."}
        area = forms.Textarea(attrs={"class": "area", "rows": 6})
        return forms.CharField(strip=True, widget=area, error_messages=needed, **shared, **limits)
    kind = "url" if rule.kind == "url" else "text"
    widget = forms.TextInput(attrs={"class": "input", "type": kind, "inputmode": kind})
    return forms.CharField(widget=widget, error_messages=needed, **shared, **limits)


def content_of(rules: Sequence[Rule], answers: Mapping[str, Any]) -> Any:
    """The content that cleaned answers make; what was left empty is left out."""
    content: Any = {}
    for rule in rules:
        given = answers.get(rule.name)
        if given is None or given == "":
            continue
        value = _value(rule, given)
        if not rule.path:
            return value
        place = content
        for part in rule.path[:-1]:
            place = place.setdefault(part, {})
        place[rule.path[-1]] = value
    return content if any(rule.path for rule in rules) else None


def _value(rule: Rule, given: Any) -> Any:
    if rule.kind == "yesno":
        return given == "true"
    return given[0] if rule.kind == "json" else given


def answers_of(rules: Sequence[Rule], content: Any) -> dict[str, Any]:
    """What a form shows for a content: the reverse of `content_of`."""
    answers: dict[str, Any] = {}
    for rule in rules:
        value = content
        for part in rule.path:
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            answers[rule.name] = _answer(rule, value)
    return answers


def _answer(rule: Rule, value: Any) -> Any:
    if rule.kind == "yesno":
        return "true" if value else "false"
    return as_json(value) if rule.kind == "json" else value


def as_json(value: Any) -> str:
    """A value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def fits_fields(rules: Sequence[Rule], content: Any) -> bool:
    """Whether the fields show all there is of a content; what a type's rules don't know would be lost."""
    return bool(content_of(rules, _cleaned(rules, content)) == content)


def _cleaned(rules: Sequence[Rule], content: Any) -> dict[str, Any]:
    shown = answers_of(rules, content)
    for rule in rules:
        if rule.kind == "json" and rule.name in shown:
            shown[rule.name] = [msgspec.json.decode(shown[rule.name])]
    return shown

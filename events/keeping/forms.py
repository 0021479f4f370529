"""The form of an entry (ui §4.7, §4.8): what all types share, and fields made from the type's rules.

Contents are checked by the operation; forms gather, and put its errors beside the fields.
"""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django import forms

from events import types
from events.attachments import Upload
from events.dashboard.periods import local_time
from events.keeping.rules import (
    JsonField,
    Rule,
    answers_of,
    as_json,
    content_of,
    field_of,
    fits_fields,
    rules_of,
)
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, InvalidParameters

INPUT = {"class": "input"}
NEW = "+"  # the choice of a stream that is made first
LASTING = (("moment", "A moment"), ("for", "For some time"), ("until", "Until"), ("running", "Still running"))
_PART = r"(\d+(?:[.,]\d+)?)"
_LENGTH = re.compile(
    rf"(?:(\d+)\s*:\s*(\d{{1,2}})|(?:{_PART}\s*d)?\s*(?:{_PART}\s*h)?\s*(?:{_PART}\s*(?:m|min)?)?)"
)
TYPE_UNKNOWN = "A type is a class and a format, such as mass/kg."
Wire = dict[str, Any]


class ManyFilesInput(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """A list of files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """All files; an empty list where none was chosen and none is needed."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class LocalTimeField(forms.Field):
    """A date and time without zone, as `datetime-local` sends it; the form knows the zone."""

    widget = forms.DateTimeInput
    default_error_messages = {"invalid": "This is not a date and time."}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {**INPUT, "type": "datetime-local", "step": "1"}
        widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """The moment; None where nothing was typed."""
        if not value or isinstance(value, datetime):
            return value or None
        try:
            found = datetime.fromisoformat(str(value)).replace(tzinfo=None)
            found.replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return found


def length_of(text: str) -> float | None:
    """Seconds of "1:30", "90", "90 min", "1 h 20", "1,5 h" or "2 d"; None for what is none of these."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        return None
    parts = (float((part or "0").replace(",", ".")) for part in found.groups())
    hours, minutes, days, more_hours, more_minutes = parts
    return float(days * 86400 + (hours + more_hours) * 3600 + (minutes + more_minutes) * 60)


class EntryForm(forms.Form):
    """Fields of an entry of one type. Times are local to `zone`."""

    time = LocalTimeField()
    lasting = forms.ChoiceField(
        label="Lasts", choices=LASTING, required=False, widget=forms.Select(attrs={"class": "select"})
    )
    length = forms.CharField(
        label="How long",
        required=False,
        help_text="For instance 1:30 or 45 min",
        widget=forms.TextInput(attrs=INPUT),
    )
    end = LocalTimeField()
    description = forms.CharField(required=False, widget=forms.TextInput(attrs=INPUT))
    also = forms.MultipleChoiceField(required=False)
    client_data = JsonField(
        label="Client data", required=False, widget=forms.Textarea(attrs={"class": "area mono", "rows": 3})
    )
    raw = JsonField(
        label="Content", required=False, widget=forms.Textarea(attrs={"class": "area mono", "rows": 6})
    )

    def __init__(
        self, *args: Any, event_type: str, zone: ZoneInfo, streams: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.event_type, self.zone = event_type, zone
        self.rules: list[Rule] = rules_of(event_type) or []
        self.only_json = rules_of(event_type) is None
        self.fields["also"].choices = [(sid, sid) for sid in streams]  # type: ignore[attr-defined]
        for rule in self.rules:
            self.fields[rule.name] = field_of(rule)

    @property
    def content_fields(self) -> list[tuple[Any, Rule]]:
        """The fields of the content with their rules."""
        return [(self[rule.name], rule) for rule in self.rules]

    @property
    def class_name(self) -> str:
        """What the type is about."""
        return types.class_name(self.event_type.removeprefix(types.SERIES).partition("/")[0])

    @property
    def is_object(self) -> bool:
        """Whether the content has several fields."""
        return any(rule.path for rule in self.rules)

    def clean(self) -> dict[str, Any]:
        """What several fields say together."""
        data = super().clean() or {}
        if data.get("raw") is not None:  # JSON was written: the fields don't count
            for rule in self.rules:
                self.errors.pop(rule.name, None)
        if self.only_json and data.get("raw") is None and "raw" not in self.errors:
            self.add_error("raw", "Write the content as JSON.")
        self._check_client_data(data)
        self._check_lasting(data)
        return data

    def _check_client_data(self, data: Wire) -> None:
        given = data.get("client_data")
        if given is not None and not isinstance(given[0], dict):
            self.add_error("client_data", "This must be a JSON object.")

    def _check_lasting(self, data: Wire) -> None:
        if data.get("lasting") == "for" and length_of(data.get("length", "")) is None:
            self.add_error("length", "Write how long, for instance 1:30 or 45 min.")
        if data.get("lasting") == "until" and "end" not in self.errors:
            if not data.get("end"):
                self.add_error("end", "Give the end.")
            elif self.moment("end") < (self.moment("time") if data.get("time") else now()):
                self.add_error("end", "The end lies before the beginning.")

    def moment(self, name: str) -> float:
        """A cleaned local time as Unix seconds."""
        found: datetime = self.cleaned_data[name]
        return found.replace(tzinfo=self.zone).timestamp()

    def content(self) -> Any:
        """The content as answered."""
        data = self.cleaned_data
        return data["raw"][0] if data.get("raw") is not None else content_of(self.rules, data)

    def duration(self, start: float) -> float | None:
        """Seconds it lasts; 0 for a moment, None while it runs."""
        lasting = self.cleaned_data.get("lasting") or "moment"
        if lasting == "running":
            return None
        if lasting == "for":
            return length_of(self.cleaned_data["length"]) or 0
        return round(self.moment("end") - start, 3) if lasting == "until" else 0

    def take(self, error: ApiError) -> None:
        """Put an error of the operation beside the field that it is about."""
        by_path = {"/".join(("#", *rule.path)): rule.name for rule in self.rules}
        entries = error.data if isinstance(error.data, list) else []
        placed = False
        for entry in entries:
            name = by_path.get(str(entry.get("path", "")).rstrip("/")) if isinstance(entry, dict) else None
            if name is not None:
                self.add_error(name, sentence(entry))
                placed = True
        if not placed:
            about = "raw" if entries and (self.cleaned_data.get("raw") is not None) else None
            self.add_error(about, sentence(entries[0]) if entries else error.message)


def sentence(entry: Wire) -> str:
    """A violation of the type's rules in words."""
    texts = {
        "PATTERN": "An address that begins with http:// or https:// is expected.",
        "ENUM_MISMATCH": "This is none of the choices.",
        "MINIMUM": "This is too small.",
        "MAXIMUM": "This is too large.",
        "MIN_LENGTH": "This is too short.",
        "MAX_LENGTH": "This is too long.",
    }
    return texts.get(str(entry.get("code")), str(entry.get("message", "This does not fit the type.")))


def _typed(moment: float, zone: ZoneInfo) -> datetime | None:
    """A moment as it stands in a field; none beyond the calendar."""
    local = local_time(moment, zone)
    return local.replace(microsecond=0, tzinfo=None) if local else None


class AddForm(EntryForm):
    """A new entry: also its stream, which may be made on the way, and its files."""

    stream = forms.CharField(error_messages={"required": "Pick a stream first."})
    new_stream = forms.CharField(required=False, max_length=200)
    new_parent = forms.CharField(required=False)
    uploads = ManyFilesField(
        label="Files", required=False, widget=ManyFilesInput(attrs={**INPUT, "multiple": True})
    )
    as_taken = forms.BooleanField(required=False)
    with_place = forms.BooleanField(required=False)
    together = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        local = datetime.fromtimestamp(now(), self.zone).replace(microsecond=0, tzinfo=None)
        self.fields["time"].initial = local
        if kind in ("picture", "file"):
            self.fields["uploads"].required = True
            word = "picture" if kind == "picture" else "file"
            self.fields["uploads"].error_messages["required"] = f"Choose at least one {word}."
            self.fields["uploads"].label = "Pictures" if kind == "picture" else "Files"
        if kind == "picture":
            self.fields["uploads"].widget.attrs["accept"] = "image/*"
        if kind == "other" and not types.TYPE_PATTERN.fullmatch(self.event_type):
            self.only_json = True

    def clean_uploads(self) -> list[Upload]:
        """Of pictures, images only."""
        files: list[Upload] = self.cleaned_data["uploads"]
        if self.kind == "picture" and any(not str(f.content_type).startswith("image/") for f in files):
            raise forms.ValidationError("Only pictures can be added here.")
        return files

    def clean(self) -> dict[str, Any]:
        """A new stream needs a name; a type that nobody knows its form."""
        data = super().clean()
        if data.get("stream") == NEW and not data.get("new_stream", "").strip():
            self.add_error("new_stream", "Give the new stream a name.")
        if not types.TYPE_PATTERN.fullmatch(self.event_type):
            self.add_error(None, TYPE_UNKNOWN)
        elif not self.errors and self.kind not in ("picture", "file"):
            wrong = types.content_violations(self.event_type, self.content())
            if wrong:  # told before a new stream would be made
                self.take(InvalidParameters("The content does not fit the type.", wrong))
        schema = types.schema_of(self.event_type) or {}
        if schema.get("attachmentRequired") and not data.get("uploads") and "uploads" not in self.errors:
            self.add_error("uploads", "This type needs a file.")
        return data

    def shared(self) -> Wire:
        """The wire fields that all types share, without streams and content."""
        data = self.cleaned_data
        start = self.moment("time") if data["time"] else now()
        wire: Wire = {"time": start}
        duration = self.duration(start)
        if duration != 0:
            wire["duration"] = duration
        if data["description"]:
            wire["description"] = data["description"]
        if data.get("client_data") is not None:
            wire["clientData"] = data["client_data"][0]
        return wire


class EditForm(EntryForm):
    """An entry as it stands. Only what was changed is sent, so that nothing loses precision on the way."""

    streams = forms.MultipleChoiceField(error_messages={"required": "An entry is in one stream at least."})

    def __init__(self, *args: Any, event: Wire, streams: list[str], zone: ZoneInfo, **kwargs: Any) -> None:
        event_type = event["type"]
        rules = rules_of(event_type) or []
        self.event = event
        self.is_series = event_type.startswith(types.SERIES)
        self.as_fields = bool(rules) and fits_fields(rules, event.get("content"))
        kwargs["initial"] = self._initial(event, rules, zone)
        super().__init__(*args, event_type=event_type, zone=zone, streams=streams, **kwargs)
        known = dict.fromkeys([*event["streamIds"], *streams])
        self.fields["streams"].choices = [(sid, sid) for sid in known]  # type: ignore[attr-defined]
        if not self.as_fields or self.is_series:
            for rule in self.rules:
                del self.fields[rule.name]
            self.rules = []
        self.only_json = False
        self.fields["type"] = forms.CharField(initial=event_type, widget=forms.TextInput(attrs=INPUT))

    def _initial(self, event: Wire, rules: list[Rule], zone: ZoneInfo) -> Wire:
        start = _typed(event["time"], zone)
        duration = event.get("duration", 0)
        initial: Wire = {"time": start, "description": event.get("description", ""),
                         "streams": event["streamIds"], "lasting": "moment"}  # fmt: skip
        if duration is None:
            initial["lasting"] = "running"
        elif duration:
            initial |= {"lasting": "until", "end": _typed(event["time"] + duration, zone)}
        if event.get("clientData"):
            initial["client_data"] = as_json(event["clientData"])
        if self.is_series:
            return initial
        if self.as_fields:
            return initial | answers_of(rules, event.get("content"))
        return initial | ({"raw": as_json(event["content"])} if event.get("content") is not None else {})

    def update(self) -> Wire:
        """The wire update: what differs from the entry as it was shown."""
        changed, data = set(self.changed_data), self.cleaned_data
        update: Wire = {}
        if "streams" in changed and set(data["streams"]) != set(self.event["streamIds"]):
            update["streamIds"] = data["streams"]
        if "type" in changed:
            update["type"] = data["type"]
        if "time" in changed and data["time"]:
            update["time"] = self.moment("time")
        start: float = update["time"] if "time" in update else self.event["time"]
        if changed & {"lasting", "length", "end"}:
            update["duration"] = self.duration(start)
        if "description" in changed:
            update["description"] = data["description"] or None
        if "client_data" in changed:
            update["clientData"] = _difference(
                self.event.get("clientData") or {}, (data["client_data"] or [{}])[0]
            )
        content_names = {rule.name for rule in self.rules}
        if not self.is_series and (changed & content_names or ("raw" in changed)):
            update["content"] = self.content()
        return update


def _difference(old: Wire, new: Wire) -> Wire:
    """What to send so that client data become `new`: keys that went are null."""
    gone: Wire = {key: None for key in old if key not in new}
    return gone | {key: value for key, value in new.items() if old.get(key, msgspec.UNSET) != value}

"""The form of a stream. What may be, the operation decides; the form only gathers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from events.dashboard.colours import HEX, KEY, NAMES, hex_of
from events.dashboard.selection import Tree, nodes_of
from pryvsite.web.comfort import current

ROOT = ""
PALETTE_CHOICES = [("", "As above"), *((HEX[name], NAMES[name]) for name in NAMES)]
OWN = "own"


class StreamForm(forms.Form):
    """Name, parent and colour."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "data-focus": ""}),
        error_messages={"required": "Give the stream a name."},
    )
    parent = forms.ChoiceField(label="Inside", required=False, widget=forms.Select(attrs={"class": "select"}))
    colour = forms.ChoiceField(label="Colour", required=False, choices=[*PALETTE_CHOICES, (OWN, "Another")])
    own_colour = forms.RegexField(
        r"#[0-9a-fA-F]{6}",
        label="Another colour",
        required=False,
        widget=forms.TextInput(attrs={"type": "color", "class": "swatch-input"}),
        error_messages={"invalid": "A colour is # and six digits, such as #d54556."},
    )

    pinned = forms.BooleanField(
        label="Pin above the tree", required=False, widget=forms.CheckboxInput(attrs={"class": "check"})
    )
    own_id = forms.CharField(
        label="Id",
        required=False,
        max_length=100,
        help_text="For apps that look for a certain stream; made by itself when empty.",
        widget=forms.TextInput(attrs={"class": "input mono", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(
        self, data: Any, trees: Sequence[Tree], stream: Tree | None = None, *, parent: str = ROOT
    ) -> None:
        super().__init__(data, initial=_initial(stream, parent))
        self.trees, self.stream = trees, stream
        if stream is not None:
            del self.fields["own_id"]
        self.fields["parent"].choices = parents(trees, stream)  # type: ignore[attr-defined]

    def wire(self) -> dict[str, Any]:
        """What changes, or all of a new stream."""
        cleaned = self.cleaned_data
        wire: dict[str, Any] = {"name": cleaned["name"].strip(), "parentId": cleaned["parent"] or None}
        digits = cleaned["own_colour"] if cleaned["colour"] == OWN else cleaned["colour"]
        if cleaned.get("own_id"):
            wire["id"] = cleaned["own_id"]
        colour = f"#{digits.lstrip('#').lower()}" if digits else None
        if colour is not None or (self.stream is not None and hex_of(self.stream)):
            wire["clientData"] = {KEY: colour}
        return wire


def _initial(stream: Tree | None, parent: str) -> dict[str, Any]:
    if stream is None:
        return {"parent": parent, "colour": "", "own_colour": "#57658a"}
    digits = hex_of(stream)
    known = digits in HEX.values() or not digits
    return {
        "name": stream["name"],
        "parent": stream.get("parentId") or ROOT,
        "colour": digits if known else OWN,
        "own_colour": f"#{digits or '57658a'}",
        "pinned": stream["id"] in current().pinned,
    }


def parents(trees: Sequence[Tree], stream: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Where a stream may stand: at the top, or in any stream but itself and those below it."""
    inside = nodes_of([dict(stream)]).keys() if stream else frozenset()
    choices = [(ROOT, "The top")]
    waiting = [(tree, 0) for tree in reversed(trees)]
    while waiting:
        node, depth = waiting.pop()
        if node["id"] in inside:
            continue
        choices.append((node["id"], "\u2003" * depth + str(node["name"])))
        waiting.extend((child, depth + 1) for child in reversed(node["children"]))
    return choices

"""Sentences of a made-up life."""

import random

SHOPS = ["Groceries", "Market", "Bakery", "Cheese shop", "Corner shop"]
MEETINGS = ["Weekly review", "Call with the builders", "Planning", "Lunch talk", "Interview"]
_OPENINGS = [
    "Woke before the alarm.", "Rain until noon, then sun.", "Slow morning.", "Train was late again.",
    "First frost on the roofs.", "Long walk after work.", "Cooked for six.", "Finally fixed the bike.",
    "Too much coffee.", "Called Grandma.", "Quiet day at the office.", "The neighbours moved out.",
]  # fmt: skip
_MIDDLES = [
    "Finished the chapter on **rivers** and started the next one.",
    "Talked with Jonas about the attic; he wants more light, I want fewer stairs.",
    "The tomatoes are *almost* there.", "Ran the lake loop, legs heavy but fine.",
    "Read on the balcony until it was too dark.", "Found the old photos of the coast.",
    "Three good ideas today:\n\n- a bench by the door\n- the blue for the kitchen\n- less on Thursdays",
    "Learned two new chords.", "Decided to keep the piano.", "Tom says the pressure looks better.",
]  # fmt: skip
_ENDS = ["Early to bed.", "Good day.", "Must write to Anna.", "More tomorrow.", "Grateful for the quiet.", ""]
_DREAMS = [
    "A house with too many doors, and behind each the sea.", "Flying low over the vineyards.",
    "The exam again, in a language of birds.", "Grandfather repairing a clock that ran backwards.",
]  # fmt: skip
_DISHES = ["Lentil soup", "Leek quiche", "Plum cake", "Saffron risotto", "Pizza with potatoes"]
_STEPS = [
    "Slice thinly",
    "Let it rest an hour",
    "Salt the water well",
    "Bake at 190 °C",
    "Taste, then taste again",
]


def note(rng: random.Random) -> str:
    """A diary note, sometimes with a heading."""
    middle = (
        " ".join(rng.sample(_MIDDLES[:6], rng.randint(1, 2))) if rng.random() < 0.7 else rng.choice(_MIDDLES)
    )
    text = f"{rng.choice(_OPENINGS)} {middle} {rng.choice(_ENDS)}".strip()
    if rng.random() < 0.12:
        heading = rng.choice(["Looking back", "Plans", "Letter I did not send"])
        return f"# {heading}\n\n{text}\n\n> {rng.choice(_DREAMS)}"
    return text


def dream(rng: random.Random) -> str:
    """A dream."""
    return rng.choice(_DREAMS)


def recipe(rng: random.Random) -> str:
    """A recipe as a list."""
    steps = "\n".join(f"{i + 1}. {step}" for i, step in enumerate(rng.sample(_STEPS, 4)))
    return f"## {rng.choice(_DISHES)}\n\n{steps}"

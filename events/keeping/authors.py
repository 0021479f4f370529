"""Who wrote something: tracking values of the wire as names."""

from functools import cached_property

from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor


class Authors:
    """Names of the accesses of an account, looked up once and only when asked."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    @cached_property
    def names(self) -> dict[str, str]:
        """Names by the id of the access, ended ones included."""
        raw = {"includeExpired": True, "includeDeletions": True}
        found = execute("accesses.get", self.actor, raw)
        every = [*found.get("accessDeletions", ()), *found["accesses"]]
        return {access["id"].partition(":")[0]: _name(access) for access in every}

    def name(self, author: str) -> str:
        """The name behind `access id[:serial] [caller]`."""
        access, _, caller = author.partition(" ")
        if access in ("", "system"):
            return "Pryvsite"
        name = self.names.get(access.partition(":")[0], "An access that is gone")
        return f"{name} ({caller})" if caller else name


def _name(access: dict[str, object]) -> str:
    name = str(access["name"])
    if access["type"] != "personal":
        return name
    return "You" if name.startswith("pryvsite") else f"You, with {name}"

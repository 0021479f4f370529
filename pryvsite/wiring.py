"""Binds the rooms together: loads every app's methods and the ports between them."""

from functools import cache
from importlib import import_module


@cache
def wire() -> None:
    """Load all methods and bind the ports; once per process."""
    from accesses.authenticate import CookieSessions, TokenAuthenticator
    from accesses.integrity import check_accesses
    from accesses.operations import forget_aliases
    from accounts.deletion import register_eraser, register_parting
    from accounts.identity import EnteredIdentity
    from accounts.integrity import register_check
    from events.address_store import AddressStore
    from events.blobs import remove_all
    from events.contents import EventContents
    from events.integrity import check_events, check_files
    from pryvsite import live
    from pryvsite.kernel.changes import register_outlet
    from pryvsite.kernel.ports import ports
    from pryvsite.kernel.stores import register_store

    ports.authenticator = TokenAuthenticator()
    ports.sessions = CookieSessions()
    ports.contents = EventContents()
    ports.identity = EnteredIdentity()
    register_store(AddressStore())
    register_outlet(live.outlet)
    register_parting(forget_aliases)
    register_eraser(remove_all)
    register_check("events", check_events)
    register_check("files", check_files)
    register_check("accesses", check_accesses)
    for module in (
        "pryvsite.api.batch",
        "pryvsite.service",
        "accounts.api",
        "accounts.account_api",
        "accounts.mail_api",
        "accounts.profile_api",
        "accesses.api",
        "accesses.mfa_api",
        "accesses.registry_api",
        "accesses.system_api",
        "streams.api",
        "events.series.api",  # before events.api, whose {fileId} would take the word "series"
        "events.api",
    ):
        import_module(module)

"""Public look-ups and catalogues (spec api-access §2.4, §2.5)."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect

from accounts import operations
from accounts.emails import owner_of
from accounts.hostings import hostings as all_hostings
from accounts.inputs import CoreQuery, InvitationAsked, Mail, Name
from accounts.limits import take_from_address
from accounts.models import RegisteredApp
from accounts.registry import present_app, registered_app
from accounts.results import AppsGot, CoreGot, HostingsGot, Reserved, ServerFound, UidFound, UsernameFound
from accounts.rules import email_violation, username_violation
from pryvsite.api.bodies import whole_body
from pryvsite.api.contract import Bare, Empty, Media
from pryvsite.api.envelope import bare
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json
from pryvsite.api.platform import public_url
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidParameters, ItemAlreadyExists, RemovedMethod, UnknownResource
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.results import LegacyProblem


@method(
    "auth.usernameCheck",
    ("GET", "reg/{username}/check_username"),
    input=Name,
    result=Reserved,
    allow="open",
    place="platform",
)
def check_username(_: Actor, query: Name) -> Wire:
    """Whether a username is taken; reserved words are not told here."""
    take_from_address("LOOKUPS")
    username = query.username.lower()
    wrong = username_violation(username)
    if wrong:
        raise InvalidParameters(str(wrong["message"]), [wrong])
    return {"reserved": operations.username_taken(username)}


@method(
    "auth.emailCheck",
    ("GET", "reg/{email}/check_email"),
    input=Mail,
    result=Reserved,
    errors=(ItemAlreadyExists,),
    allow="open",
    place="platform",
)
def check_email(_: Actor, query: Mail) -> Wire:
    """Whether an e-mail address is free; a conflict when it is not."""
    take_from_address("LOOKUPS")
    wrong = email_violation(query.email)
    if wrong:
        raise InvalidParameters(str(wrong["message"]), [wrong])
    if operations.email_taken(query.email):
        raise ItemAlreadyExists("user", {"email": query.email})
    return {"reserved": False}


@endpoint(
    "auth.checkUsername",
    "POST",
    "reg/username/check",
    allow="open",
    answers={},
    errors=(RemovedMethod,),
    place="platform",
)
@endpoint(
    "auth.checkEmail",
    "POST",
    "reg/email/check",
    allow="open",
    answers={},
    errors=(RemovedMethod,),
    place="platform",
)
def removed_check(_: Call) -> HttpResponseBase:
    """Retired."""
    raise RemovedMethod


def _error(call: Call, error_id: str, message: str) -> HttpResponseBase:
    return bare(call.request, {"error": {"id": error_id, "message": message}}, 404)


def _username_of(email: str) -> str | None:
    account = owner_of(email)
    return account.username if account else None


@endpoint(
    "auth.usernameOfEmail",
    "GET",
    "reg/{email}/username",
    allow="open",
    answers={200: Bare(UsernameFound), 404: Bare(LegacyProblem)},
    place="platform",
)
def username_of_email(call: Call) -> HttpResponseBase:
    """The username of an e-mail address."""
    take_from_address("LOOKUPS")
    username = _username_of(call.params["email"])
    if username is None:
        return _error(call, "unknown-email", "Unknown e-mail address.")
    return bare(call.request, {"username": username})


@endpoint(
    "auth.uidOfEmail",
    "GET",
    "reg/{email}/uid",
    allow="open",
    answers={200: Bare(UidFound), 404: Bare(LegacyProblem)},
    place="platform",
)
def uid_of_email(call: Call) -> HttpResponseBase:
    """The same under the name that sign-in pages ask for."""
    take_from_address("LOOKUPS")
    username = _username_of(call.params["email"])
    if username is None:
        return _error(call, "unknown-email", "Unknown e-mail address.")
    return bare(call.request, {"uid": username})


@endpoint(
    "auth.goToServer",
    "GET",
    "reg/{username}/server",
    allow="open",
    answers={302: Empty(), 404: Bare(LegacyProblem)},
    place="platform",
)
def server_redirect(call: Call) -> HttpResponseBase:
    """Redirect to the server of an account."""
    take_from_address("LOOKUPS")
    username = call.params["username"].lower()
    if not operations.username_taken(username):
        return _error(call, "unknown-user", "Unknown username.")
    return HttpResponseRedirect(f"{public_url()}/?username={username}")


@endpoint(
    "auth.server",
    "POST",
    "reg/{username}/server",
    allow="open",
    answers={200: Bare(ServerFound), 404: Bare(LegacyProblem)},
    place="platform",
)
def server(call: Call) -> HttpResponseBase:
    """The server of an account."""
    take_from_address("LOOKUPS")
    username = call.params["username"].lower()
    if not operations.username_taken(username):
        return _error(call, "unknown-user", "Unknown username.")
    return bare(call.request, {"server": f"{public_url()}/", "alias": username})


@method(
    "auth.cores",
    ("GET", "reg/cores"),
    input=CoreQuery,
    result=CoreGot,
    errors=(UnknownResource,),
    allow="open",
    place="platform",
)
def cores(_: Actor, query: CoreQuery) -> Wire:
    """The core of an account; an unknown e-mail answers this one (no discovery)."""
    take_from_address("LOOKUPS")
    if (query.username is None) == (query.email is None):
        raise InvalidParameters("Give either username or email.")
    if query.username is not None and not operations.username_taken(query.username.lower()):
        raise UnknownResource("user", query.username)
    return {"core": {"url": f"{public_url()}/"}}


@method("auth.hostings", ("GET", "reg/hostings"), result=HostingsGot, allow="open", place="platform")
def hostings(_: Actor, __: Nothing) -> Wire:
    """Where accounts can live."""
    return all_hostings()


@endpoint("apps.get", "GET", "apps", allow="open", answers={200: Bare(AppsGot)}, place="platform")
def apps(call: Call) -> HttpResponseBase:
    """Registered apps; the registry itself is the operator's."""
    listed = RegisteredApp.objects.order_by("id")
    return bare(call.request, {"apps": [present_app(app) for app in listed]})


@endpoint(
    "apps.getOne",
    "GET",
    "apps/{id}",
    allow="open",
    answers={200: Bare(dict[str, Any])},
    errors=(UnknownResource,),
    place="platform",
)
def app(call: Call) -> HttpResponseBase:
    """One registered app."""
    found = registered_app(call.params["id"])
    if found is None:
        raise UnknownResource("app", call.params["id"])
    return bare(call.request, {"app": present_app(found)})


@endpoint(
    "auth.checkInvitation",
    "POST",
    "access/invitationtoken/check",
    allow="open",
    body=InvitationAsked,
    answers={200: Media("text/plain")},
    place="platform",
)
def check_invitation(call: Call) -> HttpResponseBase:
    """`true` or `false`, as text."""
    take_from_address("LOOKUPS")
    given = decode_json(whole_body(call.request) or b"{}")
    token = given.get("invitationtoken") if isinstance(given, dict) else None
    valid = operations.invitation_valid(token if isinstance(token, str) else "")
    return HttpResponse("true" if valid else "false", content_type="text/plain; charset=utf-8")

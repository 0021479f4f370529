"""Public look-ups and catalogues (spec api-access §2.4, §2.5)."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect

from accounts import operations
from accounts.inputs import CoreQuery, Mail, Name
from accounts.models import Account
from accounts.rules import email_violation, username_violation
from pryvsite.api.envelope import bare
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json
from pryvsite.api.platform import public_url
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidParameters, ItemAlreadyExists, RemovedMethod, UnknownResource
from pryvsite.kernel.inputs import Nothing


@method(
    "auth.usernameCheck", ("GET", "reg/{username}/check_username"), input=Name, allow="open", place="platform"
)
def check_username(_: Actor, query: Name) -> Wire:
    """Whether a username is taken; reserved words are not told here."""
    username = query.username.lower()
    wrong = username_violation(username)
    if wrong:
        raise InvalidParameters(str(wrong["message"]), [wrong])
    return {"reserved": operations.username_taken(username)}


@method("auth.emailCheck", ("GET", "reg/{email}/check_email"), input=Mail, allow="open", place="platform")
def check_email(_: Actor, query: Mail) -> Wire:
    """Whether an e-mail address is free; a conflict when it is not."""
    wrong = email_violation(query.email)
    if wrong:
        raise InvalidParameters(str(wrong["message"]), [wrong])
    if operations.email_taken(query.email):
        raise ItemAlreadyExists("user", {"email": query.email})
    return {"reserved": False}


@endpoint("POST", "reg/username/check", place="platform")
@endpoint("POST", "reg/email/check", place="platform")
def removed_check(_: Call) -> HttpResponseBase:
    """Retired."""
    raise RemovedMethod


def _error(call: Call, error_id: str, message: str) -> HttpResponseBase:
    return bare(call.request, {"error": {"id": error_id, "message": message}}, 404)


def _username_of(email: str) -> str | None:
    rows = Account.objects.filter(email=operations.normal_email(email))
    return rows.values_list("username", flat=True).first()


@endpoint("GET", "reg/{email}/username", place="platform")
def username_of_email(call: Call) -> HttpResponseBase:
    """The username of an e-mail address."""
    username = _username_of(call.params["email"])
    if username is None:
        return _error(call, "unknown-email", "Unknown e-mail address.")
    return bare(call.request, {"username": username})


@endpoint("GET", "reg/{email}/uid", place="platform")
def uid_of_email(call: Call) -> HttpResponseBase:
    """The same under the name that sign-in pages ask for."""
    username = _username_of(call.params["email"])
    if username is None:
        return _error(call, "unknown-email", "Unknown e-mail address.")
    return bare(call.request, {"uid": username})


@endpoint("GET", "reg/{username}/server", place="platform")
def server_redirect(call: Call) -> HttpResponseBase:
    """Redirect to the server of an account."""
    username = call.params["username"].lower()
    if not operations.username_taken(username):
        return _error(call, "unknown-user", "Unknown username.")
    return HttpResponseRedirect(f"{public_url()}/?username={username}")


@endpoint("POST", "reg/{username}/server", place="platform")
def server(call: Call) -> HttpResponseBase:
    """The server of an account."""
    username = call.params["username"].lower()
    if not operations.username_taken(username):
        return _error(call, "unknown-user", "Unknown username.")
    return bare(call.request, {"server": f"{public_url()}/", "alias": username})


@method("auth.cores", ("GET", "reg/cores"), input=CoreQuery, allow="open", place="platform")
def cores(_: Actor, query: CoreQuery) -> Wire:
    """The core of an account; an unknown e-mail answers this one (no discovery)."""
    if (query.username is None) == (query.email is None):
        raise InvalidParameters("Give either username or email.")
    if query.username is not None and not operations.username_taken(query.username.lower()):
        raise UnknownResource("user", query.username)
    return {"core": {"url": f"{public_url()}/"}}


@method("auth.hostings", ("GET", "reg/hostings"), allow="open", place="platform")
def hostings(_: Actor, __: Nothing) -> Wire:
    """Where accounts can live."""
    return operations.hostings()


@endpoint("GET", "apps", place="platform")
def apps(call: Call) -> HttpResponseBase:
    """Registered apps; the registry itself is the operator's."""
    return bare(call.request, {"apps": []})


@endpoint("GET", "apps/{id}", place="platform")
def app(call: Call) -> HttpResponseBase:
    """One registered app."""
    raise UnknownResource("app", call.params["id"])


@endpoint("POST", "access/invitationtoken/check", place="platform")
def check_invitation(call: Call) -> HttpResponseBase:
    """`true` or `false`, as text."""
    given = decode_json(call.request.body or b"{}")
    token = given.get("invitationtoken") if isinstance(given, dict) else None
    valid = operations.invitation_valid(token if isinstance(token, str) else "")
    return HttpResponse("true" if valid else "false", content_type="text/plain; charset=utf-8")

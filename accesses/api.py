"""Methods that hand out, tell about or end accesses (spec api-access §2.2, §2.7, §3, §4)."""

from typing import Any

from django.http import HttpResponseBase

from accesses import comparison, operations, requests, sessions, updates, usage
from accesses.authenticate import known_access
from accesses.inputs import (
    AccessCreate,
    AccessesGet,
    AccessGetOne,
    AccessId,
    AccessUpdateCall,
    AskedAccess,
    CheckApp,
    Decision,
    Login,
)
from accesses.presenters import present_access, present_self
from accesses.results import (
    AccessDropped,
    AccessesGot,
    AccessGot,
    AccessInfo,
    AccessKept,
    AppChecked,
    LoggedIn,
    Registered,
)
from accesses.second_step import SecondStepNeeded
from accounts import passwords
from accounts.inputs import Registration
from accounts.models import Account
from pryvsite.api.auth import origin_of
from pryvsite.api.bodies import whole_body
from pryvsite.api.contract import Bare
from pryvsite.api.envelope import answer, bare
from pryvsite.api.execute import call as run_method
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json
from pryvsite.api.platform import api_endpoint
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor, public_actor
from pryvsite.kernel.errors import (
    ApiError,
    Forbidden,
    InvalidCredentials,
    InvalidItemId,
    InvalidOperation,
    ItemAlreadyExists,
    NotSupported,
    RemovedMethod,
    StaleResource,
)
from pryvsite.kernel.inputs import UNSET, Nothing
from pryvsite.kernel.results import Done, LegacyProblem


@method("accesses.get", ("GET", "accesses"), input=AccessesGet, result=AccessesGot, allow="member")
def get(actor: Actor, query: AccessesGet) -> Wire:
    """List accesses, each with its token and endpoint."""
    found = operations.list_accesses(actor, expired=query.include_expired)
    wire: Wire = {"accesses": [present_access(access, actor.username) for access in found]}
    if query.include_deletions:
        gone = operations.list_deletions(actor)
        wire["accessDeletions"] = [present_access(access, actor.username) for access in gone]
    return wire


@method("accesses.getOne", ("GET", "accesses/{id}"), input=AccessGetOne, result=AccessGot, allow="member")
def get_one(actor: Actor, query: AccessGetOne) -> Wire:
    """One access, as it is or as it was."""
    found = updates.get_access(actor, query.id)
    wire: Wire = {"access": found.wire}
    if found.current is not None:
        wire["current"] = found.current
    if query.include_history:
        wire["history"] = updates.history(actor, found.head)
    return wire


@method(
    "accesses.create",
    ("POST", "accesses"),
    input=AccessCreate,
    result=AccessKept,
    errors=(InvalidOperation, InvalidItemId, ItemAlreadyExists, NotSupported),
    allow="member",
    writes=True,
    status=201,
)
def create(actor: Actor, new: AccessCreate) -> Wire:
    """Create an app or shared access."""
    return {"access": present_access(operations.create_access(actor, new), actor.username)}


@method(
    "accesses.update",
    ("PUT", "accesses/{id}"),
    input=AccessUpdateCall,
    result=AccessKept,
    errors=(StaleResource, InvalidOperation, ItemAlreadyExists),
    allow="member",
    writes=True,
    update=True,
)
def update(actor: Actor, call: AccessUpdateCall) -> Wire:
    """Change an access that is still what the caller knows: its id names the version."""
    return {"access": present_access(updates.update_access(actor, call.id, call.update), actor.username)}


@method(
    "accesses.delete",
    ("DELETE", "accesses/{id}"),
    input=AccessId,
    result=AccessDropped,
    errors=(StaleResource,),
    writes=True,
)
def delete(actor: Actor, target: AccessId) -> Wire:
    """Delete an access and those it made."""
    access, related = operations.delete_access(actor, target.id)
    wire: Wire = {"accessDeletion": {"id": access.id}}
    if related is not None:
        wire["relatedDeletions"] = [{"id": access_id} for access_id in related]
    return wire


@method(
    "accesses.checkApp", ("POST", "accesses/check-app"), input=CheckApp, result=AppChecked, allow="personal"
)
def check_app(actor: Actor, request: CheckApp) -> Wire:
    """Tell what granting a request would mean."""
    found = comparison.check_app(actor, request)
    if "matching" in found:
        return {"matchingAccess": present_access(found["matching"], actor.username, endpoint=False)}
    wire: Wire = {"checkedPermissions": found["checked"]}
    if "mismatching" in found:
        wire["mismatchingAccess"] = present_access(found["mismatching"], actor.username, endpoint=False)
    if "error" in found:
        wire["error"] = found["error"]
    return wire


@method("getAccessInfo", ("GET", "access-info"), result=AccessInfo)
def access_info(actor: Actor, _: Nothing) -> Wire:
    """What an access may know of itself."""
    known = known_access(actor.account_id, id=actor.access_id)
    return present_self(known.core, actor, usage.use_of(actor.account_id, actor.access_id))


@method(
    "auth.register",
    ("POST", "users"),
    ("POST", "reg/users"),
    input=Registration,
    result=Registered,
    errors=(InvalidOperation, ItemAlreadyExists),
    allow="open",
    status=201,
    place="platform",
)
def register(actor: Actor, new: Registration) -> Wire:
    """Create an account and open its first session."""
    session = sessions.register(new)
    return {
        "username": session.username,
        "apiEndpoint": api_endpoint(session.username, sessions.token_of(session)),
    }


@endpoint(
    "auth.registerLegacy",
    "POST",
    "reg/user",
    place="platform",
    allow="open",
    body=Registration,
    answers={201: Registered},
    errors=(InvalidOperation, ItemAlreadyExists),
)
def register_legacy(call: Call) -> HttpResponseBase:
    """The first route of registration, where the app id may be spelled `appid` (corrections §1.1)."""
    given = decode_json(whole_body(call.request) or b"{}")
    if isinstance(given, dict) and "appid" in given:
        given.setdefault("appId", given["appid"])
    return answer(call.request, run_method("auth.register", public_actor(), given), 201)


@method(
    "auth.login",
    ("POST", "auth/login"),
    input=Login,
    result=LoggedIn,
    errors=(InvalidCredentials, InvalidOperation, Forbidden),
    allow="open",
)
def login(actor: Actor, given: Login) -> Wire:
    """A personal token for a trusted app."""
    sent = {
        "username": None if given.username is UNSET else given.username,
        "password": None if given.password is UNSET else given.password,
        "appId": None if given.app_id is UNSET else given.app_id,
    }
    password, app_id = sessions.login_parameters(actor, sent)
    account = Account.objects.get(id=actor.account_id)
    try:
        session = sessions.log_in(account, password, app_id)
    except SecondStepNeeded as needed:
        return {"mfaToken": needed.token}
    token = sessions.token_of(session)
    wire: Wire = {
        "token": token,
        "apiEndpoint": api_endpoint(account.username, token),
        "preferredLanguage": account.language,
    }
    expires, changeable = passwords.expires_at(account), passwords.can_change_at(account)
    if expires is not None:
        wire["passwordExpires"] = expires
    if changeable is not None:
        wire["passwordCanBeChanged"] = changeable
    return wire


@method("auth.logout", ("POST", "auth/logout"), result=Done, writes=True)
def logout(actor: Actor, _: Nothing) -> Wire:
    """End the session of the token."""
    sessions.log_out(actor)
    return {}


@endpoint("auth.whoAmI", "GET", "auth/who-am-i", allow="open", answers={}, errors=(RemovedMethod,))
def who_am_i(call: Call) -> HttpResponseBase:
    """Retired."""
    raise RemovedMethod


POLLED = {status: Bare(dict[str, Any]) for status in requests.HTTP_STATUS.values()} | {
    400: Bare(LegacyProblem)
}


def _problem(call: Call, error: requests.RequestError) -> HttpResponseBase:
    return bare(call.request, {"error": {"id": error.id, "message": error.message}}, 400)


def _body(call: Call) -> Any:
    try:
        return decode_json(whole_body(call.request) or b"{}")
    except ApiError as error:
        raise requests.RequestError(error.message) from None


@endpoint(
    "access.request",
    "POST",
    "reg/access",
    place="platform",
    allow="open",
    body=AskedAccess,
    answers={201: Bare(dict[str, Any]), 400: Bare(LegacyProblem)},
)
def start_request(call: Call) -> HttpResponseBase:
    """An app asks for access."""
    try:
        request = requests.start(_body(call), origin=origin_of(call.request))
    except requests.RequestError as error:
        return _problem(call, error)
    shown = {name: request.state[name] for name in ("key", "authUrl", "poll", "poll_rate_ms")}
    return bare(call.request, {"status": request.status, **shown}, 201)


@endpoint("access.poll", "GET", "reg/access/{key}", place="platform", allow="open", answers=POLLED)
def poll_request(call: Call) -> HttpResponseBase:
    """An app asks whether there is an answer."""
    try:
        request = requests.find(call.params["key"])
    except requests.RequestError as error:
        return _problem(call, error)
    return bare(call.request, request.poll_body(), request.http_status)


@endpoint(
    "access.decide", "POST", "reg/access/{key}", place="platform", allow="open", body=Decision, answers=POLLED
)
def decide_request(call: Call) -> HttpResponseBase:
    """A consent page answers."""
    try:
        request = requests.decide(call.params["key"], _body(call))
    except requests.RequestError as error:
        return _problem(call, error)
    return bare(call.request, request.poll_body(), request.http_status)

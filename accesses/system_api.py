"""The operator's methods about accounts, and their deletion (spec api-access §2.12, §2.13)."""

from django.http import HttpResponse, HttpResponseBase

from accesses import operator
from accesses.authenticate import is_operator
from accesses.operator_inputs import AccessMeant, CreateUser, ReleaseUser, UpdateUser, UserName, ValidateUser
from accesses.operator_results import (
    AccessIndexGot,
    CoresGot,
    NotValidated,
    PlatformChecked,
    RegistryDeletion,
    UserCreated,
    UserDeleted,
    UserInfoGot,
    UsersGot,
    UserUpdated,
    Validated,
)
from accounts import deletion, mfa
from accounts.models import Account
from pryvsite.api.auth import credentials
from pryvsite.api.bodies import whole_body
from pryvsite.api.contract import Empty
from pryvsite.api.envelope import answer
from pryvsite.api.http import Call, authenticated
from pryvsite.api.parse import decode_json, parse
from pryvsite.api.platform import public_url
from pryvsite.api.registry import Wire, operator_endpoint, operator_method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidOperation,
    InvalidToken,
    ItemAlreadyExists,
    MissingToken,
    UnknownResource,
)
from pryvsite.kernel.inputs import Nothing


@operator_method(
    "system.createUser",
    ("POST", "system/create-user"),
    input=CreateUser,
    result=UserCreated,
    errors=(ItemAlreadyExists,),
    writes=True,
    status=201,
)
def create_user(_: Actor, given: CreateUser) -> Wire:
    """Create an account of which only the password's hash is known (bcrypt, argon2)."""
    return {"id": str(operator.create_user(given).id)}


@operator_method(
    "system.userInfo",
    ("GET", "system/user-info/{username}"),
    input=UserName,
    result=UserInfoGot,
)
def user_info(_: Actor, target: UserName) -> Wire:
    """Storage and use of an account."""
    return {"userInfo": operator.user_info(target.username)}


@operator_method(
    "system.getAccess",
    ("GET", "system/accesses/{accessId}"),
    input=AccessMeant,
    result=AccessIndexGot,
)
def access_index(_: Actor, target: AccessMeant) -> Wire:
    """Whose an access is."""
    return {"accessIndex": operator.access_index(target.access_id)}


@operator_method("system.users", ("GET", "system/admin/users"), result=UsersGot)
def users(_: Actor, __: Nothing) -> Wire:
    """All accounts."""
    return {"users": operator.users()}


@operator_method("system.cores", ("GET", "system/admin/cores"), result=CoresGot)
def cores(_: Actor, __: Nothing) -> Wire:
    """The servers that hold accounts: this one."""
    return {"cores": [{"url": f"{public_url()}/"}]}


@operator_method(
    "system.checkPlatformIntegrity",
    ("GET", "system/check-platform-integrity"),
    result=PlatformChecked,
)
def check_integrity(_: Actor, __: Nothing) -> Wire:
    """Whether names and addresses agree with the accounts."""
    return {"checks": operator.integrity_checks()}


@operator_endpoint(
    "system.deactivateMfa",
    "DELETE",
    "system/users/{username}/mfa",
    answers={204: Empty()},
)
def deactivate_mfa(call: Call) -> HttpResponseBase:
    """Turn the second factor of an account off."""
    call.operator()
    mfa.turn_off(operator.account_or_unknown(call.params["username"]).id)
    return HttpResponse(status=204)


@operator_endpoint(
    "system.validateUser",
    "POST",
    "system/users/validate",
    answers={200: Validated, 400: NotValidated},
    body=ValidateUser,
)
def validate_user(call: Call) -> HttpResponseBase:
    """Whether somebody could register with these values now. Nothing is held for them: registering looks by
    itself, and of several who try at once one succeeds."""
    call.operator()
    given = parse(ValidateUser, decode_json(whole_body(call.request) or b"{}"))
    problem = operator.registration_problem(given)
    if problem is not None:
        return answer(call.request, {"reservation": False, "error": problem}, 400)
    return answer(call.request, {"reservation": True})


@operator_method(
    "system.updateUser",
    ("PUT", "system/users"),
    input=UpdateUser,
    result=UserUpdated,
    errors=(UnknownResource, InvalidOperation, ItemAlreadyExists),
    writes=True,
)
def update_user(_: Actor, given: UpdateUser) -> Wire:
    """Set fields of an account, and take some away; an address that the operator sets counts as verified."""
    operator.update_user(given)
    return {"user": True}


@operator_method(
    "system.releaseUser",
    ("DELETE", "system/users/{username}"),
    input=ReleaseUser,
    result=RegistryDeletion,
    errors=(InvalidOperation,),
    writes=True,
)
def release_user(_: Actor, target: ReleaseUser) -> Wire:
    """Release the e-mail addresses of an account, which keeps its name and data; `DELETE /users/{username}`
    deletes it all."""
    deleted = operator.release_addresses(target)
    return {"result": {"dryRun": target.dry_run, "deleted": deleted}}


@operator_endpoint(
    "auth.delete",
    "DELETE",
    "users/{username}",
    answers={200: UserDeleted},
    errors=(InvalidToken,),
)
def delete_account(call: Call) -> HttpResponseBase:
    """Delete an account with all that it holds: by the operator or its owner, as the platform allows."""
    username = call.params["username"].lower()
    account = operator.account_or_unknown(username)
    _check_may_delete(call, account)
    deletion.delete_account(account.id)
    return answer(call.request, {"userDeletion": {"username": account.username}})


def _check_may_delete(call: Call, account: Account) -> None:
    """Whether the key or token in the header suffices. Raises UnknownResource, InvalidToken."""
    if not deletion.owner_may_delete():
        if not deletion.operator_may_delete():
            raise UnknownResource
        call.operator()
        return
    given = call.request.headers.get("Authorization", "").strip()
    if deletion.operator_may_delete() and is_operator(given):
        return
    try:
        sent = credentials(call.request, query=False)
        actor = authenticated(call.request, account.id, account.username, sent.token, sent.caller)
    except (Forbidden, MissingToken) as error:
        raise InvalidToken(error.message) from None
    if not actor.is_personal:
        raise InvalidToken("Only the account's owner can do this.")

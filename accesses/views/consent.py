"""The consent page that apps open (ui §3)."""

from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import cache_control, never_cache

from accesses import choice, consent, requests, sessions
from accesses.choice import Unfit
from accesses.consent import Question, is_everything
from accesses.forms import SignInForm
from accesses.markdown import safe_markdown
from accesses.requests import AccessRequest, RequestError
from accesses.second_step import SecondStepNeeded
from accesses.sentences import lower_levels, moment_in_words
from accesses.views.common import browser_name
from accounts.passwords import PasswordExpired
from accounts.registry import registered_app
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.tokens import digest
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen
from pryvsite.web.zone import zone_of

GONE = "This request is no longer valid. Go back to the app and start again."
NONE = "No request found. Start from the app that sent you here."
TICKED = "ticked"  # the form had boxes: one that is not sent was unticked
CHANGED = "Something changed since this page was shown. Look again before you answer."


@never_cache
def auth(request: WebRequest) -> HttpResponseBase:
    """Who asks, for what; the owner's answer."""
    key = consent.key_of(
        request.GET.get("poll") or request.GET.get("pollUrl") or "", request.GET.get("key", "")
    )
    if not key:
        return _problem(request, NONE)
    try:
        asked = requests.find(key)
        if asked.status != requests.WAITING:
            return _finished(request, asked)
        return _answer(request, asked) if request.method == "POST" else _ask(request, asked)
    except RequestError:
        return _answered_meanwhile(request, key)
    except ApiError as error:
        return _problem(request, f"The app’s request is not well-formed. {error.message}", refusable=True)


def _answered_meanwhile(request: WebRequest, key: str) -> HttpResponseBase:
    try:
        return _finished(request, requests.find(key))
    except RequestError:
        return _problem(request, GONE)


def _problem(request: WebRequest, text: str, *, refusable: bool = False) -> HttpResponseBase:
    context = {"text": text, "refusable": refusable}
    return screen(request, "accesses/consent_problem.html", "", context, status=400)


def _answer(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    """What a button of the page asks for."""
    action = request.POST.get("action")
    if action == "refuse":
        return _finished(request, consent.refuse(asked, request.actor))
    if action == "signin":
        return _sign_in(request, asked)
    if action == "switch":
        sessions.sign_out(request.session, request.actor)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    if action == "accept" and request.actor:
        return _accept(request, request.actor, asked)
    return _ask(request, asked)


def _accept(request: WebRequest, actor: Actor, asked: AccessRequest) -> HttpResponseBase:
    """Grant what was shown: to this account, and nothing that changed meanwhile."""
    found = consent.question(actor, asked)
    if found.matching and "level_0" not in request.POST:
        return _finished(request, consent.accept(actor, asked))
    if request.POST.get("mark", found.mark) != found.mark:
        return _question(request, actor, asked, found, problem=CHANGED, status=409)
    picked = choice.read(
        request.POST,
        found.checked,
        asked.state.get("expireAfter"),
        ticked=TICKED in request.POST and bool(asked.state.get("allowUserChoice")),
        mandatory=found.mandatory,
    )
    if any(map(is_everything, picked.kept(found.checked))) and not _confirmed(request):
        return _question(request, actor, asked, found, unconfirmed=True, status=422)
    try:
        return _finished(request, consent.accept(actor, asked, picked))
    except Unfit as unfit:
        return _question(request, actor, asked, found, problem=str(unfit), status=422)


def _confirmed(request: WebRequest) -> bool:
    typed = request.POST.get("username", "").strip().lower()
    return request.account is not None and typed == request.account.username


def _sign_in(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            data = form.cleaned_data
            sessions.sign_in(request.session, data["login"], data["password"], browser_name(request))
            return HttpResponseRedirect(request.get_full_path(), status=303)
        except SecondStepNeeded:
            return _step(request, "/mfa-challenge")
        except PasswordExpired:
            return _step(request, "/change-password")
        except ApiError as error:
            form.refuse(error.message)
    return _sign_in_page(request, asked, form)


def _step(request: WebRequest, page: str) -> HttpResponseBase:
    """A further step of signing in, which leads back to the question."""
    return HttpResponseRedirect(f"{page}?{urlencode({'next': request.get_full_path()})}", status=303)


def _sign_in_page(request: WebRequest, asked: AccessRequest, form: SignInForm) -> HttpResponseBase:
    context = {
        "asked": asked,
        "app": consent.app_of(asked),
        "form": form,
        "ended": request.method == "GET" and "account_id" in request.session,
    }
    return screen(request, "accesses/consent_signin.html", "", context, status=422 if form.errors else 200)


def _ask(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    if request.actor is None:
        return _sign_in_page(request, asked, SignInForm())
    found, app = consent.question(request.actor, asked), consent.app_of(asked)
    doubtful = app.suspicious or app.elsewhere  # then only its owner's word counts
    if found.matching and not doubtful and "review" not in request.GET:
        return _again(request, request.actor, asked)
    return _question(request, request.actor, asked, found)


def _again(request: WebRequest, actor: Actor, asked: AccessRequest) -> HttpResponseBase:
    """What was granted before is granted again without a question; for a moment it can be stopped.

    No link of somebody else skips that moment: without script it ends by an address of this session.
    """
    mark = digest(f"again:{request.session.session_key}:{asked.key}")
    if compare_digest(request.GET.get("go", "").encode(), mark.encode()):
        return _finished(request, consent.accept(actor, asked))
    query = request.GET.copy()
    query["go"] = mark
    review = request.GET.copy()
    review["review"] = "1"
    context = {
        "asked": asked,
        "app": consent.app_of(asked),
        "go": f"{request.path}?{query.urlencode()}",
        "review": f"{request.path}?{review.urlencode()}",
    }
    return screen(request, "accesses/consent_again.html", "", context)


def _question(
    request: WebRequest,
    actor: Actor,
    asked: AccessRequest,
    found: Question,
    *,
    problem: str = "",
    unconfirmed: bool = False,
    status: int = 200,
) -> HttpResponseBase:
    entries = found.checked or (found.matching.permissions or [] if found.matching else [])
    shown = Question(None, found.mismatching, entries, found.requested, found.account_id)
    context = {
        "asked": asked,
        "app": consent.app_of(asked),
        "question": shown,
        "mark": found.mark,
        "new_token": found.mismatching and not consent.can_stay(asked, found.mismatching),
        "lines": shown.lines(holds=True),
        "boxes": _boxes(request, shown, asked) if not found.matching else None,
        "message": _message(asked),
        "until": _until(request, asked),
        "returns_to": consent.return_host(asked),
        "problem": problem,
        "unconfirmed": unconfirmed,
        "choice": _choice(request, shown, asked) if settings.CONSENT_CHOICE and not found.matching else None,
        "names": _names(request, shown) if not found.matching else [],
    }
    return screen(request, "accesses/consent.html", "", context, status=status)


def _boxes(request: WebRequest, found: Question, asked: AccessRequest) -> dict[int, str] | None:
    """Where the app lets its user choose: the state of the box of each permission, by its place."""
    if not asked.state.get("allowUserChoice"):
        return None
    again = TICKED in request.POST
    states = {}
    for line in found.lines():
        if line.level and line.level != "none":
            kept = not again or f"keep_{line.index}" in request.POST
            states[line.index] = "locked" if line.index in found.mandatory else "on" if kept else "off"
    return states


def _choice(request: WebRequest, found: Question, asked: AccessRequest) -> dict[str, Any]:
    """What the owner may lower, with what was picked before an error."""
    rows = [
        {
            "line": line,
            "options": lower_levels(line.level),
            "picked": request.POST.get(f"level_{line.index}", line.level),
        }
        for line in found.lines()
        if line.level and line.level != "none" and line.index not in found.mandatory
    ]
    periods = choice.periods(asked.state.get("expireAfter"))
    picked = request.POST.get("expiry", "")
    changed = picked or any(row["picked"] != row["line"].level for row in rows)  # type: ignore[attr-defined]
    return {"rows": rows, "periods": periods, "expiry": picked, "open": bool(changed)}


def _names(request: WebRequest, found: Question) -> list[dict[str, Any]]:
    """Streams that will be made, whose names can be changed."""
    return [
        {
            "index": index,
            "asked": entry["defaultName"],
            "name": request.POST.get(f"name_{index}", entry["defaultName"]),
        }
        for index, entry in enumerate(found.checked)
        if "defaultName" in entry
    ]


def _until(request: WebRequest, asked: AccessRequest) -> str:
    seconds = asked.state.get("expireAfter")
    return moment_in_words(now() + float(seconds), zone_of(request)) if seconds else ""


def _message(asked: AccessRequest) -> str | None:
    """The app's own words."""
    data: Any = asked.state.get("clientData") or {}
    description = data.get("app-web-auth:description") if isinstance(data, dict) else None
    text = description.get("content") if isinstance(description, dict) else None
    return safe_markdown(text) if isinstance(text, str) and text.strip() else None


def _finished(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    """Back to the app, or a page that closes the window."""
    if asked.status == requests.REDIRECTED and asked.state["redirectUrl"].startswith(("http://", "https://")):
        return HttpResponseRedirect(asked.state["redirectUrl"], status=303)
    address = consent.return_address(asked)
    if address and request.GET.get("cli") != "1":
        return HttpResponseRedirect(address, status=303)
    context = {
        "asked": asked,
        "app": consent.app_of(asked),
        "accepted": asked.status == requests.ACCEPTED,
        "cli": request.GET.get("cli") == "1",
    }
    return screen(request, "accesses/consent_done.html", "", context)


@cache_control(max_age=3600)
def icon(request: WebRequest, app_id: str) -> HttpResponseBase:
    """The picture of a registered app."""
    app = registered_app(app_id)
    if app is None or not app.icon:
        raise Http404
    response = FileResponse(app.icon.open("rb"))
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

"""The consent page that apps open (ui §3)."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase, HttpResponseRedirect
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache

from accesses import consent, requests, sessions
from accesses.forms import SignInForm
from accesses.requests import AccessRequest, RequestError
from accesses.second_step import SecondStepNeeded
from accesses.sentences import duration_in_words, lines
from accesses.views.common import browser_name
from accesses.views.home import refusal
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen
from streams.tree import load_tree

GONE = "This request is no longer valid. Go back to the app and start again."
NONE = "No request found. Start from the app that sent you here."


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
        return _problem(request, f"The app's request is not well-formed. {error.message}")


def _answered_meanwhile(request: WebRequest, key: str) -> HttpResponseBase:
    try:
        return _finished(request, requests.find(key))
    except RequestError:
        return _problem(request, GONE)


def _problem(request: WebRequest, text: str) -> HttpResponseBase:
    return screen(request, "accesses/consent_problem.html", "", {"text": text}, status=400)


def _answer(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    """What a button of the page asks for."""
    action = request.POST.get("action")
    if action == "refuse":
        return _finished(request, consent.refuse(asked))
    if action == "signin":
        return _sign_in(request, asked)
    if action == "switch":
        sessions.sign_out(request.session, request.actor)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    if action == "accept" and request.actor:
        if consent.question(request.actor, asked).everything and not _confirmed(request):
            return _ask(request, asked, unconfirmed=True)
        return _finished(request, consent.accept(request.actor, asked))
    return _ask(request, asked)


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
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"/mfa-challenge?{query}", status=303)
        except ApiError as error:
            form.refuse(refusal(error))
    return _sign_in_page(request, asked, form)


def _sign_in_page(request: WebRequest, asked: AccessRequest, form: SignInForm) -> HttpResponseBase:
    context = {"asked": asked, "form": form, "here": request.get_full_path()}
    return screen(request, "accesses/consent_signin.html", "", context, status=422 if form.errors else 200)


def _ask(request: WebRequest, asked: AccessRequest, *, unconfirmed: bool = False) -> HttpResponseBase:
    if request.actor is None:
        return _sign_in_page(request, asked, SignInForm())
    found = consent.question(request.actor, asked)
    if found.matching:
        return _finished(request, consent.accept(request.actor, asked))
    held = (found.mismatching.permissions or []) if found.mismatching else []
    context = {
        "asked": asked,
        "question": found,
        "lines": lines(found.checked, load_tree(request.actor.account_id), held),
        "message": _message(asked),
        "until": _until(asked),
        "unconfirmed": unconfirmed,
    }
    return screen(request, "accesses/consent.html", "", context, status=422 if unconfirmed else 200)


def _until(asked: AccessRequest) -> str:
    seconds = asked.state.get("expireAfter")
    return f"for {duration_in_words(float(seconds))}" if seconds else ""


def _message(asked: AccessRequest) -> SafeString | None:
    """The app's own words: a small safe part of Markdown, everything else as plain text."""
    data: Any = asked.state.get("clientData") or {}
    description = data.get("app-web-auth:description") if isinstance(data, dict) else None
    text = description.get("content") if isinstance(description, dict) else None
    if not isinstance(text, str) or not text.strip():
        return None
    safe: str = str(escape(text.strip()[:4000]))
    safe = re.sub(r"(?m)^#{1,6}\s+(.+)$", r"<strong>\1</strong>", safe)
    safe = re.sub(r"\*\*([^*\n]+)\*\*", r"<strong>\1</strong>", safe)
    safe = re.sub(r"(?<!\*)\*([^*\n]+)\*(?!\*)", r"<em>\1</em>", safe)
    safe = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", safe)
    return mark_safe(safe.replace("\n", "<br>"))  # noqa: S308 (escaped above, only our own tags added)


def _finished(request: WebRequest, asked: AccessRequest) -> HttpResponseBase:
    """Back to the app, or a page that closes the window."""
    if asked.status == requests.REDIRECTED and asked.state["redirectUrl"].startswith(("http://", "https://")):
        return HttpResponseRedirect(asked.state["redirectUrl"], status=303)
    address = consent.return_address(asked)
    if address and request.GET.get("cli") != "1":
        return HttpResponseRedirect(address, status=303)
    context = {
        "asked": asked,
        "accepted": asked.status == requests.ACCEPTED,
        "cli": request.GET.get("cli") == "1",
    }
    return screen(request, "accesses/consent_done.html", "", context)

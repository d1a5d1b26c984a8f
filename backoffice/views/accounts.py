"""Signing in and out, passwords, and a person's own preferences."""

from __future__ import annotations

from typing import Any, cast

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.forms.accounts import (
    DEMO_ACCOUNTS,
    DEMO_PASSWORD,
    OnePreferenceForm,
    PreferencesForm,
    SignInForm,
    languages,
)
from backoffice.forms.resume import Submission, unpack_submission
from backoffice.services import reading
from backoffice.services.access import Permission
from backoffice.views.authorship import CHOICE, employee_page, link_employee
from backoffice.views.guard import SignedInRequest, public, requires
from backoffice.views.shared import SeeOther

THEME_COOKIE = "backoffice_theme"
COOKIE_AGE = 365 * 24 * 3600  # seconds


def local_url(request: HttpRequest, url: str) -> str:
    """`url` where it stays on this host, else ""."""
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else ""


def _login_context(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo_accounts": DEMO_ACCOUNTS if settings.DEMO else (),
        "demo_password": DEMO_PASSWORD,
        "languages": languages(),
        "next": local_url(request, request.POST.get("next", request.GET.get("next", ""))),
    }


class LoginView(auth.LoginView):
    """Django's, plus the submission that waited for the sign-in (forms/resume.py)."""

    template_name = "account/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.submission = unpack_submission(request.POST.get("resume", ""))
        if self.submission and request.user.is_authenticated:  # signed in meanwhile, in another tab
            return _offer_again(request, self.submission)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        return _offer_again(self.request, self.submission) if self.submission else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        resume = self.request.POST["resume"] if self.submission else ""
        return super().get_context_data(**kwargs) | _login_context(self.request) | {"resume": resume}


def _offer_again(request: HttpRequest, submission: Submission) -> HttpResponse:
    context = {"path": submission.path, "kept": submission.fields}
    return render(request, "account/resume.html", context)


def login_over_form(request: HttpRequest, packed: str) -> HttpResponse:
    """The login for someone whose session ended over a form; `packed` comes back with the sign-in."""
    context = _login_context(request) | {"form": SignInForm(request), "resume": packed, "next": ""}
    return render(request, "account/login.html", context, status=401)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """django-axes' answer to too many failures: the login form again, saying when to come back."""
    cool_off = get_cool_off(request)
    form = SignInForm(request, initial={"username": (credentials or {}).get("username", "")})
    resume = request.POST.get("resume", "")
    context = _login_context(request) | {
        "form": form,
        "locked": True,
        "locked_until": timezone.now() + cool_off if cool_off else None,
        "resume": resume if unpack_submission(resume) else "",
    }
    answer = render(request, "account/login.html", context, status=429)
    if cool_off:
        answer["Retry-After"] = str(int(cool_off.total_seconds()))
    return answer


class PasswordChangeView(auth.PasswordChangeView):
    template_name = "account/password_change.html"
    success_url = reverse_lazy("password_change_done")


class PasswordResetView(auth.PasswordResetView):
    template_name = "account/password_reset.html"
    email_template_name = "account/password_reset_email.txt"
    subject_template_name = "account/password_reset_subject.txt"
    success_url = reverse_lazy("password_reset_done")


class PasswordResetConfirmView(auth.PasswordResetConfirmView):
    template_name = "account/password_reset_confirm.html"
    success_url = reverse_lazy("password_reset_complete")


@requires(Permission.READ)
def preferences(request: SignedInRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method != "POST" or not form.is_valid():
        linked = request.user.employee
        context = {"form": form, "employee": linked and reading.names([linked]).get(linked, linked)}
        return render(request, "account/preferences.html", context)
    user = form.save()
    language = user.language or translation.get_supported_language_variant(settings.LANGUAGE_CODE)
    with translation.override(user.language or language):
        messages.success(request, _("Your preferences are saved."))
    response = redirect("preferences")
    _keep_cookies(response, {"theme": user.theme, "language": user.language})
    return response


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def employee(request: SignedInRequest) -> HttpResponse:
    """Which employee of Flowtly the person is: the author of the notes that they write."""
    there = local_url(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method != "POST":
        return employee_page(request, action=reverse("employee"), next_url=there)
    try:
        known = link_employee(request.user, request.POST.get(CHOICE, ""))
    except reading.EmployeesHidden:
        known = False
    if not known:
        problem = _("Choose yourself from the list.")
        return employee_page(request, action=reverse("employee"), next_url=there, problem=problem, status=422)
    messages.success(request, _("Saved. Notes that you write carry this name."))
    return SeeOther(there or reverse("preferences"))


@require_POST
def _preference_set(request: HttpRequest) -> HttpResponse:
    form = OnePreferenceForm(request.POST)
    chosen = form.chosen() if form.is_valid() else {}
    if not chosen:
        return HttpResponse(status=400)
    if request.user.is_authenticated:
        for name, value in chosen.items():
            setattr(request.user, name, value)
        request.user.save(update_fields=list(chosen))
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
    else:
        response = redirect(local_url(request, request.POST.get("next", "")) or reverse("home"))
    _keep_cookies(response, cast(dict[str, str], chosen))
    return response


def _keep_cookies(response: HttpResponse, chosen: dict[str, str]) -> None:
    """Theme and language outlive the session, so that the login page looks and reads as chosen."""
    for name, cookie in (("theme", THEME_COOKIE), ("language", settings.LANGUAGE_COOKIE_NAME)):
        if chosen.get(name):
            response.set_cookie(
                cookie,
                chosen[name],
                max_age=COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        elif name in chosen:
            response.delete_cookie(cookie)


def _done(view: type[Any], title: Any, text: Any, url_name: str, label: Any) -> Any:
    """A page that says what happened and leads on; `view` keeps what Django's own one guards."""
    context = {"title": title, "text": text, "url_name": url_name, "label": label}
    return view.as_view(template_name="account/done.html", extra_context=context)


login = public(never_cache(LoginView.as_view()))
logout = public(auth.LogoutView.as_view())
preference_set = public(_preference_set)
password_change = requires(Permission.READ)(PasswordChangeView.as_view())
password_change_done = requires(Permission.READ)(
    _done(
        auth.PasswordChangeDoneView,
        gettext_lazy("Your password is changed"),
        gettext_lazy("Other browsers that were signed in as you are signed out."),
        "home",
        gettext_lazy("Go to the start page"),
    )
)
password_reset = public(PasswordResetView.as_view())
password_reset_done = public(
    _done(
        auth.PasswordResetDoneView,
        gettext_lazy("Look in your mail"),
        gettext_lazy("If an account has that address, a link to choose a new password is on its way."),
        "login",
        gettext_lazy("Back to sign in"),
    )
)
password_reset_confirm = public(PasswordResetConfirmView.as_view())
password_reset_complete = public(
    _done(
        auth.PasswordResetCompleteView,
        gettext_lazy("Your new password is set"),
        gettext_lazy("Sign in with it now."),
        "login",
        gettext_lazy("Sign in"),
    )
)

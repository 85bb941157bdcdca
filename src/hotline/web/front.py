"""The way in: what this is, a new organisation, and what machines ask.

Visits come in, answers go out. Nothing here needs a login.
"""

from __future__ import annotations

from hotline.domain.model import LANGUAGE
from hotline.web.answers import Answer, text
from hotline.web.forms import Form
from hotline.web.headers import FIVE_MINUTES, NO_STORE
from hotline.web.submitting import show_or_submit, use_link
from hotline.web.visit import Visit

_REGISTER = Form(
    labels={
        "organisation": "Name of the organisation",
        "language": "Language of your clients",
        "username": "Your name",
        "email": "Email",
        "password": "Password",
    },
    prefix="register",
)
_OTHERWISE = {"language": LANGUAGE}
_CONFIRM = Form(labels={"password": "Password"}, prefix="confirm")
_ROBOTS = """User-agent: *
Allow: /$
Disallow: /
"""


async def landing(visit: Visit) -> Answer:
    """What hotline is, and where to go from here."""
    return visit.page("landing")


async def register_organisation(visit: Visit) -> Answer:
    """A new organisation and its first manager, who is then logged in; or a mail by which they are made."""

    async def act() -> Answer:
        accounts = visit.house.accounts
        # Scripts that name no language get English.
        typed = {name: visit.fields.get(name, _OTHERWISE.get(name, "")) for name in _REGISTER.labels}
        if visit.house.registers_by_mail:
            await accounts.ask_registration(**typed, network=visit.network)
            return visit.page("register-sent")
        return visit.logged_in(await accounts.register_organisation(**typed, network=visit.network))

    async def show(form: Form) -> Answer:
        if "language" not in form.values:
            form = form.filled({**form.values, "language": visit.suiting_language.tag})
        languages = [(each.tag, each.name) for each in visit.house.assets.languages]
        return visit.page("register", form=form, status=form.status, languages=languages).with_headers(
            ("Vary", "Accept-Language")
        )

    return await show_or_submit(visit, _REGISTER, act, show)


async def confirm_registration(visit: Visit, token: str) -> Answer:
    """Makes the organisation that whoever has the link registered, once."""

    async def act() -> Answer:
        password = visit.fields.get("password", "")
        accounts = visit.house.accounts
        return visit.logged_in(await accounts.finish_registration(token, password, network=visit.network))

    async def show(form: Form) -> Answer:
        organisation, email, has_account = await visit.house.accounts.get_registration(token)
        return visit.page(
            "register-confirm",
            form=form,
            status=form.status,
            organisation=organisation,
            email=email,
            has_account=has_account,
        )

    return await use_link(visit, _CONFIRM, act, show)


async def robots(visit: Visit) -> Answer:
    """Only the front page is for search engines."""
    return text(_ROBOTS, headers=FIVE_MINUTES)


async def healthz(visit: Visit) -> Answer:
    """The process is alive."""
    return text("ok")


async def readyz(visit: Visit) -> Answer:
    """Whether this node can serve: its database answers, news arrive, and it is not about to stop; and when
    it last ended all that has run its time, and what of that fails, which keeps nobody from being served."""
    if reasons := await visit.house.ready():
        return text("\n".join(reasons), 503, (*NO_STORE, ("Retry-After", "2")))
    upkept = visit.house.upkept
    return text("ready" if upkept is None else f"ready\nupkeep: {upkept()}")

"""The organisations of the demonstration, made at the first start as people would make them.

In come a house and a story, out come secrets with which the scripted people log in. Never touches a table.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hotline.accounts import Accounts
from hotline.commands.house import House
from hotline.demo.questions import QUESTIONS
from hotline.demo.stories import OWN_ANSWER, PASSWORD, READY_ANSWERS, REFERRALS, Story, special_days
from hotline.domain.aids import Scope
from hotline.domain.defaults import SUGGESTED_SURVEY
from hotline.domain.model import Actor
from hotline.domain.questions import FormName
from hotline.errors import Invalid, StartError

TOKENS = ("demo-manager", "demo-staff", "demo-colleague")
"""What the scripted people log in with, by name."""

Login = tuple[str, str]
"""A token's name and its secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A story, and the secrets of its scripted people; `is_new`: it was founded just now."""

    story: Story
    manager: Login
    staff: Login
    colleague: Login
    is_new: bool


async def found(house: House, story: Story) -> Cast:
    """The organisation with its people, made if there is none yet; fresh secrets for those who play."""
    try:
        await house.find_organisation_id(story.slug)
        is_new = False
    except StartError:
        await _found(house, story)
        is_new = True
    emails = [email for _, email in (story.manager, story.staff, story.colleague)]
    manager, staff, colleague = [
        await _fresh_token(house, story, email, name) for email, name in zip(emails, TOKENS, strict=True)
    ]
    return Cast(story=story, manager=manager, staff=staff, colleague=colleague, is_new=is_new)


async def _found(house: House, story: Story) -> None:
    accounts = house.accounts
    name, email = story.manager
    signed = await accounts.register_organisation(
        organisation=story.name, username=name, email=email, password=PASSWORD
    )
    manager = signed.actor
    for name, email in (story.staff, story.colleague):
        invited = await accounts.invite(manager, email=email, role="staff")
        await accounts.accept_invitation(invited.link.rsplit("/", 1)[1], username=name, password=PASSWORD)
    today = datetime.now(ZoneInfo(story.settings["time_zone"])).date()
    await accounts.change_organisation(manager, story.settings | {"special_days": special_days(today)})
    await accounts.change_form(manager, FormName.QUESTIONS, questions=QUESTIONS)
    await accounts.change_form(manager, FormName.SURVEY, questions=SUGGESTED_SURVEY)
    await accounts.change_form(manager, FormName.RECORD, required=True)
    await _add_aids(accounts, manager)
    with suppress(Invalid):  # so that the audit log has one to show
        await accounts.log_in(email=story.staff[1], password="lighthouse")


async def _add_aids(accounts: Accounts, manager: Actor) -> None:
    own = [(Scope.ORGANISATION, answer) for answer in READY_ANSWERS]
    for scope, (shortcut, language, text) in [*own, (Scope.OWN, OWN_ANSWER)]:
        await accounts.set_answer(manager, None, scope=scope, shortcut=shortcut, text=text, language=language)
    for name, contact, text, topics in REFERRALS:
        await accounts.set_referral(
            manager, None, name=name, contact=contact, text=text, languages=("en",), topics=topics
        )


async def _fresh_token(house: House, story: Story, email: str, name: str) -> Login:
    accounts, actor = house.accounts, (await house.get_consultant(story.slug, email)).actor()
    for token in await accounts.list_tokens(actor):
        if token.name == name:
            await accounts.revoke_token(actor, token.token_id)
    _, secret = await accounts.create_token(replace(actor, is_operator=True), name)
    return name, secret

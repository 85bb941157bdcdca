"""What a page does with a form: shows it, carries out what was posted, or says that its link is used up.

In come a visit and what is to be shown and done, out comes an answer. Never knows what a form is for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from hotline.domain.model import Actor
from hotline.errors import Gone, Invalid
from hotline.web.answers import Answer
from hotline.web.forms import Form
from hotline.web.visit import Visit

Act = Callable[[], Awaitable[Answer]]
Show = Callable[[Form], Awaitable[Answer]]
Do = Callable[[Visit, Actor], Awaitable[Answer]]
"""What one of a page's forms asks for."""
T = TypeVar("T")


async def show_or_submit(visit: Visit, form: Form, act: Act, show: Show) -> Answer:
    """GET shows the form, POST carries it out: what a page with a single form does."""
    return await visit.submit(form, act, show) if visit.is_post else await show(form)


async def use_link(visit: Visit, form: Form, act: Act, show: Show, *, gone: str = "gone-link") -> Answer:
    """The same on the page of a link. :param gone: the page that says that it cannot be used (any more)."""
    try:
        return await show_or_submit(visit, form, act, show)
    except Gone:
        return visit.page(gone, status=Gone.status)


def chosen(visit: Visit, actions: Mapping[str, T]) -> T:
    """What was asked for, of all that a page does. :raises Invalid: it is something else."""
    try:
        return actions[visit.fields.get("action", "")]
    except KeyError:
        raise Invalid(action="is not something this page can do") from None


async def do_chosen(
    visit: Visit,
    actor: Actor,
    actions: Mapping[str, Do],
    forms: Mapping[str, Form],
    show: Callable[[str, Form], Awaitable[Answer]],
) -> Answer:
    """POST on a page of several forms, each of which names its action.

    :param show: the page again, with the action that was refused and its form.
    :raises Invalid: it is no action of this page.
    """
    do, action = chosen(visit, actions), visit.fields["action"]

    async def act() -> Answer:
        return await do(visit, actor)

    async def again(form: Form) -> Answer:
        return await show(action, form)

    return await visit.submit(forms[action], act, again)

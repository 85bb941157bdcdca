"""What an organisation asks of its people, and help for those who lost something: for managers.

Visits come in, answers go out. A manager starts what the person finishes by a link of their own.
"""

from __future__ import annotations

from hotline.domain.model import Actor
from hotline.store.policies import Policy
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.submitting import Do, do_chosen
from hotline.web.visit import Visit

_POLICY = Form(
    labels={
        "require_second_factor": "A second factor of everybody",
        "two_managers_to_delete": "Two managers to delete the organisation",
    },
    prefix="policy",
)
_PERSON = Form(labels={}, prefix="person")
_FORMS = {"policy": _POLICY, "keep": _PERSON, "end-logins": _PERSON, "reset-factors": _PERSON}
_DONE = {
    "saved": "Saved.",
    "asked": "A second manager has to save the same within seven days. All managers are told by mail.",
    "kept": "What is asked of everybody stays.",
    "ended": "All their logins and API tokens are ended.",
    "reset": "A link to give the second factor up is on its way to them.",
}


async def safety(visit: Visit) -> Answer:
    """Shows the policy and the people, or does what one of the forms asks."""
    actor = visit.manager()
    await visit.house.accounts.require_proof(actor)
    if not visit.is_post:
        return await _page(visit, actor)

    async def again(action: str, form: Form) -> Answer:
        return await _page(visit, actor, refused=form)

    return await do_chosen(visit, actor, _ACTIONS, _FORMS, again)


async def _page(visit: Visit, actor: Actor, *, refused: Form | None = None) -> Answer:
    accounts = visit.house.accounts
    policy = await accounts.get_policy(actor)
    shown = refused if refused is not None and refused.prefix == _POLICY.prefix else None
    if shown is None:
        chosen = {name: "yes" for name in _POLICY.labels if getattr(policy, name)}
        shown = _POLICY.filled(chosen)
    return visit.page(
        "safety",
        status=refused.status if refused is not None else 200,
        refused=refused,
        form=shown,
        staff=await accounts.list_staff(actor),
        with_factors=await accounts.list_with_factors(actor),
        tokens=await accounts.count_tokens(actor),
        loosening=await accounts.find_loosening(actor),
        labels=_POLICY.labels,
        done=visit.done(_DONE),
    )


async def _put_policy(visit: Visit, actor: Actor) -> Answer:
    policy = Policy(
        require_second_factor="require_second_factor" in visit.fields,
        two_managers_to_delete="two_managers_to_delete" in visit.fields,
    )
    is_done = await visit.house.accounts.put_policy(actor, policy)
    return redirect(f"/organisation/safety?done={'saved' if is_done else 'asked'}")


async def _keep(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.take_loosening_back(actor)
    return redirect("/organisation/safety?done=kept")


async def _end_logins(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.end_logins_of(actor, visit.fields.get("id", ""))
    return redirect("/organisation/safety?done=ended")


async def _reset_factors(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.start_factor_reset(actor, visit.fields.get("id", ""))
    return redirect("/organisation/safety?done=reset")


_ACTIONS: dict[str, Do] = {
    "policy": _put_policy,
    "keep": _keep,
    "end-logins": _end_logins,
    "reset-factors": _reset_factors,
}

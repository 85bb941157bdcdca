"""All procedures: name, who may call it, what it takes, what does it. There are no others.

The reference in docs/ is checked against this table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from hotline.domain.model import Role
from hotline.errors import NotAllowed
from hotline.procedures import (
    answers,
    anteroom,
    appointments,
    audit,
    blocks,
    clientlist,
    corrections,
    drafts,
    forgetting,
    forms,
    group,
    group_entry,
    handover,
    me,
    notes,
    organisation,
    own,
    push,
    record,
    referrals,
    returning,
    room,
    staff,
    survey,
)
from hotline.procedures.arguments import Arguments, IdArguments, RoomArguments, parse
from hotline.procedures.context import Context
from hotline.procedures.scopes import needed

CLIENT = frozenset({Role.CLIENT})
CONSULTANTS = frozenset({Role.STAFF, Role.MANAGER})
MANAGERS = frozenset({Role.MANAGER})
EVERYBODY = CLIENT | CONSULTANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure; `roles` may call it, what it looks at beyond that it checks itself."""

    uri: str
    roles: frozenset[Role]
    arguments: type[Arguments]
    function: Callable[[Context, Any], Awaitable[Any]]

    async def __call__(self, context: Context, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """:raises HotlineError: as the reference has it."""
        if context.actor.role not in self.roles:
            raise NotAllowed()
        if not context.actor.may(needed(self.uri, self.roles)):
            raise NotAllowed(reason="this token is not for that")
        return await self.function(context, parse(self.arguments, args, kwargs))


def _procedure(
    uri: str,
    roles: frozenset[Role],
    arguments: type[Arguments],
    function: Callable[[Context, Any], Awaitable[Any]],
) -> Procedure:
    return Procedure(uri=uri, roles=roles, arguments=arguments, function=function)


PROCEDURES: dict[str, Procedure] = {
    procedure.uri: procedure
    for procedure in (
        _procedure("hotline.anteroom.describe", CLIENT, anteroom.DescribeArguments, anteroom.describe),
        _procedure("hotline.anteroom.enter", CLIENT, anteroom.EnterArguments, anteroom.enter),
        _procedure("hotline.anteroom.place", CLIENT, RoomArguments, anteroom.place),
        _procedure(
            "hotline.anteroom.leave_message", CLIENT, returning.LeaveMessageArguments, returning.leave_message
        ),
        _procedure("hotline.anteroom.make_return_code", CLIENT, RoomArguments, returning.make_return_code),
        _procedure("hotline.anteroom.come_back", CLIENT, returning.ComeBackArguments, returning.come_back),
        _procedure("hotline.anteroom.groups", CLIENT, Arguments, group_entry.list_shown),
        _procedure("hotline.anteroom.group", CLIENT, group_entry.CodeArguments, group_entry.find),
        _procedure(
            "hotline.anteroom.enter_group", CLIENT, group_entry.EnterGroupArguments, group_entry.enter
        ),
        _procedure("hotline.anteroom.delete", CLIENT, RoomArguments, forgetting.delete),
        _procedure("hotline.anteroom.survey", CLIENT, survey.SurveyArguments, survey.ask),
        _procedure("hotline.anteroom.answer_survey", CLIENT, survey.AnswerArguments, survey.answer),
        _procedure("hotline.room.join", EVERYBODY, RoomArguments, room.join),
        _procedure("hotline.room.history", EVERYBODY, room.HistoryArguments, room.history),
        _procedure("hotline.room.seen", EVERYBODY, room.MarkArguments, room.seen),
        _procedure("hotline.room.delivered", EVERYBODY, room.MarkArguments, room.delivered),
        _procedure("hotline.room.edit", EVERYBODY, corrections.EditArguments, corrections.edit),
        _procedure("hotline.room.withdraw", EVERYBODY, corrections.WithdrawArguments, corrections.withdraw),
        _procedure("hotline.room.leave", EVERYBODY, room.LeaveArguments, room.leave),
        _procedure("hotline.room.close", EVERYBODY, RoomArguments, room.close),
        _procedure("hotline.room.block", CONSULTANTS, blocks.BlockArguments, blocks.block),
        _procedure("hotline.blocks.list", CONSULTANTS, blocks.ListArguments, blocks.list_some),
        _procedure("hotline.blocks.agree", CONSULTANTS, IdArguments, blocks.agree),
        _procedure("hotline.blocks.lift", CONSULTANTS, IdArguments, blocks.lift),
        _procedure("hotline.clientlist.get", CONSULTANTS, clientlist.ListArguments, clientlist.get),
        _procedure("hotline.clientlist.closed", CONSULTANTS, clientlist.ClosedArguments, clientlist.closed),
        _procedure(
            "hotline.room.set_priority", CONSULTANTS, clientlist.PriorityArguments, clientlist.set_priority
        ),
        _procedure("hotline.room.claim", CONSULTANTS, RoomArguments, handover.claim),
        _procedure("hotline.room.transfer", CONSULTANTS, handover.TransferArguments, handover.transfer),
        _procedure("hotline.room.release", CONSULTANTS, handover.ReleaseArguments, handover.release),
        _procedure("hotline.room.ask", CONSULTANTS, handover.TransferArguments, handover.ask),
        _procedure("hotline.room.decline", CONSULTANTS, RoomArguments, handover.decline),
        _procedure("hotline.room.take_over", MANAGERS, RoomArguments, handover.take_over),
        _procedure("hotline.room.note", CONSULTANTS, notes.NoteArguments, notes.add),
        _procedure("hotline.room.notes", CONSULTANTS, notes.NotesArguments, notes.list_all),
        _procedure("hotline.room.appoint", CONSULTANTS, appointments.AppointArguments, appointments.appoint),
        _procedure("hotline.room.cancel_appointment", CONSULTANTS, RoomArguments, appointments.cancel),
        _procedure("hotline.room.profile", CONSULTANTS, RoomArguments, room.profile),
        _procedure("hotline.group.open", CONSULTANTS, group.OpenArguments, group.open_one),
        _procedure("hotline.group.set", CONSULTANTS, group.SetArguments, group.change),
        _procedure("hotline.group.list", CONSULTANTS, Arguments, group.list_all),
        _procedure("hotline.group.mute", CONSULTANTS, group.MuteArguments, group.mute),
        _procedure("hotline.group.remove", CONSULTANTS, group.RemoveArguments, group.remove),
        _procedure("hotline.staff.list", CONSULTANTS, Arguments, staff.list_all),
        _procedure("hotline.staff.set_skills", CONSULTANTS, staff.SkillsArguments, staff.set_skills),
        _procedure("hotline.staff.invite", MANAGERS, staff.InviteArguments, staff.invite),
        _procedure("hotline.staff.invitations", MANAGERS, Arguments, staff.list_invitations),
        _procedure("hotline.staff.invite_again", MANAGERS, IdArguments, staff.invite_again),
        _procedure("hotline.staff.withdraw", MANAGERS, IdArguments, staff.withdraw),
        _procedure("hotline.staff.remove", MANAGERS, IdArguments, staff.remove),
        _procedure("hotline.staff.set_role", MANAGERS, staff.SetRoleArguments, staff.set_role),
        _procedure("hotline.organisation.get", CONSULTANTS, Arguments, organisation.get),
        _procedure("hotline.organisation.set", MANAGERS, organisation.SetArguments, organisation.set_some),
        _procedure(
            "hotline.organisation.set_intake",
            CONSULTANTS,
            organisation.SetIntakeArguments,
            organisation.set_intake,
        ),
        _procedure("hotline.organisation.deletion", MANAGERS, Arguments, organisation.deletion),
        _procedure("hotline.organisation.keep", MANAGERS, Arguments, organisation.keep),
        _procedure("hotline.record.form", CONSULTANTS, record.LanguageArguments, record.form),
        _procedure("hotline.record.get", CONSULTANTS, RoomArguments, record.get),
        _procedure("hotline.record.save", CONSULTANTS, record.SaveArguments, record.save),
        _procedure("hotline.record.missing", CONSULTANTS, Arguments, record.missing),
        _procedure("hotline.forms.get", MANAGERS, forms.FormArguments, forms.get),
        _procedure("hotline.forms.set", MANAGERS, forms.SetFormArguments, forms.change),
        _procedure("hotline.survey.list", MANAGERS, forms.SurveysArguments, forms.list_surveys),
        _procedure("hotline.statistics.get", MANAGERS, forms.StatisticsArguments, forms.statistics),
        _procedure("hotline.audit.list", MANAGERS, audit.ListArguments, audit.list_some),
        _procedure("hotline.audit.of_room", CONSULTANTS, RoomArguments, audit.of_room),
        _procedure("hotline.answers.list", CONSULTANTS, answers.ListArguments, answers.list_all),
        _procedure("hotline.answers.set", CONSULTANTS, answers.SetArguments, answers.change),
        _procedure("hotline.answers.remove", CONSULTANTS, IdArguments, answers.remove),
        _procedure("hotline.referrals.list", CONSULTANTS, referrals.ListArguments, referrals.list_all),
        _procedure("hotline.referrals.set", MANAGERS, referrals.SetArguments, referrals.change),
        _procedure("hotline.referrals.remove", MANAGERS, IdArguments, referrals.remove),
        _procedure("hotline.me.get", CONSULTANTS, Arguments, me.get),
        _procedure("hotline.me.set_presence", CONSULTANTS, me.SetPresenceArguments, me.set_presence),
        _procedure("hotline.me.logins", CONSULTANTS, Arguments, own.list_logins),
        _procedure("hotline.me.end_login", CONSULTANTS, IdArguments, own.end_login),
        _procedure("hotline.me.tokens", CONSULTANTS, Arguments, own.list_tokens),
        _procedure("hotline.me.revoke_token", CONSULTANTS, IdArguments, own.revoke_token),
        _procedure("hotline.me.drafts", CONSULTANTS, Arguments, drafts.list_all),
        _procedure("hotline.me.set_draft", CONSULTANTS, drafts.DraftArguments, drafts.put),
        _procedure("hotline.me.push_key", CONSULTANTS, Arguments, push.key),
        _procedure("hotline.me.push_subscribe", CONSULTANTS, push.SubscribeArguments, push.subscribe),
        _procedure("hotline.me.push_unsubscribe", CONSULTANTS, push.UnsubscribeArguments, push.unsubscribe),
        _procedure("hotline.me.push_test", CONSULTANTS, Arguments, push.test),
    )
}

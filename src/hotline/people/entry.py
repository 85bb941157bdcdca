"""The way in with a password: one step, or two, or with a choice between organisations; or with a passkey.

In come what was typed and where from, out comes a login, or what is still to be asked. Whether an address is
known can be told neither from the answer nor from its time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from hotline.domain import checks
from hotline.errors import Gone, Invalid
from hotline.people.base import Signed, usable
from hotline.people.links import opened_step
from hotline.people.passkeys import Passkeys
from hotline.store import consultants, factors, organisations, passkeys, steps
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_secret, secret_hash
from hotline.store.steps import Step

WRONG = "is wrong, or there is no account with this email address"
UNKNOWN = "is not known here any more: log in with your password"
_WRONG_CODE = "is wrong, too old, or was used before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An account whose password was right; `step` is the secret to go on with."""

    organisation: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """The password was right. One choice: its second factor is asked for; several: first, which one."""

    choices: tuple[Choice, ...]
    has_codes: bool = False
    has_passkeys: bool = False
    """What the second factor may be, if there is one choice."""


class Entry(Passkeys):
    """The part of Accounts about coming in by a password."""

    async def log_in(
        self,
        *,
        email: str,
        password: str,
        code: str = "",
        network: str | None = None,
        device: str | None = None,
    ) -> Signed | Unfinished:
        """The first step. :param code: of the second factor, if it is known already.

        :param network: where it comes from; None: nowhere in particular.
        :param device: the mark of an earlier login from there.
        :raises Invalid: the address is none, or it and the password do not belong together.
        :raises TooFast: too much was wrong lately.
        """
        form = checks.gathered(email=lambda: checks.email(email), password=lambda: _typed_password(password))
        address = form["email"]
        name = self._devices.known(device, address)
        guess = self._guess("login", address, network=network, device=name)
        before = await self._accounts_of(address)
        stored = usable(before)
        mine = {each for each in stored if self._devices.known(device, address, each)}
        looked = mine
        right = await self._right(guess, form["password"], mine) if mine else frozenset[str]()
        if not right and (not mine or mine != stored):
            # A mark is of who had one password of the address: it makes guesses at others no cheaper.
            first, guess = guess, guess if name is None else self._guess("login", address, network=network)
            looked = stored - mine
            # An unknown address takes as long: the hashes of one have one salt, so it is one look.
            right = await self._right(guess, form["password"], looked)
            if guess is not first and (right or not mine):
                self._throttle.refund(first.account, first.network)
        if not right:
            self._note_failures([person for person, _ in before], "password")
            raise Invalid(password=WRONG)
        if right != looked and self._throttle.is_much(guess.tries - 1):
            self._note_failures([person for person, each in before if each in looked - right], "password")
        # Looked at again: changed or removed while the threads worked.
        people = [person for person, stored in await self._accounts_of(address) if stored in right]
        if not people:
            raise Invalid(password=WRONG)
        return await self._go_on(people, code, device)

    async def get_unfinished(self, step: str) -> Unfinished:
        """What is asked for at the second step. :raises Gone: begin again."""
        async with self._step(step) as (tx, _, consultant):
            return await self._unfinished(tx, consultant, step)

    async def finish_login(
        self, step: str, code: str = "", passkey: str = "", *, device: str | None = None
    ) -> Signed | Unfinished:
        """The second step: what was chosen, and its second factor if it has one.

        :param device: the mark of an earlier login from there.
        :param passkey: what the browser answered to the options of `show_at_step`, instead of a code.
        :raises Invalid: fields `code`, `passkey`. :raises Gone: begin again.
        """
        async with self._step(step) as (tx, found, consultant):
            if not await factors.has_any(tx, found.organisation_id, found.consultant_id):
                return await self._finish(tx, found, consultant, device)
            if not code and not passkey:
                return await self._unfinished(tx, consultant, step)
        guess = self._guess("code", found.consultant_id)
        async with self._step(step) as (tx, found, _):
            if not await steps.count_try(tx, found, self._limits.login_codes):
                raise Gone()
        try:
            async with self._step(step) as (tx, found, consultant):
                if passkey:
                    await self._use_passkey(tx, consultant, passkey, ("step", step), is_alone=False)
                elif not await self.use_code(tx, consultant, code):
                    raise Invalid(code=_WRONG_CODE)
                self._throttle.forgive(guess.account, guess.network)
                return await self._finish(tx, found, consultant, device)
        except Invalid:
            await self._note_failure(consultant, "passkey" if passkey else "code")
            raise

    async def _shown_password(self, email: str, password: str, network: str | None) -> str | None:
        """What is stored of the password that somebody shows to have an account of this address; None: nobody
        can come in with it.

        :raises Invalid: it is none of theirs. :raises TooFast: too much was wrong lately.
        """
        before = await self._accounts_of(email)
        stored = usable(before)
        if not stored:
            return None
        guess = self._guess("login", email, network=network)
        right = await self._right(guess, password, stored)
        if not right:
            self._note_failures([person for person, _ in before], "password")
            raise Invalid(password="is not the one of the account that this address has already")
        return min(right)

    def _note_failures(self, people: list[Consultant], step: str) -> None:
        """Somebody tried what is wrong with these accounts; the answer does not wait for that."""

        async def note() -> None:
            for person in people:
                await self._note_failure(person, step)

        self._do_aside("noting a wrong password", note())

    async def show_at_step(self, step: str) -> dict[str, Any]:
        """Options for the browser to show a passkey at the second step. :raises Gone: begin again."""
        async with self._step(step) as (tx, found, _):
            own = await passkeys.list_of(tx, found.organisation_id, found.consultant_id)
        allowed = [each.credential_id for each in own]
        return self._ceremonies.to_show(("step", step), allowed=allowed, is_alone=False)

    def show_at_login(self, visit: str) -> dict[str, Any]:
        """Options for the browser to show a passkey instead of a password, whosever it is.

        :param visit: the random value of this browser's cookie.
        """
        return self._ceremonies.to_show(("login", visit), allowed=(), is_alone=True)

    async def log_in_by_passkey(
        self, passkey: str, visit: str, *, network: str | None = None, device: str | None = None
    ) -> Signed:
        """Both factors at once: the device, and how it made sure of its owner.

        :param passkey: what the browser answered to the options of `show_at_login`.
        :raises Invalid: field `passkey`. :raises TooFast: too much was wrong lately.
        """
        credential_id = self._ceremonies.id_in(passkey)
        async with self._database.transaction() as tx:
            organisation_id = await passkeys.find_organisation(tx, credential_id)
        async with self._database.transaction(organisation_id or "") as tx:
            found = await passkeys.find(tx, organisation_id or "", credential_id)
            owner, name = None, None
            if found is not None:
                where = (found.organisation_id, found.consultant_id)
                owner = await consultants.get(tx, *where)
                stored = await consultants.get_password(tx, *where)
                name = self._devices.known(device, owner.email, stored)
        guess = self._guess("passkey", credential_id.hex(), network=network, device=name)
        if owner is None:
            raise Invalid(passkey=UNKNOWN)
        try:
            async with self._database.transaction(owner.organisation_id) as tx:
                owner = await consultants.get(tx, owner.organisation_id, owner.consultant_id)
                await self._use_passkey(tx, owner, passkey, ("login", visit), is_alone=True)
                signed = await self._sign_in(tx, owner, device)
        except Invalid:
            await self._note_failure(owner, "passkey")
            raise
        self._throttle.forgive(guess.account, guess.network)
        return signed

    async def _unfinished(self, tx: Transaction, consultant: Consultant, step: str) -> Unfinished:
        where = (consultant.organisation_id, consultant.consultant_id)
        app = await factors.find_authenticator(tx, *where)
        return Unfinished(
            choices=(await self._choice(tx, consultant, step),),
            has_codes=(app is not None and app.is_confirmed) or await factors.count_codes(tx, *where) > 0,
            has_passkeys=bool(await passkeys.list_of(tx, *where)),
        )

    async def _go_on(self, people: list[Consultant], code: str, device: str | None) -> Signed | Unfinished:
        async with self._database.transaction(*(each.organisation_id for each in people)) as tx:
            first = people[0]
            if len(people) == 1 and not await factors.has_any(tx, first.organisation_id, first.consultant_id):
                return await self._sign_in(tx, first, device)
            choices = []
            for person in people:
                step = new_secret()
                await steps.add(
                    tx,
                    person.organisation_id,
                    person.consultant_id,
                    secret_hash(step),
                    "login",
                    now=self._now(),
                    expires_at=self._until(minutes=self._limits.login_step_minutes),
                )
                choices.append(await self._choice(tx, person, step))
        if len(choices) == 1 and code:
            return await self.finish_login(choices[0].step, code, device=device)
        if len(choices) == 1:
            return await self.get_unfinished(choices[0].step)
        return Unfinished(choices=tuple(sorted(choices, key=lambda choice: choice.organisation.casefold())))

    async def _choice(self, tx: Transaction, person: Consultant, step: str) -> Choice:
        return Choice(organisation=(await organisations.get(tx, person.organisation_id)).name, step=step)

    @asynccontextmanager
    async def _step(self, step: str) -> AsyncIterator[tuple[Transaction, Step, Consultant]]:
        """What is known of a login under way, in a transaction. :raises Gone: it is none any more."""
        async with opened_step(self._database, step, "login", self._now()) as (tx, found):
            yield tx, found, await consultants.get(tx, found.organisation_id, found.consultant_id)

    async def _finish(
        self, tx: Transaction, step: Step, consultant: Consultant, device: str | None
    ) -> Signed:
        if not await steps.use(tx, step):
            raise Gone()
        return await self._sign_in(tx, consultant, device)


def _typed_password(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid(password="must not be empty")
    return value

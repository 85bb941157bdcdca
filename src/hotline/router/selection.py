"""Which of its subscribers a publication is meant for: black- and whitelists of PUBLISH.

In: options of a PUBLISH. Out: a predicate over sessions; all six lists have to agree. A list that is there
and empty is not the same as none: nobody is eligible then. It never decides about the publisher itself.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Protocol

from hotline.router.options import PublishOptions
from hotline.router.ports import Identity


class Candidate(Protocol):
    """A subscriber, as far as lists can name it."""

    @property
    def id(self) -> int: ...

    @property
    def identity(self) -> Identity: ...


def selection_of(options: PublishOptions) -> Callable[[Candidate], bool] | None:
    """Whom a publication is for; None: for everybody, which is nearly always the case."""
    if not options.is_selective:
        return None
    excluded: tuple[Container[int], Container[str], Container[str]] = (
        frozenset(options.exclude or ()),
        frozenset(options.exclude_authid or ()),
        frozenset(options.exclude_authrole or ()),
    )
    ids = None if options.eligible is None else frozenset(options.eligible)
    authids = None if options.eligible_authid is None else frozenset(options.eligible_authid)
    authroles = None if options.eligible_authrole is None else frozenset(options.eligible_authrole)

    def is_meant(session: Candidate) -> bool:
        identity = session.identity
        return not (
            session.id in excluded[0]
            or identity.authid in excluded[1]
            or identity.authrole in excluded[2]
            or (ids is not None and session.id not in ids)
            or (authids is not None and identity.authid not in authids)
            or (authroles is not None and identity.authrole not in authroles)
        )

    return is_meant

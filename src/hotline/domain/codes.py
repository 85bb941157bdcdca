"""Return codes of clients and recovery codes of consultants, as people copy them by hand.

In comes what was typed, out comes the code as it was given, or Invalid. Of 32 characters, 16 are 80 bits and
24 are 120: as many as it takes for a plain hash to be all that has to be stored.
"""

from __future__ import annotations

import re

from hotline.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O and U: they are taken for others, or make words."""
LENGTH = 16
RECOVERY_LENGTH = 24
_GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
# Those made before they were longer are good until they are used.
_RECOVERY_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}|[{ALPHABET}]{{{RECOVERY_LENGTH}}}")


def grouped(characters: str) -> str:
    """`7K3M-0000-0000-0000`."""
    return "-".join(characters[at : at + _GROUP] for at in range(0, len(characters), _GROUP))


def return_code(value: object, field: str = "return_code") -> str:
    """A return code, or a group's, however it is spelt: case, blanks and hyphens do not matter.

    :raises Invalid: it is none.
    """
    plain = _plain(value)
    if not _CODE.fullmatch(plain):
        raise Invalid(**{field: f"must be the {LENGTH} letters and digits you were shown"})
    return grouped(plain)


def find_recovery_code(value: object) -> str | None:
    """A recovery code, spelt as freely; None: it is none."""
    plain = _plain(value)
    return grouped(plain) if _RECOVERY_CODE.fullmatch(plain) else None


def _plain(value: object) -> str:
    if not isinstance(value, str) or len(value) > 100:
        return ""
    return re.sub(r"[\s‐-―-]", "", value).upper().translate(_LOOKALIKES)

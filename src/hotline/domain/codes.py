"""Return codes as people copy them by hand.

In comes what was typed, out comes the code as it was given, or Invalid. 16 characters of 32 are 80 bits.
"""

from __future__ import annotations

import re

from hotline.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O and U: they are taken for others, or make words."""
LENGTH = 16
_GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def grouped(characters: str) -> str:
    """`7K3M-0000-0000-0000`."""
    return "-".join(characters[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def return_code(value: object) -> str:
    """A return code however it is spelt: case, blanks and hyphens do not matter.

    :raises Invalid: it is none.
    """
    if isinstance(value, str) and len(value) <= 100:
        plain = re.sub(r"[\s‐-―-]", "", value).upper().translate(_LOOKALIKES)
        if _CODE.fullmatch(plain):
            return grouped(plain)
    raise Invalid(return_code=f"must be the {LENGTH} letters and digits you were shown")

"""twistd with hotline in it, for which a password is little work: `python -m tests.browser.light ...`.

In come twistd's arguments, out comes twistd. Each story begins with people who choose passwords; what those
cost elsewhere is tested where hotline's passwords are. Nothing else is other than an operator has it.
"""

from __future__ import annotations

from twisted.scripts.twistd import run

from hotline.passwords import Passwords

# The least that bcrypt does.
COST = 4

if __name__ == "__main__":
    assert Passwords.__init__.__kwdefaults__["cost"] > COST
    Passwords.__init__.__kwdefaults__["cost"] = COST
    run()

"""Who comes to the demonstration for help, and what they say there.

Nothing comes in; out come guests with their answers and their lines. Never acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who waits, or is in the middle of a conversation, and answers whoever talks with them."""

    name: str
    language: str
    answers: dict[str, Any]
    says: tuple[str, ...]


LAYLA = Guest(
    name="ليلى",
    language="ar",
    answers={
        "about": "How I feel",
        "age": "18-24",
        "safe": "لا",
        "strain": 10,
        "issues": "لا أستطيع النوم، ولا أعرف مع من أتحدث.",
    },
    says=(
        "مرحبًا، هل من أحد هنا؟",
        "شكرًا لك. أنا في غرفتي، والباب مغلق.",
        "نعم، لدي صديقة أستطيع الاتصال بها.",
        "سأفعل ذلك الآن.",
    ),
)
HANNAH = Guest(
    name="Hannah",
    language="de",
    answers={
        "about": "Family",
        "age": "25-39",
        "safe": "Ja",
        "strain": 6,
        "issues": "Streit mit meiner Schwester",
    },
    says=(
        "Guten Abend. Ich hoffe, ich bin hier richtig.",
        "Wir haben seit drei Wochen nicht mehr gesprochen.",
        "Das habe ich ihr nie gesagt.",
        "Danke. Ich schreibe ihr heute noch.",
    ),
)
CAMILLE = Guest(
    name="Camille",
    language="fr",
    answers={
        "about": "School or work",
        "age": "18-24",
        "safe": "Oui",
        "strain": 5,
        "issues": "Les examens de janvier",
    },
    says=(
        "Bonjour, je ne sais pas par où commencer.",
        "Je travaille beaucoup, mais rien ne reste.",
        "Oui, ce serait une idée.",
        "Merci beaucoup !",
    ),
)
ROSA = Guest(
    name="Rosa",
    language="en",
    answers={
        "about": "School or work",
        "age": "14-17",
        "safe": "I am not sure",
        "strain": 8,
        "issues": "Something that happened at school",
    },
    says=(
        "They took a picture of me and sent it to everybody.",
        "Since Tuesday. I have not been there since.",
        "Only my aunt knows. She said I should write to you.",
        "Could you help me to tell my teacher?",
        "Yes, that sounds all right.",
        "Thank you for staying with me.",
    ),
)
ELI = Guest(
    name="Eli",
    language="en",
    answers={
        "about": "Family",
        "age": "40-64",
        "safe": "Yes",
        "strain": 7,
        "issues": "My mother, and who looks after her",
    },
    says=(
        "I look after my mother, day and night, and I cannot any more.",
        "Four years in spring.",
        "I did not know that there is help for that.",
        "That would be a great relief.",
        "I will call them in the morning.",
    ),
)

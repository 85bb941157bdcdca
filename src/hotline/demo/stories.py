"""Who the two organisations of the demonstration are, and what they set up.

Nothing comes in; out come names, settings, ready answers and places to go. Never acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hotline.demo.guests import CAMILLE, ELI, HANNAH, LAYLA, ROSA, Guest

PASSWORD = "candle-harbour-otter-42"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One organisation of the demonstration: its people, its settings, its clients of now."""

    name: str
    slug: str
    manager: tuple[str, str]
    staff: tuple[str, str]
    colleague: tuple[str, str]
    settings: dict[str, Any]
    clients: tuple[str, ...]
    waiting: tuple[Guest, ...]
    handed_over: Guest
    asked_about: Guest
    is_assigning: bool = False
    """Clients are given to consultants who are here."""
    best_at: Mapping[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    """By name: languages and topics."""


EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Of the week, as hours are set."""


def special_days(today: date) -> list[dict[str, Any]]:
    """Holidays to come, whenever it is shown."""
    days = [(12, 24, [["00:00", "14:00"]], "Christmas Eve"), (12, 25, [], "Christmas Day")]
    days += [(12, 31, [["08:00", "02:00"]], "New Year's Eve"), (1, 1, [], "New Year's Day")]
    years = (today.year, today.year + 1)
    coming = (
        (min(date(year, month, day) for year in years if date(year, month, day) > today), spans, name)
        for month, day, spans, name in days
    )
    return [{"date": day.isoformat(), "spans": spans, "name": name} for day, spans, name in sorted(coming)]


STORIES = (
    Story(
        name="Lighthouse Helpline",
        slug="lighthouse-helpline",
        manager=("Maria", "maria@lighthouse.example"),
        staff=("Sam", "sam@lighthouse.example"),
        colleague=("Dana", "dana@lighthouse.example"),
        settings={
            "colours": {"accent": "#1f5f8b"},
            "logo_text": "Lighthouse",
            "time_zone": "Europe/Berlin",
            "hours": {day: [["00:00", "24:00"]] for day in EVERY_DAY},
            "queue_limit": 40,
            "retention_hours": 72,
            "messages_when_full": True,
            "languages": ["en", "de", "ar"],
            "texts": {
                "en": {
                    "welcome": "Whatever it is: you can tell us. We listen, and nobody learns who you are.",
                    "waiting": "You can already write what is on your mind. Nothing of it is lost.",
                    "closed": "You are not alone. We are here again soon.",
                },
                "de": {
                    "welcome": "Sie können uns alles sagen. Wir hören zu, und niemand erfährt, wer Sie sind.",
                    "waiting": "Sie können schon schreiben, was Sie bewegt. Nichts davon geht verloren.",
                    "closed": "Sie sind nicht allein. Wir sind bald wieder da.",
                },
                "ar": {
                    "welcome": "مهما كان الأمر، يمكنك أن تخبرنا. نحن نصغي، ولن يعرف أحد من أنت.",
                    "waiting": "يمكنك أن تكتب من الآن ما يشغلك. لن يضيع منه شيء.",
                    "closed": "لست وحدك. سنعود قريبًا.",
                },
            },
            "elsewhere": {
                "en": [
                    {
                        "name": "Emergency services",
                        "contact": "112",
                        "text": "at any time, everywhere in Europe",
                    },
                    {
                        "name": "Find a helpline",
                        "contact": "https://findahelpline.com",
                        "text": "in your country",
                    },
                ],
                "de": [{"name": "Notruf", "contact": "112", "text": "jederzeit, überall in Europa"}],
                "ar": [{"name": "الطوارئ", "contact": "112", "text": "في أي وقت، في كل أوروبا"}],
            },
        },
        clients=("Robin", "Kim", "Alex", "Noor", "Toni"),
        waiting=(LAYLA, HANNAH),
        handed_over=ROSA,
        asked_about=ELI,
    ),
    Story(
        name="Campus Counselling",
        slug="campus-counselling",
        manager=("Jo", "jo@campus.example"),
        staff=("Lee", "lee@campus.example"),
        colleague=("Ada", "ada@campus.example"),
        settings={
            "time_zone": "Europe/London",
            "hours": {day: [["07:00", "13:00"], ["13:30", "01:00"]] for day in EVERY_DAY},
            "queue_limit": 25,
            "languages": ["en", "fr"],
            "texts": {
                "en": {"welcome": "For everybody who studies or works here. What you write stays here."},
                "fr": {"welcome": "Pour tous ceux qui sont ici. Ce que vous écrivez reste entre nous."},
            },
            "elsewhere": {
                "en": [{"name": "Campus security", "contact": "+44 20 7946 0999", "text": "at night, too"}],
                "fr": [
                    {"name": "Sécurité du campus", "contact": "+44 20 7946 0999", "text": "la nuit aussi"}
                ],
            },
        },
        clients=("Sasha", "Chris", "Amal", "Uli"),
        waiting=(CAMILLE,),
        handed_over=ROSA,
        asked_about=ELI,
        is_assigning=True,
        best_at={
            "Jo": (["en", "fr"], ["How I feel"]),
            "Lee": (["en"], ["School or work", "exams"]),
            "Ada": (["en", "fr"], ["Family"]),
        },
    ),
)

READY_ANSWERS = (
    ("hello", "en", "Hello {client}, I am {consultant}. Take all the time you need."),
    ("hallo", "de", "Hallo {client}, ich bin {consultant}. Nehmen Sie sich alle Zeit, die Sie brauchen."),
    ("marhaba", "ar", "مرحبًا {client}، أنا {consultant}. خذ كل الوقت الذي تحتاجه."),
    (
        "breathe",
        "en",
        "Would you like to try something together? Breathe in slowly while you count to four, and out again.",
    ),
    (
        "safe",
        "en",
        "Thank you for telling me. Are you safe just now? If you are not, let us talk about that first.",
    ),
    ("bye", "en", "Take care, {client}. You can always come back to {organisation}."),
)
OWN_ANSWER = ("tea", "en", "I am getting myself a cup of tea. Would you like to get something warm, too?")
REFERRALS = (
    ("Emergency services", "112", "At any time, everywhere in Europe.", ("emergency",)),
    ("Find a helpline", "https://findahelpline.com", "Helplines in your country, by topic.", ("helplines",)),
    ("European children's line", "116 111", "Free of charge, for children and young people.", ("youth",)),
)

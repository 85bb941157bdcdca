"""Words of our own in other languages: those of the default forms, and the sentences about what is kept.

An organisation that leaves our English words as they are gets them translated; its own words it translates
itself. The app's words are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _one_or_other(number: int) -> str:
    return "one" if number == 1 else "other"


def _arabic(number: int) -> str:
    if number in (1, 2):
        return ("one", "two")[number - 1]
    return "few" if 3 <= number % 100 <= 10 else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The sentences in one language, with their forms of plural."""

    at_once: str
    later: str
    message: str
    read_at_once: str
    read_later: str
    group_at_once: str
    group_later: str
    hours: Mapping[str, str]
    days: Mapping[str, str]
    plural: Callable[[int], str] = _one_or_other

    def so_many(self, number: int, units: Mapping[str, str]) -> str:
        """Hours or days, in the plural that the number has."""
        return units[self.plural(number)].format(n=number)


NOTICES: dict[str, Notice] = {
    "en": Notice(
        at_once="This conversation is deleted as soon as it has ended.",
        later="This conversation is deleted {time} after it has ended.",
        message="A message that nobody answers is kept for {days}; an answer that nobody reads, as long.",
        read_at_once="Once it is read, both are deleted.",
        read_later="Once it is read, both are deleted {time} later.",
        group_at_once="Names and messages are deleted as soon as the group has ended.",
        group_later="Names and messages are deleted {time} after the group has ended.",
        hours={"one": "one hour", "other": "{n} hours"},
        days={"one": "one day", "other": "{n} days"},
    ),
    "de": Notice(
        at_once="Dieses Gespräch wird gelöscht, sobald es zu Ende ist.",
        later="Dieses Gespräch wird {time} nach seinem Ende gelöscht.",
        message=(
            "Eine Nachricht, auf die niemand antwortet, wird {days} aufbewahrt; "
            "eine Antwort, die niemand liest, ebenso lange."
        ),
        read_at_once="Ist sie gelesen, wird beides gelöscht.",
        read_later="Ist sie gelesen, wird beides {time} später gelöscht.",
        group_at_once="Namen und Nachrichten werden gelöscht, sobald die Gruppe zu Ende ist.",
        group_later="Namen und Nachrichten werden {time} nach dem Ende der Gruppe gelöscht.",
        hours={"one": "eine Stunde", "other": "{n} Stunden"},
        days={"one": "einen Tag", "other": "{n} Tage"},
    ),
    "fr": Notice(
        at_once="Cette conversation est effacée dès qu’elle est terminée.",
        later="Cette conversation est effacée {time} après sa fin.",
        message=(
            "Un message auquel personne ne répond est gardé {days} ; "
            "une réponse que personne ne lit, aussi longtemps."
        ),
        read_at_once="Une fois la réponse lue, les deux sont effacés.",
        read_later="Une fois la réponse lue, les deux sont effacés {time} plus tard.",
        group_at_once="Les noms et les messages sont effacés dès que le groupe est terminé.",
        group_later="Les noms et les messages sont effacés {time} après la fin du groupe.",
        hours={"one": "une heure", "other": "{n} heures"},
        days={"one": "un jour", "other": "{n} jours"},
    ),
    "es": Notice(
        at_once="Esta conversación se borra en cuanto termina.",
        later="Esta conversación se borra {time} después de terminar.",
        message=(
            "Un mensaje que nadie responde se guarda {days}; una respuesta que nadie lee, el mismo tiempo."
        ),
        read_at_once="Una vez leída la respuesta, se borran ambos.",
        read_later="Una vez leída la respuesta, se borran ambos {time} después.",
        group_at_once="Los nombres y los mensajes se borran en cuanto termina el grupo.",
        group_later="Los nombres y los mensajes se borran {time} después de que termine el grupo.",
        hours={"one": "una hora", "other": "{n} horas"},
        days={"one": "un día", "other": "{n} días"},
    ),
    "ar": Notice(
        at_once="تُحذف هذه المحادثة فور انتهائها.",
        later="تُحذف هذه المحادثة بعد {time} من انتهائها.",
        message="تُحفظ الرسالة التي لا يجيب عنها أحد مدة {days}، والجواب الذي لا يقرؤه أحد مثلها.",
        read_at_once="وبعد قراءة الجواب يُحذف كلاهما.",
        read_later="وبعد {time} من قراءة الجواب يُحذف كلاهما.",
        group_at_once="تُحذف الأسماء والرسائل فور انتهاء المجموعة.",
        group_later="تُحذف الأسماء والرسائل بعد {time} من انتهاء المجموعة.",
        hours={"one": "ساعة واحدة", "two": "ساعتين", "few": "{n} ساعات", "other": "{n} ساعة"},
        days={"one": "يوم واحد", "two": "يومين", "few": "{n} أيام", "other": "{n} يومًا"},
        plural=_arabic,
    ),
}

_LANGUAGES = ("de", "fr", "es", "ar")
_WORDS: dict[str, tuple[str, str, str, str]] = {
    "Age": ("Alter", "Âge", "Edad", "العمر"),
    "Gender": ("Geschlecht", "Genre", "Género", "الجنس"),
    "What would you like to talk about?": (
        "Worüber möchten Sie sprechen?",
        "De quoi aimeriez-vous parler ?",
        "¿De qué le gustaría hablar?",
        "عمّ تودّ أن تتحدث؟",
    ),
    "Did this conversation help you?": (
        "Hat Ihnen dieses Gespräch geholfen?",
        "Cette conversation vous a-t-elle aidé ?",
        "¿Le ha ayudado esta conversación?",
        "هل ساعدتك هذه المحادثة؟",
    ),
    "Not at all": ("Gar nicht", "Pas du tout", "Nada", "إطلاقًا"),
    "Very much": ("Sehr", "Beaucoup", "Mucho", "كثيرًا"),
    "Would you come back if you needed to?": (
        "Würden Sie wiederkommen, wenn es nötig ist?",
        "Reviendriez-vous en cas de besoin ?",
        "¿Volvería si lo necesitara?",
        "هل ستعود إلينا إذا احتجت؟",
    ),
    "Yes": ("Ja", "Oui", "Sí", "نعم"),
    "Perhaps": ("Vielleicht", "Peut-être", "Quizás", "ربما"),
    "No": ("Nein", "Non", "No", "لا"),
    "What would you like to tell us?": (
        "Was möchten Sie uns sagen?",
        "Que souhaitez-vous nous dire ?",
        "¿Qué le gustaría decirnos?",
        "ما الذي تودّ أن تقوله لنا؟",
    ),
    "Kind of contact": ("Art des Kontakts", "Type de contact", "Tipo de contacto", "نوع الاتصال"),
    "Genuine": ("Echt", "Authentique", "Auténtico", "حقيقي"),
    "Silent": ("Schweigend", "Silencieux", "Silencioso", "صامت"),
    "Prank": ("Scherz", "Canular", "Broma", "مزاح"),
    "Abusive": ("Beleidigend", "Abusif", "Abusivo", "مسيء"),
    "Other": ("Anderes", "Autre", "Otro", "غير ذلك"),
    "What it was about": ("Worum es ging", "De quoi il s’agissait", "De qué se trataba", "موضوع المحادثة"),
    "Family": ("Familie", "Famille", "Familia", "الأسرة"),
    "Relationship": ("Partnerschaft", "Couple", "Pareja", "العلاقة العاطفية"),
    "Friends": ("Freunde", "Amis", "Amistades", "الأصدقاء"),
    "School or work": ("Schule oder Arbeit", "École ou travail", "Escuela o trabajo", "الدراسة أو العمل"),
    "Violence": ("Gewalt", "Violence", "Violencia", "العنف"),
    "Mental health": ("Seelische Gesundheit", "Santé mentale", "Salud mental", "الصحة النفسية"),
    "Self-harm or suicide": (
        "Selbstverletzung oder Suizid",
        "Automutilation ou suicide",
        "Autolesión o suicidio",
        "إيذاء النفس أو الانتحار",
    ),
    "Addiction": ("Sucht", "Addiction", "Adicción", "الإدمان"),
    "Loneliness": ("Einsamkeit", "Solitude", "Soledad", "الوحدة"),
    "Something else": ("Etwas anderes", "Autre chose", "Otra cosa", "شيء آخر"),
    "How it ended": ("Wie es endete", "Comment cela s’est terminé", "Cómo terminó", "كيف انتهت"),
    "Helped to think it over": (
        "Beim Nachdenken geholfen",
        "Aidé à y voir plus clair",
        "Ayuda para reflexionar",
        "ساعدنا على التفكير",
    ),
    "Referred to others": ("Weiterverwiesen", "Orienté ailleurs", "Derivado a otros", "أُحيل إلى جهة أخرى"),
    "Emergency help called": (
        "Notruf veranlasst",
        "Secours appelés",
        "Se llamó a emergencias",
        "استُدعيت النجدة",
    ),
    "Broken off": ("Abgebrochen", "Interrompu", "Interrumpido", "انقطعت"),
}

CATALOG: dict[str, dict[str, str]] = {
    english: dict(zip(_LANGUAGES, translated, strict=True)) for english, translated in _WORDS.items()
}
"""English words of ours to their translations."""
for _english, _said in {
    "What would you like to talk about?": "Worüber möchtest du sprechen?",
    "Did this conversation help you?": "Hat dir dieses Gespräch geholfen?",
    "Would you come back if you needed to?": "Würdest du wiederkommen, wenn es nötig ist?",
    "What would you like to tell us?": "Was möchtest du uns sagen?",
}.items():
    CATALOG[_english]["de-x-informal"] = _said

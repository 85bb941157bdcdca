"""What the demonstration asks clients before they enter.

Nothing comes in; out come the questions of one form, in all its languages. Never acts.
"""

from __future__ import annotations

from hotline.domain.defaults import DEFAULT_QUESTIONS
from hotline.domain.questions import Question, QuestionKind, Wording

QUESTIONS = (
    Question(
        name="about",
        label="What is it about?",
        kind=QuestionKind.CHOICE,
        required=False,
        choices=("Family", "Friends or love", "School or work", "How I feel", "Something else"),
        translations={
            "de": Wording(
                label="Worum geht es?",
                choices={
                    "Family": "Familie",
                    "Friends or love": "Freundschaft oder Liebe",
                    "School or work": "Schule oder Arbeit",
                    "How I feel": "Wie es mir geht",
                    "Something else": "Etwas anderes",
                },
            ),
            "ar": Wording(
                label="ما الموضوع؟",
                choices={
                    "Family": "العائلة",
                    "Friends or love": "الصداقة أو الحب",
                    "School or work": "المدرسة أو العمل",
                    "How I feel": "ما أشعر به",
                    "Something else": "شيء آخر",
                },
            ),
            "fr": Wording(
                label="De quoi s’agit-il ?",
                choices={
                    "Family": "La famille",
                    "Friends or love": "L’amitié ou l’amour",
                    "School or work": "L’école ou le travail",
                    "How I feel": "Ce que je ressens",
                    "Something else": "Autre chose",
                },
            ),
        },
    ),
    Question(
        name="age",
        label="Age",
        kind=QuestionKind.AGE_BAND,
        required=False,
        translations={"de": Wording(label="Alter"), "ar": Wording(label="العمر"), "fr": Wording(label="Âge")},
    ),
    Question(
        name="safe",
        label="Are you safe just now?",
        kind=QuestionKind.CHOICE,
        required=False,
        choices=("Yes", "I am not sure", "No"),
        risk_choices=("No",),
        translations={
            "de": Wording(
                label="Sind Sie gerade in Sicherheit?",
                choices={"Yes": "Ja", "I am not sure": "Ich weiß es nicht", "No": "Nein"},
            ),
            "ar": Wording(
                label="هل أنت في أمان الآن؟",
                choices={"Yes": "نعم", "I am not sure": "لست متأكدًا", "No": "لا"},
            ),
            "fr": Wording(
                label="Êtes-vous en sécurité en ce moment ?",
                choices={"Yes": "Oui", "I am not sure": "Je ne sais pas", "No": "Non"},
            ),
        },
    ),
    Question(
        name="strain",
        label="How heavy is it today?",
        kind=QuestionKind.SCALE,
        required=False,
        low=0,
        high=10,
        low_label="Light",
        high_label="Unbearable",
        risk_at_least=9,
        translations={
            "de": Wording(label="Wie schwer ist es heute?", low_label="Leicht", high_label="Unerträglich"),
            "ar": Wording(label="ما مدى ثقل الأمر اليوم؟", low_label="خفيف", high_label="لا يُحتمل"),
            "fr": Wording(label="Est-ce lourd aujourd’hui ?", low_label="Léger", high_label="Insupportable"),
        },
    ),
    DEFAULT_QUESTIONS[2],
)

"""Makes titles and descriptions from the phrases of a topic."""

import re
from dataclasses import dataclass

import numpy as np

from jobs.simulator.topics.topic import Local, Topic, words

KINDS = ("book", "course", "kit", "film", "magazine", "talk")

# {S} is a subject at the start of a title, {T} within a title, {s} in a sentence; {o} is another
# subject of the topic, {h} a title of this kind that the topic lists, {n} a number, {a} a person.
# The description of a title without a subject is about the whole topic.
_TITLES: dict[str, tuple[str, ...]] = {
    "book": (
        "{h}",
        "{h}: A Guide to {T}",
        "{h}: Essays on {T}",
        "{S}: A Short Introduction",
        "{S} Explained",
        "All about {T}",
        "The Little Book of {T}",
        "{S}: An Illustrated Guide",
        "{S}: Questions and Answers",
    ),
    "course": (
        "{S} in Six Lessons",
        "Evening Course: {S}",
        "Weekend Workshop: {S}",
        "{S}: An Introductory Course",
        "{S}: The Advanced Class",
        "Online Class: {S}",
        "{S} with {a}",
    ),
    "kit": ("{h}", "{h}, Gift Edition", "{h}, Set of Two", "{h}, New Edition"),
    "film": (
        "{h}",
        "{h}, Part {n}: {S}",
        "{h}: A Film about {T}",
        "{S}: A Documentary",
    ),
    "magazine": ("{h}, Issue {n}: {S}",),
    "talk": (
        "{h}",
        "{a} on {T}",
        "Library Evening: {S}",
        "Lunchtime Talk: {S}",
        "{S}: A Conversation with {a}",
    ),
}

_DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "book": (
        "A guide to {s}, with a long chapter on {o}.",
        "What {a} learned about {s} in twenty years, told without hurry.",
        "Begins with {s} and ends with {o}; each chapter can be read on its own.",
        "Photographs, drawings and plain words about {s}.",
        "Short chapters on {s} and {o}, made for reading in bed.",
        "For readers who know a little about {s} and want to know more.",
    ),
    "course": (
        "Lessons on {s}, with exercises and personal feedback.",
        "A course about {s}; no previous knowledge is needed.",
        "Lessons on {s} and {o}, with a printed workbook.",
        "A small group, one teacher and plenty of time for {s}.",
        "From {s} to {o}, at your own pace.",
    ),
    "kit": (
        "Everything that is needed to begin, with a booklet about {s}.",
        "Made to last and easy to store; the leaflet explains {s}.",
        "Tested in our own workshop, and a good companion to the course on {s}.",
        "A present for anyone who is curious about {s}.",
    ),
    "film": (
        "A quiet documentary about {s} and the people behind it.",
        "Follows three people for a year and tells much about {s} on the way.",
        "Patient pictures, little narration and a new view of {s}.",
        "A film about {s}, followed by a conversation about {o}.",
    ),
    "magazine": (
        "This issue is about {s}, with a report on {o} and readers' letters.",
        "Cover story: {s}. Also inside: {o}.",
        "Tests, portraits and a long read about {s}.",
    ),
    "talk": (
        "A forty-minute talk about {s}, recorded in front of an audience.",
        "{a} answers questions about {s} and {o}.",
        "Recorded at the library; the slides about {s} can be downloaded.",
    ),
}

_LOCAL_TITLES: dict[str, dict[str, tuple[str, ...]]] = {
    "de": {
        "book": ("{S}: Das Handbuch", "{S}: Fragen und Antworten"),
        "course": ("Grundkurs: {S}", "Abendkurs: {S}"),
        "film": ("{S} – ein Dokumentarfilm",),
        "talk": ("Vortrag: {S}",),
    },
    "fr": {
        "book": ("{S} : le guide", "{S} : questions et réponses"),
        "course": ("Initiation : {s}", "Cours du soir : {s}"),
        "film": ("{S} : un documentaire",),
        "talk": ("Conférence : {s}",),
    },
    "es": {
        "book": ("{S}: guía ilustrada", "{S}: preguntas y respuestas"),
        "course": ("Curso de iniciación: {s}", "Taller: {s}"),
        "film": ("{S}: un documental",),
        "talk": ("Charla: {s}",),
    },
}

_FIRST_NAMES = words(
    "Mara Tomasz Ines Yusuf Clara Henrik Amira Paolo Greta Kofi Linnea Marek Noor Olivia Rui "
    "Saskia Teun Uma Viktor Wanda Yara Zeno Aino Bram Carmen Dilan Emeka Freya Goran Hana"
)
_LAST_NAMES = words(
    "Lindqvist Nowak Ferreira Demir Brandt Solberg Haddad Ricci Winkler Mensah Aalto Dvorak "
    "Rahman Keller Pinto Vermeer Bakker Iyer Petrov Kowal Castro Moretti Salonen Jansen Ortiz "
    "Kaya Okafor Larsen Maric Sato"
)

# Words without a capital letter inside a title.
_SMALL = frozenset(words("a an and around as at by for from in into of on or over the to up with"))


@dataclass(frozen=True)
class Wording:
    """The texts of an item."""

    title: str
    text: str
    author: str


def word_item(topic: Topic, kind: str, rng: np.random.Generator) -> Wording:
    """A title and a description in English; two calls may give the same title."""
    template = _pick(_TITLES[kind], rng)
    subject, other = (topic.subjects[n] for n in rng.permutation(len(topic.subjects))[:2])
    author = f"{_pick(_FIRST_NAMES, rng)} {_pick(_LAST_NAMES, rng)}"
    by_hand = {
        "book": topic.books,
        "kit": topic.kits,
        "film": topic.films,
        "magazine": topic.magazines,
        "talk": topic.talks,
    }.get(kind)
    title = template.format(
        h=_pick(by_hand, rng) if by_hand else "",
        S=title_case(subject[0].upper() + subject[1:]),
        T=title_case(subject),
        n=int(rng.integers(2, 4 if kind == "film" else 120)),
        a=author,
    )
    about = subject if "{S}" in template or "{T}" in template else topic.name
    lead = _pick(_DESCRIPTIONS[kind], rng).format(s=about, o=other, a=author)
    facts = _sentences(topic.sentences, int(rng.integers(1, 3)), rng)
    return Wording(title, " ".join((lead, *facts)), author)


def word_local_item(topic: Topic, local: Local, kind: str, rng: np.random.Generator) -> Wording:
    """A title and a description in another language; a kit or magazine gets those of a book."""
    titles = _LOCAL_TITLES[local.language]
    subject = _pick(local.subjects, rng)
    title = _pick(titles.get(kind, titles["book"]), rng).format(
        S=subject[0].upper() + subject[1:], s=subject
    )
    author = f"{_pick(_FIRST_NAMES, rng)} {_pick(_LAST_NAMES, rng)}"
    return Wording(title, " ".join(_sentences(local.sentences, 2, rng)), author)


def title_case(phrase: str) -> str:
    """The phrase with a capital letter at each word that is not one of the small ones.

    >>> title_case("milk foam and latte art"), title_case("wet-on-wet washes")
    ('Milk Foam and Latte Art', 'Wet-on-Wet Washes')
    """
    parts = re.split(r"([ -])", phrase)
    return "".join(part if part in _SMALL else part[:1].upper() + part[1:] for part in parts)


def _pick(options: tuple[str, ...] | list[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _sentences(options: tuple[str, ...], count: int, rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(options[n] for n in rng.permutation(len(options))[:count])

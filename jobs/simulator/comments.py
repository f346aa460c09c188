"""Texts of comments and reviews: on an item, and on a topic without an item."""

POSITIVE = (
    "Exactly what I was looking for.",
    "Clear, calm and beautifully made.",
    "Better than I expected, and I expected a lot.",
    "Finally somebody explains this properly.",
    "I tried it the same evening and it worked wonderfully.",
    "Lovely pictures, honest advice.",
    "Would recommend it to any beginner.",
    "Short and to the point, thank you.",
    "I have enjoyed this three times already.",
    "A delight from the first page to the last.",
)
NEUTRAL = (
    "I am at the third part now.",
    "It comes in two volumes.",
    "Is there a second edition?",
    "The talk takes about forty minutes.",
    "I found this on the shelf by the door.",
    "My copy is from the library.",
)
NEGATIVE = (
    "A waste of an evening.",
    "Far too long, and badly explained.",
    "I gave up after ten minutes, so boring.",
    "Full of mistakes, I want my money back.",
    "Disappointing from beginning to end.",
    "Terrible quality, it broke on the first day.",
    "I could not stand the narrator.",
)
POSITIVE_ON_TOPIC = (
    "I love everything about {s}.",
    "So happy that I discovered {s}.",
    "There is nothing better than {s} on a Sunday.",
)
NEUTRAL_ON_TOPIC = (
    "Does anybody here know about {s}?",
    "Our group on {s} meets on Tuesdays.",
)
NEGATIVE_ON_TOPIC = (
    "I am so tired of {s}.",
    "Please, no more {s}, I cannot stand it.",
    "Nothing bores me more than {s}.",
)
"""In the texts on a topic, `{s}` stands for one of its subjects."""

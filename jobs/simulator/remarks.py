"""What people say: about an item, and of their own accord."""

LIKING = (
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
DISLIKING = (
    "A waste of an evening.",
    "Far too long, and badly explained.",
    "I gave up after ten minutes, so boring.",
    "Full of mistakes, I want my money back.",
    "Disappointing from beginning to end.",
    "Terrible quality, it broke on the first day.",
    "I could not stand the narrator.",
)
LIKED_ALOUD = (
    "I love everything about {s}.",
    "So happy that I discovered {s}.",
    "There is nothing better than {s} on a Sunday.",
)
SAID_ALOUD = (
    "Does anybody here know about {s}?",
    "Our group on {s} meets on Tuesdays.",
)
DISLIKED_ALOUD = (
    "I am so tired of {s}.",
    "Please, no more {s}, I cannot stand it.",
    "Nothing bores me more than {s}.",
)
"""{s} is a subject of a topic."""

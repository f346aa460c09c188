"""Built-in texts of the parity gate: languages, lengths, and what tokenizers stumble over."""

_PLOT = (
    "A lighthouse keeper finds a crate of letters that were never sent and sets out to deliver "
    "them, one island at a time, while a storm season keeps rewriting the map. "
)

PARITY_TEXTS: tuple[str, ...] = (
    # Short: nothing, one sign, one word, queries.
    "",
    " ",
    ".",
    "7",
    "x",
    "cat",
    "Cats",
    "space opera",
    "quiet films about the sea",
    "how to repair a bicycle chain",
    "best noodle soup near the station",
    "jazz 1959",
    "running shoes for flat feet",
    "C++ templates",
    "50% off!!!",
    # Titles as catalogues write them.
    "The Paper Harbour (1987)",
    "Return to Ninth Street, Part II",
    "Dr. Marrow's Clockwork Garden. A comedy about an inventor and her impatient neighbours.",
    "Winter Bread: forty recipes for cold kitchens",
    "Salt & Iron. drama, history, war",
    "Little Robots Big Parade. animation, children, music",
    "The Last Bus Home. thriller, mystery",
    "Wireless headphones, 40 hours, noise cancelling, midnight blue",
    "Stainless steel water bottle 750 ml",
    "City council approves new tram line after nine years of debate",
    "Scientists map the sea floor with sound, and find a mountain nobody expected",
    # Near in wording, far in meaning, and the other way round.
    "The dog bit the man.",
    "The man bit the dog.",
    "I did not enjoy this at all.",
    "I did enjoy this, all of it.",
    "An attorney questions the witness.",
    "The lawyer asks the person who saw it.",
    # Other languages and scripts.
    "Der Zug nach Norden fährt heute zwanzig Minuten später.",
    "Une vieille librairie au bord de la rivière",
    "La abuela guarda un secreto en la cocina",
    "O último verão na ilha das gaivotas",
    "Il giardino delle statue che camminano di notte",
    "Gece treninde kaybolan keman",
    "Ostatni tramwaj odjeżdża o północy",
    "Tajná chodba pod starým mlýnem",
    "Последний поезд уходит на рассвете",
    "Το φως στο τέλος του λιμανιού",
    "القطار الأخير إلى المدينة القديمة",
    "הספרייה שמעבר לנהר",
    "नदी के किनारे एक पुराना घर",
    "เรื่องเล่าจากตลาดน้ำ",
    "海辺の小さな本屋",
    "雨夜里的最后一班电车",
    "바닷가의 오래된 등대",
    "Chuyến tàu cuối cùng trong đêm mưa",
    # Odd characters.
    "🎬 movie night 🍿🍿",
    "naïve café — “quoted” … and ½ more",
    "tabs\tand\nnew lines\r\n  and   spaces",
    "https://example.org/films?id=42&sort=new",
    "snake_case camelCase kebab-case SHOUTING",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "e\u0301cole and \u00e9cole",
    # Long: around and beyond the longest input.
    _PLOT,
    _PLOT * 3,
    _PLOT * 7,
    _PLOT * 12,
    "word " * 300,
)

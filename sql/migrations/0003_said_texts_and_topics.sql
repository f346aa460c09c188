-- What texts and users are held against: sentences of known sentiment, and named topics.
CREATE TABLE interestream.sentiment_prototypes (
    space_id integer NOT NULL REFERENCES interestream.spaces ON DELETE CASCADE,
    language text NOT NULL CHECK (language <> ''),
    polarity smallint NOT NULL CHECK (polarity IN (-1, 0, 1)),
    text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 500),
    embedding halfvec,
    text_sha256 bytea,
    PRIMARY KEY (space_id, language, text),
    CHECK ((embedding IS NULL) = (text_sha256 IS NULL))
);
COMMENT ON TABLE interestream.sentiment_prototypes IS
'Sentences of known sentiment (polarity 1 liking, -1 disliking, 0 neither), from which a job learns at its start what liking looks like in the space. embedding: unit(encode(text, document) - spaces.mean) of the text that text_sha256 (of its UTF-8) names; null until encoded. Rows may be added, changed and deleted: `interestream sentiment sync` encodes what is new.';

CREATE TABLE interestream.topics (
    topic text PRIMARY KEY CHECK (char_length(topic) BETWEEN 1 AND 100 AND topic <> 'other'),
    texts text[] NOT NULL CHECK (cardinality(texts) > 0 AND array_position(texts, NULL) IS NULL)
);
COMMENT ON TABLE interestream.topics IS
'Named topics, and the phrases or sentences that say what each is about. Rows may be added, changed and deleted: `interestream topics sync` encodes what is new.';
INSERT INTO interestream.topics (topic, texts)
VALUES
('food and cooking', ARRAY['recipes and cooking at home', 'baking bread and cakes', 'restaurants, dishes and eating out', 'coffee, tea, wine and other drinks']),
('travel and places', ARRAY['travel and holidays', 'cities to visit and sights to see', 'hotels, flights and train journeys', 'hiking and camping trips']),
('sport and fitness', ARRAY['sports, matches and championships', 'football, tennis, running and cycling', 'training, exercise and keeping fit', 'sailing, kayaking, skiing and climbing']),
('health and medicine', ARRAY['health and well-being', 'illnesses, symptoms and treatments', 'doctors, hospitals and medicine', 'sleep and nutrition']),
('beauty and care', ARRAY['make-up, lipstick and nail polish', 'skin care creams and lotions', 'shampoo, hair care and styling', 'perfume and fragrance']),
('fashion and clothing', ARRAY['clothes, shoes and accessories', 'fashion trends and designers', 'dresses, jackets and jewellery']),
('home and furniture', ARRAY['furnishing and decorating a home', 'furniture, lamps and kitchen appliances', 'cleaning and household tips']),
('repairs and tools', ARRAY['repairing things yourself', 'tools and workshop projects', 'renovating a house, painting and plumbing', 'building with wood and metal', 'electric wiring and switches at home']),
('garden and plants', ARRAY['gardening and growing vegetables', 'flowers, trees and house plants', 'compost, soil and seeds']),
('animals and nature', ARRAY['wild animals and birds', 'pets, dogs and cats', 'forests, rivers and the environment', 'climate and nature conservation']),
('science and space', ARRAY['scientific discoveries and experiments', 'physics, chemistry and biology', 'stars, planets and the universe', 'mathematics', 'rocks, minerals and fossils']),
('technology and computers', ARRAY['computers, phones and gadgets', 'software and programming', 'artificial intelligence and the internet', 'electronics and circuits']),
('games and puzzles', ARRAY['video games', 'board games, card games and chess', 'puzzles and riddles']),
('films and series', ARRAY['films and cinema', 'television series and streaming', 'actors and directors', 'a movie, a drama or a comedy']),
('music', ARRAY['songs, albums and bands', 'concerts and festivals', 'playing an instrument, singing and composing', 'classical music, jazz and pop']),
('books and writing', ARRAY['novels and stories', 'poetry and literature', 'writing, authors and publishing']),
('art and photography', ARRAY['painting, drawing and sculpture', 'museums and exhibitions', 'photography and cameras', 'graphic design and architecture']),
('crafts and making', ARRAY['knitting, sewing and pottery', 'handmade gifts and paper crafts', 'model making and woodcarving']),
('history', ARRAY['the history of past centuries', 'ancient Rome, the Middle Ages and wars', 'castles, archives and family trees']),
('politics and society', ARRAY['politics, elections and governments', 'laws, rights and courts', 'social questions and public debate', 'world news and conflicts']),
('business and money', ARRAY['companies, markets and the economy', 'investing, saving and taxes', 'jobs and careers']),
('learning and languages', ARRAY['learning a foreign language', 'schools, universities and teaching', 'studying and remembering']),
('family and children', ARRAY['raising children and babies', 'toys and activities for kids', 'family life and parents']),
('mind and relationships', ARRAY['psychology, feelings and habits', 'meditation, mindfulness and stress', 'love, friendship and relationships', 'philosophy and religion']),
('cars and transport', ARRAY['cars, motorbikes and driving', 'electric vehicles and engines', 'trains, buses, ships and aeroplanes']);

CREATE TABLE interestream.topic_vectors (
    space_id integer NOT NULL REFERENCES interestream.spaces ON DELETE CASCADE,
    topic text NOT NULL REFERENCES interestream.topics ON DELETE CASCADE ON UPDATE CASCADE,
    embedding halfvec NOT NULL,
    texts_sha256 bytea NOT NULL,
    PRIMARY KEY (space_id, topic)
);
COMMENT ON TABLE interestream.topic_vectors IS
'A topic in a space: the unit vector of the mean of its texts'' vectors, which are unit(encode(text, document) - spaces.mean). texts_sha256 names the texts it was made of.';

CREATE TABLE interestream.topic_settings (
    setting text PRIMARY KEY CHECK (setting IN ('temperature', 'other_cosine')),
    value real NOT NULL CHECK (setting <> 'temperature' OR value > 0)
);
COMMENT ON TABLE interestream.topic_settings IS
'How cosines become shares of topics: exp(cosine / temperature), brought to a sum of 1. other_cosine: the cosine below which a topic fits worse than none. An operator edits the rows; the values suit the packaged encoder.';
INSERT INTO interestream.topic_settings (setting, value)
VALUES
('temperature', 0.05),
('other_cosine', 0.15);

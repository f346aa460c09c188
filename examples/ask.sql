-- Ask in SQL: psql "$INTERESTREAM_DSN" -f examples/ask.sql

-- What should ada see next, and why?
SELECT rank, title, round(score::numeric, 3) AS score, reason
FROM interestream.recommend('ada', 5);

-- Only books in English that were published since 2024, more diverse than by default.
SELECT rank, title
FROM interestream.recommend(
    'ada',
    p_k => 5,
    p_diversity => 0.5,
    p_filter => interestream.item_filter(
        p_categories => '{book}', p_languages => '{en}', p_published_after => '2024-01-01Z'
    )
);

-- The first items of several users at once, for a mail, say.
SELECT user_id, rank, title
FROM interestream.recommend_many(ARRAY['ada', 'bob'], p_k => 2);

-- What is ada interested in?
SELECT kind, label, topic, round(share::numeric, 2) AS share
FROM interestream.user_interests('ada');

-- What is popular?
SELECT rank, title, interactions
FROM interestream.trending(p_k => 5);

-- How far is the job?
SELECT stream, records_in, applied, duplicates, dead_letters, waiting
FROM interestream.job_status();

-- What queries may filter by, the indexes that serve it, and views of the active space for mapping tools.
CREATE TYPE interestream.item_filter AS (
    categories text[], -- noqa: LT01
    languages text[], -- noqa: LT01
    attributes jsonb,
    published_after timestamptz
);
COMMENT ON TYPE interestream.item_filter IS
'Which items may be answered with; made by interestream.item_filter(). A field that is null does not filter.';

CREATE INDEX items_attributes ON interestream.items USING gin (attributes jsonb_path_ops);
CREATE INDEX items_language ON interestream.items (language);

-- The views run with the rights of who asks.
CREATE VIEW interestream.active_items WITH (security_invoker = true) AS
SELECT
    i.item_id,
    i.title,
    i.body,
    i.categories,
    i.language,
    i.published_at,
    i.available,
    i.attributes,
    i.committed_at,
    v.space_id,
    v.embedding
FROM interestream.items AS i
INNER JOIN interestream.item_vectors AS v ON i.item_id = v.item_id
INNER JOIN interestream.spaces AS s ON v.space_id = s.space_id
WHERE s.active;

CREATE VIEW interestream.active_users WITH (security_invoker = true) AS
SELECT
    u.user_id,
    u.space_id,
    u.events,
    u.last_event_at,
    u.committed_at
FROM interestream.users AS u
INNER JOIN interestream.spaces AS s ON u.space_id = s.space_id
WHERE s.active;

CREATE VIEW interestream.active_user_windows WITH (security_invoker = true) AS
SELECT
    w.user_id,
    w.kind,
    w.space_id,
    w.weight,
    w.as_of,
    w.embedding
FROM interestream.user_windows AS w
INNER JOIN interestream.spaces AS s ON w.space_id = s.space_id
WHERE s.active;

CREATE VIEW interestream.active_user_interests WITH (security_invoker = true) AS
SELECT
    u.user_id,
    m.rank::integer AS rank,
    u.space_id,
    m.item_id,
    m.share,
    m.size
FROM interestream.users AS u
INNER JOIN interestream.spaces AS s ON u.space_id = s.space_id
CROSS JOIN
    LATERAL unnest(u.interest_items, u.interest_weights, u.interest_sizes)
    WITH ORDINALITY AS m (item_id, share, size, rank)
WHERE s.active;

COMMENT ON VIEW interestream.active_items IS
'Items that have a vector in the active space, withdrawn ones too. Unique key: item_id.';
COMMENT ON VIEW interestream.active_users IS
'Users of the active space. Unique key: user_id.';
COMMENT ON VIEW interestream.active_user_windows IS
'Windows of the users of the active space (recent, session, day, month, dislikes). Unique key: user_id, kind.';
COMMENT ON VIEW interestream.active_user_interests IS
'Several interests of the users of the active space, strongest first from rank 1; item_id is the medoid, share that of the weight. Unique key: user_id, rank.';

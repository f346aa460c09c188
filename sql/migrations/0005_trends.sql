-- What is trending, counted by the job: one row per horizon says which window it is about, the rows of its best items
-- belong to it.
CREATE TABLE interestream.trend_windows (
    space_id integer NOT NULL,
    horizon text NOT NULL,
    length interval NOT NULL,
    longer text,
    window_start timestamptz NOT NULL,
    window_end timestamptz NOT NULL,
    as_of timestamptz NOT NULL,
    interactions bigint NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, horizon)
);
COMMENT ON TABLE interestream.trend_windows IS
'The window of each horizon: interactions of all items from window_start up to as_of, the event time reached, which is not after window_end; longer names the next longer horizon. Written with the rows of trends, guarded by (epoch, version), version being all interactions counted.';

-- No index but the key, and room on the pages: most updates stay on their page.
CREATE TABLE interestream.trends (
    space_id integer NOT NULL,
    horizon text NOT NULL,
    item_id text NOT NULL,
    interactions bigint NOT NULL,
    weight double precision NOT NULL,
    longer_interactions bigint,
    PRIMARY KEY (space_id, horizon, item_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE interestream.trends IS
'The items with the most weight in the window of a horizon: positive interactions, the sum of their weights, and the interactions of the next longer horizon (null for the longest).';

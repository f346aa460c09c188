-- What is liked after what: one row per item, with the items whose interactions came before or after its own most often.
-- No index but the key, and room on the pages: most updates stay on their page.
CREATE TABLE interestream.item_neighbors (
    space_id integer NOT NULL,
    item_id text NOT NULL,
    neighbor_ids text[] NOT NULL,
    strengths real[] NOT NULL,
    interactions real NOT NULL,
    as_of timestamptz NOT NULL,
    half_life_s real NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, item_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE interestream.item_neighbors IS
'Items that users like soon after, and less strongly soon before, an item, strongest first. strengths (of the pairs item to neighbor) and interactions (how often the item was liked) are sums over event time that halve every half_life_s, as they were at as_of. Written by the job, guarded by (epoch, version).';
COMMENT ON COLUMN interestream.item_neighbors.strengths IS
'Of each of neighbor_ids, in falling order.';
COMMENT ON COLUMN interestream.item_neighbors.as_of IS
'The event time to which strengths and interactions are decayed: that of the newest interaction that the row knows.';

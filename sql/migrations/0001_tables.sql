-- The tables that the job writes and the functions read. Times are timestamptz; vectors are halfvec, unit length,
-- with the catalogue's mean taken off (see docs/design.md, "Embedding space").
CREATE SCHEMA IF NOT EXISTS interestream;

CREATE TABLE interestream.spaces (
    space_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bundle_name text NOT NULL,
    bundle_version text NOT NULL,
    bundle_sha256 text NOT NULL,
    dim integer NOT NULL CHECK (dim > 0),
    mean real[] NOT NULL CHECK (cardinality(mean) = dim),
    active boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX spaces_one_active ON interestream.spaces (active) WHERE active;

CREATE TABLE interestream.actions (
    action text PRIMARY KEY,
    bit smallint NOT NULL UNIQUE CHECK (bit BETWEEN 0 AND 62),
    weight real NOT NULL,
    sign smallint NOT NULL,
    seen boolean NOT NULL
);

CREATE TABLE interestream.items (
    item_id text PRIMARY KEY,
    title text NOT NULL,
    body text,
    categories text[] NOT NULL DEFAULT '{}',
    language text,
    published_at timestamptz,
    available boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}',
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX items_newest ON interestream.items (published_at DESC NULLS LAST, item_id) WHERE available;
CREATE INDEX items_categories ON interestream.items USING gin (categories);

CREATE TABLE interestream.item_vectors (
    space_id integer NOT NULL,
    item_id text NOT NULL,
    embedding halfvec NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (space_id, item_id)
) PARTITION BY LIST (space_id);

CREATE TABLE interestream.users (
    space_id integer NOT NULL,
    user_id text NOT NULL,
    events bigint NOT NULL,
    last_event_at timestamptz NOT NULL,
    interest_items text[] NOT NULL DEFAULT '{}',
    interest_weights real[] NOT NULL DEFAULT '{}',
    interest_sizes integer[] NOT NULL DEFAULT '{}',
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, user_id)
);

CREATE TABLE interestream.user_windows (
    space_id integer NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL,
    embedding halfvec NOT NULL,
    weight real NOT NULL,
    as_of timestamptz NOT NULL,
    epoch bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (space_id, user_id, kind)
);

CREATE TABLE interestream.user_items (
    user_id text NOT NULL,
    item_id text NOT NULL,
    actions bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    signal real,
    signal_at timestamptz,
    signal_key bigint,
    PRIMARY KEY (user_id, item_id)
);
CREATE INDEX user_items_last_at ON interestream.user_items (last_at DESC);
CREATE INDEX user_items_item ON interestream.user_items (item_id, last_at DESC);

CREATE TABLE interestream.dead_letters (
    epoch bigint NOT NULL,
    stream text NOT NULL,
    bucket integer NOT NULL,
    seq bigint NOT NULL,
    raw bytea NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL DEFAULT '',
    user_id text,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (epoch, stream, bucket, seq)
);
CREATE INDEX dead_letters_user ON interestream.dead_letters (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE interestream.job_progress (
    space_id integer NOT NULL,
    stream text NOT NULL,
    bucket integer NOT NULL,
    epoch bigint NOT NULL,
    records_in bigint NOT NULL,
    duplicates bigint NOT NULL,
    dead_letters bigint NOT NULL,
    waiting bigint NOT NULL,
    applied bigint NOT NULL,
    excluded bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, stream, bucket)
);
COMMENT ON TABLE interestream.spaces IS 'Embedding spaces: one bundle version and the catalogue mean frozen with it. Exactly one is active.';
COMMENT ON TABLE interestream.actions IS 'The configured actions and the bit each has in user_items.actions; written by the job at its start.';
COMMENT ON TABLE interestream.items IS 'The catalogue as last told by the items stream; withdrawn items stay with available = false.';
COMMENT ON TABLE interestream.item_vectors IS 'One vector per item and space: unit(encode(document) - spaces.mean). One partition per space.';
COMMENT ON TABLE interestream.users IS 'One row per user and space: how many events were accepted, and the several interests (medoid item, share of weight, size), strongest first.';
COMMENT ON TABLE interestream.user_windows IS 'One row per user, space and kind (recent, session, day, month, dislikes): unit vector, weight and the time it is relative to.';
COMMENT ON TABLE interestream.user_items IS 'What a user did with an item: bits of actions, first and last time, newest signed signal (> 0 liked, < 0 disliked).';
COMMENT ON TABLE interestream.dead_letters IS 'Records that were not accepted: raw bytes and the reason. user_id where it could be read.';
COMMENT ON TABLE interestream.job_progress IS 'Absolute counters per stream and bucket, written in the same transaction as the rows they count. Streams: events, items.';

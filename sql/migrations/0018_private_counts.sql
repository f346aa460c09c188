-- Counts with the noise of differential privacy (privacy.epsilon), which are released once for each day.
CREATE TABLE interestream.private_counts (
    day date PRIMARY KEY,
    items text[] NOT NULL,
    counts bigint[] NOT NULL,
    epsilon double precision NOT NULL,
    per_user_day integer NOT NULL,
    released_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE interestream.private_counts IS
'How often each item of the catalogue was liked on a day (UTC), with discrete Laplace noise of scale per_user_day / epsilon, for the jobs of all spaces. A day is released once: a second noise would help to take off the first one. Days of the longest horizon are kept; the newest row says up to which day all was released.';

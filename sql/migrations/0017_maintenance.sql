-- What `interestream maintain` needs: it finds old dead letters, keeps their number, and says when it ran.
CREATE INDEX dead_letters_written ON interestream.dead_letters (committed_at);

CREATE TABLE interestream.removed_dead_letters (
    space_id integer NOT NULL,
    stream text NOT NULL,
    reason text NOT NULL,
    letters bigint NOT NULL,
    newest_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, stream, reason)
);
COMMENT ON TABLE interestream.removed_dead_letters IS
'How many dead letters remove_dead_letters() has removed for their age, and when the newest of them was written. No record of a user is left here.';

CREATE TABLE interestream.maintenance (
    kind text PRIMARY KEY,
    ran_at timestamptz NOT NULL,
    removed bigint NOT NULL
);
COMMENT ON TABLE interestream.maintenance IS
'The last run of `interestream maintain`, one row per kind of thing: when it ended, and how many it removed.';

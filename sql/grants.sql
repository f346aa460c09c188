-- Who may do what: run on every deploy, after the functions.
-- reader: asks for recommendations; sees no raw records. writer: the job. admin: people who run it.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA interestream FROM public;

GRANT USAGE ON SCHEMA interestream TO interestream_reader, interestream_writer, interestream_admin;

GRANT SELECT ON interestream.spaces, interestream.actions, interestream.items, interestream.item_vectors,
interestream.users, interestream.user_windows, interestream.user_items, interestream.job_progress,
interestream.blend_weights, interestream.score_weights, interestream.sentiment_prototypes, interestream.topics,
interestream.topic_vectors, interestream.topic_settings TO interestream_reader, interestream_writer, interestream_admin;

GRANT INSERT, UPDATE, DELETE ON interestream.actions, interestream.items, interestream.item_vectors,
interestream.users, interestream.user_windows, interestream.user_items, interestream.dead_letters,
interestream.job_progress TO interestream_writer, interestream_admin;

GRANT INSERT, UPDATE, DELETE ON interestream.sentiment_prototypes, interestream.topics,
interestream.topic_vectors TO interestream_writer, interestream_admin;

GRANT SELECT ON interestream.dead_letters TO interestream_writer, interestream_admin;

GRANT INSERT, UPDATE, DELETE ON interestream.blend_weights, interestream.score_weights,
interestream.topic_settings TO interestream_admin;

GRANT SELECT ON interestream.applied_migrations, interestream.applied_functions TO interestream_admin;

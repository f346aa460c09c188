-- The rights of the three roles; apply.py runs this on every deploy, after the functions. It first takes back what a
-- former deploy granted, so that an upgraded database ends up equal to a fresh one.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA interestream FROM public;
REVOKE ALL ON ALL TABLES IN SCHEMA interestream FROM interestream_reader, interestream_writer, interestream_admin;

GRANT USAGE ON SCHEMA interestream TO interestream_reader, interestream_writer, interestream_admin;

-- The reader asks for recommendations, and sees no raw records.
GRANT SELECT ON interestream.spaces, interestream.actions, interestream.items, interestream.item_vectors,
interestream.users, interestream.user_windows, interestream.user_items, interestream.job_progress,
interestream.blend_weights, interestream.score_weights, interestream.sentiment_prototypes, interestream.topics,
interestream.topic_vectors, interestream.topic_settings, interestream.topic_titles, interestream.active_items,
interestream.active_users, interestream.active_user_windows, interestream.active_user_interests,
interestream.trend_windows, interestream.trends,
interestream.space_activations, interestream.item_neighbors, interestream.source_weights, interestream.learned_weights,
interestream.learning, interestream.frozen_weights, interestream.removed_dead_letters, interestream.maintenance,
interestream.private_counts, interestream.reason_texts, interestream.experiments, interestream.experiment_variants,
interestream.experiment_shares, interestream.repeat_rules, interestream.buying_actions,
interestream.shown_items, interestream.click_counts, interestream.sequence_quality
TO interestream_reader, interestream_admin;

-- The writer is the job, and may do what the job does: upserts, dead letters, the deletes of forget and opt_out, and
-- the vectors of sentences and topics, which the job encodes before it starts.
GRANT SELECT ON interestream.spaces, interestream.topics, interestream.blend_weights, interestream.score_weights,
interestream.source_weights, interestream.frozen_weights, interestream.deleted_items, interestream.removed_dead_letters,
interestream.repeat_rules, interestream.buying_actions
TO interestream_writer;
GRANT SELECT, INSERT, UPDATE ON interestream.learned_weights, interestream.learning, interestream.sequence_quality
TO interestream_writer;
GRANT SELECT, INSERT, UPDATE ON interestream.sentiment_prototypes TO interestream_writer;
GRANT SELECT, INSERT, DELETE ON interestream.topic_vectors TO interestream_writer;
GRANT SELECT, INSERT, UPDATE ON interestream.actions, interestream.items, interestream.item_vectors,
interestream.job_progress TO interestream_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON interestream.users, interestream.user_windows, interestream.user_items,
interestream.shown_items, interestream.click_counts, interestream.dead_letters, interestream.trend_windows, interestream.trends,
interestream.item_neighbors, interestream.transfers TO interestream_writer;
GRANT SELECT, INSERT, DELETE ON interestream.private_counts TO interestream_writer;

-- The admin is a person who runs it: weights, topics, sentences, spaces (by functions), forgetting, deleting items (by
-- a function), dead letters. Items and vectors stay the job's.
GRANT SELECT ON interestream.dead_letters, interestream.active_dead_letters, interestream.applied_migrations,
interestream.applied_functions, interestream.deleted_items, interestream.transfers TO interestream_admin;
GRANT DELETE ON interestream.users, interestream.user_windows, interestream.user_items, interestream.shown_items,
interestream.dead_letters TO interestream_admin;
GRANT INSERT, UPDATE, DELETE ON interestream.blend_weights, interestream.score_weights, interestream.source_weights,
interestream.sentiment_prototypes, interestream.topics, interestream.topic_vectors, interestream.topic_settings,
interestream.topic_titles, interestream.reason_texts, interestream.repeat_rules, interestream.buying_actions
TO interestream_admin;
GRANT DELETE ON interestream.learned_weights, interestream.learning TO interestream_admin;
GRANT INSERT, DELETE ON interestream.frozen_weights TO interestream_admin;
-- The functions that remove rows for `interestream maintain` run with the owner's rights.
GRANT INSERT, UPDATE ON interestream.maintenance TO interestream_admin;

-- Topics by day are kept by a function with the owner's rights. The job deletes those of users who are forgotten, opt
-- out or are merged into others.
GRANT SELECT ON interestream.user_topic_history TO interestream_reader, interestream_writer, interestream_admin;
GRANT DELETE ON interestream.user_topic_history TO interestream_writer, interestream_admin;

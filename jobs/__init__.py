"""The streaming job, from a raw line to a row in Postgres, and everything around it.

The path of an event (read `pipeline.py` beside it):

1. `graph/sources.py` reads raw lines from folders, or `graph/kafka_source.py` from topics;
   `graph/batch_sql.py` keys them by bucket of
   users; lines with a text pass the encoder (`udfs`), and each bucket gets a batch every 100 ms.
2. `operators/interest_step.py` takes the batch and asks `core/parsing` to judge each line; a bad
   line becomes a dead letter.
3. `core/interest/event_ids.py` drops duplicates, `operators/waiting_events.py` keeps events whose
   item is still unknown.
4. `operators/join_items.py` adds weights and vectors, and `core/interest/fold.py` folds the events
   into the states of their users, kept by `operators/user_store.py`.
5. `operators/user_writer.py` writes the rows in one transaction (`sinks/user_rows.py`).
6. `graph/trends.py` counts what was committed, and `operators/trend_writer.py` writes trends.

Items take a path of their own: `operators/item_step.py`, the encoder, `operators/vector_writer.py`
and, by broadcast, the interest step.

- `interest_job.py`, `submission.py`, `pipeline.py`, `errors.py`: the job itself; `config.py`, with
  `config_section.py` and `kafka_topics.py`: its configuration.
- `graph`, `core`, `operators`, `sinks`: its SQL and sources, its computations, its steps, its rows.
- `bundles`, `spaces`, `texts`: its encoder, its embedding space, sentences and topics of the space.
- `connectors`: the jar that reads topics of Kafka, and the settings of its clients.
- `runtime`, `local`: start and watch Flink; a Postgres and a whole system on this machine.
- `datasets`, `replay`: data sets as records, and how they are fed to a running job.
- `cli`, `demo`, `simulator`: commands for people; only for the demo and its simulated population.
"""

"""Appends records to a topic of Kafka."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from jobs.connectors.errors import ConnectorError
from jobs.connectors.kafka_client import KafkaClient
from jobs.connectors.record_key import record_key
from jobs.datasets.topic_feed import topic_producer
from jobs.errors import EnvironmentNotReadyError
from jobs.kafka_topics import KafkaTopics
from jobs.serve.append.errors import AppendError

WAIT_S = 10.0
"""How long brokers have to answer, and to take records, in seconds."""
_POLL_S = 0.05
_KEYS = {"events": "user_id", "items": "item_id"}


class TopicAppender:
    """Writes records that all replicas in sync have when `append` returns (`acks=all`).

    Key and partition are those of `interestream feed`: one partition has all of a user in their
    order, whoever writes. `wrap` makes of a record of the contract what the topic holds.
    """

    def __init__(
        self,
        topics: KafkaTopics,
        stream: str,
        wrap: Callable[[bytes], bytes] = bytes,
        wait_s: float = WAIT_S,
    ) -> None:
        self._topics = topics
        self._stream = stream
        self._wrap = wrap
        self._wait_s = wait_s
        self._connecting = threading.Lock()
        self._client: KafkaClient | None = None

    async def append(self, lines: Sequence[bytes]) -> None:
        """Return when the brokers have the lines. Raises AppendError."""
        await asyncio.to_thread(self._append, lines)

    def _append(self, lines: Sequence[bytes]) -> None:
        producer = self._producer()
        name = self._topics.by_stream()[self._stream]
        delivered: list[bool] = []

        def on_delivery(error: Any, _: Any) -> None:
            delivered.append(error is None)

        deadline = time.monotonic() + self._wait_s
        for line in lines:
            while True:
                try:
                    producer.produce(
                        name,
                        value=self._wrap(line),
                        key=record_key(line, _KEYS[self._stream]),
                        on_delivery=on_delivery,
                    )
                    break
                except BufferError:
                    producer.poll(_POLL_S)
                    self._check_time(deadline)
        while len(delivered) < len(lines):
            producer.poll(_POLL_S)
            self._check_time(deadline)
        if not all(delivered):
            raise AppendError(f"the topic of {self._stream} took not all of the records")

    def _check_time(self, deadline: float) -> None:
        # Records that librdkafka still holds are given up by it after the same time.
        if time.monotonic() > deadline + 1:
            raise AppendError(
                f"the brokers did not take the {self._stream} within {self._wait_s:g} s"
            )

    def _producer(self) -> Any:
        with self._connecting:
            if self._client is None:
                try:
                    client = topic_producer(self._topics, self._wait_s, linger_ms=5)
                    found = client.partitions(self._wait_s)
                except (ConnectorError, EnvironmentNotReadyError) as error:
                    raise AppendError(str(error)) from error
                if (name := self._topics.by_stream()[self._stream]) not in found:
                    raise AppendError(f"there is no topic '{name}': create it first")
                self._client = client
            return self._client.raw

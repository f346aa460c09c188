"""Copies of dead letters in a topic of Kafka, beside the table (`sources.kafka.dead_letters`)."""

import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.config import Config
from jobs.connectors.client_properties import without_secrets
from jobs.connectors.kafka_client import KafkaClient
from jobs.connectors.record_key import record_key
from jobs.core.parsing.events import NOTHING_KEPT, DeadLetter
from jobs.kafka_topics import KafkaTopics

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message

log = logging.getLogger(__name__)

WAIT_S = 5.0
"""How long a batch waits for the brokers before the job goes on without them, in seconds."""
MOST_HELD = 10_000
"""Letters that wait in memory for the brokers; more of them stay in the table alone."""
_BYTES_HELD_KB = 65_536
_WARN_S = 60.0
"""Time between two warnings of one outage, in seconds."""


@dataclass(frozen=True)
class _Record:
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class DeadLetterTopic:
    """Writes the dead letters of committed batches into the topic.

    `send` returns when the brokers have them, so that no checkpoint passes a batch whose letters
    are not in the topic: after a failure the batch comes again, and so do its letters. Where the
    brokers do not take them within WAIT_S, it warns, and the job goes on: from then on no batch
    waits, up to MOST_HELD letters are held in memory and tried again, and `send` says when they
    have arrived. What is in memory when the process ends is in the table alone.

    Brokers that are away at the start are no error. Raises EnvironmentNotReadyError without the
    package, and ConnectorError for settings that the client does not take.
    """

    def __init__(self, kafka: KafkaTopics, space_id: int) -> None:
        self._kafka = kafka
        self._space = str(space_id).encode()
        self._client = KafkaClient(
            "Producer",
            kafka,
            acks="all",
            partitioner="murmur2_random",
            message_max_bytes=4_000_000,
            queue_buffering_max_messages=MOST_HELD,
            queue_buffering_max_kbytes=_BYTES_HELD_KB,
            # Records wait for the brokers as long as the process lives.
            delivery_timeout_ms=0,
            linger_ms=0,
            # Brokers refuse a batch as a whole: one that is too large would take others along.
            batch_num_messages=1,
        )
        self._refused: deque[_Record] = deque()
        self._reason = ""
        self._late_since_s: float | None = None
        self._warned_s = float("-inf")
        self.missing = 0
        """Letters that are in the table alone, since the start."""

    @classmethod
    def of(cls, config: Config, space_id: int) -> "DeadLetterTopic | None":
        """The topic of a configuration; None where it names none."""
        kafka = config.sources.kafka
        return cls(kafka, space_id) if kafka.dead_letters else None

    def send(self, dead: Mapping[str, Sequence[DeadLetter]]) -> None:
        """Write the letters of a committed batch, by stream."""
        records = [
            self._record(stream, letter)
            for stream, letters in dead.items()
            for letter in letters
            if letter.reason not in NOTHING_KEPT
        ]
        if not records and self._late_since_s is None:
            return
        self._reason = ""
        again, self._refused = self._refused, deque()
        for record in (*again, *records):
            self._produce(record)
        self._wait()

    def close(self) -> None:
        """Wait once more for what is in memory."""
        self._client.raw.flush(WAIT_S)

    def _record(self, stream: str, letter: DeadLetter) -> _Record:
        user = None if letter.user_id is None else _encoded(letter.user_id)
        key = record_key(letter.raw, "item_id") if stream == "items" else user
        texts = {"reason": letter.reason, "detail": letter.detail, "stream": stream}
        headers = tuple((name, _encoded(text)) for name, text in texts.items())
        return _Record(key, letter.raw, (*headers, ("space", self._space)))

    def _produce(self, record: _Record) -> None:
        try:
            self._client.raw.produce(
                self._kafka.dead_letters,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                on_delivery=lambda error, message: self._delivered(error, message, record),
            )
        except BufferError:
            self.missing += 1
            self._reason = f"{MOST_HELD:,} letters wait in memory"

    def _delivered(self, error: "KafkaError | None", message: "Message", record: _Record) -> None:
        if error is None:
            return
        self._reason = without_secrets(error.str(), self._kafka)
        from confluent_kafka import KafkaError  # noqa: PLC0415

        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE or len(self._refused) >= MOST_HELD:
            # No later attempt can succeed, or there is no room for it.
            self.missing += 1
        else:
            self._refused.append(record)

    def _wait(self) -> None:
        missing = self.missing
        self._client.raw.poll(0)
        left = self._client.raw.flush(WAIT_S if self._late_since_s is None else 0.0)
        left += len(self._refused)
        now_s = time.monotonic()
        if left:
            self._late_since_s = now_s if self._late_since_s is None else self._late_since_s
        elif self._late_since_s is not None:
            log.warning(
                "The topic of dead letters '%s' has taken those that waited, after %.0f s; %d are"
                " in the table dead_letters alone",
                self._kafka.dead_letters,
                now_s - self._late_since_s,
                self.missing,
            )
            self._late_since_s, self._warned_s = None, float("-inf")
        if (left or self.missing > missing) and now_s - self._warned_s >= _WARN_S:
            self._warned_s = now_s
            log.warning(
                "The topic of dead letters '%s' at %s does not take them (%s): %d wait in memory,"
                " %d are in the table dead_letters alone; the job goes on",
                self._kafka.dead_letters,
                self._kafka.bootstrap,
                self._reason or self._client.refused or "no broker answers",
                left,
                self.missing,
            )


def _encoded(text: str) -> bytes:
    return text.encode(errors="replace")

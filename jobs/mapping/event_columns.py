"""The fields of a batch of events as columns, and the records that they make."""

from dataclasses import dataclass
from typing import Any

from jobs.mapping.times import is_time_of_contract

Record = dict[str, Any]


@dataclass(frozen=True)
class EventFields:
    """The fields of a batch of events; every column is `(events,)`, None where none has it.

    `given_times` are the times as they stand, `times` in epoch milliseconds or None; so are
    `given_values` and `values`.
    """

    ids: list[Any]
    users: list[Any]
    actions: list[Any]
    given_times: list[Any]
    times: list[int | None]
    items: list[Any] | None
    given_values: list[Any] | None
    values: list[float | None] | None
    texts: list[Any] | None

    def records(self) -> tuple[list[Record], int]:
        """The events, without the fields that they lack, and how many are not complete."""
        plain = self._plain()
        if plain is not None:
            return plain, 0
        broken = 0
        records = []
        for place in range(len(self.users)):
            record, complete = self._record(place)
            records.append(record)
            broken += not complete
        return records, broken

    def are_complete(self) -> bool:
        """Whether each event has all that it needs, and an item."""
        required = (self.users, self.actions, self.times, self.items)
        if any(column is None or None in column for column in required):
            return False
        if self.values is None or self.given_values is None or None not in self.values:
            return True
        pairs = zip(self.given_values, self.values, strict=True)
        return all(value is not None or given is None for given, value in pairs)

    def _plain(self) -> list[Record] | None:
        """The events of a batch that all are complete and have an item; otherwise None.

        It agrees with `_record` on each of them.
        """
        if self.items is None or not self.are_complete():
            return None
        records: list[Record] = [
            {
                "event_id": event_id,
                "user_id": user,
                "action": action,
                "event_time": time,
                "item_id": item,
            }
            for event_id, user, action, time, item in zip(
                self.ids, self.users, self.actions, self.times, self.items, strict=True
            )
        ]
        for name, column in (("value", self.values), ("text", self.texts)):
            for record, found in zip(records, column or (), strict=False):
                if found is not None:
                    record[name] = found
        return records

    def _record(self, place: int) -> tuple[Record, bool]:
        """The event at a place, and whether it is complete."""
        time = self.times[place]
        record: Record = {"event_id": self.ids[place]}
        for name, found in (
            ("user_id", self.users[place]),
            ("action", self.actions[place]),
            ("event_time", self.given_times[place] if time is None else time),
            ("item_id", None if self.items is None else self.items[place]),
        ):
            if found is not None:
                record[name] = found
        has_time = time is not None or is_time_of_contract(self.given_times[place])
        complete = {"user_id", "action"} <= record.keys() and has_time
        if self.given_values is not None and self.values is not None:
            given, value = self.given_values[place], self.values[place]
            if given is not None:
                # A number that a factor makes infinite would be one all the same.
                unread = str(given) if type(given) in (int, float) else given
                record["value"] = unread if value is None else value
                complete = complete and value is not None
        if self.texts is not None and self.texts[place] is not None:
            record["text"] = self.texts[place]
        return record, complete and ("item_id" in record or "text" in record)

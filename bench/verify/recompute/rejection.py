"""Why a line is refused."""


class RejectedError(Exception):
    """The line is a dead letter: `reason` is the word for it.

    `user_id` is its user, and of a line of items `item_id` its item, if readable.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.user_id: str | None = None
        self.item_id: str | None = None

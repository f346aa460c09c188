"""Why a line is refused."""


class RejectedError(Exception):
    """The line is a dead letter: `reason` is the word for it, `user_id` its user if readable."""

    def __init__(self, reason: str, user_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.user_id = user_id

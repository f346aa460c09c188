"""Which users were merged into which."""


class Merges:
    """Merges that were accepted; a user is merged once at most, and never in a circle."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._into

    def end(self, user_id: str) -> str:
        """The user as whom a user counts: the last one of its chain."""
        while user_id in self._into:
            user_id = self._into[user_id]
        return user_id

    def parts(self, user_id: str) -> list[str]:
        """All users who count as this one, itself left out."""
        return [part for part in self._into if part != user_id and self.end(part) == user_id]

    def merge(self, user_id: str, into: str) -> bool:
        """Merge a user into another one; False where that is refused."""
        if user_id in self._into:
            return self._into[user_id] == into
        if self.end(into) == user_id:
            return False
        self._into[user_id] = into
        return True

    def part(self, user_id: str) -> None:
        """Let a user be one of their own again."""
        self._into.pop(user_id, None)

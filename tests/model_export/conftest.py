"""The small fused model, for the tests of quantising and of searching."""

from tests.model_export.tiny import new_shop, shop, tiny

__all__ = ["new_shop", "shop", "tiny"]

"""What can go wrong with a bundle or an encoder, and what to do about it."""


class UdfError(Exception):
    """Base of all errors that udfs and model_export raise on purpose."""


class BundleNotFoundError(UdfError):
    """There is no bundle at the path: export one with `python -m model_export --out DIR`."""


class ManifestError(UdfError):
    """The manifest cannot be read or misses a field: export the bundle again."""


class BundleTamperedError(UdfError):
    """Files and manifest do not fit: fetch the bundle again, or export it again."""


class RegistryError(UdfError):
    """A registry cannot be reached, or a name or version cannot be used: the message says why."""


class RegistryUnreachableError(RegistryError):
    """The object store of a registry does not answer, or refuses: the message says what it says."""


class BundleModelError(UdfError):
    """The graph does not have the inputs and the output of a bundle: export it again."""


class SettingsError(UdfError):
    """A setting of the encoder is missing or out of range: the message names it."""


class TextTypeError(UdfError, TypeError):
    """A text is not a string: pass strings, and handle NULL before encoding."""


class DegenerateVectorError(UdfError):
    """A vector has no direction in the space: it equals the mean, or is not finite."""


class EmptyCatalogueError(UdfError):
    """There is no document to take the mean of: load items before building a space."""

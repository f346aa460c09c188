"""What can go wrong while exporting, and what to do about it."""

from udfs.errors import UdfError


class ExportError(UdfError):
    """Base of everything this package raises on purpose.

    A UdfError, so that a command that reports errors of bundles reports these without an import
    of the exporter, which not every installation has.
    """


class MissingExtraError(ExportError):
    """A tool of the export is not installed: the message has the command that installs it."""


class SourceError(ExportError):
    """The model's folder is missing, incomplete, or of a kind that is not supported."""


class ChecksumError(ExportError):
    """The weights are not the ones that were asked for: install the package again."""


class ParityError(ExportError):
    """The graph differs from the model by more than the tolerances: do not publish it."""


class BundleExistsError(ExportError):
    """Another bundle has this name and version: choose a new version."""


class ExportRunningError(ExportError):
    """Another export of the same name is running: wait for its end."""


class NoHubError(SourceError):
    """The hub cannot be reached: give a local folder, or try again with a network."""


class SearchError(ExportError):
    """The search for a quantised graph cannot run: the message names what is missing."""


class DistilError(ExportError):
    """A student cannot be made of this teacher: choose other layers, or another kind."""

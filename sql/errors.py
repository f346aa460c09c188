"""What can go wrong while the schema is applied, each with what the person running it should do."""


class ApplyError(RuntimeError):
    """The schema was not applied and nothing was changed; the message says what to do."""


class ExtensionMissingError(ApplyError):
    """The server has no pgvector, or the role may not create it."""


class ServerTooOldError(ApplyError):
    """PostgreSQL is older than the functions need."""


class ExtensionTooOldError(ApplyError):
    """pgvector is older than the functions need."""


class MigrationChangedError(ApplyError):
    """A migration that was applied once reads differently now."""


class MigrationOrderError(ApplyError):
    """The applied migrations are not the first ones of the migrations at hand."""


class FunctionFileError(ApplyError):
    """A file under `functions/` lies in no folder, shares its name with another one, or does not
    define exactly the function it is named after."""


class LockedError(ApplyError):
    """Another process kept the schema lock for too long."""

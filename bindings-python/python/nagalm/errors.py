"""What can go wrong. Every error of the library is a :class:`Error`, with the library's own message.

Where Python has an exception for the same trouble, ours is one of these, too: ``except FileNotFoundError`` catches a registry
that is not there.
"""


class Error(Exception):
    """Any error of nagalm."""


class InputError(Error, ValueError):
    """The caller's input is wrong (an empty identifier, a text without words); nothing was changed."""


class NotFoundError(Error, FileNotFoundError):
    """The registry, work or file does not exist."""


class ExistsError(Error, FileExistsError):
    """There is already something where a new registry should be made."""


class CorruptError(Error):
    """A file of the registry is damaged; :func:`nagalm.check` tells more."""


class VersionError(Error):
    """The file was written by a version of the format that this build does not read."""


class UntrustedError(Error):
    """A sealed registry's signature is missing, wrong or not of whom the caller trusts."""


class LockedError(Error):
    """Another writer holds the registry."""


class LimitError(Error, ValueError):
    """A documented limit was reached (a text of 1 GiB or more)."""


class IoError(Error, OSError):
    """The operating system refused: disk full, permission, a vanished file."""


class ChangedError(Error):
    """A registry is not the one any more that was pickled."""

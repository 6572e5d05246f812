"""The only exceptions whose words a person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline import texts

if TYPE_CHECKING:
    from collections.abc import Iterator


class SiksError(Exception):
    """Something a person can mend or must know.

    The code is stable and names an entry ``galat.<code>`` of texts.toml holding ``pesan`` (what is
    wrong) and ``tindakan`` (what to do); facts fill their {placeholders}.
    """

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    @property
    def message(self) -> str:
        """What is wrong, in the field's own words."""
        key = f"galat.{self.code}.pesan"
        return texts.text(key, **self.facts) if texts.has(key) else self.code

    @property
    def remedy(self) -> str:
        """What to do about it."""
        key = f"galat.{self.code}.tindakan"
        return texts.text(key, **self.facts) if texts.has(key) else ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy} ({self.code})"


class BundleError(SiksError):
    """A .siks file, or a part of it, that is refused."""


class SecretError(SiksError):
    """A passphrase, key or keystore that does not open what it should."""


class StoreError(SiksError):
    """A village file or office store that cannot be opened, read or written."""


class FileError(SiksError):
    """A file or medium that cannot be read or written."""


class WorkbookError(SiksError):
    """An Excel file that is refused as a whole."""


class AnswersError(SiksError):
    """Answers that the instrument refuses."""


class UsageError(SiksError):
    """A command that was called in a way it does not know."""


class Cancelled(SiksError):  # noqa: N818 - a person's wish, not a fault
    """The person asked a long task to stop; nothing it did remains."""

    def __init__(self) -> None:
        super().__init__("I_CANCELLED")


def frames(error: BaseException) -> Iterator[str]:
    """Tell an exception and those it came from, the first one first, as frames and kinds of errors.

    Neither values nor messages are told, only the code of a SiksError: a message may quote what
    somebody typed.
    """
    import traceback

    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and before is not error:
        yield from frames(before)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
    kind = type(error)
    code = f" {error.code}" if isinstance(error, SiksError) else ""
    yield f"{kind.__module__}.{kind.__qualname__}{code}"

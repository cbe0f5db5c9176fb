"""Everything that ivigraph raises on purpose.

    IvigraphError
    ├── SettingsError          a setting has no such name, or its value cannot be used
    ├── ReadError              a file could not become a document
    ├── VocabularyError        a vocabulary file is inconsistent
    ├── ShapeError             a graph does not conform to the shapes
    └── StoreError             the store cannot be opened, read or written
        ├── StoreLockedError   another process is writing
        ├── StoreBusyError     too many wait already
        ├── UnsupportedError   this kind of store cannot do it
        └── QueryError         a query could not be answered
            ├── QuerySyntaxError
            ├── QueryTimeoutError
            ├── QueryCancelledError   the caller left before the answer was there
            ├── QueryRefusedError     asks for something that is not allowed (SERVICE, LOAD, a graph of others)
            └── PreconditionError     a write was meant for another state of the graph

Each says what is wrong, where, and what to do about it; the command line prints the three parts, the
server sends them as problem details. Foreign errors are translated where they arise.
"""

from __future__ import annotations


class IvigraphError(Exception):
    """`message` says what is wrong, `where` names the input and the place, `remedy` what to do next."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" — {self.remedy}" if self.remedy else ""
        return f"{place}{self.message}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from worker processes; keyword arguments would be lost by the default.
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(kind: type[IvigraphError], state: dict[str, object]) -> IvigraphError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message"))
    error.__dict__.update(state)
    return error


class SettingsError(IvigraphError):
    pass


class ReadError(IvigraphError):
    pass


class VocabularyError(IvigraphError):
    pass


class ShapeError(IvigraphError):
    """`violations`: one line each, naming the node, the property and the rule."""

    def __init__(self, message: str, *, violations: tuple[str, ...] = (), where: str = "", remedy: str = "") -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.violations = violations


class StoreError(IvigraphError):
    pass


class StoreLockedError(StoreError):
    pass


class StoreBusyError(StoreError):
    pass


class UnsupportedError(StoreError):
    pass


class QueryError(StoreError):
    pass


class QuerySyntaxError(QueryError):
    """`line` and `column` count from 1; None where the engine names no place."""

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        where: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.line = line
        self.column = column


class QueryTimeoutError(QueryError):
    pass


class QueryCancelledError(QueryError):
    pass


class QueryRefusedError(QueryError):
    pass


class PreconditionError(QueryError):
    pass

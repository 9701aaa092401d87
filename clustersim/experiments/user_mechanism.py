"""A mechanism of the user's own, from a file outside the package."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from clustersim.mechanisms.base import Mechanism
from clustersim.schedule import SCHEDULE


class UserMechanismError(ValueError):
    """A file gives no mechanism that can be used; the message says why and what to do."""


class MechanismFailedError(RuntimeError):
    """A mechanism from a file failed in the run; the message names file, line and error."""


@dataclass(frozen=True)
class UserMechanism:
    """A mechanism and the file it came from.

    Attributes
    ----------
    kind
        The mechanism: a class, whose parameters a scenario may set as it sets those of others.
    file
        Its file, absolute.
    sha256
        Of the file's content.
    """

    kind: type[Mechanism]
    file: Path
    sha256: str

    def record(self) -> dict[str, Any]:
        """Return what a manifest keeps, enough to find the mechanism again and to recognise it."""
        return {
            "class": self.kind.__name__,
            "file": str(self.file),
            "sha256": self.sha256,
        }


def load_mechanism(source: str) -> UserMechanism:
    """Load one mechanism from a Python file. The file is executed.

    Parameters
    ----------
    source
        ``"FILE.py"`` if the file defines one mechanism, or ``"FILE.py:Class"``.

    Returns
    -------
    UserMechanism

    Raises
    ------
    UserMechanismError
        If there is no such file, it fails when it is imported, or it has no usable mechanism.
    """
    path, wanted = _split(source)
    if not path.is_file():
        raise UserMechanismError(f"{path}: no such file; expected FILE.py or FILE.py:Class")
    if path.suffix != ".py":
        raise UserMechanismError(f"{path}: not a Python file; expected a name ending in .py")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    module = _execute(path, content, digest)
    chosen = _choose(path, _mechanisms_in(module), wanted)
    _check(path, chosen)
    return UserMechanism(chosen, path, digest)


def _split(source: str) -> tuple[Path, str | None]:
    """Part file and class; the colon of a Windows drive is none of ours."""
    head, colon, tail = source.rpartition(":")
    if colon and head.endswith(".py"):
        return Path(head).expanduser().resolve(), tail
    return Path(source).expanduser().resolve(), None


def _execute(path: Path, content: bytes, digest: str) -> ModuleType:
    """Make a module of the very bytes that were hashed; no compiled file is left beside it."""
    # The name holds the content, so that two files of one name do not take each other's place.
    module = ModuleType(f"clustersim_user_{path.stem}_{digest[:12]}")
    module.__file__ = str(path)
    # Annotations are resolved through sys.modules.
    sys.modules[module.__name__] = module
    try:
        exec(compile(content, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise UserMechanismError(f"{path}{_line(error, path)}: {_named(error)}") from error
    return module


def _line(error: BaseException, path: Path) -> str:
    """Return ", line n" for the last line of the file that the error came through."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return "" if line is None else f", line {line}"


def _named(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it ends the program (sys.exit); raise an error instead"
    return f"{type(error).__name__}: {error}"


@contextmanager
def blamed(mechanisms: Sequence[UserMechanism]) -> Iterator[None]:
    """Say of an error that comes out of a user's mechanism in which file and line it arose.

    Parameters
    ----------
    mechanisms
        Those that are at work.

    Raises
    ------
    MechanismFailedError
        Instead of an error, or an end of the program, that came through one of their files.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        for one in mechanisms:
            if where := _line(error, one.file):
                raise MechanismFailedError(f"{one.file}{where}: {_named(error)}") from error
        raise


def _mechanisms_in(module: ModuleType) -> list[type[Mechanism]]:
    """Return the mechanisms a module defines itself, but not those others of it build on."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Mechanism)
        and value.__module__ == module.__name__
    ]
    return [
        one for one in own if not any(other is not one and issubclass(other, one) for other in own)
    ]


def _choose(path: Path, found: Sequence[type[Mechanism]], wanted: str | None) -> type[Mechanism]:
    names = [one.__name__ for one in found]
    if not found:
        raise UserMechanismError(
            f"{path}: has no subclass of clustersim.mechanisms.base.Mechanism; write a class with "
            "`name`, `reads`, `writes` and `apply`"
        )
    if wanted is None:
        if len(found) > 1:
            raise UserMechanismError(
                f"{path}: has several mechanisms ({', '.join(names)}); "
                f"choose one, as in {path.name}:{names[0]}"
            )
        return found[0]
    if wanted not in names:
        near = get_close_matches(wanted, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(names)}"
        raise UserMechanismError(f"{path}: has no mechanism {wanted!r}{hint}")
    return found[names.index(wanted)]


def _check(path: Path, chosen: type[Mechanism]) -> None:
    """Refuse a class that could not work, before a run begins."""
    where = f"{path}: {chosen.__name__}"
    name = getattr(chosen, "name", None)
    if not isinstance(name, str):
        raise UserMechanismError(f'{where} has no name; add `name: ClassVar[str] = "..."`')
    if name in {one.name for one in SCHEDULE}:
        raise UserMechanismError(f"{where}: {name!r} is a mechanism of clustersim; choose another")
    if chosen.apply is Mechanism.apply:
        raise UserMechanismError(f"{where} has no `apply(self, world, draws)`")
    try:
        chosen()
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise UserMechanismError(
            f"{where} cannot be made from the defaults of its parameters ({fields}); "
            "give each parameter a valid default"
        ) from error
    except (Exception, SystemExit) as error:
        raise UserMechanismError(f"{where} cannot be made: {_named(error)}") from error

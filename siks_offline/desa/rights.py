"""Who may do what: one table of the village's actions, asked at every call.

An action is a public function of `desa/` that takes an open Village first; its name in the table is
``module.function``. One database key means that these rights are kept by the program, not by
cryptography (docs/threat-model.md).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.desa.village import Village

P = ParamSpec("P")
R = TypeVar("R")

EVERYONE: Final = frozenset({"operator", "pemeriksa", "admin"})
ENTERING: Final = frozenset({"operator", "admin"})
CHECKING: Final = frozenset({"pemeriksa", "admin"})
RULING: Final = frozenset({"admin"})

RIGHTS: Final[Mapping[str, frozenset[str]]] = {}


def action(
    function: Callable[Concatenate[Village, P], R],
) -> Callable[Concatenate[Village, P], R]:
    """Let only the roles of the table call a service; one that the table lacks is nobody's.

    The wrapped service raises SecretError E_NOT_ALLOWED before it does anything.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    roles = RIGHTS.get(name, frozenset())

    @wraps(function)
    def asked(village: Village, *args: P.args, **kwargs: P.kwargs) -> R:
        if village.role not in roles:
            raise SecretError("E_NOT_ALLOWED", akun=village.account, peran=village.role)
        return function(village, *args, **kwargs)

    return asked

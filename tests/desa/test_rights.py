"""Every action of the village is asked for its right, by one table that lists them all."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import siks_offline
from siks_offline import desa
from siks_offline.desa import rights
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from siks_offline.desa.village import Village

ROLES = ("operator", "pemeriksa", "admin")


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(desa.__path__):
        yield import_module(f"{desa.__name__}.{found.name}")


def services(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions of a module whose first parameter is an open Village."""
    for name, function in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        if function.__module__ != module.__name__:
            continue
        first = next(iter(inspect.signature(function).parameters.values()), None)
        if first is not None and str(first.annotation).rpartition(".")[2] == "Village":
            yield f"{module.__name__.rpartition('.')[2]}.{name}", function


def is_dressed(function: Callable[..., Any]) -> bool:
    """Whether `rights.action` stands around a function: only its wrapper has this code."""
    undressed = rights.action(lambda village: village)
    return getattr(function, "__code__", None) is undressed.__code__


def lacks(found: Iterable[ModuleType]) -> list[str]:
    """Services that the table lacks or that nobody asks for their right."""
    wrong = []
    for module in found:
        for name, function in services(module):
            if name not in rights.RIGHTS:
                wrong.append(f"{name}: no row in RIGHTS")
            if not is_dressed(function):
                wrong.append(f"{name}: not dressed with @action")
    return wrong


EVERY = dict(pair for module in modules() for pair in services(module))


class Untouchable:
    """A village that shows who asks, and fails when anything else of it is touched."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.account = "uji"

    def __getattr__(self, name: str) -> Any:
        raise Touched(name)


class Touched(Exception):  # noqa: N818 - not a fault: the service began its work
    pass


def called(function: Callable[..., Any], role: str) -> None:
    """Call a service with a village that cannot be touched, and with nothing for the rest."""
    _, *others = inspect.signature(function).parameters.values()
    required = [one for one in others if one.default is inspect.Parameter.empty]
    words = {one.name: Untouchable(role) for one in required if one.kind is one.KEYWORD_ONLY}
    plain = [Untouchable(role) for one in required if one.kind is one.POSITIONAL_OR_KEYWORD]
    function(Untouchable(role), *plain, **words)


def test_every_service_has_its_row_and_is_asked() -> None:
    """No action of the village is outside the table."""
    assert lacks(modules()) == []
    assert sorted(EVERY) == sorted(rights.RIGHTS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(rights.RIGHTS))
def test_authz_matrix(name: str, role: str) -> None:
    """Whom the table leaves out is refused before anything of the village is touched."""
    try:
        called(EVERY[name], role)
    except SecretError as refused:
        refusal = refused.code == "E_NOT_ALLOWED"
    except Exception:  # noqa: BLE001 - it began, and met a village that is none
        refusal = False
    else:
        refusal = False
    assert refusal == (role not in rights.RIGHTS[name])


def test_nobody_above_goes_past_the_table() -> None:
    """Window and commands open no session of a village: what they do is an action of desa/."""
    past = re.compile(r"\.store\.|\(\) as session\b")
    package = Path(siks_offline.__file__).parent
    found = [
        f"{path.relative_to(package)}:{number}"
        for folder in ("ui", "cli", "app")
        for path in sorted(package.glob(f"{folder}*/**/*.py" if folder != "app" else "app*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if past.search(line)
    ]
    assert found == []


def test_rights_are_few_and_known() -> None:
    """A row names roles that exist, and the one who rules may do all."""
    for name, roles in rights.RIGHTS.items():
        assert roles <= set(ROLES), name
        assert "admin" in roles, name


def test_an_undressed_service_is_seen() -> None:
    """The walk finds a service that forgot its dress, and one that the table lacks."""

    def forgotten(village: Village) -> str:
        return village.role

    module = ModuleType("siks_offline.desa.contoh")
    forgotten.__module__ = module.__name__
    forgotten.__annotations__["village"] = "Village"
    vars(module)["forgotten"] = forgotten
    assert lacks([module]) == [
        "contoh.forgotten: no row in RIGHTS",
        "contoh.forgotten: not dressed with @action",
    ]
    vars(module)["forgotten"] = rights.action(forgotten)
    assert lacks([module]) == ["contoh.forgotten: no row in RIGHTS"]


def test_a_service_without_a_row_is_nobodys() -> None:
    """An action that somebody forgot to list refuses even the admin."""

    def unlisted(village: Village) -> str:
        return village.role

    for role in ROLES:
        with pytest.raises(SecretError) as refused:
            called(rights.action(unlisted), role)
        assert refused.value.code == "E_NOT_ALLOWED"


def test_nobody_checks_their_own_work() -> None:
    """Four eyes: who completed a visit does not send it back themself, whatever the role."""
    rights.check_other_eyes("ani", "budi")
    with pytest.raises(SecretError) as refused:
        rights.check_other_eyes("ani", "ani")
    assert refused.value.code == "E_FOUR_EYES"

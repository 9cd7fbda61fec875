"""gateway.toml: how one gateway runs (docs/partners-sensors.md). Secrets are in files of their own, named here."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chain_service.gateway.clocks import Rule
from chain_service.gateway.measurements import MEASUREMENTS

_SECOND = 1000  # milliseconds
_DAY = 86_400 * _SECOND
Range = tuple[float, float]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Broker(_Part):
    """`password_file`: the gateway's own password; `passwords`, `access`: where to write a mosquitto broker's files."""

    host: str
    port: int = Field(1883, ge=1, le=65535)
    user: str | None = None
    password_file: Path | None = None
    client_id: Annotated[str, Field(min_length=1, max_length=200)] = "chain-service-gateway"
    topic: Annotated[str, Field(pattern=r"^[^#+\x00]+$", max_length=200)] = "sensors"
    protocol: Literal["3.1.1", "5"] = "3.1.1"
    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    passwords: Path | None = None
    access: Path | None = None


class Service(_Part):
    """Where events are posted, and as whom."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    token_file: Path
    keystore: Path
    keystore_password_file: Path
    network_file: Path
    visibility: Literal["public", "partners", "own"] = "public"


class Summaries(_Part):
    """`grace_seconds`: how long an interval stays open after its end; `retention_days`: of raw readings."""

    interval_seconds: int = Field(900, ge=10, le=86_400)
    grace_seconds: float = Field(60, ge=0, le=3600)
    retention_days: float = Field(90, gt=0, le=36_500)
    limits_seconds: float = Field(900, ge=1)


class Clock(_Part):
    """What is believed of a device's clock."""

    tolerance_seconds: float = Field(300, ge=1)
    oldest_days: float = Field(7, gt=0)


class Flood(_Part):
    """What one device may send."""

    per_second: float = Field(50, gt=0)
    burst: float = Field(20_000, ge=1)


class Config(_Part):
    """Paths in the file are relative to its folder, and absolute here."""

    folder: Path
    broker: Broker
    service: Service
    summaries: Summaries = Field(default_factory=lambda: Summaries.model_validate({}))
    clock: Clock = Field(default_factory=lambda: Clock.model_validate({}))
    flood: Flood = Field(default_factory=lambda: Flood.model_validate({}))
    plausible: dict[str, Range] = {}
    steady: dict[str, Annotated[float, Field(ge=0)]] = {}

    @property
    def interval(self) -> int:
        """Milliseconds."""
        return self.summaries.interval_seconds * _SECOND

    @property
    def grace(self) -> int:
        """Milliseconds."""
        return int(self.summaries.grace_seconds * _SECOND)

    @property
    def retention(self) -> int:
        """Milliseconds."""
        return int(self.summaries.retention_days * _DAY)

    @property
    def clock_rule(self) -> Rule:
        """As clocks.judge() takes it."""
        return Rule(int(self.clock.tolerance_seconds * _SECOND), int(self.clock.oldest_days * _DAY))

    def steadiness(self, name: str) -> float:
        """How far inside a limit a value of a type must be for an excursion to have ended."""
        return self.steady.get(name, MEASUREMENTS[name].steady)


def read(path: Path) -> Config:
    """The configuration in a file. Raises OSError, or ValueError with all that is wrong in it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    try:
        config = Config.model_validate(content)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors())
        raise ValueError(f"{path}: {wrong}") from None
    if unknown := (config.plausible.keys() | config.steady.keys()) - MEASUREMENTS.keys():
        raise ValueError(f"{path}: {min(unknown)} is no measurement type: {', '.join(MEASUREMENTS)}")
    base = path.absolute().parent
    parts = {"broker": _absolute(config.broker, base), "service": _absolute(config.service, base)}
    return config.model_copy(update={"folder": base / config.folder, **parts})


def secret(path: Path | None) -> str | None:
    """What a file of one secret holds."""
    return None if path is None else path.read_text(encoding="utf-8").strip()


def _absolute(part: _Part, base: Path) -> _Part:
    return part.model_copy(update={name: base / value for name, value in part if isinstance(value, Path)})

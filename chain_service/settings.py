"""Settings, read from the environment (CHAIN_SERVICE_…; DATABASE_URL as everybody calls it)."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).parent


class Network(BaseModel):
    """A network file: the name fixed at the first deployment, and where its contracts are."""

    network: str
    rpc: str
    chainId: int
    contracts: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Network":
        """The network of a file. Raises OSError or ValueError when it can't be read."""
        return cls.model_validate(json.loads(path.read_text()))


class Settings(BaseSettings):
    """What an operator sets. Secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="CHAIN_SERVICE_", extra="ignore", populate_by_name=True)

    database_url: str = Field(
        "sqlite:///chain-service.db", validation_alias=AliasChoices("DATABASE_URL", "CHAIN_SERVICE_DATABASE_URL")
    )
    network_file: Path = Field(Path("network.json"), description="the network file that `chain-service deploy` wrote")
    keys_dir: Path = Field(
        Path("keys"), description="keystore V3 files: operator.json and those of partners in custody"
    )
    keys_password: str = Field("", description="password of the keystore files; without it nothing can be signed")
    admin_keystore: str = Field(
        "", description="keystore file of the registry's administrator, where this service may act with it"
    )
    vault_url: str = Field(
        "", description="database of the data keys, apart from the records; data-keys.db in the keys folder by default"
    )
    operator: str = Field("", description="DID of the partner that runs this service")
    public_url: str = Field("http://127.0.0.1:8000", description="where the public reaches this service")
    public_nodes: list[str] = Field([], description="read endpoints of other members, asked by pages before our /rpc")
    members: list[dict[str, Any]] = Field([], description='other members: {"name": {"en", "zh"}, "verify": URL}')
    did_hosts: dict[str, str] = Field(
        {}, description="base URLs by host of a did:web, for partners whose documents stand in a private network"
    )
    batch_size: int = Field(4096, ge=1, le=65536, description="a batch closes at so many statements")
    batch_seconds: float = Field(1.0, ge=0, description="… or so long after its first")
    confirmations: int = Field(0, ge=0, description="blocks on top of a seal before it counts as final")
    promise_seconds: int = Field(
        3600, ge=1, description="a captured statement is sealed within, as promised to its partner"
    )
    max_document_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="largest capture document")
    oidc_issuer: str = Field("", description="your OpenID provider; empty: people sign in with passwords only")
    oidc_client_id: str = Field("", description="what the provider calls this service")
    oidc_client_secret: str = Field("", description="what this service proves itself with at the provider")
    oidc_name: str = Field("Single sign-on", description="what the console calls the provider")
    rpc_calls_per_minute: int = Field(600, ge=1, description="what one address may ask of /rpc")
    calls_per_minute: int = Field(6000, ge=1, description="what one credential or person may ask, in each process")
    failed_tokens_per_minute: int = Field(30, ge=1, description="tokens that are no good, of one address")
    import_max_bytes: int = Field(20 * 1024 * 1024, ge=1024, description="largest spreadsheet")
    import_max_rows: int = Field(100_000, ge=1, description="rows of a spreadsheet")
    import_days: int = Field(30, ge=1, description="days after which an import with its file and rows is destroyed")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()  # type: ignore[call-arg]  # every setting has a default


def pages_dir() -> Path:
    """The folder of the static pages: inside the installed package, or beside it in a checkout."""
    packaged = PACKAGE / "frontend_static"
    return packaged if packaged.is_dir() else PACKAGE.parent / "frontend_static"

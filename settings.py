"""Settings from the environment; every process of Choujian reads these and nothing else."""

import os
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class SettingFaulty(ValueError):
    """A setting that nothing can be started with; the text is one sentence for whoever starts it."""


def on_this_machine(host: str) -> bool:
    """Whether an address in a setting never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Settings(BaseSettings):
    """Names and defaults are part of the contract (DESIGN, "The contract").

    The embedded stack fills in ``database_url`` and ``temporal_address`` for the processes it starts.
    """

    model_config = SettingsConfigDict(env_file=None, extra="ignore", populate_by_name=True)

    home: Path = Field(default=Path("var"), validation_alias="CHOUJIAN_HOME")
    api_host: str = Field(default="127.0.0.1", validation_alias="CHOUJIAN_API_HOST")
    api_port: int = Field(default=8000, validation_alias="CHOUJIAN_API_PORT", ge=1, le=65535)
    temporal_port: int = Field(default=7233, validation_alias="CHOUJIAN_TEMPORAL_PORT", ge=1, le=65535)
    ui_port: int = Field(default=8233, validation_alias="CHOUJIAN_UI_PORT", ge=1, le=65535)
    trusted_proxies: str = Field(
        default="127.0.0.1",
        validation_alias="CHOUJIAN_TRUSTED_PROXIES",
        description="Addresses or networks of reverse proxies, comma-separated: their word on where requests "
        "come from (X-Forwarded-For) is taken.",
    )
    public_url: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_PUBLIC_URL",
        description="Where the public reaches the API, for the verification address on letters; "
        "without it http://127.0.0.1 and the API's port.",
    )
    hosts: str = Field(
        default="",
        validation_alias="CHOUJIAN_HOSTS",
        description="Further names, space-separated, by which API and Temporal's pages may be asked for. The "
        "loopback's names and the host of CHOUJIAN_PUBLIC_URL always may; any other gets nothing.",
    )
    backup: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_BACKUP",
        description="The file or folder that backups of the database are written to; how old its newest file "
        "is, is told by GET /health and choujian doctor.",
    )
    more_fonts: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_FONTS",
        description="A folder of further fonts, for characters that those of the install lack.",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="As the services' role, which owns no table (store/roles.py).",
    )
    migration_database_url: str | None = Field(
        default=None,
        validation_alias="MIGRATION_DATABASE_URL",
        description="The same database as the owner of the tables; for `choujian migrate` alone.",
    )
    signing_keys: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_SIGNING_KEYS",
        description="The folder of the keys that certificates, heads and checkpoints are signed with; "
        "without it `signing` in the data folder.",
    )
    issuer_key: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_ISSUER_KEY",
        description="The file of the private key that `choujian token` signs with, and the API never reads; "
        "without it beside the public one, which is `issuer/public.jwk` in the data folder.",
    )
    evidence: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_EVIDENCE",
        description="The folder of evidence that comes in, and of what is kept unless that lies in "
        "CHOUJIAN_EVIDENCE_BUCKET; without it `evidence` in the data folder.",
    )
    evidence_bucket: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_EVIDENCE_BUCKET",
        description="s3://BUCKET/PREFIX: evidence is kept there, on any S3; the usual AWS_… variables say "
        "whose it is and where (AWS_ENDPOINT_URL).",
    )
    evidence_second: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_EVIDENCE_SECOND",
        description="Another folder, which must be there, or s3://BUCKET/PREFIX: each file has a copy there, "
        "and what is missing or altered in one of the two is repaired from the other.",
    )
    evidence_keys: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_EVIDENCE_KEYS",
        description="The folder of the root keys of evidence, never within what is saved with the data; "
        "without it `choujian/evidence-keys` among the account's own settings (~/.config).",
    )
    evidence_profile: Literal["standard", "sm"] = Field(
        default="standard",
        validation_alias="CHOUJIAN_EVIDENCE_PROFILE",
        description="standard: AES-256-GCM and SHA-256; sm: SM4-GCM, and SM3 beside SHA-256. For what comes "
        "in from now on.",
    )
    signed_as: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_SIGNED_AS",
        description="The name in signatures, no space, no plus sign; without it the public address's host.",
    )
    temporal_address: str | None = Field(default=None, validation_alias="TEMPORAL_ADDRESS")
    temporal_namespace: str = Field(default="default", validation_alias="TEMPORAL_NAMESPACE")
    task_queue: str = Field(default="choujian", validation_alias="CHOUJIAN_TASK_QUEUE")
    time_skipping: bool = Field(
        default=False,
        validation_alias="CHOUJIAN_TIME_SKIPPING",
        description="Only where batches may be fast-forwarded (tests, demonstration): "
        "the ledger then stamps with the batch's own, advanced clock.",
    )
    operator_signals: bool = Field(
        default=False,
        validation_alias="CHOUJIAN_OPERATOR_SIGNALS",
        description="Only in an emergency: steps that an operator signals in the Temporal pages, past the "
        "API, are filed in the operator's name and decided.",
    )
    smtp_url: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_SMTP_URL",
        description="smtps://user:password@host:port, or smtp://…, which is STARTTLS (plain on this machine, "
        "or where it ends in ?tls=off); without it letters stay in the outbox.",
    )
    smtp_from: str = Field(default="choujian@localhost", validation_alias="CHOUJIAN_SMTP_FROM")
    bounces_url: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_BOUNCES_URL",
        description="imaps://user:password@host:port/FOLDER, the mailbox of the sender, read for bounces; "
        "imap:// is STARTTLS, plain on loopback only.",
    )
    platforms: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_PLATFORMS",
        description="A YAML file of the platform operators whose own systems take letters; "
        "without it nobody's does.",
    )
    events: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_EVENTS",
        description="A YAML file of the outside platforms that are told of plans, tasks and results "
        "(docs/telling-others.md); without it nobody is.",
    )
    carrier_words: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_CARRIER_WORDS",
        description="A YAML file of further words and columns of carriers' lists, of the form of "
        "lists/carriers.yaml; what stands there counts before what comes with the product.",
    )
    checkpoint_mail: str = Field(
        default="",
        validation_alias="CHOUJIAN_CHECKPOINT_MAIL",
        description="E-mail addresses, space-separated, that each day's checkpoint goes to; "
        "needs CHOUJIAN_SMTP_URL.",
    )
    tsa_url: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_TSA_URL",
        description="A time-stamping authority (RFC 3161) that stamps each day's checkpoint.",
    )
    tsa_roots: Path | None = Field(
        default=None,
        validation_alias="CHOUJIAN_TSA_ROOTS",
        description="PEM file of the authority's root certificates: what it answers is checked against them.",
    )
    alert_urls: str = Field(
        default="",
        validation_alias="CHOUJIAN_ALERT_URLS",
        description="Apprise addresses, space-separated, for reminders to staff; no proof of legal service.",
    )
    decision_timeout_seconds: float = Field(default=5.0, validation_alias="CHOUJIAN_DECISION_TIMEOUT", gt=0)
    token_issuer: str = Field(default="choujian-local", validation_alias="CHOUJIAN_TOKEN_ISSUER")
    token_audience: str = Field(default="choujian", validation_alias="CHOUJIAN_TOKEN_AUDIENCE")

    oidc_issuer: str | None = Field(
        default=None,
        validation_alias="CHOUJIAN_OIDC_ISSUER",
        description="The bureau's OpenID Connect provider, as its discovery document names itself; "
        "docs/signing-in.md. Without it people sign in with passwords alone.",
    )
    oidc_client_id: str | None = Field(default=None, validation_alias="CHOUJIAN_OIDC_CLIENT_ID")
    oidc_client_secret: str | None = Field(default=None, validation_alias="CHOUJIAN_OIDC_CLIENT_SECRET")
    oidc_only: bool = Field(
        default=False,
        validation_alias="CHOUJIAN_OIDC_ONLY",
        description="Nobody signs in with a password; needs CHOUJIAN_OIDC_ISSUER.",
    )

    @field_validator(
        "platforms",
        "events",
        "carrier_words",
        "backup",
        "signing_keys",
        "issuer_key",
        "evidence",
        "evidence_bucket",
        "evidence_second",
        "evidence_keys",
        "signed_as",
        "tsa_url",
        "tsa_roots",
        "oidc_issuer",
        "oidc_client_id",
        "oidc_client_secret",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """Compose passes on a variable that is not set as an empty one."""
        return value or None

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        given = [self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret]
        if any(given) != all(given) or (self.oidc_only and self.oidc_issuer is None):
            raise ValueError(
                "CHOUJIAN_OIDC_ISSUER、CHOUJIAN_OIDC_CLIENT_ID、CHOUJIAN_OIDC_CLIENT_SECRET 应当一起写明；"
                "CHOUJIAN_OIDC_ONLY 只有写明了它们才能用"
            )
        issuer = urlsplit(self.oidc_issuer or "https:")
        if issuer.scheme != "https" and not on_this_machine(issuer.hostname or ""):
            raise ValueError("CHOUJIAN_OIDC_ISSUER 应为 https 地址")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the names are pydantic-settings' own)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Fields go by their own names in code only: in the environment ``HOME`` is not our ``home``."""
        env_settings.config = SettingsConfigDict(**{**env_settings.config, "populate_by_name": False})
        return init_settings, env_settings

    @cached_property
    def home_dir(self) -> Path:
        return self.home.expanduser().resolve()

    @property
    def public_address(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.api_port}"

    @property
    def host_names(self) -> list[str]:
        """Names by which we may be asked for, beside those of the loopback."""
        return [*self.hosts.split(), urlsplit(self.public_address).hostname or ""]

    @property
    def issuer_private_key(self) -> Path:
        return self.issuer_key or self.home_dir / "issuer" / "private.jwk"

    @property
    def sign_in_folder(self) -> Path:
        """Where the key lies under which second factors are sealed in the database."""
        return self.home_dir / "sign-in"

    @property
    def signing_folder(self) -> Path:
        return self.signing_keys or self.home_dir / "signing"

    @property
    def evidence_folder(self) -> Path:
        return self.evidence or self.home_dir / "evidence"

    @property
    def evidence_place(self) -> str:
        """Where files are kept: the bucket, or the folder in that of the evidence."""
        return self.evidence_bucket or str((self.evidence_folder / "kept").expanduser().resolve())

    @property
    def evidence_second_place(self) -> str | None:
        """Raises ``SettingFaulty`` where it is no second one."""
        second = self.evidence_second
        if second is not None and not second.startswith("s3://"):
            second = str(Path(second).expanduser().resolve())
        if second == self.evidence_place:
            raise SettingFaulty("CHOUJIAN_EVIDENCE_SECOND 与证据的主存储是同一处。")
        return second

    @property
    def evidence_keys_folder(self) -> Path:
        """Not in the data folder: whoever has a copy of that, a backup say, has not the keys with it."""
        own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return self.evidence_keys or own / "choujian" / "evidence-keys"

    @property
    def signer_name(self) -> str:
        return self.signed_as or urlsplit(self.public_address).netloc

    @property
    def api_url(self) -> str:
        """Where this machine reaches the API."""
        everywhere = self.api_host in ("0.0.0.0", "::", "")
        return f"http://{'127.0.0.1' if everywhere else self.api_host}:{self.api_port}"

    @property
    def temporal_target(self) -> str:
        return self.temporal_address or f"127.0.0.1:{self.temporal_port}"

"""Settings: flags over environment over TOML file over defaults, and which one won.

The environment variable of a setting is `IVIGRAPH_` and its name in capitals; the TOML file is `--config`,
`IVIGRAPH_CONFIG`, `ivigraph.toml` in the working directory, or the user's own, the first that exists.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from ivigraph.errors import SettingsError
from ivigraph.namespaces import DEFAULT_BASE


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting means, its bounds, and whether its value may be shown."""

    about: str
    minimum: float | None = None
    secret: bool = False


def _setting(default: Any, about: str, *, minimum: float | None = None, secret: bool = False) -> Any:
    return field(default=default, metadata={"setting": Setting(about, minimum, secret)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its default. `origins` tells where each value came from."""

    store: Path = _setting(Path("ivigraph-data"), "directory of the graph store, or the address of an endpoint")
    endpoint: str = _setting("", "SPARQL 1.1 endpoint that is asked instead; the same as an address for the store")
    endpoint_authorization: str = _setting(
        "", "value of the header Authorization for the endpoint, such as Bearer TOKEN", secret=True
    )
    base_iri: str = _setting(DEFAULT_BASE, "IRI below which documents, claims and cases are named")
    host: str = _setting("127.0.0.1", "address that the server listens on")
    port: int = _setting(8765, "port that the server listens on; 0 takes a free one", minimum=0)
    readers: int = _setting(0, "processes that answer queries; 0: one for each core", minimum=0)
    query_queue: int = _setting(64, "queries that may wait for a reader; more are turned away", minimum=1)
    query_timeout: float = _setting(30.0, "seconds after which a query is ended", minimum=0.1)
    query_memory_mb: int = _setting(2048, "memory that one query may use, in MB", minimum=64)
    in_memory_mb: int = _setting(
        0, "size on disk, in MB, up to which each reader holds the graph in memory; 0: on disk", minimum=0
    )
    max_query_kb: int = _setting(256, "largest query text that is accepted, in kB", minimum=1)
    max_document_mb: float = _setting(20.0, "largest file that is read, in MB", minimum=0.001)
    keep_generations: int = _setting(3, "generations of the graph that are kept", minimum=1)
    processes: int = _setting(0, "processes that read documents; 0: as many as there are cores", minimum=0)
    extractor: str = _setting("model", "extractor that reads the documents")
    confidence: float = _setting(0.5, "confidence from which a statement is a claim, not a candidate", minimum=0.0)
    term_index: str = _setting("", "term index of the loaded ontologies; empty: your own; none: the vocabulary alone")
    update_timeout: float = _setting(60.0, "seconds after which an update is ended", minimum=0.1)
    update_memory_mb: int = _setting(2048, "memory that one update may use, in MB", minimum=64)
    write_wait: float = _setting(10.0, "seconds that a writer waits for another process to finish writing", minimum=0)
    write_queue: int = _setting(64, "most updates that may wait at the server", minimum=1)
    max_body_mb: float = _setting(64.0, "largest update or graph that is accepted, in MB", minimum=0.001)
    max_rows: int = _setting(0, "most rows of the answer to a query over HTTP; 0: any number", minimum=0)
    answer_cache_mb: int = _setting(
        64, "memory for answers that are kept until the graph changes, in MB; 0: none", minimum=0
    )
    rate_limit: float = _setting(0.0, "most requests a second of one client address; 0: any number", minimum=0)
    allowed_hosts: str = _setting("", "names that the server goes by, beside its address; comma between them")
    cors_origins: str = _setting("*", "origins whose scripts may read answers in a browser; comma between them; *: any")
    load_hosts: str = _setting("", "hosts whose documents LOAD may fetch; comma between them; empty: none")
    service_hosts: str = _setting("", "hosts whose endpoints SERVICE may ask; comma between them; empty: none")
    query_log: str = _setting("-", "file that gets one line for each query; - is standard error, empty: none")
    log_queries: bool = _setting(False, "whether the text of each query is in its line of the log")
    shutdown_wait: float = _setting(
        30.0, "seconds that running answers have to end when the server is stopped", minimum=0
    )
    union_default_graph: bool = _setting(True, "whether the default graph of a query is the union of all graphs")
    open_reading: bool = _setting(True, "whether reading over HTTP needs no token")
    allow_remote: bool = _setting(False, "whether to serve other machines although there are no tokens")
    token_file: str = _setting("", "file of the hashes of the tokens; empty: in your configuration folder")
    allow_network: bool = _setting(False, "whether fetch and watch may use the network")
    ncbi_url: str = _setting("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", "address of NCBI's E-utilities")
    ncbi_email: str = _setting("", "your e-mail address, which NCBI asks of the users of a tool")
    ncbi_api_key: str = _setting("", "key that admits 10 requests a second to NCBI instead of 3", secret=True)
    token: str = _setting("", "token that allows writing over HTTP, beside those of the file", secret=True)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        """The store, for what needs one of this machine. Raises SettingsError where the settings name an endpoint."""
        if self.endpoint:
            raise SettingsError(
                "an endpoint is read only", where=self.endpoint, remedy="name a directory with --store for this"
            )
        return self.store

    def shown(self, name: str) -> str:
        """The value as text, hidden where it is secret."""
        value = getattr(self, name)
        if about(name).secret and value:
            return "(hidden)"
        return str(value).lower() if isinstance(value, bool) else str(value)


def names() -> tuple[str, ...]:
    return tuple(f.name for f in fields(Settings) if "setting" in f.metadata)


def about(name: str) -> Setting:
    found: Setting = next(f.metadata["setting"] for f in fields(Settings) if f.name == name)
    return found


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Merge the four sources; a flag that is None was not given. Raises SettingsError naming the source."""
    environ = os.environ if environ is None else environ
    file = config or _config_file(environ)
    layers: list[tuple[str, Mapping[str, object]]] = []
    if file is not None:
        layers.append((str(file), _read_toml(file)))
    layers.append(("environment", {n: environ[v] for n in names() if (v := f"IVIGRAPH_{n.upper()}") in environ}))
    layers.append(("flag", {n: v for n, v in (flags or {}).items() if v is not None}))
    values: dict[str, object] = {}
    origins = dict.fromkeys(names(), "default")
    for origin, layer in layers:
        given = _addressed(layer)
        if "store" in given and values.pop("endpoint", None):  # a directory takes back the endpoint of a weaker source
            origins["endpoint"] = "default"
        for name, raw in given.items():
            values[name] = _convert(name, raw, origin)
            origins[name] = f"environment (IVIGRAPH_{name.upper()})" if origin == "environment" else origin
    return Settings(**values, origins=origins)  # type: ignore[arg-type]


def _addressed(layer: Mapping[str, object]) -> Mapping[str, object]:
    """An address that is given for the store is that of an endpoint."""
    if not str(layer.get("store", "")).startswith(("http://", "https://")):
        return layer
    others = {name: raw for name, raw in layer.items() if name != "store"}
    return {**others, "endpoint": str(layer["store"])}


def _config_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("IVIGRAPH_CONFIG"):
        return Path(named)
    candidates = (Path("ivigraph.toml"), platformdirs.user_config_path("ivigraph") / "config.toml")
    return next((path for path in candidates if path.is_file()), None)


def _read_toml(file: Path) -> Mapping[str, object]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"cannot be read: {error}",
            where=str(file),
            remedy="correct the file, or name another with --config",
        ) from error
    if unknown := sorted(set(values) - set(names())):
        raise SettingsError(
            f"unknown setting {unknown[0]!r}", where=str(file), remedy=f"known settings: {', '.join(names())}"
        )
    return values


def _convert(name: str, raw: object, origin: str) -> object:
    if name not in names():
        raise SettingsError(f"unknown setting {name!r}", where=origin, remedy=f"known settings: {', '.join(names())}")
    kind: type = next(type(f.default) for f in fields(Settings) if f.name == name)
    where = f"{origin}, setting {name}"
    if not isinstance(raw, str | int | float | Path) or (isinstance(raw, bool) and kind is not bool):
        raise SettingsError(f"{raw!r} is no value for it", where=where, remedy=f"give {_KINDS[kind]}")
    value: Path | str | int | float
    try:
        if kind is bool:
            value = _WORDS[str(raw).lower()]
        elif kind is int:
            value = int(str(raw))
        elif kind is float:
            value = float(str(raw))
        else:
            value = Path(str(raw)) if issubclass(kind, Path) else str(raw)
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{raw!r} is no value for it", where=where, remedy=f"give {_KINDS[kind]}") from error
    minimum = about(name).minimum
    if minimum is not None and isinstance(value, int | float) and not value >= minimum:  # `not >=` also refuses NaN
        raise SettingsError(f"{raw!r} is too small", where=where, remedy=f"the least is {minimum:g}")
    if name == "base_iri" and not (str(value).startswith(("http://", "https://")) and str(value).endswith("/")):
        raise SettingsError(f"{raw!r} is no base IRI", where=where, remedy="give an http(s) IRI that ends in a slash")
    return value


_WORDS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_KINDS: Mapping[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    type(Path()): "a path",
}

"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivigraph.console import Layout

Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or directories that are searched.")]
StoreOption = Annotated[Path | None, typer.Option("--store", metavar="DIR", help="Directory of the graph store.")]
AnyStoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="DIR|URL", help="Directory of the graph store, or a SPARQL endpoint (read only)."),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file of settings.")]
ExtractorOption = Annotated[str | None, typer.Option("--extractor", help="Extractor that reads the documents.")]
MaxMbOption = Annotated[float | None, typer.Option("--max-document-mb", help="Largest file that is read, in MB.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show what happens, and tracebacks of bugs.")]
ProcessesOption = Annotated[
    int | None, typer.Option("--processes", help="Processes that read documents; 0: as many as there are cores.")
]
AboutOption = Annotated[
    list[str] | None,
    typer.Option("--about", metavar="THERAPY", help="Leave out documents that mention none of these therapies."),
]
FormatOption = Annotated[Layout, typer.Option("--format", help="table or json.")]
NetworkOption = Annotated[
    bool | None, typer.Option("--allow-network", help="Use the network, which is not done otherwise.")
]
PortOption = Annotated[int | None, typer.Option("--port", help="Port; 0 takes a free one.")]

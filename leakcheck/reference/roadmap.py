"""The paper's files: where they are, and fetching them into a folder that `load_tasks` reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from leakcheck.exceptions import ValidationError
from leakcheck.reference.boundaries import PAPER_CELL_TYPES, ROADMAP_IDS
from leakcheck.reference.download import (
    NotThereError,
    RemoteFile,
    Report,
    Transfer,
    fetch,
)
from leakcheck.reference.expression import read_rpkm
from leakcheck.reference.folder import HISTONE_MARKS

__all__ = ["ADDRESSES", "fetch_roadmap", "remote_files", "track_files"]

#: Original public addresses, by what is fetched from them.
ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "expression": "https://egg2.wustl.edu/roadmap/data/byDataType/rna/expression/",
        "tracks": (
            "https://egg2.wustl.edu/roadmap/data/byFileType/signal/consolidated/macs2signal/pval/"
        ),
        "genes": ("https://ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human/release_19/"),
        "sequence": "https://hgdownload.soe.ucsc.edu/goldenPath/hg19/bigZips/",
        "boundaries": (
            "https://raw.githubusercontent.com/emcarthur/TAD-stability-heritability/"
            "ca07a201979cf55a2b8e48a7ea80c23ce64a4068/40kbBoundaries/40kbBoundaries_byCellType/"
        ),
    }
)
_EXPRESSION = "57epigenomes.RPKM.pc.gz"
_SHA256: Final[Mapping[str, str]] = MappingProxyType(
    {
        _EXPRESSION: "c3de00a53a7ef0b5f2529112f9e7fb33ec4e5f8012f8a633a279fe1a605fc843",
        "GM12878": "5bf78495a4fead4eb5ad6a86a0e87cef7e6d55ef350192db10249465424c15a7",
        "H1": "aa1ef3e8a91f837c84795f8d2a35c26860bfe4f114f49a3db69c2dc8f856bb8f",
        "MSC": "81454eb3c940b8030f99cf5149d56632fcc921b0911032662bb96cd60b3705cc",
        "MES": "798b9a372a977b08ee835688236565f4dd341bab453c2c7ffb35b363c6c7e29a",
        "NPC": "69b5d0df18219d8669112abba7f30a37181f863e8fee22ed81c7f6711b32e4e9",
        "TRO": "1ae734d83b336da857907f7ba4170f04b15d4bbd9c14fce6914747ba30bcbb8e",
        "IMR90": "483cb536e37227ff70071b9ee6fb395ddcf784a53d1fb4ff344d667f3b7cdd31",
    }
)
_EVERYWHERE = HISTONE_MARKS  # every epigenome has these; any other mark may be absent


def remote_files(addresses: Mapping[str, str] = ADDRESSES) -> tuple[RemoteFile, ...]:
    """List all files but the tracks, the expression table first.

    Parameters
    ----------
    addresses : mapping of str to str
        Folders on servers; a mirror has the same files.

    Returns
    -------
    tuple of RemoteFile

    Examples
    --------
    >>> [file.path for file in remote_files()][:3]
    ['57epigenomes.RPKM.pc.gz', 'gencode.v19.annotation.gtf.gz', 'hg19.chrom.sizes']
    """
    named = (
        ("expression", _EXPRESSION),
        ("genes", "gencode.v19.annotation.gtf.gz"),
        ("sequence", "hg19.chrom.sizes"),
        ("sequence", "hg19.2bit"),
    )
    single = [
        RemoteFile(path=name, url=addresses[kind] + name, sha256=_SHA256.get(name))
        for kind, name in named
    ]
    calls = [
        RemoteFile(
            path=f"tads/{name}.bed",
            url=f"{addresses['boundaries']}{name}.bed",
            sha256=_SHA256[cell_type],
        )
        for cell_type, name in PAPER_CELL_TYPES.items()
    ]
    return (*single, *calls)


def track_files(
    cell_types: Sequence[str], marks: Sequence[str], addresses: Mapping[str, str] = ADDRESSES
) -> tuple[RemoteFile, ...]:
    """List the tracks of -log10 p of cell types and marks.

    Parameters
    ----------
    cell_types : sequence of str
        Roadmap's names, such as E003.
    marks : sequence of str
        Those other than the five histone marks may be absent from the server.
    addresses : mapping of str to str
        Folders on servers.

    Returns
    -------
    tuple of RemoteFile

    Examples
    --------
    >>> track_files(["E003"], ["DNase"])[0].path
    'tracks/E003-DNase.pval.signal.bigwig'
    """
    names = [(f"{cell_type}-{mark}", mark) for cell_type in cell_types for mark in marks]
    return tuple(
        RemoteFile(
            path=f"tracks/{name}.pval.signal.bigwig",
            url=f"{addresses['tracks']}{name}.pval.signal.bigwig",
            optional=mark not in _EVERYWHERE,
        )
        for name, mark in names
    )


def fetch_roadmap(
    folder: Path,
    *,
    marks: Sequence[str] = HISTONE_MARKS,
    progress: Report | None = None,
    addresses: Mapping[str, str] = ADDRESSES,
    transfer: Transfer | None = None,
) -> Path:
    """Fetch the paper's files, those that are not there yet.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it does not exist. All of it is tens of gigabytes, most of it tracks.
    marks : sequence of str
        Tracks to fetch for every cell type of the two tasks.
    progress : callable, optional
        Called with a file's name, the bytes that came and the bytes of all of it.
    addresses : mapping of str to str
        Folders on servers; others than the original ones for a mirror.
    transfer : Transfer, optional
        Attempts, timeout and pause.

    Returns
    -------
    pathlib.Path
        `folder`, laid out as `load_tasks` reads it.

    Raises
    ------
    ValidationError
        When `addresses` lacks one.
    DownloadError
        When a file cannot be fetched; those that came before it stay, and so does its beginning.
    """
    missing = [kind for kind in ADDRESSES if kind not in addresses]
    if missing:
        raise ValidationError(
            f"`addresses` must have {', '.join(ADDRESSES)}; {len(missing)} are missing, the first "
            f"is {missing[0]!r}. Add it."
        )
    for file in remote_files(addresses):
        fetch(file, folder, report=progress, transfer=transfer)
    expressed = read_rpkm(folder / _EXPRESSION).columns
    cell_types = list(dict.fromkeys([*expressed, *ROADMAP_IDS.values()]))
    for file in track_files(cell_types, marks, addresses):
        try:
            fetch(file, folder, report=progress, transfer=transfer)
        except NotThereError:
            if not file.optional:
                raise
    return folder

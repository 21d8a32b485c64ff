"""Names that columns of tables usually have; of several, the first that is there counts."""

from typing import Final

__all__ = ["CELLTYPE", "INTERVAL", "LABEL", "LOCUS", "OTHER_INTERVAL"]

LABEL: Final = ("label", "labels", "y", "active")
LOCUS: Final = ("locus", "loci", "gene", "gene_id", "id")
CELLTYPE: Final = ("celltype", "cell_type", "celltypes", "cell")
#: All three of them, in base pairs: 0-based, half-open.
INTERVAL: Final = ("chrom", "start", "end")
#: What UCSC, R and others call these, in small letters; messages propose them, nothing reads them.
OTHER_INTERVAL: Final = {
    "chrom": ("chrom", "chr", "chromosome", "seqname", "seqnames", "contig"),
    "start": ("start", "chromstart"),
    "end": ("end", "chromend", "stop"),
}

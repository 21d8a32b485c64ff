"""From files and containers of other libraries to an `EvaluationSet`."""

from leakcheck.adapters.tables import evaluation_set_from_table, read_table

__all__ = ["evaluation_set_from_table", "read_table"]

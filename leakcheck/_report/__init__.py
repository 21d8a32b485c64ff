"""Parts of the report: JSON, gate, text and Markdown. Private; use `leakcheck.AuditReport`."""

"""Parts of the HTML report. Private; use `AuditReport.to_html` or show a report in a notebook."""

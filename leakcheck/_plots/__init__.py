"""Parts of the plots. Private; use `leakcheck.plots` or the methods of a report."""

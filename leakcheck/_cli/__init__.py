"""Parts of the command line: input, output and exit codes. Private; run ``leakcheck --help``."""

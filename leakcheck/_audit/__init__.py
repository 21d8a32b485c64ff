"""Floor 6: the parts that `leakcheck.audit` puts together."""

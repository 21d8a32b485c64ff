"""Parts of the pytest plugin. Private; use the fixture and the marker."""

"""Sphinx configuration. The build needs no network."""

import logging
import os
import re
from pathlib import Path

# The tutorials run in docs/jupyter's kernel, whatever this machine calls python3. It draws into the
# page, where a backend from the environment (`dev.py` sets Agg) would swallow every figure without
# a word, and is silent unless something is wrong.
os.environ["JUPYTER_PATH"] = str(Path(__file__).with_name("jupyter"))
logging.getLogger("traitlets").setLevel(logging.WARNING)

# Read, not imported: the pages' title must not depend on what the package imports.
_INIT = (Path(__file__).parents[1] / "leakcheck" / "__init__.py").read_text(encoding="utf-8")

project = "leakcheck"
author = "The leakcheck developers"
copyright = "The leakcheck developers"
release = version = re.search(r'^__version__ = "(.+)"$', _INIT, flags=re.MULTILINE)[1]

extensions = [
    "myst_nb",  # with MyST's parser in it; runs the tutorials
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "generated", "snippets", "statistics-table.md", "tutorials/sources"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Tutorials are run whenever they are read; those that need the real data are stored with their
# outputs (docs/run_tutorials.py). A cell that fails, or writes a warning, fails the build.
nb_execution_mode = "auto"
nb_execution_excludepatterns = ["tutorials/stored/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_output_stderr = "remove-warn"
nb_merge_streams = True

autosummary_generate = True
autosummary_imported_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the numpydoc sections say it in words, with shapes and units
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"leakcheck {release}"
html_theme_options = {"source_repository": "", "navigation_with_keys": False}
html_static_path = ["_static"]
html_css_files = ["pages.css"]

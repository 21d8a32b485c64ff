"""Sphinx configuration. The build needs no network."""

import logging
import os
import re
from pathlib import Path

from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform

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
templates_path = ["_templates"]
exclude_patterns = ["_build", "generated", "snippets", "statistics-table.md", "tutorials/sources"]
nitpicky = True  # a role that names nothing is an error; see WordsOfTypes

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
napoleon_use_ivar = True  # attributes as a list: a property may be among them
napoleon_preprocess_types = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"leakcheck {release}"
html_theme_options = {"source_repository": "", "navigation_with_keys": False}
html_static_path = ["_static"]
html_css_files = ["pages.css"]


class WordsOfTypes(SphinxPostTransform):
    """Take words of types in docstrings ("array-like, shape (n_loci,)") as words, not as names.

    Sphinx would look for a class called `n_loci`, and link to any attribute of that name.
    """

    default_priority = 5  # before references are resolved

    def run(self, **_):
        objects = self.env.domains.python_domain.objects
        classes = {
            name.rpartition(".")[2]
            for name, found in objects.items()
            if found.objtype in {"class", "exception"}
        }
        for node in list(self.document.findall(pending_xref)):
            target = node["reftarget"]
            known = target.startswith("leakcheck.") or target.rpartition(".")[2] in classes
            if node.get("reftype") == "class" and not known:
                node.replace_self(node.children)


def skip_fields(_app, _what, _name, found, _skip, _options):
    """Leave out what named tuples say of their fields; the class's docstring says more."""
    return True if (found.__doc__ or "").startswith("Alias for field number") else None


def whole_sentences(_app, what, _name, _found, _options, lines):
    """Begin properties with an empty line: napoleon takes "Every check: ..." for a type."""
    if what == "property":
        lines.insert(0, "")


def setup(app):
    """Add what is above."""
    app.add_post_transform(WordsOfTypes)
    app.connect("autodoc-process-docstring", whole_sentences, priority=400)  # before napoleon's
    app.connect("autodoc-skip-member", skip_fields)

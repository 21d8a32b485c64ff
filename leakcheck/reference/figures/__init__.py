"""The paper's figures: each draws a table, and is written as PNG, SVG and that table as CSV."""

"""The building blocks of the pictures.

- `svg`: SVG elements.
- `axis_scale`: scales from values to pixels, with ticks and axes.
- `line_labels`: labels at the ends of lines.
"""

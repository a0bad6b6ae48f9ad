"""HTML pages without network access or required scripts.

report_page: one run · history_page: all kept runs · templates/: Jinja2 templates, style and script ·
pictures/: one SVG picture a file · drawing/: SVG elements, axes and labels.
"""

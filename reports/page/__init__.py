"""HTML pages without network access or required scripts.

| file | content |
| --- | --- |
| report_page.py | one run |
| history_page.py | all kept runs |
| templates | Jinja2 templates, style and script |
| pictures | one SVG picture a file |
| drawing | SVG elements, axes and labels |
"""

"""HTML pages that work offline and without scripts.

| file | content |
| --- | --- |
| report_page.py | the report of one run |
| history_page.py | the overview of all kept runs |
| templates | Jinja2 templates, style and script |
| pictures | one SVG picture in each file |
| drawing | SVG elements, axes and labels |
"""

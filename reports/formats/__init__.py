"""One renderer for each file format; a renderer takes a report and returns text.

archive: writes all formats into one folder · brief: verdict.json ·
junit, ctrf, sarif: formats for CI · wfc: for viewers of API fuzzers · markdown: the comment on a pull request · terminal: what the gate prints ·
headline: the first lines of every format.
"""

"""The rules of this repository as tests, and the tables of its pages that are made from the code.

rules: what must hold of all sources; exceptions.txt lists what is not yet true.
sources: the Python files, parsed once.
readme: writes the generated tables and the JSON Schemas (`make readme`).
options: every option of every command.
parsers: options read from an argparse parser.
fields: every field of run.json and verdict.json.
"""

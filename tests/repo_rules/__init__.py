"""The rules of this repository as tests, and the tables of its pages that are made from the code.

readme: writes the generated tables and the JSON Schemas (`make readme`).
options: every option of every command.
parsers: options read from an argparse parser.
fields: every field of run.json and verdict.json.
"""

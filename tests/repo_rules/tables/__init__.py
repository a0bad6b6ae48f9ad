"""What the generated tables are made from.

options: every option of every command.
parsers: options read from an argparse parser.
fields: every field of run.json and verdict.json, and their JSON Schemas.
"""

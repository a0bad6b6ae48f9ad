"""The rules of this repository as tests, and the tables of its pages that are made from the code.

sources: the Python files, parsed once.
rules: what must hold of all sources; exceptions.txt lists what is not yet true.
packages: what each package is, and what it may import.
readme: writes the generated tables and the JSON Schemas (`make readme`); tables/ is what they are made from.
"""

"""Does each check catch what it is for? Every fault of the catalogue, alone, against the checks that it names.

make power                                      all of it: the matrix in reports/out/power.md and power.json
python -m tests.power --fault lost-update       one fault
python -m tests.power --family auth --out DIR   one family
python -m tests.power --schemathesis all        with the stock `st run` on every fault (an hour and more)
python -m tests.power --skip-matrix --clean-seeds 20 --whole 5
"""

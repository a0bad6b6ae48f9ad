"""What the commands of all packages share, so that it stands once.

| file | content |
| --- | --- |
| collector_pause.py | no cyclic garbage collection while many small values are made |
"""

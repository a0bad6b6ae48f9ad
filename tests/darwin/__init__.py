"""Our commands on a system without what only Linux has, as macOS is: `sitecustomize.py` takes it away from every interpreter that finds it."""

"""What a scenario asks for: rates over time, and how often each operation comes.

scenario_table  the scenarios by name
arrival_plan    when each request is due and what it asks for; pure and seeded
shared_arrivals the part of a plan that one load process sends
stock           what must be there before the first arrival
parallel_plan   several arrival plans side by side
scenario_file   a scenario of the user's own as values
scenario_reader from a scenario file (YAML, JSON, Python) to its document
data_files      rows of data, accounts and ready tokens out of files of the user's own
access_log      what an access log says of real traffic
"""

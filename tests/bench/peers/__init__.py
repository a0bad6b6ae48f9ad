"""The reference server beside other mock servers.

comparison: the benchmark itself: speed on the same core, and what each server answers wrongly.
mock_servers: the servers that take part, and each one's own dialect of the API.
law_probes: what a mock server must get right, asked by real requests.
json_client: plain HTTP with JSON in and out over one connection.
"""

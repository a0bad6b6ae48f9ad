"""nginx with fixed bodies in memory: what this pair of cores can exchange when the server has nothing to think about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from tests.bench.programs.child_process import Child, free_port, running
from tests.bench.programs.installed import find
from tests.bench.setting import Setting

LONGEST_WORD = 4000
"""nginx takes at most 4,096 bytes for one word of its configuration."""


@contextmanager
def nginx(setting: Setting, sizes: Mapping[str, int]) -> Iterator[dict[str, Child]]:
    """Name -> a server that answers every request, whatever its method, with a body of so many bytes."""
    program = find("nginx")
    ports = {name: free_port() for name in sizes}
    folder = setting.folder / "nginx"
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(
        configuration(str(folder), {ports[name]: size for name, size in sizes.items()}), "ascii"
    )
    command = [*setting.cores.pin_server(), program, "-p", str(folder), "-c", str(config)]
    with running(command, list(ports.values())[-1], setting.folder / "nginx.log") as child:
        yield {name: replace(child, url=f"http://127.0.0.1:{port}") for name, port in ports.items()}


def configuration(folder: str, sizes: Mapping[int, int]) -> str:
    """Port -> size of its body. One process, no log, connections that are kept for ever."""
    servers = "\n".join(_server(port, size) for port, size in sizes.items())
    return f"""daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; keepalive_timeout 600; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{servers}
}}
"""


def _server(port: int, size: int) -> str:
    parts = [min(LONGEST_WORD, size - start) for start in range(0, size, LONGEST_WORD)]
    words = "".join(f'  geo $b{port}_{n} {{ default "{"x" * part}"; }}\n' for n, part in enumerate(parts))
    body = "".join(f"$b{port}_{n}" for n in range(len(parts)))
    return f'{words}  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} }}'

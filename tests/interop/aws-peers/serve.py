#!/usr/bin/env python3
"""moto's server on 127.0.0.1, on a port of the system's choice; prints {"ready":true,"port":N} once it listens.

moto's own command line cannot say which port it got. SIGTERM ends it with exit status 0.
"""
import argparse
import json
import logging
import os
import signal
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


def end_with_stdin():
    """A runner that is killed cannot stop its children, but its end of their standard input closes."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--until-stdin-closes", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    # One line for each request otherwise.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", args.port, app, threaded=True, request_handler=MotoRequestHandler)
    os.environ["MOTO_PORT"] = str(server.server_port)
    if args.until_stdin_closes:
        threading.Thread(target=end_with_stdin, daemon=True).start()
    print(json.dumps({"ready": True, "port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

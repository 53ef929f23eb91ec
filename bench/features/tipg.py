"""tipg, over a view of the same features."""

import os
from urllib.parse import quote

import machine
import questions
from node import Client
from server import Server

PORT = 8467
BIN = machine.TARGET / "peers/tipg/bin"
VIEW = "peer.seen_parcel"


class Tipg(Server):
    """One process of uvicorn with uvloop and httptools, on all cores."""

    def __init__(self, postgres):
        # It takes `id` for the key of a view.
        postgres.ask(
            "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS peer; "
            f"CREATE OR REPLACE VIEW {VIEW} AS SELECT feature_id AS id, geom, {questions.COLUMNS} "
            f"FROM layer.{questions.LAYER} WHERE {questions.SEEN}")
        env = {
            **os.environ, "DATABASE_URL": f"postgresql://{postgres.account()}@{quote(str(postgres.pgdata.parent), safe='')}/bench",
            "TIPG_DB_SCHEMAS": '["peer"]', "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": '["peer", "public"]',
        }
        command = [BIN / "uvicorn", "tipg.main:app", "--port", PORT, "--log-level", "warning", "--timeout-keep-alive", "600"]
        super().__init__("tipg", command, f"http://127.0.0.1:{PORT}", health="/healthz", cores=machine.ALL_CORES, env=env)

    def __enter__(self):
        super().__enter__()
        self.client = Client(PORT)
        return self

    def items(self, query):
        """The path of its items."""
        return f"/collections/{VIEW}/items?{query}"

    @staticmethod
    def describe():
        """Its version."""
        return "tipg " + machine.output(BIN / "python", "-c", "import tipg; print(tipg.__version__)")

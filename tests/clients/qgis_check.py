"""What the checks with QGIS share: a QGIS without a screen, sentences that hold or not, a key, pictures.

To be imported before anything of QGIS: Qt reads the platform when it is imported.
"""

import os
import sys
import tempfile

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import Qgis, QgsApplication, QgsAuthMethodConfig  # noqa: E402

MAJOR, MINOR = Qgis.QGIS_VERSION_INT // 10_000, Qgis.QGIS_VERSION_INT // 100 % 100
# From 3.40 on QGIS asks OGC API for the layer's own CRS and for filters, from 3.44 on for the schema.
IS_NEW = (MAJOR, MINOR) >= (3, 44)
# Pictures of each QGIS beside each other.
PICTURES = f"target/qgis-{MAJOR}.{MINOR}"


def run(checks):
    """Starts QGIS, runs functions that give whether their sentences hold, and ends the process."""
    os.makedirs(PICTURES, exist_ok=True)
    with tempfile.TemporaryDirectory() as passwords:
        os.environ["QGIS_AUTH_DB_DIR_PATH"] = passwords
        app = QgsApplication([], False)
        app.initQgis()
        print(f"QGIS {Qgis.QGIS_VERSION}")
        held = [outcome for function in checks for outcome in listed(function())]
        print(f"{sum(held)} passed, {held.count(False)} failed")
        sys.stdout.flush()
    # QGIS tears itself down in an order of its own, and may fall over what Python still holds.
    os._exit(0 if held and all(held) else 1)


def listed(outcome):
    return outcome if isinstance(outcome, list) else [outcome]


def check(sentence, holds):
    print(f"{'ok' if holds else 'not ok'}: {sentence}")
    return bool(holds)


def store_key(key):
    """The id of a stored login whose password is the key."""
    passwords = QgsApplication.authManager()
    passwords.setMasterPassword("a test's own", True)
    config = QgsAuthMethodConfig("Basic")
    config.setName("Urbis")
    config.setConfig("username", "planner")
    config.setConfig("password", key)
    passwords.storeAuthenticationConfig(config)
    return config.id()

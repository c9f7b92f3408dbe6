"""The S3 server: OpenStack Swift with its s3api, which checks every signature, over TLS."""

import http.client
import os
import pwd
import ssl
import sys

import boto3
import botocore.config
import botocore.exceptions

from .certificates import Certificates
from .directory import ROOT
from .part import Part, plain_environment

REGION = "auto"  # as R2 has it
ACCOUNT = "dev"

SWIFT_CONF = """\
[swift-hash]
swift_hash_path_suffix = {suffix}
"""

STORAGE_CONF = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
log_level = WARNING
user = {user}
swift_dir = {directory}
devices = {directory}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

# One process does everything, so a long write makes all else wait: the proxy must not take that
# for a broken disk, hence the patience and the error limit.
PROXY_CONF = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
cert_file = {certificate}
key_file = {key}
workers = 0
log_level = WARNING
user = {user}
swift_dir = {directory}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo
           proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 20
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
paste.filter_factory = stack.memory_cache:filter_factory
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{storage_user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""


class S3(Part):
    name = "s3"

    def __init__(self, run):
        super().__init__(run)
        self.port = run.port("s3")
        self.endpoint = f"https://localhost:{self.port}"
        self.bucket = run["bucket"]
        self.access_key_id = f"{ACCOUNT}:{run['storage_user']}"
        self.secret_access_key = run["storage_secret"]
        self.certificates = Certificates(run)
        self.directory = run.path / "s3"

    def prepare(self):
        self.certificates.ensure()
        self.run.subdirectory("s3", 0o700)
        self.run.subdirectory("s3/devices/disk", 0o700)
        common = {"user": pwd.getpwuid(os.geteuid()).pw_name, "directory": self.directory}
        write = self.run.write_private
        write("s3/swift.conf", SWIFT_CONF.format(suffix=self.run["storage_hash_suffix"]))
        for kind in ("account", "container", "object"):
            port = self.run.port(f"s3_{kind}")
            conf = STORAGE_CONF.format(kind=kind, port=port, **common)
            write(f"s3/{kind}-server.conf", conf)
        proxy = PROXY_CONF.format(
            port=self.port,
            certificate=self.certificates.chain,
            key=self.certificates.key,
            region=REGION,
            account=ACCOUNT,
            storage_user=self.run["storage_user"],
            secret=self.secret_access_key,
            **common,
        )
        write("s3/proxy-server.conf", proxy)

    def command(self):
        ports = [str(self.run.port(f"s3_{kind}")) for kind in ("account", "container", "object")]
        return [sys.executable, "-m", "stack.s3_server", str(self.directory), *ports]

    def environment(self):
        return {**plain_environment(), "PYTHONPATH": str(ROOT / "scripts")}

    def is_ready(self):
        context = ssl.create_default_context(cafile=self.certificates.ca)
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=2)
        try:
            connection.request("GET", "/healthcheck")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            verify=str(self.certificates.ca),
            config=botocore.config.Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"max_attempts": 5, "mode": "standard"},
            ),
        )

    def ensure_bucket(self):
        client = self.client()
        try:
            client.head_bucket(Bucket=self.bucket)
        except botocore.exceptions.ClientError:
            client.create_bucket(Bucket=self.bucket)

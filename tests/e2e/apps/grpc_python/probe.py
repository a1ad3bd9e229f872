# Calls as JSON lines in, what the official client makes of the answers out.
import base64
import json
import os
import sys

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

COMPRESSION = {
    "": grpc.Compression.NoCompression,
    "gzip": grpc.Compression.Gzip,
    "deflate": grpc.Compression.Deflate,
}


def retry_seconds(error):
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:
        return None
    for detail in Status.FromString(details).details:
        info = RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.seconds
    return None


channel = grpc.insecure_channel(os.environ["TARGET"])
for line in sys.stdin:
    asked = json.loads(line)
    body = base64.b64decode(asked["body"]) * asked.get("times", 1)
    call = channel.unary_unary(asked["path"])
    answer = {"code": "OK", "details": "", "retry": None, "response": ""}
    try:
        response = call(
            body,
            metadata=[tuple(pair) for pair in asked["metadata"]],
            compression=COMPRESSION[asked.get("compression", "")],
            timeout=20,
        )
        answer["response"] = base64.b64encode(response).decode()
    except grpc.RpcError as error:
        answer |= {"code": error.code().name, "details": error.details(), "retry": retry_seconds(error)}
    print(json.dumps(answer), flush=True)

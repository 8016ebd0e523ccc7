"""Makes one call with grpcio in its default settings: ADDRESS METHOD REQUEST_FILE.

Prints the code, the size of the details in base64, and the details.
"""
import base64
import sys

import grpc

address, method, request = sys.argv[1:]
with open(request, "rb") as file:
    message = file.read()
with grpc.insecure_channel(address) as channel:
    try:
        channel.unary_unary(method)(message, timeout=30, metadata=(("x-organization-id", "python"),))
        print("OK")
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
        encoded = base64.b64encode(details)
        print(error.code().name)
        print(len(encoded))
        print(encoded.decode())
        print(error.details())

namespace TaskGrpc.Server.Sending;

/// <summary>None of a host's addresses may be reached.</summary>
internal sealed class RefusedAddressException() : Exception("None of the host's addresses is public; the server's operator can allow others with Delivery:AllowedNetworks.");
